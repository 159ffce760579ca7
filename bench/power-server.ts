/** Process of its own for the bench of powers: HTTP and S3 on loopback, until its standard input ends. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startS3 } from '../test/clients/servers/s3.js'

const stops: (() => void | Promise<void>)[] = []
const sizes = process.argv.slice(2).map(Number)
const bodies = new Map(sizes.map((bytes) => [`/${bytes}`, Buffer.alloc(bytes, 'x')]))

const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { method, url = '' } = request
  if (method !== 'POST') return void response.end(bodies.get(url) ?? 'no such size')
  let length = 0
  request.on('data', (chunk: Buffer) => (length += chunk.length))
  request.on('end', () => response.end(String(length)))
})
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

const { port, bucket, accessKeyId, secretAccessKey } = await startS3({ teardown: (stop) => stops.push(stop) })
const client = new S3Client({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId, secretAccessKey },
})
for (const [path, Body] of bodies) {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: path.slice(1), Body }))
}
client.destroy()

process.stdout.write(
  `${JSON.stringify({ http: (http.address() as AddressInfo).port, s3: port, bucket, accessKeyId, secretAccessKey })}\n`,
)
process.stdin.resume()
process.stdin.once('end', () => {
  http.close()
  http.closeAllConnections()
  for (const stop of stops) void stop()
})
