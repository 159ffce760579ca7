/** s3rver, a stand-in for S3 on files, in the test's own process. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stops, TestServer } from './child.js'
import { countConnections } from './count.js'

export interface S3Server extends TestServer {
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

interface S3rver {
  readonly httpServer: Server
  run(): Promise<AddressInfo>
}
type S3rverClass = new (options: {
  readonly address: string
  readonly port: number
  readonly silent: boolean
  readonly directory: string
  readonly configureBuckets: readonly { readonly name: string }[]
}) => S3rver

const BUCKET = 'whales'

export async function startS3(t: Stops): Promise<S3Server> {
  const S3rver = createRequire(import.meta.url)('s3rver') as S3rverClass
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-s3-'))
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET }],
  })
  const { port } = await server.run()
  const accepted = countConnections(server.httpServer)
  t.teardown(() => {
    server.httpServer.close()
    server.httpServer.closeAllConnections()
    rmSync(directory, { recursive: true, force: true })
  })
  // The one account that s3rver knows.
  return { port, bucket: BUCKET, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', accepted }
}
