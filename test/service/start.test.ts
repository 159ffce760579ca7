// The node starts whatever its plugins are like, says what is wrong with each, and starts
// nothing that nobody approved.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { formatFault, type Fault, type PluginError } from '../../lib/errors.js'
import { makeWorld } from './world.js'

const REST_POLICY = { policyVersion: 1, grant: { extensionPoints: ['rest:/_plugins/_a/**'] } }
const HELLO = `export default { rest: [{ method: 'GET', path: '/_plugins/_a/hello', handle: () => ({ body: 'hello' }) }] }`

t.test('good plugins run beside broken ones, and each fault is told', async (t) => {
  const world = makeWorld(t)
  world.plugin('good', { source: HELLO, policy: REST_POLICY })
  world.plugin('bad-json', {})
  world.write('plugins/bad-json/plugin.json', '{ "name": "bad-json", }')
  world.plugin('bad-range', { descriptor: { searchNode: '^9.0.0', colour: 'red' } })
  world.plugin('bad-policy', { policy: { policyVersion: 1, grant: { fs: { raed: ['/tmp'] } } } })
  world.plugin('bad-code', { source: 'export default {' })
  world.plugin('throws-at-load', { source: `throw new TypeError('at load')` })
  world.plugin('throws-at-start', {
    source: `export default { start() { throw new RangeError('at start') } }`,
  })
  world.plugin('wants-udp', {
    source: `import dgram from 'node:dgram'; export default { start() { dgram.createSocket('udp4') } }`,
  })
  world.plugin('no-definition', { source: `export const nothing = 1` })
  world.plugin('orphan', { descriptor: { extendedPlugins: ['nobody'] } })
  world.plugin('unknown-part', { source: `export default { scriptEngine() {} }` })
  world.write('plugins/not-a-plugin/readme.txt', 'no plugin.json here')
  const service = await world.approved({ restart: { initialMs: 60_000 } })
  t.equal((await service.rest({ method: 'GET', path: '/_plugins/_a/hello' })).body, 'hello')
  const byName = new Map(service.list().map((info) => [info.name, info]))
  const told: readonly [string, string, string, RegExp][] = [
    ['bad-json', 'quarantined', 'DESCRIPTOR_INVALID', /line 1,? column/],
    ['bad-range', 'quarantined', 'DESCRIPTOR_INVALID', /colour/],
    ['bad-policy', 'quarantined', 'POLICY_INVALID', /read/],
    ['bad-code', 'quarantined', 'BUNDLE_FAILED', /index\.ts:1/],
    ['throws-at-load', 'quarantined', 'PLUGIN_START_FAILED', /TypeError: at load/],
    ['throws-at-start', 'restarting', 'PLUGIN_ERROR', /RangeError: at start/],
    ['wants-udp', 'quarantined', 'MODULE_DENIED', /dgram.*never available/s],
    ['no-definition', 'quarantined', 'PLUGIN_START_FAILED', /nothing/],
    ['orphan', 'quarantined', 'DEPENDENCY_MISSING', /nobody/],
    ['unknown-part', 'quarantined', 'PLUGIN_START_FAILED', /scriptEngine.*does not cross/],
    ['not-a-plugin', 'quarantined', 'DESCRIPTOR_INVALID', /plugin\.json/],
  ]
  for (const [name, state, code, says] of told) {
    const info = byName.get(name)
    t.equal(info?.state, state, name)
    t.equal(info?.lastError?.code, code, name)
    const faults = (info?.lastError?.detail['faults'] ?? []) as readonly Fault[]
    t.match([info?.lastError?.message, ...faults.map(formatFault)].join('\n'), says, name)
  }
  t.equal(byName.get('good')?.state, 'running')
  t.match(
    byName.get('throws-at-load')?.lastError?.detail['stack'],
    /index\.ts:1:7/,
    "the author's own file and line",
  )
})

t.test('a plugin that asks for anything does not start before it is approved', async (t) => {
  const world = makeWorld(t)
  world.plugin('aa', { source: HELLO, policy: REST_POLICY })
  const first = await world.started()
  const error = first.list()[0]?.lastError
  t.equal(error?.code, 'APPROVAL_MISSING')
  await t.rejects(first.rest({ method: 'GET', path: '/_plugins/_a/hello' }), { code: 'EXTENSION_NOT_FOUND' })
  await first.stop()

  world.write('policies/aa.json', String(error?.detail['approval']))
  const second = await world.started()
  t.equal((await second.rest({ method: 'GET', path: '/_plugins/_a/hello' })).body, 'hello')
  await second.stop()

  world.plugin('aa', { source: `${HELLO} // other code`.replace('hello', 'hullo'), policy: REST_POLICY })
  const third = await world.started()
  t.match(third.list()[0]?.lastError, { code: 'APPROVAL_MISMATCH', detail: { changed: ['bundle'] } })
})

t.test('a plugin without a policy gets compute and nothing else', async (t) => {
  const world = makeWorld(t)
  world.plugin('compute', { source: `export default { start(ctx) { ctx.log.info(6 * 7) } }` })
  world.plugin('rest', { source: HELLO })
  const service = await world.started()
  const [compute, rest] = service.list()
  t.equal(compute?.state, 'running')
  t.match(rest, { state: 'quarantined', denials: 1, lastError: { code: 'ACCESS_DENIED' } })
  t.match(rest?.lastError?.message, /add "rest:\/_plugins\/_a\/hello" to grant\.extensionPoints/)
})

t.test(
  'a mandatory plugin that does not run keeps the node from starting, and leaves nothing behind',
  async (t) => {
    const world = makeWorld(t)
    world.plugin('fine', {})
    world.plugin('needed', { source: `throw new Error('broken')` })
    await t.rejects(world.started({ mandatory: ['needed'] }), {
      code: 'MANDATORY_PLUGIN_FAILED',
      message: /needed/,
    })
    await t.rejects(world.started({ mandatory: ['absent'] }), {
      code: 'MANDATORY_PLUGIN_FAILED',
      message: /absent/,
    })
  },
)

t.test('a wall that nobody knows cannot be required', async (t) => {
  const world = makeWorld(t)
  world.plugin('plain', {})
  const service = await world.started({ requireWalls: ['no-such-wall'] })
  t.match(service.list()[0]?.lastError, { code: 'WALL_FAILED', message: /no-such-wall.*fs\.read/ })
})

t.test('faults of the policy and of the source are told together', async (t) => {
  const world = makeWorld(t)
  world.plugin('both', { source: 'export default {', policy: { policyVersion: 1, grnt: {} } })
  const faults = (await world.started()).list()[0]?.lastError?.detail['faults'] as readonly Fault[]
  t.ok(faults.some(({ code }) => code === 'POLICY_INVALID'))
  t.ok(faults.some(({ code }) => code === 'BUNDLE_FAILED'))
})

t.test('plugins start after those they extend, and not without them', async (t) => {
  const world = makeWorld(t)
  world.plugin('z-base', {})
  world.plugin('a-uses-base', { descriptor: { extendedPlugins: ['z-base'] } })
  world.plugin('broken-base', { source: `throw new Error('broken')` })
  world.plugin('uses-broken', { descriptor: { extendedPlugins: ['broken-base'] } })
  world.plugin('a-may-use-base', { descriptor: { extendedPlugins: [{ name: 'z-base', optional: true }] } })
  world.plugin('may-use-broken', {
    descriptor: { extendedPlugins: [{ name: 'broken-base', optional: true }] },
  })
  const order: string[] = []
  const service = await world.approved(
    {},
    { onCreated: (made) => made.on('plugin', ({ plugin, to }) => to === 'running' && order.push(plugin)) },
  )
  t.ok(order.indexOf('z-base') < order.indexOf('a-uses-base'))
  t.ok(
    order.indexOf('z-base') < order.indexOf('a-may-use-base'),
    'an optional one that is there comes first too',
  )
  const states = Object.fromEntries(service.list().map(({ name, state }) => [name, state]))
  t.match(states, {
    'a-uses-base': 'running',
    'uses-broken': 'quarantined',
    'may-use-broken': 'running',
    'broken-base': 'quarantined',
  })
})

t.test('two plugins cannot own one route or one processor', async (t) => {
  const world = makeWorld(t)
  const policy = { policyVersion: 1, grant: { extensionPoints: ['rest:/_plugins/**', 'ingest:upper'] } }
  world.plugin('first', { source: HELLO, policy })
  world.plugin('second', { source: HELLO, policy, descriptor: { extendedPlugins: ['first'] } })
  const service = await world.approved()
  t.match(service.list()[1]?.lastError, { code: 'EXTENSION_CONFLICT', detail: { owner: 'first' } })
  t.equal((await service.rest({ method: 'GET', path: '/_plugins/_a/hello' })).body, 'hello')
})

t.test('a plugin that says what it provides may register nothing else', async (t) => {
  const world = makeWorld(t)
  world.plugin('aa', {
    source: HELLO,
    policy: REST_POLICY,
    descriptor: { provides: ['rest:/_plugins/_b/**'] },
  })
  const service = await world.approved()
  t.match(service.list()[0]?.lastError, { code: 'PLUGIN_START_FAILED', message: /provides/ })
})

t.test('settings and environment come through as far as they are granted', async (t) => {
  const world = makeWorld(t)
  process.env['BULKHEAD_TEST_SEEN'] = 'seen'
  process.env['BULKHEAD_TEST_HIDDEN'] = 'hidden'
  t.teardown(() => {
    delete process.env['BULKHEAD_TEST_SEEN']
    delete process.env['BULKHEAD_TEST_HIDDEN']
  })
  world.plugin('aa', {
    source: `export default { rest: [{ method: 'GET', path: '/_plugins/_a/x', handle: (_, ctx) =>
      ({ body: { settings: ctx.settings, env: { ...process.env }, home: ctx.home, data: ctx.data } }) }] }`,
    policy: {
      policyVersion: 1,
      grant: { extensionPoints: ['rest:/**'], settings: ['s3.client'], env: ['BULKHEAD_TEST_SEEN'] },
    },
  })
  const service = await world.approved({
    settings: { s3: { client: { size: 3 } }, secret: 'no', 's3.other': 1 },
  })
  t.same((await service.rest({ method: 'GET', path: '/_plugins/_a/x' })).body, {
    settings: { 's3.client.size': 3 },
    env: { BULKHEAD_TEST_SEEN: 'seen' },
    home: '/plugin',
    data: '/data',
  })
})

t.test('an option that cannot be used is named', async (t) => {
  const world = makeWorld(t)
  const bad: readonly [object, RegExp][] = [
    [{ pluginDir: 'x' }, /pluginDir.*pluginsDir/],
    [{ pluginsDir: '' }, /pluginsDir/],
    [{ pluginsDir: '/does/not/exist' }, /pluginsDir/],
    [{ nodeVersion: 'three' }, /nodeVersion/],
    [{ isolation: 'vm' }, /isolation/],
    [{ isolation: { a: 'vm' } }, /isolation/],
    [{ restart: { initialMs: -1 } }, /restart\.initialMs/],
    [{ restart: { initalMs: 1 } }, /restart\.initalMs/],
    [{ restart: null }, /restart/],
    [{ mandatory: 'aa' }, /mandatory/],
    [{ requireWalls: [7] }, /requireWalls/],
    [{ settings: null }, /settings/],
    [{ isolation: null }, /isolation/],
    [{ clusterState: {} }, /clusterState/],
    [{ policiesDir: '/does/not/exist' }, /policiesDir/],
    [{ dnsServers: '127.0.0.1' }, /dnsServers/],
    [{ dnsServers: ['dns.example'] }, /dnsServers.*dns\.example/],
    [{ dnsServers: ['127.1'] }, /dnsServers/],
    [{ dnsServers: ['127.0.0.1:0'] }, /dnsServers/],
    [{ dnsServers: ['127.0.0.1:53x'] }, /dnsServers/],
    [{ dnsServers: ['[::1'] }, /dnsServers/],
  ]
  for (const [more, says] of bad) {
    const failed: unknown = await world.started(more).catch((error: unknown) => error)
    t.match(failed, { code: 'CONFIG_INVALID' }, JSON.stringify(more))
    t.match((failed as PluginError).message, says)
  }
})

t.test('a heap flag of the node refuses plugins in threads, whose limit it would override', (t) => {
  const node = `
    import { PluginsService } from 'bulkhead'
    const options = { pluginsDir: '.', dataDir: '.', nodeVersion: '3.2.0', isolation: 'thread' }
    await PluginsService.start(options).catch((error) => process.stdout.write(error.code + ' ' + error.message))`
  const { stdout } = spawnSync(process.execPath, [
    '--max_old_space_size=2000',
    '--input-type=module',
    '-e',
    node,
  ])
  t.match(stdout.toString(), /^CONFIG_INVALID .*--max_old_space_size/)
  t.end()
})
