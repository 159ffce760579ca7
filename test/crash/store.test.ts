// Crash reports take no more room than is set, a crash loop writes so many a minute and counts the rest, no file is
// removed that is no report, no link is followed, and a disk that takes nothing is an event and nothing more.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CrashReport } from '../../lib/crash/report.js'
import {
  CRASH_STORE_LIMITS,
  makeCrashStore,
  REPORT_NAME,
  type CrashReportEvent,
  type CrashStoreLimits,
} from '../../lib/crash/store.js'
import { nodeClock } from '../../lib/node-powers.js'
import { openCrashDirectory } from '../../lib/node-powers-crash.js'
import type { CrashDirectory } from '../../lib/powers.js'
import { REPORT } from './a-report.js'

function world(t: Test): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-crash-')))
  t.teardown(() => rmSync(root, { recursive: true }))
  return root
}

interface Store {
  readonly events: CrashReportEvent[]
  /** Takes reports one second apart and resolves once each that is written has been. */
  write(count: number, plugin?: string): Promise<void>
  later(ms: number): void
}

let taken = 0

function storeOf(directory: CrashDirectory, limits: Partial<CrashStoreLimits> = {}): Store {
  let now = 0
  const events: CrashReportEvent[] = []
  const store = makeCrashStore({
    directory,
    clock: { ...nodeClock, now: () => now },
    onReport: (event) => events.push(event),
    limits: { ...CRASH_STORE_LIMITS, ...limits },
  })
  return {
    events,
    later: (ms) => (now += ms),
    async write(count, plugin = 'demo') {
      const before = events.length
      for (let left = count; left > 0; left--) {
        const time = new Date(Date.UTC(2026, 0, 1) + 1000 * taken++).toISOString()
        store.add({ ...REPORT, plugin, time })
      }
      const expected = before + Math.min(count, limits.perMinute ?? Infinity)
      while (events.length < expected) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const reportsIn = (path: string): readonly CrashReport[] =>
  readdirSync(path)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(path, name), 'utf8')) as CrashReport)

t.test('a report is a file for its owner alone, in a directory for its owner alone', async (t) => {
  const path = join(world(t), 'crashes')
  const store = storeOf(await openCrashDirectory(path))
  await store.write(2)
  const names = readdirSync(path).toSorted()
  t.match(names, [/^20260101T0000\d\d\.000Z-demo-1\.json$/, /^20260101T0000\d\d\.000Z-demo-2\.json$/])
  t.ok(names.every((name) => REPORT_NAME.test(name)))
  t.same(
    store.events,
    names.map((name) => ({ plugin: 'demo', file: join(path, name), error: null })),
  )
  t.equal(statSync(path).mode & 0o777, 0o700)
  t.equal(statSync(join(path, names[0] ?? '')).mode & 0o777, 0o600)
  t.match(reportsIn(path)[0], { plugin: 'demo', unreported: 0 })
})

t.test('the oldest go when there are too many or too large ones, and nothing else does', async (t) => {
  const path = join(world(t), 'crashes')
  const directory = await openCrashDirectory(path)
  const notes = 'notes.json'
  const link = '20250101T000000.000Z-demo-1.json'
  writeFileSync(join(path, notes), 'x'.repeat(10_000))
  const outside = join(path, '..', 'outside')
  writeFileSync(outside, 'x'.repeat(10_000))
  symlinkSync(outside, join(path, link))
  mkdirSync(join(path, '20250101T000000.000Z-demo-2.json'))
  const byCount = storeOf(directory, { files: 3, perMinute: 100 })
  await byCount.write(8)
  const kept = (): readonly string[] =>
    readdirSync(path).filter((name) => REPORT_NAME.test(name) && name.startsWith('2026'))
  t.match(kept(), [/-6\.json$/, /-7\.json$/, /-8\.json$/])
  t.ok(existsSync(join(path, notes)) && existsSync(outside) && lstatSync(join(path, link)).isSymbolicLink())
  t.ok(existsSync(join(path, '20250101T000000.000Z-demo-2.json')))

  const { size } = statSync(join(path, kept()[0] ?? ''))
  const byBytes = storeOf(directory, { bytes: Math.floor(size * 2.5), perMinute: 100 })
  await byBytes.write(8)
  t.match(kept(), [/-7\.json$/, /-8\.json$/])
  t.same(
    byBytes.events.map(({ error }) => error),
    Array.from({ length: 8 }, () => null),
  )
})

t.test('a crash loop writes so many a minute, and leaves room for others', async (t) => {
  const path = join(world(t), 'crashes')
  const store = storeOf(await openCrashDirectory(path), { perMinute: 3 })
  await store.write(10)
  await store.write(1, 'other')
  store.later(60_000)
  await store.write(2)
  t.same(
    reportsIn(path).map(({ plugin, unreported }) => [plugin, unreported]),
    [
      ['demo', 0],
      ['demo', 0],
      ['demo', 0],
      ['other', 0],
      ['demo', 7],
      ['demo', 0],
    ],
  )
})

t.test('a disk that is full is an event; what was not written is counted in the next', async (t) => {
  const path = join(world(t), 'crashes')
  const real = await openCrashDirectory(path)
  let full = true
  const store = storeOf({
    ...real,
    write: (name, bytes) =>
      full ? Promise.reject(new Error('ENOSPC: no space left on device, write')) : real.write(name, bytes),
  })
  await store.write(2)
  t.same(store.events[1], { plugin: 'demo', file: null, error: 'ENOSPC: no space left on device, write' })
  full = false
  await store.write(1)
  t.same(
    reportsIn(path).map(({ unreported }) => unreported),
    [2],
  )
})

t.test('a file that cannot be finished leaves nothing', async (t) => {
  const path = join(world(t), 'crashes')
  const directory = await openCrashDirectory(path)
  mkdirSync(join(path, 'taken.json'))
  await t.rejects(directory.write('taken.json', Buffer.from('{}')))
  t.same(readdirSync(path), ['taken.json'])
})

t.test('a directory that is removed is made again; a link in its place is refused', async (t) => {
  const root = world(t)
  const path = join(root, 'crashes')
  const store = storeOf(await openCrashDirectory(path))
  rmSync(path, { recursive: true })
  await store.write(1)
  t.equal(readdirSync(path).length, 1)
  rmSync(path, { recursive: true })
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync(join(root, 'elsewhere'), path)
  await store.write(1)
  t.same(store.events[1], { plugin: 'demo', file: null, error: 'it is no directory' })
  t.same(readdirSync(join(root, 'elsewhere')), [])
})

t.test('a place that cannot be used is refused at the start', async (t) => {
  const root = world(t)
  writeFileSync(join(root, 'file'), '')
  symlinkSync(root, join(root, 'link'))
  for (const name of ['file', 'link', 'absent/crashes']) {
    await t.rejects(openCrashDirectory(join(root, name)), {
      code: 'CONFIG_INVALID',
      detail: { option: 'crashReports' },
    })
  }
  const own = join(root, 'own')
  mkdirSync(own)
  chmodSync(own, 0o755)
  await openCrashDirectory(own)
  t.equal(statSync(own).mode & 0o777, 0o755, 'one that is there keeps its mode')
})
