/** What the bench of powers times: the same loops inside a plugin and in plain Node. Each gives its milliseconds. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { PluginDefinition } from 'bulkhead/plugin'
import { Agent, get, request } from 'node:http'
import { serveCases, type Cases } from './serve-cases.js'

export interface LoadFacts {
  /** Of the HTTP server or of S3. */
  readonly port: number
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Bytes of one answer, or of what is sent; it is also the name of what is asked for. */
  readonly bytes: number
  readonly requests: number
}

async function timed({ requests }: LoadFacts, request: () => Promise<void>): Promise<number> {
  const begun = Date.now()
  for (let left = requests; left > 0; left -= 1) await request()
  return Date.now() - begun
}

function got(url: string, agent: Agent, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let length = 0
      response.on('data', (chunk: Buffer) => (length += chunk.length))
      response.on('error', reject)
      response.on('end', () => (length === bytes ? resolve() : reject(new Error(`${length} bytes`))))
    })
    request.on('error', reject)
  })
}

function posted(url: string, agent: Agent, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('error', reject)
      response.on('end', () => (text === String(body.length) ? resolve() : reject(new Error(text))))
    })
    sent.on('error', reject).end(body)
  })
}

export const cases: Cases<LoadFacts> = {
  async http(facts) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const url = `http://127.0.0.1:${facts.port}/${facts.bytes}`
    const ms = await timed(facts, () => got(url, agent, facts.bytes))
    agent.destroy()
    return ms
  },
  async post(facts) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = Buffer.alloc(facts.bytes, 'x')
    const ms = await timed(facts, () => posted(`http://127.0.0.1:${facts.port}/`, agent, body))
    agent.destroy()
    return ms
  },
  async s3(facts) {
    const { port, accessKeyId, secretAccessKey } = facts
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
    const get = new GetObjectCommand({ Bucket: facts.bucket, Key: `${facts.bytes}` })
    const ms = await timed(facts, async () => {
      const { Body } = await client.send(get)
      const { length } = (await Body?.transformToByteArray()) ?? []
      if (length !== facts.bytes) throw new Error(`${length} bytes`)
    })
    client.destroy()
    return ms
  },
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
