// Each end of a plugin that nobody asked for leaves a report that says how it was and what it was doing, without what
// its calls were given; no plugin reads the reports, whatever it is granted.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { CrashReport } from '../../lib/crash/report.js'
import type { CrashReportEvent } from '../../lib/service.js'
import { makeWorld } from '../service/world.js'
import { startPlugins } from './start-plugins.js'

t.setTimeout(60_000)

const SECRET = 'what-a-user-sent'
const SOURCE = `
export default {
  start: ({ log }) => log.info('ready to fall'),
  rest: [
    { method: 'POST', path: '/wait/{id}', handle: () => new Promise(() => {}) },
    { method: 'POST', path: '/loop/{id}', handle: () => { for (;;); } },
    { method: 'POST', path: '/leak/{id}', handle: () => { for (const all = [];;) all.push(new Array(10_000).fill(all.length)) } },
    { method: 'POST', path: '/reject/{id}', handle: () => { Promise.reject(new Error('left alone')); return {} } },
  ],
  ingest: { wait: () => () => new Promise(() => {}) },
}`

t.test('after kill -9, a block and an out-of-memory', async (t) => {
  const plugins = await startPlugins({
    plugins: { demo: SOURCE },
    limits: { heapMb: 32, blockedMs: 300 },
    restart: { initialMs: 1, maxMs: 1, maxCrashes: 100 },
    crashReports: 'crashes',
  })
  t.teardown(() => plugins.stop())
  const { service } = plugins
  const call = (path: string, deadlineMs = 20_000): Promise<unknown> =>
    service
      .rest(
        {
          method: 'POST',
          path: `/${path}/${SECRET}`,
          query: { q: SECRET },
          headers: { 'x-user': SECRET },
          body: { text: SECRET },
        },
        { deadlineMs },
      )
      .catch(() => undefined)
  const crash = async (act: () => unknown): Promise<CrashReport> => {
    const written = new Promise<CrashReportEvent>((resolve) => service.once('crashReport', resolve))
    const back = plugins.next('demo', 'running')
    act()
    const [{ file, error, plugin }] = await Promise.all([written, back])
    t.same({ plugin, error }, { plugin: 'demo', error: null })
    const text = readFileSync(file ?? '', 'utf8')
    t.notMatch(text, SECRET)
    return JSON.parse(text) as CrashReport
  }

  const sampled = async (): Promise<void> => {
    const { cpu } = plugins.info('demo')
    while (plugins.info('demo').cpu === cpu) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await sampled()
  const killed = await crash(() => {
    void call('wait')
    void call('wait')
    void service.ingest('wait', { secret: SECRET }, [{ text: SECRET }]).catch(() => undefined)
    process.kill(plugins.info('demo').pid ?? 0, 'SIGKILL')
  })
  t.match(killed, {
    reportVersion: 1,
    plugin: 'demo',
    version: '1.0.0',
    error: { code: 'PLUGIN_CRASHED', detail: { signal: 'SIGKILL' } },
    exit: { code: null, signal: 'SIGKILL' },
    state: 'running',
    generation: 1,
    isolation: 'process',
    node: process.versions.node,
    bundle: /^sha256-/,
    grant: /^sha256-/,
    calls: [{ at: 'POST /wait/{id}' }, { at: 'POST /wait/{id}' }, { at: 'ingest:wait' }],
    log: [{ level: 'info', text: 'ready to fall' }],
    lastFailure: null,
    unreported: 0,
  })
  t.ok(killed.uptimeMs > 0 && killed.samples.length > 0 && killed.walls.length > 0)
  t.ok(killed.calls.every(({ ageMs }) => ageMs >= 0))

  const failed = new Promise((resolve) => service.once('failure', resolve))
  await call('reject')
  await failed
  await call('wait', 5)
  const blocked = await crash(() => call('loop'))
  t.match(blocked, {
    error: { code: 'PLUGIN_BLOCKED', detail: { blockedMs: 300 } },
    generation: 2,
    calls: [{ at: 'POST /loop/{id}' }, { at: 'POST /wait/{id}', givenUp: 'CALL_TIMEOUT' }],
    lastFailure: { message: 'left alone', stack: /index\.js:8/ },
  })
  t.ok((blocked.calls[0]?.ageMs ?? 0) >= 300)

  const leaked = await crash(() => call('leak'))
  t.match(leaked, {
    error: { code: 'PLUGIN_OUT_OF_MEMORY' },
    generation: 3,
    calls: [{ at: 'POST /leak/{id}' }],
    log: [{ text: 'ready to fall' }],
    lastFailure: null,
  })

  const written: CrashReportEvent[] = []
  service.on('crashReport', (event) => written.push(event))
  service.quarantine('demo', 'a test')
  await service.stop()
  t.same(written, [], 'what the operator or the node ends is no crash')
})

t.test('no grant opens the reports', async (t) => {
  const world = makeWorld(t)
  const crashes = join(world.root, 'crashes')
  world.plugin('demo', {
    source: `import fs from 'node:fs'
const told = (run) => { try { return String(run()) } catch (error) { return error.code } }
export default { rest: [{ method: 'POST', path: '/try', handle: ({ body: { dir } }) => ({ body: [
  told(() => fs.readdirSync(dir)), told(() => fs.writeFileSync(dir + '/forged.json', '{}')),
  told(() => fs.writeFileSync(dir + '-beside/file', '')) ] }) }] }`,
    policy: {
      policyVersion: 1,
      grant: {
        extensionPoints: ['rest:/**'],
        fs: { read: [`${crashes}/**`], write: [`${crashes}/**`, `${crashes}-beside/**`] },
      },
    },
  })
  mkdirSync(crashes)
  mkdirSync(`${crashes}-beside`)
  const service = await world.approved({ crashReports: crashes })
  const { body } = await service.rest({ method: 'POST', path: '/try', body: { dir: crashes } })
  t.same(body, ['EACCES', 'EACCES', 'undefined'])
  t.notOk(existsSync(join(crashes, 'forged.json')))
  for (const [place, option] of [
    [join(world.options.pluginsDir, 'crashes'), 'pluginsDir'],
    [join(world.options.dataDir, 'demo'), 'dataDir'],
  ] as const) {
    await t.rejects(world.started({ crashReports: place }), {
      code: 'CONFIG_INVALID',
      detail: { option: 'crashReports', remedy: `give it a place outside ${option}, which is for plugins` },
    })
  }
})
