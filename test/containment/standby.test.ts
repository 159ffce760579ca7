// With a standby a crash takes the process that waits: launched under the plugin's own terms, with no code of it
// inside. A spare that is dead or stands still costs the plugin no crash, and a stop leaves none behind.
import t from 'tap'
import { childrenOf, isRunning } from './left-over.js'
import { startPlugins, type StartedPlugins } from './start-plugins.js'

const SOURCE = `
let calls = 0
export default { rest: [
  { method: 'GET', path: '/count', handle: () => ({ body: { calls: ++calls } }) },
  { method: 'GET', path: '/exhaust', handle() { const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length)) } },
] }`
const RESTART = { initialMs: 1, maxMs: 2, maxCrashes: 4, windowMs: 600_000 } as const

t.setTimeout(90_000)

/** The spare once it is ready. */
async function spareOf({ info }: StartedPlugins): Promise<number> {
  for (;;) {
    const { standby } = info('victim')
    if (standby?.ready === true) return standby.pid ?? standby.threadId ?? 0
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function pidOf({ info }: StartedPlugins): number {
  const { pid } = info('victim')
  if (pid === null) throw new Error('the plugin has no process')
  return pid
}

async function crash(plugins: StartedPlugins): Promise<void> {
  const back = plugins.next('victim', 'running')
  process.kill(pidOf(plugins), 'SIGKILL')
  await back
}

const count = async ({ service }: StartedPlugins): Promise<unknown> =>
  (await service.rest({ method: 'GET', path: '/count' })).body

t.test('a crash takes the process that waits', { timeout: 60_000 }, async (t) => {
  const plugins = await startPlugins({ plugins: { victim: SOURCE }, standby: ['victim'], restart: RESTART })
  t.teardown(() => plugins.stop())
  t.equal(plugins.info('victim').startup?.standby, false)
  const spare = await spareOf(plugins)
  t.same(new Set(childrenOf('self')), new Set([pidOf(plugins), spare]), 'two processes, no more')
  t.same(await count(plugins), { calls: 1 })

  await crash(plugins)
  t.equal(pidOf(plugins), spare, 'the spare is the plugin now')
  t.match(plugins.info('victim'), { startup: { standby: true }, restarts: 1 })
  t.same(await count(plugins), { calls: 1 }, 'it began anew')

  const stopped = await spareOf(plugins)
  process.kill(stopped, 'SIGSTOP')
  await crash(plugins)
  t.not(pidOf(plugins), stopped, 'a spare that stands still is not taken')
  t.equal(isRunning(stopped), false, 'it is killed')
  t.match(plugins.info('victim'), { startup: { standby: false }, restarts: 2 }, 'and it is no crash')
  t.same(await count(plugins), { calls: 1 })

  const killed = await spareOf(plugins)
  process.kill(killed, 'SIGKILL')
  await crash(plugins)
  t.not(pidOf(plugins), killed, 'nor is one that was killed in the same moment')
  t.match(plugins.info('victim'), { startup: { standby: false }, restarts: 3 })

  await spareOf(plugins)
  await plugins.stop()
  t.same(childrenOf('self'), [], 'a stop leaves none behind')
})

t.test("a thread's spare is a thread, and takes over when the plugin runs out of memory", async (t) => {
  const plugins = await startPlugins({
    plugins: { victim: SOURCE },
    limits: { heapMb: 32 },
    isolation: 'thread',
    standby: true,
    restart: { ...RESTART, maxCrashes: 2 },
  })
  t.teardown(() => plugins.stop())
  const spare = await spareOf(plugins)
  const back = plugins.next('victim', 'running')
  const exhaust = (): Promise<unknown> => plugins.service.rest({ method: 'GET', path: '/exhaust' })
  await t.rejects(exhaust(), { code: 'PLUGIN_OUT_OF_MEMORY' })
  await back
  t.match(plugins.info('victim'), { pid: null, threadId: spare, startup: { standby: true } })
  t.same(await count(plugins), { calls: 1 })

  await spareOf(plugins)
  const quarantined = plugins.next('victim', 'quarantined')
  await t.rejects(exhaust(), { code: 'PLUGIN_OUT_OF_MEMORY' })
  await quarantined
  t.equal(plugins.info('victim').standby, null, 'a quarantined plugin has no spare')
})
