// What a child says of its start is bounded numbers under known names, and shows as shares of what the host measured.
import t from 'tap'
import { parseStartupParts } from '../../lib/protocol/startup-parts.js'
import { startupRows, type Startup } from '../../lib/supervisor/startup.js'

const TOLD: readonly [string, unknown, object][] = [
  ['known names with numbers', { process: 1.5, evaluate: 0 }, { process: 1.5, evaluate: 0 }],
  ['an unknown name', { process: 1, colour: 2 }, { process: 1 }],
  ['a text', { process: '1' }, {}],
  ['a negative number', { process: -1 }, {}],
  ['a number past ten minutes', { process: 600_001 }, {}],
  ['no number', { process: Number.NaN }, {}],
  ['an inherited one', Object.create({ process: 1 }), {}],
  ['nothing', undefined, {}],
  ['null', null, {}],
  ['a list', [1, 2], {}],
]

for (const [name, told, read] of TOLD) {
  t.test(`of ${name} it keeps ${JSON.stringify(read)}`, async (t) => {
    t.same(parseStartupParts(told), read)
  })
}

const STARTUP: Startup = {
  standby: false,
  launchMs: 100,
  loadMs: 20,
  startMs: 3,
  parts: { evaluate: 5, process: 30, thread: 60 },
}

t.test('the parts of each share add up to it', async (t) => {
  const rows = startupRows(STARTUP).map(({ depth, ms }) => [depth, ms])
  t.same(rows, [
    [0, 100],
    [1, 30],
    [1, 60],
    [1, 10],
    [0, 20],
    [1, 5],
    [1, 15],
    [0, 3],
  ])
})

t.test("a standby's launch was paid before: its parts are no share of this start", async (t) => {
  const rows = startupRows({ ...STARTUP, standby: true, launchMs: 1 })
  t.same(
    rows.map(({ depth, ms }) => [depth, ms]),
    [
      [0, 1],
      [0, 20],
      [1, 5],
      [1, 15],
      [0, 3],
    ],
  )
  t.match(rows[0]?.what, 'standby')
})

t.test('a child that tells more than there was makes no negative share', async (t) => {
  t.ok(startupRows({ ...STARTUP, launchMs: 1 }).every(({ ms }) => ms >= 0))
})
