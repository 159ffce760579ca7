// Native code that nothing can interrupt: a plugin's process is ended in the middle of it; a plugin's thread in the node
// is given up, fenced and told of, and neither `stop()` nor the command waits for it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startPlugins } from './start-plugins.js'
import { writePlugin } from './write-plugin.js'

t.setTimeout(110_000)

const BLOCKED_MS = 200
const MOST_LATE_MS = 1000
const RESTART = { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 } as const

/** One call each that takes seconds without a turn of JavaScript in between. */
const NATIVE: Readonly<Record<string, string>> = {
  pbkdf2: `for (;;) crypto.pbkdf2Sync('p', 's', 9e5, 64, 'sha512')`,
  scrypt: `for (;;) crypto.scryptSync('p', 's', 64, { N: 2 ** 15, r: 8, p: 7, maxmem: 2 ** 30 })`,
  brotli: `for (;;) zlib.brotliCompressSync(noise, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } })`,
  deflate: `for (;;) zlib.deflateSync(noise, { level: 9 })`,
  sort: `Array.from({ length: 3e6 }, (_, i) => (i * 7919) % 1000003).sort()`,
}
const source = `
import crypto from 'node:crypto'
import zlib from 'node:zlib'
const noise = new Uint8Array(250_000).map((_, i) => (i * 2654435761) >>> 13)
export default { rest: [${Object.entries(NATIVE)
  .map(([name, code]) => `{ method: 'GET', path: '/${name}', handle() { ${code} } }`)
  .join(',\n')}] }`

t.test('a process is ended in the middle of native code', { timeout: 100_000 }, async (t) => {
  const plugins = await startPlugins({
    plugins: { native: source },
    limits: { blockedMs: BLOCKED_MS, heapMb: 256, externalMb: 256 },
    restart: RESTART,
  })
  t.teardown(() => plugins.stop())
  for (const name of Object.keys(NATIVE)) {
    const { pid } = plugins.info('native')
    const back = plugins.next('native', 'running')
    const startedAt = performance.now()
    await t.rejects(
      plugins.service.rest({ method: 'GET', path: `/${name}` }),
      { code: 'PLUGIN_BLOCKED' },
      name,
    )
    const lateMs = performance.now() - startedAt - BLOCKED_MS
    t.comment(`${name}: ${Math.round(lateMs)} ms after its limit`)
    t.ok(lateMs <= MOST_LATE_MS, `${name}: soon after its limit`)
    await back
    t.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' }, `${name}: its process is gone`)
  }
})

/** One call of many seconds on any machine; what it works on is made before. */
const stuck = `const items = Array.from({ length: 6_000_000 }, (_, i) => (i * 7919) % 1000003)
export default { rest: [{ method: 'GET', path: '/stuck', handle() { items.sort() } }] }`

const skip = process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1'
t.test('bulkhead run ends all the same', { skip, timeout: 60_000 }, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-native-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const policy = {
    policyVersion: 1,
    grant: { extensionPoints: ['rest:/**'] },
    limits: { heapMb: 512, blockedMs: 1000 },
  }
  await writePlugin(root, 'stuck', stuck, policy)
  const main = new URL('../../lib/cli/main.js', import.meta.url).pathname
  const args = [main, 'run', root, '--trust', '--isolation', 'thread', '--port', '0', '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  const listening = new Promise<string>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const url = /"url": "([^"]+)"/.exec(out)?.[1]
      if (url !== undefined) resolve(url)
    }),
  )
  const lost = new Promise<void>((resolve) =>
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
      if (err.includes('restart of the node')) resolve()
    }),
  )
  const closed = once(child, 'close')
  const answer = await fetch(`${await listening}/stuck`)
  t.equal(answer.status >= 500, true, `its call failed: ${answer.status}`)
  await lost
  child.kill('SIGINT')
  const [, signal] = (await closed) as [number | null, string | null]
  t.equal(signal, 'SIGKILL')
  t.match(err, /A thread of stuck cannot be ended/)
})
