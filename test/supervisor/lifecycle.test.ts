// A plugin's life goes only along the drawn edges, backs off as it crashes, and ends in
// quarantine when it crashes in a loop.
import t from 'tap'
import {
  advance,
  DEFAULT_RESTART_POLICY,
  NEW_LIFECYCLE,
  type Lifecycle,
  type LifecycleEvent,
  type PluginState,
} from '../../lib/supervisor/lifecycle.js'

const at = (state: PluginState): Lifecycle => ({ state, crashes: [] })
const crash: LifecycleEvent = { kind: 'crashed', atMs: 0, random: 0.5 }

const EDGES: readonly [PluginState, LifecycleEvent, PluginState][] = [
  ['configured', { kind: 'start' }, 'starting'],
  ['configured', { kind: 'started' }, 'configured'],
  ['configured', crash, 'configured'],
  ['starting', { kind: 'started' }, 'running'],
  ['starting', crash, 'restarting'],
  ['starting', { kind: 'refused' }, 'quarantined'],
  ['running', { kind: 'start' }, 'running'],
  ['running', { kind: 'late' }, 'degraded'],
  ['running', crash, 'restarting'],
  ['running', { kind: 'recovered' }, 'running'],
  ['degraded', { kind: 'recovered' }, 'running'],
  ['degraded', crash, 'restarting'],
  ['running', { kind: 'renewed' }, 'restarting'],
  ['degraded', { kind: 'renewed' }, 'restarting'],
  ['starting', { kind: 'renewed' }, 'starting'],
  ['quarantined', { kind: 'renewed' }, 'quarantined'],
  ['stopping', { kind: 'renewed' }, 'stopping'],
  ['restarting', { kind: 'start' }, 'starting'],
  ['restarting', crash, 'restarting'],
  ['quarantined', { kind: 'start' }, 'quarantined'],
  ['quarantined', { kind: 'released' }, 'restarting'],
  ['quarantined', crash, 'quarantined'],
  ['running', { kind: 'released' }, 'running'],
  ['running', { kind: 'stop' }, 'stopping'],
  ['quarantined', { kind: 'stop' }, 'stopping'],
  ['stopping', crash, 'stopping'],
  ['stopping', { kind: 'refused' }, 'stopping'],
  ['stopping', { kind: 'stopped' }, 'stopped'],
  ['stopped', { kind: 'start' }, 'stopped'],
  ['stopped', { kind: 'stop' }, 'stopped'],
]

for (const [from, event, to] of EDGES) {
  t.test(`${from} on ${event.kind} is ${to}`, async (t) => {
    t.equal(advance(at(from), event, DEFAULT_RESTART_POLICY).next.state, to)
  })
}

const WAITS: readonly [PluginState, readonly number[]][] = [
  ['running', [0, 200, 400, 800, 1000, 1000, 1000, 1000]],
  ['degraded', [0, 200, 400, 800, 1000, 1000, 1000, 1000]],
  ['starting', [100, 200, 400, 800, 1000, 1000, 1000, 1000]],
]

for (const [from, bases] of WAITS) {
  t.test(
    `the wait after a crash while ${from} doubles, stays within a quarter of itself, and has an end`,
    async (t) => {
      const policy = { initialMs: 100, maxMs: 1000, maxCrashes: 100, windowMs: 1e9 }
      for (const random of [0, 0.5, 0.999]) {
        let life = at(from)
        const waits: number[] = []
        for (let crashes = 0; crashes < 8; crashes++) {
          const { next, delayMs } = advance(life, { kind: 'crashed', atMs: crashes, random }, policy)
          waits.push(delayMs ?? Number.NaN)
          life = { ...next, state: from }
        }
        const factor = 0.75 + random / 2
        t.same(
          waits,
          bases.map((base) => Math.round(base * factor)),
        )
      }
    },
  )
}

t.test('a crash is the first again once the window has passed', async (t) => {
  const policy = { initialMs: 100, maxMs: 1000, maxCrashes: 5, windowMs: 1000 }
  const crashAt = (life: Lifecycle, atMs: number): ReturnType<typeof advance> =>
    advance({ ...life, state: 'running' }, { kind: 'crashed', atMs, random: 0.5 }, policy)
  const first = crashAt(NEW_LIFECYCLE, 0)
  t.equal(crashAt(first.next, 999).delayMs, 200)
  t.equal(crashAt(first.next, 1000).delayMs, 0)
})

t.test('crashes count as a loop only within the window', async (t) => {
  const policy = { initialMs: 1, maxMs: 1, maxCrashes: 3, windowMs: 1000 }
  const crashAt = (life: Lifecycle, atMs: number): Lifecycle =>
    advance({ ...life, state: 'running' }, { kind: 'crashed', atMs, random: 0 }, policy).next
  const slow = [0, 600, 1200, 1800, 2400].reduce(crashAt, NEW_LIFECYCLE)
  t.equal(slow.state, 'restarting')
  const fast = [0, 10, 20].reduce(crashAt, NEW_LIFECYCLE)
  t.equal(fast.state, 'quarantined')
  t.same(advance(fast, { kind: 'released' }, policy), {
    next: { state: 'restarting', crashes: [] },
    delayMs: 0,
  })
})
