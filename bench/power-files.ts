/** Reading files inside a plugin, decided and through its own Buffer, against node:fs in the same run. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runPlugin } from 'bulkhead/testing'
import { compared, median, result, type Result } from './stats.js'

const ROUNDS = 7
/** What a plugin may take of plain Node's time. */
const LIMIT = 1.5
const SIZES: readonly [name: string, bytes: number, reads: number][] = [
  ['4 KB', 4096, 1000],
  ['10 MB', 10 * 1024 * 1024, 20],
]

const SOURCE = `
import { readFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
export default { rest: [
  { method: 'POST', path: '/promise', async handle({ body }) {
    const begun = Date.now()
    for (let left = body.reads; left > 0; left--) await readFile(body.file)
    return { body: { ms: Date.now() - begun } }
  } },
  { method: 'POST', path: '/sync', handle({ body }) {
    const begun = Date.now()
    for (let left = body.reads; left > 0; left--) readFileSync(body.file)
    return { body: { ms: Date.now() - begun } }
  } },
] }`

export async function files(): Promise<readonly Result[]> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-bench-')))
  const plugin = await runPlugin({
    source: SOURCE,
    policy: {
      grant: { extensionPoints: ['rest:/**'], fs: { read: [`${dir}/*`] } },
      limits: { externalMb: 512, callTimeoutMs: 60_000, blockedMs: 60_000 },
    },
  })
  const results: Result[] = []
  for (const [name, bytes, reads] of SIZES) {
    const file = join(dir, `${bytes}`)
    await writeFile(file, Buffer.alloc(bytes, 'x'))
    for (const form of ['promise', 'sync'] as const) {
      const raw: number[] = []
      const inPlugin: number[] = []
      for (let round = 0; round <= ROUNDS; round++) {
        const rawMs = await timeRaw(form, file, reads)
        const { body } = await plugin.rest({ method: 'POST', path: `/${form}`, body: { file, reads } })
        if (round === 0) continue // compiled before it counts
        raw.push((rawMs * 1000) / reads)
        inPlugin.push(((body as { readonly ms: number }).ms * 1000) / reads)
      }
      const title = form === 'sync' ? `readFileSync ${name}` : `readFile ${name}`
      const reference = result(`${title}, node:fs`, median(raw), 'us')
      results.push(reference, compared(`${title}, in a plugin`, median(inPlugin), 'us', reference, LIMIT))
    }
  }
  await plugin.stop()
  await rm(dir, { recursive: true })
  return results
}

async function timeRaw(form: 'promise' | 'sync', file: string, reads: number): Promise<number> {
  const begun = performance.now()
  for (let left = reads; left > 0; left--) {
    if (form === 'sync') readFileSync(file)
    else await readFile(file)
  }
  return performance.now() - begun
}
