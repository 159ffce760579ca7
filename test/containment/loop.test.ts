// An endless loop in a plugin ends soon after its limit; while it runs, neither the node's own event loop nor
// another plugin's calls are late for it.
//
// The second promise is measured, on a machine that may be busy with other things: five pairs of an idle and
// an attacked spell, interleaved, and the median of their differences. A set of pairs that misses the bound is
// measured once more, and only once; both sets are printed.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import t from 'tap'
import { startPlugins, type StartedPlugins } from './start-plugins.js'

const BLOCKED_MS = 200
/** How many loops; the Node matrix sets BULKHEAD_LONG. */
const LOOPS = process.env['BULKHEAD_LONG'] === '1' ? 20 : 8
/** Alone it is some 20 ms. What a plugin waits for a core is not charged to it, and tests run side by side; time is measured by `bulkhead attack`. */
const MOST_LATE_MEDIAN_MS = 1000
const MOST_LATE_MS = 4000
const PAIRS = 5
const WINDOW_MS = 700
const MOST_ADDED_MS = 5

const LOOP = `export default { rest: [{ method: 'GET', path: '/loop', handle() { for (;;); } }] }`
const QUICK = `export default { rest: [{ method: 'GET', path: '/quick', handle: () => ({ body: 1 }) }] }`
const RESTART = { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 } as const

t.setTimeout(110_000)

/** @returns from just before the call that starts the loop to the exit of the child, ms */
async function loopOnce(plugins: StartedPlugins): Promise<number> {
  const gone = plugins.next('loop', 'restarting')
  const back = plugins.next('loop', 'running')
  const startedAt = performance.now()
  const call = plugins.service.rest({ method: 'GET', path: '/loop' })
  const code = call.then(
    () => 'answered',
    (error: { readonly code?: string }) => error.code,
  )
  await gone
  const tookMs = performance.now() - startedAt
  if ((await code) !== 'PLUGIN_BLOCKED') throw new Error(`the call ended with ${await code}`)
  await back
  return tookMs
}

for (const isolation of ['process', 'thread'] as const) {
  t.test(`an endless loop is over soon after its limit (${isolation})`, { timeout: 60_000 }, async (t) => {
    const plugins = await startPlugins({
      plugins: { loop: LOOP },
      limits: { blockedMs: BLOCKED_MS },
      restart: RESTART,
      isolation,
    })
    t.teardown(() => plugins.stop())
    const late: number[] = []
    for (let loop = 0; loop < LOOPS; loop++) late.push((await loopOnce(plugins)) - BLOCKED_MS)
    t.comment(`ms after the limit: ${late.map(Math.round).join(' ')}`)
    t.ok(Math.min(...late) >= -50, 'none is ended before its limit')
    t.ok(
      median(late) <= MOST_LATE_MEDIAN_MS,
      `half of them within ${Math.round(median(late))} ms of the limit`,
    )
    t.ok(Math.max(...late) <= MOST_LATE_MS, `all of them within ${Math.round(Math.max(...late))} ms`)
  })
}

t.test('a call inside native code is found out all the same', { timeout: 60_000 }, async (t) => {
  const native = `export default { rest: [{ method: 'GET', path: '/native', handle() {
    const a = Array.from({ length: 1e6 }, (_, i) => (i * 7919) % 1000003); for (;;) a.sort()
  } }] }`
  for (const isolation of ['process', 'thread'] as const) {
    const plugins = await startPlugins({
      plugins: { native },
      limits: { blockedMs: BLOCKED_MS, callTimeoutMs: 30_000, heapMb: 256 },
      restart: RESTART,
      isolation,
    })
    const startedAt = performance.now()
    await t.rejects(
      plugins.service.rest({ method: 'GET', path: '/native' }),
      { code: 'PLUGIN_BLOCKED' },
      `${isolation}: its call ends with the verdict`,
    )
    const lateMs = performance.now() - startedAt - BLOCKED_MS
    t.ok(lateMs <= MOST_LATE_MS, `${isolation}: ${Math.round(lateMs)} ms after the limit`)
    await plugins.stop()
  }
})

/** Measures for ten seconds, so it runs with the Node matrix only. */
const skip = process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1'
t.test(
  'the node and the other plugins do not feel an endless loop',
  { skip, timeout: 100_000 },
  async (t) => {
    const plugins = await startPlugins({
      plugins: { loop: LOOP, quick: QUICK },
      limits: { blockedMs: 60_000, callTimeoutMs: 60_000 },
      restart: RESTART,
    })
    t.teardown(() => plugins.stop())
    await measure(plugins, WINDOW_MS) // the first calls compile what the later ones use
    let added = await measurePairs(plugins)
    t.comment(describe(added))
    if (Math.max(added.loopMs, added.callMs) > MOST_ADDED_MS) {
      t.comment('once more')
      added = await measurePairs(plugins)
      t.comment(describe(added))
    }
    t.ok(added.loopMs <= MOST_ADDED_MS, `event loop: p99 ${added.loopMs.toFixed(1)} ms over idle`)
    t.ok(added.callMs <= MOST_ADDED_MS, `another plugin's calls: p99 ${added.callMs.toFixed(1)} ms over idle`)
  },
)

interface Delays {
  /** 99th percentile of the event loop's delay, ms. */
  readonly loopMs: number
  /** 99th percentile of a call's time, ms. */
  readonly callMs: number
}

type Added = Delays & { readonly pairs: readonly { readonly idle: Delays; readonly attacked: Delays }[] }

/** Medians of what the attacked spell of a pair has over its idle one. */
async function measurePairs(plugins: StartedPlugins): Promise<Added> {
  const pairs: { idle: Delays; attacked: Delays }[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const idle = await measure(plugins, WINDOW_MS)
    const call = plugins.service.rest({ method: 'GET', path: '/loop' }).catch(() => undefined)
    const attacked = await measure(plugins, WINDOW_MS)
    const back = plugins.next('loop', 'running')
    process.kill(plugins.info('loop').pid ?? 0, 'SIGKILL')
    await Promise.all([call, back])
    pairs.push({ idle, attacked })
  }
  return {
    loopMs: median(pairs.map(({ idle, attacked }) => attacked.loopMs - idle.loopMs)),
    callMs: median(pairs.map(({ idle, attacked }) => attacked.callMs - idle.callMs)),
    pairs,
  }
}

async function measure({ service }: StartedPlugins, windowMs: number): Promise<Delays> {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const times: number[] = []
  loop.enable()
  const until = performance.now() + windowMs
  while (performance.now() < until) {
    const startedAt = performance.now()
    await service.rest({ method: 'GET', path: '/quick' })
    times.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  loop.disable()
  return {
    loopMs: loop.percentile(99) / 1e6,
    callMs: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN,
  }
}

function describe({ pairs }: Added): string {
  const one = ({ loopMs, callMs }: Delays): string => `${loopMs.toFixed(1)}/${callMs.toFixed(1)}`
  return `p99 of loop/call in ms, idle → attacked: ${pairs
    .map(({ idle, attacked }) => `${one(idle)} → ${one(attacked)}`)
    .join(', ')}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
