// A child that dies takes its own calls with it and nothing else: after many kills every call has ended
// with PLUGIN_CRASHED, the plugin is back each time with the newest cluster state, and the node holds no
// process, thread, descriptor, listener or timer more than before.
import t from 'tap'
import { PluginError } from '../../lib/errors.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { childrenOf, holdings, isRunning, type Holdings } from './left-over.js'
import { startPlugins, type StartedPlugins } from './start-plugins.js'

/** The whole hundred runs with the Node matrix, which sets BULKHEAD_LONG. */
const CRASHES = process.env['BULKHEAD_LONG'] === '1' ? 100 : 20
/** Calls that wait for an answer when the child dies. */
const OUTSTANDING = 5
/** So often the cluster state changes while the plugin is down. */
const STATE_EVERY = 10

const SOURCE = `
let version = 0
export default {
  start(context) { version = context.cluster.state().version },
  rest: [
    { method: 'GET', path: '/version', handle: () => ({ body: { version } }) },
    { method: 'GET', path: '/never', handle: () => new Promise(() => {}) },
  ],
  clusterStateListener(event) { version = event.state().version },
}`

t.setTimeout(110_000) // about 30 s; a busy machine may take longer

t.test('kills in a row leave nothing behind', { timeout: 110_000 }, async (t) => {
  const cluster = new MockCluster({ nodes: 3, indices: { logs: { shards: 2 } } })
  await warmUp()
  const before = holdings()
  const plugins = await startPlugins({
    plugins: { victim: SOURCE },
    clusterState: cluster,
    restart: { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 },
  })
  t.teardown(() => plugins.stop())
  await kill(plugins, OUTSTANDING) // what is made at the first use is there from here on
  const running = await betweenSamples()

  const endings = new Map<string, number>()
  const pids = new Set<number>()
  const stale: string[] = []
  for (let crash = 1; crash <= CRASHES; crash++) {
    const changes = crash % STATE_EVERY === 0
    const restarting = plugins.next('victim', 'restarting')
    const killed = kill(plugins, OUTSTANDING)
    if (changes) {
      await restarting
      await cluster.createIndex(`made-while-down-${crash}`)
    }
    const { pid, codes } = await killed
    pids.add(pid)
    for (const code of codes) endings.set(code, (endings.get(code) ?? 0) + 1)
    if (changes) {
      await plugins.service.settled()
      const { body } = await plugins.service.rest({ method: 'GET', path: '/version' })
      const { version } = cluster.current()
      const seen = (body as { version: number }).version
      if (seen !== version) stale.push(`crash ${crash}: saw ${seen} of ${version}`)
    }
  }

  t.same(
    Object.fromEntries(endings),
    { 'PLUGIN_CRASHED SIGKILL': CRASHES * OUTSTANDING },
    'every outstanding call ended with PLUGIN_CRASHED, and says by which signal',
  )
  t.equal(pids.size, CRASHES, 'each kill met a new process')
  t.same([...pids].filter(isRunning), [], 'none of them runs')
  t.same(stale, [], 'a plugin that was down has the newest cluster state when it is back')
  t.same(await calm(running), running, 'the node holds what it held before the first of them')

  await plugins.stop()
  t.same(await calm(before), before, 'and after the stop what it held before the start')
})

t.test(
  'a stop while the plugin is down or starting leaves nothing behind',
  { timeout: 30_000 },
  async (t) => {
    const before = holdings()
    for (const state of ['restarting', 'starting'] as const) {
      const plugins = await startPlugins({
        plugins: { victim: SOURCE },
        clusterState: new MockCluster(),
        restart: state === 'starting' ? { initialMs: 1, maxMs: 1 } : { initialMs: 60_000, maxMs: 60_000 },
      })
      const reached = plugins.next('victim', state)
      process.kill(pidOf(plugins), 'SIGKILL')
      await reached
      await plugins.stop()
      t.equal(plugins.info('victim').state, 'stopped', `stopped while ${state}`)
      t.same(childrenOf('self'), [], `no process after a stop while ${state}`)
      t.same(await calm(before), before, `nothing else either`)
    }
  },
)

/** Kills the child while calls wait; resolves when all of them have ended and the plugin is back. */
async function kill(
  plugins: StartedPlugins,
  outstanding: number,
): Promise<{ readonly pid: number; readonly codes: readonly string[] }> {
  const pid = pidOf(plugins)
  const back = plugins.next('victim', 'running')
  const calls = Array.from({ length: outstanding }, () =>
    plugins.service.rest({ method: 'GET', path: '/never' }).then(
      () => 'answered',
      (error: unknown) =>
        error instanceof PluginError ? `${error.code} ${String(error.detail['signal'])}` : String(error),
    ),
  )
  process.kill(pid, 'SIGKILL')
  const codes = await Promise.all(calls)
  await back
  return { pid, codes }
}

function pidOf(plugins: StartedPlugins): number {
  const { pid } = plugins.info('victim')
  if (pid === null) throw new Error('the plugin has no process')
  return pid
}

/** The thread pool and what the loader makes on first use belong to Node, not to a plugin. */
async function warmUp(): Promise<void> {
  const plugins = await startPlugins({ plugins: { first: 'export default {}' } })
  await plugins.stop()
}

/** What is held while no sample is under way, which has a file of /proc open. */
async function betweenSamples(): Promise<Holdings> {
  for (;;) {
    const now = holdings()
    if (!now.descriptors.some((path) => path.endsWith('/statm'))) return now
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** What is held once it equals `expected`, or after two seconds: descriptors close in later turns of the loop. */
async function calm(expected: Holdings): Promise<Holdings> {
  const until = performance.now() + 2000
  for (;;) {
    const now = holdings()
    if (same(now, expected) || performance.now() > until) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function same(a: Holdings, b: Holdings): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
