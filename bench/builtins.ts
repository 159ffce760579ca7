/** Native work through the plugin's own `crypto` and `zlib` against the same code in this process. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { PluginsService } from 'bulkhead'
import { writePlugin } from './plugin-dir.js'
import { compared, median, result, type Result } from './stats.js'

const ROUNDS = 7
/** A measured round is this many repetitions of one work: a plugin's clock shows whole milliseconds. */
const REPEATS = 20
const WORKS: readonly string[] = [
  'sha256 of 1 MB',
  'sha256 of 100 bytes, 1000 times',
  'gzip of 1 MB',
  'gzipSync of 1 MB',
  'gunzip to 1 MB',
  'gzip stream of 1 MB',
]

/** A function of `require` that gives a function of (work, repeats) that gives milliseconds of one. */
const MEASURE = `(require) => {
  const { createHash } = require('node:crypto')
  const zlib = require('node:zlib')
  const { promisify } = require('node:util')
  const [gzip, gunzip] = [promisify(zlib.gzip), promisify(zlib.gunzip)]
  const data = Buffer.alloc(1000000)
  let seed = 42
  for (let i = 0; i < data.length; i++) data[i] = (seed = (seed * 1103515245 + 12345) % 2147483648) % 7 ? 97 + (seed >> 8) % 8 : 32
  const small = data.subarray(0, 100)
  const packed = zlib.gzipSync(data)
  const work = {
    'sha256 of 1 MB': () => createHash('sha256').update(data).digest('hex'),
    'sha256 of 100 bytes, 1000 times': () => { for (let i = 0; i < 1000; i++) createHash('sha256').update(small).digest('hex') },
    'gzip of 1 MB': () => gzip(data),
    'gzipSync of 1 MB': () => zlib.gzipSync(data),
    'gunzip to 1 MB': () => gunzip(packed),
    'gzip stream of 1 MB': async () => {
      const stream = zlib.createGzip()
      stream.end(data)
      let length = 0
      for await (const piece of stream) length += piece.length
      return length
    },
  }
  return async (name, repeats) => {
    const start = performance.now()
    for (let i = 0; i < repeats; i++) await work[name]()
    return (performance.now() - start) / repeats
  }
}`

export async function builtins(): Promise<readonly Result[]> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const source = `
    const measure = (${MEASURE})((name) => ({ 'node:crypto': require('node:crypto'), 'node:zlib': require('node:zlib'), 'node:util': require('node:util') })[name])
    export default { rest: [{ method: 'POST', path: '/_plugins/_bench/measure', async handle({ body }) {
      return { status: 200, body: { ms: await measure(body.name, body.repeats) } }
    } }] }`
  const pluginsDir = await writePlugin(root, 'bench', source, ['rest:/**'])
  const service = await PluginsService.start({
    pluginsDir,
    policiesDir: join(root, 'policies'),
    dataDir: join(root, 'data'),
    nodeVersion: '3.2.0',
  })
  const failed = service.list()[0]?.lastError
  if (failed) throw failed
  const raw = (
    runInThisContext(MEASURE) as (load: unknown) => (name: string, repeats: number) => Promise<number>
  )(createRequire(import.meta.url))
  const results: Result[] = []
  for (const name of WORKS) {
    const inPlugin: number[] = []
    const inNode: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const body = { name, repeats: REPEATS }
      const answer = await service.rest({ method: 'POST', path: '/_plugins/_bench/measure', body })
      const nodeMs = await raw(name, REPEATS)
      if (round === 0) continue // compiled before it counts
      inPlugin.push((answer.body as { readonly ms: number }).ms)
      inNode.push(nodeMs)
    }
    const reference = result(`${name}, Node`, median(inNode), 'ms')
    results.push(reference, compared(`${name}, in a plugin`, median(inPlugin), 'ms', reference))
  }
  await service.stop()
  await rm(root, { recursive: true })
  return results
}
