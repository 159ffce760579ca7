// A plugin whose thread answers nothing is found blocked, however much it sends meanwhile to keep the host behind.
import t from 'tap'
import type { PluginError } from '../../lib/errors.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Sample } from '../../lib/powers.js'
import type { Run } from '../../lib/supervisor/run.js'
import { NO_SAMPLE } from '../../lib/supervisor/status.js'
import { watch } from '../../lib/supervisor/watch.js'
import { makeFakeClock } from '../rpc/fake-clock.js'

const SAMPLE: Sample = NO_SAMPLE
const never = new Promise<never>(() => undefined)

/** How long it lives when the host does not read it for `share` of the time, ms; at most two minutes. */
async function livesMs(share: number): Promise<number> {
  const clock = makeFakeClock()
  const begun = clock.now()
  let verdict: PluginError | undefined
  const run = {
    launched: { pid: null, sample: () => SAMPLE, lookCloser: async () => undefined, waitedMs: () => 0 },
    channel: {
      ping: () => never,
      stats: () => ({ pausedMs: (clock.now() - begun) * share, abandoned: 0 }),
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
    onLimit: () => undefined,
    onDegraded: () => undefined,
    onFine: () => undefined,
  })
  while (verdict === undefined && clock.now() - begun < 120_000) {
    clock.advance(10)
    await Promise.resolve()
  }
  t.match(verdict, { code: 'PLUGIN_BLOCKED' }, `${share} of the time unread`)
  return clock.now() - begun
}

t.test('a thread that answers nothing is ended after blockedMs', async (t) => {
  const ms = await livesMs(0)
  t.ok(ms >= DEFAULT_LIMITS.blockedMs && ms < 2 * DEFAULT_LIMITS.blockedMs, String(ms))
})

t.test('what the host does not read for its rates hardly counts, but counts', async (t) => {
  const ms = await livesMs(0.95)
  t.ok(ms > 10 * DEFAULT_LIMITS.blockedMs, `an honest answer has time to come: ${ms}`)
  t.ok(ms < 30 * DEFAULT_LIMITS.blockedMs, `a flood is no excuse for ever: ${ms}`)
})
