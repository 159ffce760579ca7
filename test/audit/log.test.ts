// The audit log holds one line for each event, whatever is in it; what the disk does not take is counted and said;
// rotation loses nothing; and only a regular file is written.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAuditLog, type AuditLog, type AuditLogEvent } from '../../lib/audit/log.js'
import type { AuditEvent } from '../../lib/audit/trail.js'
import { nodeClock, openLogFile } from '../../lib/node-powers.js'
import type { LogFile } from '../../lib/powers.js'

function directory(t: Test): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-audit-')))
  t.teardown(() => rmSync(root, { recursive: true }))
  return root
}

function event(resource: string | null, more: Partial<AuditEvent> = {}): AuditEvent {
  const time = '2026-01-01T00:00:00.000Z'
  return { time, plugin: 'demo', operation: 'fs.read', resource, allowed: true, rule: 'r', count: 1, ...more }
}

type Line = Record<string, unknown>
const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

/** Until all that was added is written, or lost: nothing tells a caller of the log. */
async function settled(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

interface Opened {
  readonly log: AuditLog
  readonly changes: AuditLogEvent[]
}

async function opened(path: string, open: (path: string) => Promise<LogFile> = openLogFile): Promise<Opened> {
  const changes: AuditLogEvent[] = []
  const log = await openAuditLog({ path, open, clock: nodeClock, onChange: (change) => changes.push(change) })
  return { log, changes }
}

t.test('one line an event, in the documented order, in a file for its owner alone', async (t) => {
  const path = join(directory(t), 'audit.log')
  const { log } = await opened(path)
  t.equal(statSync(path).mode & 0o777, 0o600)
  log.add(event('/srv/a'))
  log.add(event(null, { allowed: false, count: 7 }))
  await log.close()
  t.equal(
    readFileSync(path, 'utf8'),
    '{"time":"2026-01-01T00:00:00.000Z","plugin":"demo","operation":"fs.read","resource":"/srv/a","allowed":true,"rule":"r","count":1}\n' +
      '{"time":"2026-01-01T00:00:00.000Z","plugin":"demo","operation":"fs.read","resource":null,"allowed":false,"rule":"r","count":7}\n',
  )
})

t.test('a log that is there is added to', async (t) => {
  const path = join(directory(t), 'audit.log')
  writeFileSync(path, '{"old":true}\n')
  const { log } = await opened(path)
  log.add(event('/srv/a'))
  await log.close()
  t.match(linesOf(readFileSync(path, 'utf8')), [{ old: true }, { resource: '/srv/a' }])
})

t.test('no text of a plugin makes a line of its own', async (t) => {
  const path = join(directory(t), 'audit.log')
  const forged = '","allowed":true}\n{"time":"2026","plugin":"other","allowed":true}\r\n\u2028'
  const { log } = await opened(path)
  log.add(event(forged, { plugin: forged, rule: forged, operation: forged, allowed: false }))
  await log.close()
  const text = readFileSync(path, 'utf8')
  t.equal(text.split('\n').length, 2)
  t.match(linesOf(text), [
    { resource: forged, plugin: forged, rule: forged, operation: forged, allowed: false },
  ])
})

t.test('rotation: a renamed or removed log is left for a new one', async (t) => {
  const path = join(directory(t), 'audit.log')
  const { log } = await opened(path)
  const written = (): number => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)
  log.add(event('first'))
  await settled(() => written() === 1)
  renameSync(path, `${path}.1`)
  log.add(event('second'))
  await settled(() => written() === 1)
  t.match(linesOf(readFileSync(`${path}.1`, 'utf8')), [{ resource: 'first' }])
  t.match(linesOf(readFileSync(path, 'utf8')), [{ resource: 'second' }])
  rmSync(path)
  log.add(event('third'))
  await settled(() => written() === 1)
  t.match(linesOf(readFileSync(path, 'utf8')), [{ resource: 'third' }])
  t.equal(statSync(path).mode & 0o777, 0o600)

  truncateSync(path) // as copytruncate does
  log.add(event('fourth'))
  await log.close()
  t.match(linesOf(readFileSync(path, 'utf8')), [{ resource: 'fourth' }])
})

t.test('a link put in the place of the log is not followed', async (t) => {
  const root = directory(t)
  const path = join(root, 'audit.log')
  const { log, changes } = await opened(path)
  renameSync(path, `${path}.1`)
  writeFileSync(join(root, 'victim'), 'as it was')
  symlinkSync(join(root, 'victim'), path)
  log.add(event('lost'))
  await settled(() => changes.length === 1)
  t.match(changes, [{ path, state: 'failing', lost: 1, message: /symbolic link/ }])
  rmSync(path)
  log.add(event('kept', { count: 3 }))
  await log.close()
  t.equal(readFileSync(join(root, 'victim'), 'utf8'), 'as it was')
  t.match(linesOf(readFileSync(path, 'utf8')), [{ lost: 1, operations: 1 }, { resource: 'kept' }])
  t.match(changes[1], { state: 'writing', lost: 1 })
})

const unusable: Readonly<Record<string, { make(path: string): void; says: RegExp }>> = {
  'a link': { make: (path) => symlinkSync('/dev/null', path), says: /symbolic link/ },
  'a link to nothing': { make: (path) => symlinkSync(`${path}-absent`, path), says: /symbolic link/ },
  'a directory': { make: (path) => mkdirSync(path), says: /directory/ },
  'a FIFO nobody reads': { make: (path) => void execFileSync('mkfifo', [path]), says: /no regular file/ },
}
for (const [name, { make, says }] of Object.entries(unusable)) {
  t.test(`${name} is no audit log`, async (t) => {
    const path = join(directory(t), 'audit.log')
    make(path)
    await t.rejects(openLogFile(path), {
      code: 'AUDIT_LOG_UNUSABLE',
      message: says,
      detail: { path, remedy: /regular file/ },
    })
    t.notOk(existsSync(`${path}-absent`))
  })
}

t.test('a device and a place in no directory are no audit logs', async (t) => {
  await t.rejects(openLogFile('/dev/null'), { code: 'AUDIT_LOG_UNUSABLE', message: /no regular file/ })
  const absent = join(directory(t), 'absent', 'audit.log')
  await t.rejects(openLogFile(absent), { code: 'AUDIT_LOG_UNUSABLE', message: /directory does not exist/ })
})

interface Disk {
  readonly open: () => Promise<LogFile>
  text(): string
  /** Bytes it still takes; every write tells so. */
  free: number
  /** Writes that wait for `free` to be set and `go` to be called. */
  stalled: boolean
  go(): void
}

function makeDisk(): Disk {
  let kept = Buffer.alloc(0)
  let waiting: (() => void)[] = []
  const disk: Disk = {
    free: Infinity,
    stalled: false,
    text: () => kept.toString('utf8'),
    go: () => waiting.splice(0).forEach((resolve) => resolve()),
    open: async () => ({
      async append(bytes) {
        if (disk.stalled) await new Promise<void>((resolve) => waiting.push(resolve))
        const part = bytes.subarray(0, disk.free)
        if (part.length === 0) throw new Error('ENOSPC: no space left on device, write')
        kept = Buffer.concat([kept, part])
        disk.free -= part.length
        return part.length
      },
      isAt: async () => true,
      close: async () => undefined,
    }),
  }
  waiting = []
  return disk
}

const LINE = `${JSON.stringify(event('/srv/0'))}\n`.length
for (const [name, free, whole] of [
  ['at once', 0, 0],
  ['within the first line', 10, 0],
  ['at the end of a line', 2 * LINE, 2],
  ['within the third line', 2 * LINE + 10, 2],
  ['just before a line feed', 3 * LINE - 1, 3],
] as const) {
  t.test(`a disk that is full ${name}: what is lost is said, what is there is whole`, async (t) => {
    const disk = makeDisk()
    const { log, changes } = await opened('/var/log/audit.log', disk.open)
    disk.free = free
    for (let number = 0; number < 5; number++) log.add(event(`/srv/${number}`, { count: 2 }))
    await settled(() => changes.length === 1)
    for (let number = 5; number < 8; number++) log.add(event(`/srv/${number}`))
    await new Promise((resolve) => setTimeout(resolve, 5))
    t.equal(changes.length, 1, 'told once')
    t.match(changes[0], { state: 'failing', message: /ENOSPC/, lost: 5 - whole })
    disk.free = Infinity
    log.add(event('/srv/8'))
    await log.close()

    const lines = disk.text().split('\n')
    const torn = lines.filter((line) => line !== '' && !line.endsWith('}'))
    const parsed = lines.flatMap((line): Line[] => {
      try {
        return [JSON.parse(line) as Line]
      } catch {
        return []
      }
    })
    t.ok(torn.length <= 1)
    const resources = parsed
      .map(({ resource }) => resource)
      .filter((resource) => typeof resource === 'string')
    const lost = parsed.find((line) => 'lost' in line)
    t.equal(lost?.['lost'], 9 - resources.length, 'every line is there or counted')
    t.match(lost, { reason: /ENOSPC/, time: /Z$/ })
    t.equal(
      parsed.reduce((sum, line) => sum + Number(line['count'] ?? line['operations']), 0),
      5 * 2 + 4,
      'the numbers add up',
    )
    t.match(changes[1], { state: 'writing', lost: lost?.['lost'] })
  })
}

t.test('a disk that is slower than the events holds up nobody and fills no memory', async (t) => {
  const disk = makeDisk()
  disk.stalled = true
  const { log, changes } = await opened('/var/log/audit.log', disk.open)
  const resource = 'x'.repeat(500)
  for (let number = 0; number < 50_000; number++) log.add(event(resource))
  await settled(() => changes.length === 1)
  disk.stalled = false
  disk.go()
  await log.close()
  const lines = linesOf(disk.text())
  t.ok(disk.text().length < 3_000_000)
  const lost = lines.find((line) => 'lost' in line)
  t.match(lost, { reason: /slower/ })
  t.equal(lines.length - 1 + Number(lost?.['lost']), 50_000)
})

t.test('a disk that never answers does not keep the node from stopping', async (t) => {
  const disk = makeDisk()
  disk.stalled = true
  let ring: () => void = () => undefined
  const clock = {
    ...nodeClock,
    setTimeout: (run: () => void) => ((ring = run), {}),
    clearTimeout: () => undefined,
  }
  const log = await openAuditLog({ path: '/x', open: disk.open, clock, onChange: () => undefined })
  log.add(event('/srv/a'))
  const closed = log.close()
  ring()
  await closed
  t.equal(disk.text(), '')
})

t.test('what was lost last is said when the log is closed', async (t) => {
  const disk = makeDisk()
  const { log, changes } = await opened('/var/log/audit.log', disk.open)
  disk.free = 0
  log.add(event('/srv/a'))
  await settled(() => changes.length === 1)
  disk.free = Infinity
  await log.close()
  t.match(linesOf(disk.text()), [{ lost: 1, operations: 1 }])
})
