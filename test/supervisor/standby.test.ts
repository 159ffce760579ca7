// One spare at most, launched a little after the plugin runs and only while it does, thrown away when its terms
// no longer fit, and replaced ever more slowly when it ends by itself.
import t from 'tap'
import type { PluginError } from '../../lib/errors.js'
import type { ExitReport } from '../../lib/powers.js'
import type { Opened, Opening } from '../../lib/supervisor/opening.js'
import type { Run } from '../../lib/supervisor/run.js'
import {
  LAUNCH_AFTER_MS,
  launchAfterMs,
  makeStandby,
  MOST_LAUNCH_AFTER_MS,
  type Standby,
} from '../../lib/supervisor/standby.js'
import type { Permissions } from '../../lib/supervisor/worker-options.js'
import { makeFakeClock, type FakeClock } from '../rpc/fake-clock.js'

const NARROW: Permissions = { read: ['/a'], write: [], network: false }
const WIDE: Permissions = { ...NARROW, network: true }
const REPORT: ExitReport = { code: 0, signal: null, cause: 'exit', outputTail: '' }

interface FakeSpare {
  readonly opening: Opening
  readonly terms: Permissions
  readonly ended: readonly PluginError[]
  hello(): void
  fails(error: PluginError): void
  exits(): void
}

interface World {
  readonly standby: Standby
  readonly clock: FakeClock
  readonly launched: readonly FakeSpare[]
  running: boolean
  terms: Permissions
}

function fakeSpare(terms: Permissions, pid: number): FakeSpare {
  const ended: PluginError[] = []
  let hello: (opened: Opened) => void = () => undefined
  let fails: (error: PluginError) => void = () => undefined
  let exits: () => void = () => undefined
  const opened = new Promise<Opened>((resolve, reject) => {
    hello = resolve
    fails = reject
  })
  const exited = new Promise<Awaited<Run['exited']>>((resolve) => {
    exits = () => resolve({ reason: ended[0] as PluginError, report: REPORT })
  })
  const run = { launched: { pid, threadId: null }, end: (error: PluginError) => ended.push(error), exited }
  return {
    opening: { run: run as unknown as Run, opened },
    terms,
    ended,
    hello: () => hello({ walls: [], parts: {} }),
    fails,
    exits,
  }
}

function makeWorld(): World {
  const clock = makeFakeClock()
  const launched: FakeSpare[] = []
  const world = { clock, launched, running: true, terms: NARROW }
  const standby = makeStandby({
    wanted: () => world.running,
    permissions: () => world.terms,
    launch(terms) {
      const spare = fakeSpare(terms, launched.length + 1)
      launched.push(spare)
      return spare.opening
    },
    clock,
  })
  return Object.assign(world, { standby })
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a spare is launched a little after the plugin runs, and only one', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS - 1)
  t.equal(launched.length, 0, 'not before')
  clock.advance(1)
  t.equal(launched.length, 1)
  t.same(standby.status(), { pid: 1, threadId: null, ready: false })
  launched[0]?.hello()
  await turn()
  t.same(standby.status(), { pid: 1, threadId: null, ready: true })
  standby.keep()
  clock.advance(MOST_LAUNCH_AFTER_MS)
  t.equal(launched.length, 1, 'the one that waits is enough')
})

t.test('a plugin that is down gets none: a crash loop costs no launch more', async (t) => {
  const world = makeWorld()
  for (let crash = 0; crash < 5; crash++) {
    world.running = true
    world.standby.keep()
    world.clock.advance(LAUNCH_AFTER_MS - 1)
    world.running = false
    if (crash % 2 === 0) t.equal(world.standby.take(NARROW), undefined)
    world.clock.advance(LAUNCH_AFTER_MS)
  }
  t.same(world.launched, [])
  t.equal(world.clock.pending, 0)
})

t.test('a spare is taken once, and the next comes when the plugin runs again', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  t.equal(standby.take(NARROW)?.opening, launched[0]?.opening)
  t.equal(standby.take(NARROW), undefined)
  t.equal(standby.status(), null)
  clock.advance(MOST_LAUNCH_AFTER_MS)
  t.equal(launched.length, 1)
  launched[0]?.exits()
  await turn()
  clock.advance(MOST_LAUNCH_AFTER_MS)
  t.equal(launched.length, 1, 'the end of one that was taken is not its business')
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  t.equal(launched.length, 2)
})

t.test('one that is on its way may be taken, and says so', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  t.equal(standby.take(NARROW)?.ready, false)
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  launched[1]?.hello()
  await turn()
  t.equal(standby.take(NARROW)?.ready, true)
})

t.test('a spare whose terms do not fit is thrown away', async (t) => {
  const world = makeWorld()
  const { standby, clock, launched } = world
  for (const [before, after] of [
    [WIDE, NARROW],
    [NARROW, WIDE],
    [NARROW, { ...NARROW, read: ['/a', '/b'] }],
    [NARROW, { ...NARROW, write: ['/a'] }],
  ] as const) {
    world.terms = before
    standby.keep()
    clock.advance(LAUNCH_AFTER_MS)
    const spare = launched.at(-1)
    t.equal(spare?.terms, before)
    t.equal(standby.take(after), undefined)
    t.equal(spare?.ended.length, 1)
    spare?.exits()
    await turn()
  }
})

t.test('a spare that ends by itself is replaced, later each time', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(launchAfterMs(0))
  for (let failures = 1; failures < 9; failures++) {
    launched.at(-1)?.exits()
    await turn()
    t.equal(standby.status(), null)
    clock.advance(launchAfterMs(failures) - 1)
    t.equal(launched.length, failures)
    clock.advance(1)
    t.equal(launched.length, failures + 1)
  }
  t.equal(launchAfterMs(9), MOST_LAUNCH_AFTER_MS, 'up to a bound')
})

t.test('a spare whose walls do not hold is ended', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  const fallen = new Error('fallen') as PluginError
  launched[0]?.fails(fallen)
  await turn()
  t.same(launched[0]?.ended, [fallen])
  t.equal(standby.status()?.ready, false)
})

t.test('a drop waits until nothing is left, and no spare follows', async (t) => {
  const { standby, clock, launched } = makeWorld()
  standby.keep()
  clock.advance(LAUNCH_AFTER_MS)
  let dropped = false
  const dropping = standby.drop().then(() => (dropped = true))
  await turn()
  t.equal(launched[0]?.ended.length, 1)
  t.equal(dropped, false)
  launched[0]?.exits()
  await dropping
  standby.keep()
  await standby.drop()
  clock.advance(MOST_LAUNCH_AFTER_MS)
  t.equal(launched.length, 1)
})
