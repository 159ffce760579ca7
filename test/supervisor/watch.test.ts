// A plugin whose thread answers nothing is found blocked, however much it sends meanwhile to keep the host behind.
import t, { type Test } from 'tap'
import type { PluginError } from '../../lib/errors.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Sample } from '../../lib/powers.js'
import type { Run } from '../../lib/supervisor/run.js'
import { NO_SAMPLE } from '../../lib/supervisor/status.js'
import { watch } from '../../lib/supervisor/watch.js'
import { makeFakeClock, type FakeClock } from '../rpc/fake-clock.js'

const never = new Promise<never>(() => undefined)

/** What the host sees of a plugin as time goes on; nothing odd but for what is given. */
interface Seen {
  /** Of the time the host does not read it. */
  readonly pausedShare?: number
  /** Waited for a core since the last look, ms. */
  readonly waitedMs?: number
  /** Used of one core, all in all, ms. */
  readonly cpuMs?: (atMs: number) => number
  readonly answers?: boolean
}

interface Watched {
  readonly clock: FakeClock
  /** Since the watch began. */
  readonly atMs: () => number
  readonly verdict: () => PluginError | undefined
  readonly lowered: readonly (readonly [atMs: number, low: boolean])[]
  readonly hits: readonly string[]
  /** Lets time pass; stops at a verdict. */
  pass(ms: number): Promise<void>
}

async function watched(seen: Seen): Promise<Watched> {
  const clock = makeFakeClock()
  const begun = clock.now()
  const atMs = (): number => clock.now() - begun
  const lowered: [number, boolean][] = []
  const hits: string[] = []
  let verdict: PluginError | undefined
  const run = {
    launched: {
      pid: null,
      sample: (): Sample => ({ ...NO_SAMPLE, cpuMs: seen.cpuMs?.(atMs()) ?? null }),
      lookCloser: async () => undefined,
      waitedMs: () => seen.waitedMs ?? 0,
      lowerPriority: (low: boolean) => lowered.push([atMs(), low]),
    },
    channel: {
      ping: () => (seen.answers === true ? Promise.resolve() : never),
      stats: () => ({ pausedMs: atMs() * (seen.pausedShare ?? 0), abandoned: 0 }),
    },
    verdict: () => verdict,
    end: (error: PluginError) => (verdict = error),
    exited: never,
  } as unknown as Run
  await watch(run, {
    plugin: 'demo',
    limits: DEFAULT_LIMITS,
    clock,
    isLoaded: () => true,
    measureData: undefined,
    cgroupFiles: {
      read: () => undefined,
      write: () => false,
      makeDirectory: () => false,
      removeDirectory: () => false,
    },
    onSample: () => undefined,
    onLimit: ({ limit, action }) => hits.push(`${limit} ${action}`),
    onDegraded: () => undefined,
    onFine: () => undefined,
  })
  return {
    clock,
    atMs,
    verdict: () => verdict,
    lowered,
    hits,
    async pass(ms) {
      for (const until = atMs() + ms; verdict === undefined && atMs() < until;) {
        clock.advance(10)
        await Promise.resolve()
      }
    },
  }
}

/** How long one that answers nothing lives, ms; at most two minutes. */
async function livesMs(t: Test, seen: Seen): Promise<number> {
  const { pass, verdict, atMs } = await watched(seen)
  await pass(120_000)
  t.match(verdict(), { code: 'PLUGIN_BLOCKED' })
  return atMs()
}

t.test('a thread that answers nothing is ended after blockedMs', async (t) => {
  const ms = await livesMs(t, {})
  t.ok(ms >= DEFAULT_LIMITS.blockedMs && ms < 2 * DEFAULT_LIMITS.blockedMs, String(ms))
})

t.test('what the host does not read for its rates hardly counts, but counts', async (t) => {
  const ms = await livesMs(t, { pausedShare: 0.95 })
  t.ok(ms > 10 * DEFAULT_LIMITS.blockedMs, `an honest answer has time to come: ${ms}`)
  t.ok(ms < 30 * DEFAULT_LIMITS.blockedMs, `a flood is no excuse for ever: ${ms}`)
})

t.test('waiting for a core hardly counts, but for what it used of one meanwhile', async (t) => {
  const { blockedMs } = DEFAULT_LIMITS
  const starved = await livesMs(t, { waitedMs: 1000, cpuMs: () => 0 })
  t.ok(starved > 8 * blockedMs && starved < 12 * blockedMs, `one that got nothing: ${starved}`)
  const loop = await livesMs(t, { waitedMs: 1000, cpuMs: (atMs) => atMs })
  t.ok(loop < 2 * blockedMs, `one that runs all the time: ${loop}`)
})

t.test('one that takes more than its share is slowed, told of once, and let go again', async (t) => {
  // A whole core for fifteen seconds, nothing after that; its share is half of one.
  const cpuMs = (atMs: number): number => Math.min(atMs, 15_000)
  const { pass, verdict, lowered, hits } = await watched({ answers: true, cpuMs })
  await pass(60_000)
  t.equal(verdict(), undefined)
  t.match(lowered, [
    [Number, true],
    [Number, false],
  ])
  const [slowedAt = 0, letGoAt = 0] = lowered.map(([atMs]) => atMs)
  t.ok(slowedAt >= 9000 && slowedAt <= 15_000, `slowed after ${slowedAt} ms`)
  t.ok(letGoAt >= 25_000, `let go after ${letGoAt} ms`)
  t.same(hits, ['cpuShare degraded', 'cpuShare slowed'])
})
