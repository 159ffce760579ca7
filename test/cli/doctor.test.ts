// `bulkhead doctor` says what holds here because it has tried it: take a guarantee away and it says so.
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { report } from '../../lib/cli/doctor.js'
import { GUARANTEES, isBroken, type Row } from '../../lib/cli/doctor/guarantees.js'
import { makeTerminal } from '../../lib/cli/terminal.js'
import { bulkhead, directoryOf } from './command.js'

const LONG_ONLY = process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1'

interface Outcome {
  readonly holds: boolean | null
  readonly detail: string
}

interface Findings {
  readonly ok: boolean
  readonly node: string
  readonly guarantees: readonly {
    readonly id: string
    readonly process: Outcome
    readonly thread: Outcome
  }[]
}

async function doctor(path?: string): Promise<{
  code: number | null
  found: Findings
  of: (id: string) => { process: boolean | null; thread: boolean | null }
}> {
  const { code, out, err } = await bulkhead(
    ['doctor', '--json'],
    path === undefined ? {} : { env: { PATH: path } },
  )
  if (err !== '') throw new Error(err)
  const found = JSON.parse(out) as Findings
  return {
    code,
    found,
    of(id) {
      const row = found.guarantees.find((each) => each.id === id)
      if (row === undefined) throw new Error(`no ${id}`)
      return { process: row.process.holds, thread: row.thread.holds }
    },
  }
}

const major = Number.parseInt(process.versions.node, 10)
const linux = process.platform === 'linux'

t.test(
  'on this machine everything required holds, and the rest is told as it is',
  { skip: !linux && 'guarantees are for Linux' },
  async (t) => {
    const { code, found, of } = await doctor()
    t.equal(
      found.ok,
      true,
      JSON.stringify(
        found.guarantees.filter((row) => row.process.holds === false),
        null,
        1,
      ),
    )
    t.equal(code, 0)
    t.equal(found.node, process.versions.node)
    const walls = found.guarantees.filter(({ id }) => id.startsWith('wall:'))
    t.ok(walls.length >= 14)
    for (const { id, process, thread } of walls) t.same([process.holds, thread.holds], [true, true], id)
    for (const id of ['heap', 'blocked', 'sigusr1-node']) t.same(of(id), { process: true, thread: true }, id)
    t.same(of('external'), { process: true, thread: false })
    t.equal(of('heap-piece').process, true) // in a thread it is a matter of chance

    t.same(of('orphan'), { process: true, thread: null })
    for (const id of ['rlimits', 'oom-score', 'priority']) t.equal(of(id).process, true, id)
    const bwrap = await nodeLaunchPowers()
      .checkBwrap()
      .then(
        () => true,
        () => false,
      )
    t.same(of('bwrap'), { process: bwrap, thread: null })
    t.same(of('network'), { process: major >= 25, thread: major >= 25 })
  },
)

t.test(
  'without setpriv it finds out that frozen plugins outlive their node',
  { skip: linux ? LONG_ONLY : 'pdeathsig is of Linux' },
  async (t) => {
    const root = await directoryOf(t, {})
    await mkdir(join(root, 'bin'))
    await symlink(process.execPath, join(root, 'bin/node'))
    const { code, of } = await doctor(join(root, 'bin'))
    for (const id of ['no-new-privs', 'rlimits', 'bwrap']) t.equal(of(id).process, false, id)
    t.equal(of('orphan-stopped').process, false)
    t.equal(of('orphan').process, true, 'the closed pipe ends the others')
    t.equal(code, 0, 'a preference, not a requirement')
  },
)

const HOLDS: Outcome = { holds: true, detail: 'fine' }
const FALLEN: Outcome = { holds: false, detail: 'it got through' }

function rowOf(id: string, process: Outcome, thread: Outcome): Row {
  const guarantee = GUARANTEES.find((each) => each.id === id)
  if (guarantee === undefined) throw new Error(id)
  return { ...guarantee, process, thread }
}

t.test('it exits with 1 when something required does not hold, and names what got through', async (t) => {
  for (const [rows, code, says] of [
    [[rowOf('heap', HOLDS, HOLDS)], 0, /Every required guarantee holds/],
    [
      [rowOf('heap', FALLEN, HOLDS)],
      1,
      /FAILS.*a leak is ended \(process\): it got through.*isolation process here/s,
    ],
    [
      [rowOf('heap', FALLEN, FALLEN)],
      1,
      /\(process, thread\): it got through.*isolation process or thread here/s,
    ],
    [
      [rowOf('heap-piece', HOLDS, FALLEN)],
      0,
      /holds +no +a plugin asks.*survived \(thread\): it got through/s,
    ],
    [[rowOf('heap', { holds: null, detail: '' }, HOLDS)], 0, /- +holds/],
  ] as const) {
    let text = ''
    const stream = { write: (part: string): void => void (text += part) }
    t.equal(report(rows, false, makeTerminal(stream, stream)), code, text)
    t.match(text, says)
  }
})

t.test('what is promised on Linux only is not required elsewhere', async (t) => {
  const row = rowOf('external', FALLEN, HOLDS)
  t.equal(isBroken(row, 'process', 'linux'), true)
  t.equal(isBroken(row, 'process', 'darwin'), false)
  t.equal(isBroken(rowOf('heap', FALLEN, HOLDS), 'process', 'darwin'), true)
})
