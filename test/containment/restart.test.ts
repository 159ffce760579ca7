// A plugin that stands still is killed and started again; one that keeps crashing waits longer each time, is
// quarantined in the end, and runs again when the operator releases it.
import t from 'tap'
import { isRunning } from './left-over.js'
import { startPlugins, type StartedPlugins } from './start-plugins.js'

const SOURCE = `export default { rest: [
  { method: 'GET', path: '/pid', handle: () => ({ body: 'here' }) },
  { method: 'GET', path: '/never', handle: () => new Promise(() => {}) },
] }`

t.setTimeout(90_000)

function pidOf(plugins: StartedPlugins): number {
  const { pid } = plugins.info('victim')
  if (pid === null) throw new Error('the plugin has no process')
  return pid
}

const answer = async ({ service }: StartedPlugins): Promise<unknown> =>
  (await service.rest({ method: 'GET', path: '/pid' })).body

t.test('a child that was stopped is killed and replaced', { timeout: 30_000 }, async (t) => {
  const plugins = await startPlugins({
    plugins: { victim: SOURCE },
    limits: { blockedMs: 300, callTimeoutMs: 20_000 },
    restart: { initialMs: 1, maxMs: 2 },
  })
  t.teardown(() => plugins.stop())
  const pid = pidOf(plugins)
  const back = plugins.next('victim', 'running')
  const call = plugins.service.rest({ method: 'GET', path: '/never' })
  process.kill(pid, 'SIGSTOP')
  await t.rejects(call, { code: 'PLUGIN_BLOCKED', detail: { blockedMs: 300 } }, 'its call says why')
  await back
  t.equal(isRunning(pid), false, 'the stopped process is gone')
  t.not(pidOf(plugins), pid, 'another took its place')
  t.equal(await answer(plugins), 'here', 'and answers')
})

t.test('a stopped child is found out without any call', { timeout: 30_000 }, async (t) => {
  const plugins = await startPlugins({
    plugins: { victim: SOURCE },
    limits: { blockedMs: 300 },
    restart: { initialMs: 1, maxMs: 2 },
  })
  t.teardown(() => plugins.stop())
  const pid = pidOf(plugins)
  const restarting = plugins.next('victim', 'restarting')
  process.kill(pid, 'SIGSTOP')
  t.match(await restarting, /blocked its thread/)
  t.equal(isRunning(pid), false, 'the stopped process is gone')
})

t.test(
  'the first restart comes at once, and from then on the wait doubles with each crash',
  { timeout: 60_000 },
  async (t) => {
    const initialMs = 60
    const plugins = await startPlugins({
      plugins: { victim: SOURCE },
      restart: { initialMs, maxMs: 100_000, maxCrashes: 100, windowMs: 600_000 },
    })
    t.teardown(() => plugins.stop())
    const waits: number[] = []
    for (let crash = 0; crash < 5; crash++) {
      const restarting = plugins.next('victim', 'restarting')
      const starting = plugins.next('victim', 'starting')
      const running = plugins.next('victim', 'running')
      process.kill(pidOf(plugins), 'SIGKILL')
      await restarting
      const since = performance.now()
      await starting
      waits.push(performance.now() - since)
      await running
    }
    for (const [crash, waitMs] of waits.entries()) {
      const baseMs = crash === 0 ? 0 : initialMs * 2 ** crash
      // A quarter either way by chance; a late timer of a busy machine comes on top.
      t.ok(
        waitMs >= baseMs * 0.75 - 2,
        `crash ${crash + 1} waits ${Math.round(waitMs)} ms, at least ${baseMs * 0.75}`,
      )
      t.ok(waitMs <= baseMs * 1.25 + 500, `and not much over ${baseMs * 1.25} ms`)
    }
    t.equal(plugins.info('victim').restarts, 5)
  },
)

t.test('a crash loop ends in quarantine, and a release ends that', { timeout: 30_000 }, async (t) => {
  const plugins = await startPlugins({
    plugins: { victim: SOURCE, other: `export default {}` },
    restart: { initialMs: 1, maxMs: 2, maxCrashes: 3, windowMs: 600_000 },
  })
  t.teardown(() => plugins.stop())
  for (let crash = 1; crash <= 3; crash++) {
    const next = plugins.next('victim', crash < 3 ? 'running' : 'quarantined')
    process.kill(pidOf(plugins), 'SIGKILL')
    await next
  }
  t.match(plugins.info('victim'), { state: 'quarantined', pid: null, lastError: { code: 'PLUGIN_CRASHED' } })
  await t.rejects(
    answer(plugins),
    { code: 'PLUGIN_NOT_RUNNING', detail: { state: 'quarantined', lastError: 'PLUGIN_CRASHED' } },
    'a call says that it is quarantined, and after what',
  )
  t.equal(plugins.info('other').state, 'running', 'the other plugin runs')

  const back = plugins.next('victim', 'running')
  plugins.service.release('victim')
  await back
  t.equal(await answer(plugins), 'here', 'a released plugin answers')

  const again = plugins.next('victim', 'running')
  process.kill(pidOf(plugins), 'SIGKILL')
  await again
  t.pass('and its old crashes no longer count')
})
