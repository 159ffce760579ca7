/**
 * Requests that a plugin makes, one after the other over one connection that stays open,
 * against the same loop in a process of plain Node with the same priority. Both ask
 * the same servers, which have a process of their own. Each side times itself.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startClient } from '../test/clients/client-plugin.js'
import type { LoadFacts } from '../test/clients/plugins/load.js'
import { compared, median, result, type Result } from './stats.js'

const ROUNDS = 7
const KB = 1024
const MB = 1024 * KB
const LOADS: readonly {
  readonly name: 'http' | 'post' | 's3'
  readonly title: string
  readonly bytes: number
  readonly requests: number
}[] = [
  { name: 'http', title: 'HTTP request of 1 KB', bytes: KB, requests: 500 },
  { name: 'http', title: 'HTTP request of 1 MB', bytes: MB, requests: 50 },
  { name: 'post', title: 'HTTP POST of 1 MB', bytes: MB, requests: 50 },
  { name: 's3', title: 'S3 get of 1 KB', bytes: KB, requests: 100 },
  { name: 's3', title: 'S3 get of 1 MB', bytes: MB, requests: 20 },
]
/** What a plugin may take of plain Node's time. */
const LIMIT = 1.5

interface Ports {
  readonly http: number
  readonly s3: number
}

export async function network(): Promise<readonly Result[]> {
  const server = startProcess('power-server.js', [String(KB), String(MB)])
  const facts = (await server.read()) as Ports & Pick<LoadFacts, 'bucket' | 'accessKeyId' | 'secretAccessKey'>
  const raw = startProcess('power-raw.js', [])
  const stops: (() => void | Promise<void>)[] = []
  const plugin = await startClient(
    { teardown: (stop) => stops.unshift(stop) },
    {
      client: 'load',
      packages: ['@aws-sdk/client-s3'],
      endpoints: [`127.0.0.1:${facts.http}`, `127.0.0.1:${facts.s3}`],
      limits: { heapMb: 256, externalMb: 512, callTimeoutMs: 60_000, blockedMs: 60_000 },
    },
  )
  const results: Result[] = []
  for (const { name, title, bytes, requests } of LOADS) {
    const load = { ...facts, port: name === 's3' ? facts.s3 : facts.http, bytes, requests }
    const rawUs: number[] = []
    const pluginUs: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      raw.write({ name, facts: load })
      const perRequest = [await raw.read(), await plugin.run(name, load)].map((ms) =>
        microseconds(ms, requests),
      )
      if (round === 0) continue // compiled before it counts
      rawUs.push(perRequest[0] ?? Number.NaN)
      pluginUs.push(perRequest[1] ?? Number.NaN)
    }
    const reference = result(`${title}, plain Node`, median(rawUs), 'us')
    results.push(reference, compared(`${title}, in a plugin`, median(pluginUs), 'us', reference, LIMIT))
  }
  for (const stop of stops) await stop()
  await Promise.all([raw.end(), server.end()])
  return results
}

function microseconds(ms: unknown, requests: number): number {
  if (typeof ms !== 'number') throw new Error(`the load failed: ${JSON.stringify(ms)}`)
  return (ms * 1000) / requests
}

interface LineProcess {
  write(value: unknown): void
  read(): Promise<unknown>
  /** It ends when its input does. */
  end(): Promise<void>
}

function startProcess(file: string, args: readonly string[]): LineProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('a pipe is missing')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'close')
  return {
    write: (value) => void stdin.write(`${JSON.stringify(value)}\n`),
    async read() {
      const { done, value } = await lines.next()
      if (done === true) throw new Error(`${file} ended`)
      return JSON.parse(value) as unknown
    },
    async end() {
      stdin.end()
      await ended
    },
  }
}
