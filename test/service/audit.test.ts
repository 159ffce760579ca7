// The node hears of each privileged operation of its plugins in both isolations, exactly even in a flood; the log has
// the same; no plugin reads or writes the log whatever it is granted, and a thread that lies ends alone.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import t from 'tap'
import type { AuditEvent } from '../../lib/audit/trail.js'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import type { PluginsService } from '../../lib/service.js'
import { runPlugin } from '../../lib/testing/run-plugin.js'
import { exchangedThreadCode } from '../walls/open-thread.js'
import { makeWorld } from './world.js'

t.setTimeout(90_000)

const extensionPoints = ['rest:/**']
const SOURCE = `
import fs from 'node:fs'
const told = (run) => { try { return run() } catch (error) { return error.code + ' ' + error.rule } }
export default { rest: [
  { method: 'POST', path: '/flood', handle({ body }) {
    for (let left = body.reads; left > 0; left--) fs.statSync(body.dir + '/' + (left % 100))
    return { body: told(() => fs.readFileSync('/etc/shadow')) }
  } },
  { method: 'POST', path: '/read', handle: ({ body }) => ({ body: told(() => fs.readFileSync(body.path, 'utf8')) }) },
  { method: 'POST', path: '/write', handle: ({ body }) => ({ body: told(() => fs.appendFileSync(body.path, 'forged')) }) },
] }`

const sum = (events: readonly AuditEvent[], allowed: boolean): number =>
  events.filter((event) => event.allowed === allowed).reduce((total, { count }) => total + count, 0)

function auditOf(service: PluginsService): AuditEvent[] {
  const events: AuditEvent[] = []
  service.on('audit', (event) => events.push(event))
  return events
}

for (const isolation of ['process', 'thread'] as const) {
  t.test(`${isolation}: a flood of allowed reads and one denial`, async (t) => {
    const world = makeWorld(t)
    mkdirSync(join(world.root, 'files'))
    const dir = join(world.root, 'files')
    for (let number = 0; number < 100; number++) writeFileSync(join(dir, String(number)), '')
    world.plugin('demo', {
      source: SOURCE,
      policy: {
        policyVersion: 1,
        grant: { extensionPoints, fs: { read: [`${dir}/*`] } },
        limits: { blockedMs: 60_000, callTimeoutMs: 60_000 },
      },
    })
    const auditLog = join(world.root, 'audit.log')
    const service = await world.approved({ isolation, auditLog })
    const events = auditOf(service)
    const denial = new Promise((resolve) => service.once('denied', resolve))
    const before = service.list()[0]?.operations ?? 0
    t.equal(before, 3, 'its extension points')
    const reads = 20_000
    const { body } = await service.rest({ method: 'POST', path: '/flood', body: { dir, reads } })
    t.equal(body, 'EACCES nothing grants it')
    t.same(await denial, { plugin: 'demo', what: 'fs.read /etc/shadow', rule: 'nothing grants it' })
    await service.stop()

    t.equal(sum(events, true), reads)
    t.equal(sum(events, false), 1)
    t.match(service.list(), [{ operations: reads + 1 + before, denials: 1 }])
    t.ok(events.length < 1500, `${events.length} events`)
    const lines = readFileSync(auditLog, 'utf8').trimEnd().split('\n')
    t.same(
      lines.map((line) => JSON.parse(line) as AuditEvent).slice(-events.length),
      events,
      'the log has what was heard',
    )
    t.match(lines[0], /"operation":"extensionPoint","resource":"rest:\/flood","allowed":true/)
  })

  t.test(`${isolation}: what a plugin does just before it fails or ends is told`, async (t) => {
    const read = `import fs from 'node:fs'; const read = () => { fs.readFileSync('plugin.json') };`
    const policy = { policyVersion: 1, grant: { fs: { read: ['${plugin.home}/*'] } } }
    const world = makeWorld(t)
    world.plugin('load', { policy, source: `${read} read(); throw new Error('no')` })
    world.plugin('start', {
      policy,
      source: `${read} export default { start() { read(); throw new Error('no') } }`,
    })
    world.plugin('stop', { policy, source: `${read} export default { stop: read }` })
    const told: string[] = []
    const onCreated = (service: PluginsService): void =>
      void service.on('audit', ({ plugin, operation }) => told.push(`${plugin} ${operation}`))
    const service = await world.approved({ isolation, restart: { initialMs: 60_000 } }, { onCreated })
    t.same(told.toSorted(), ['load fs.read', 'start fs.read'])
    await service.stop()
    t.same(told.slice(2), ['stop fs.read'])
  })
}

t.test('what the node gives a plugin at its start is told too', async (t) => {
  process.env['BULKHEAD_TEST_REGION'] = 'eu'
  const plugin = await runPlugin({
    source: SOURCE,
    settings: { cluster: { name: 'one' }, secret: 1 },
    policy: {
      grant: {
        extensionPoints,
        env: ['BULKHEAD_TEST_REGION'],
        settings: ['cluster.*'],
        clusterState: { read: ['nodes'] },
      },
    },
  })
  await plugin.stop()
  const told = plugin.audit.map(({ operation, resource, allowed }) => [operation, resource, allowed])
  t.same(told, [
    ['env', 'BULKHEAD_TEST_REGION', true],
    ['settings', 'cluster.name', true],
    ['extensionPoint', 'rest:/flood', true],
    ['extensionPoint', 'rest:/read', true],
    ['extensionPoint', 'rest:/write', true],
    ['clusterState.read', 'subscription', true],
  ])
  t.match(plugin.audit[0], {
    plugin: 'plugin-under-test',
    rule: 'request.grant.env[0] "BULKHEAD_TEST_REGION"',
    time: /Z$/,
  })
  t.match(plugin.audit.at(-1), { rule: 'request.grant.clusterState.read[0] "nodes"' })
  t.match(plugin.info(), { operations: 6, denials: 0 })
})

t.test('no plugin reads or writes the log or what rotation made of it, whatever it is granted', async (t) => {
  const world = makeWorld(t)
  const logs = join(world.root, 'logs')
  mkdirSync(logs)
  writeFileSync(join(logs, 'audit.log.1'), 'rotated')
  writeFileSync(join(logs, 'other'), 'not the log')
  const auditLog = join(logs, 'audit.log')
  const everything = {
    read: ['/**', `${logs}/*`, auditLog, `${auditLog}.1`],
    write: ['/**', `${logs}/*`, auditLog],
  }
  world.plugin('demo', {
    source: SOURCE,
    policy: { policyVersion: 1, grant: { extensionPoints, fs: everything } },
  })
  symlinkSync(auditLog, join(world.root, 'innocent'))
  const service = await world.approved({ auditLog, isolation: 'thread' })
  const ask = async (path: string, file: string): Promise<unknown> =>
    (await service.rest({ method: 'POST', path, body: { path: file } })).body
  for (const file of [auditLog, `${auditLog}.1`]) {
    t.equal(await ask('/read', file), 'EACCES always denied to plugins', file)
    t.equal(await ask('/write', file), 'EACCES always denied to plugins', file)
  }
  t.match(await ask('/read', join(world.root, 'innocent')), /^EACCES/, 'a link to it')
  await service.stop()
  const text = readFileSync(auditLog, 'utf8')
  t.notMatch(text, /forged/)
  t.match(text, `"rule":"denied ${auditLog}"`)
  t.equal(readFileSync(`${auditLog}.1`, 'utf8'), 'rotated')
})

t.test(
  'a log where plugins have their place, or that is no file, keeps the node from starting',
  async (t) => {
    const world = makeWorld(t)
    world.plugin('demo', {})
    mkdirSync(join(world.root, 'directory'))
    symlinkSync(world.options.dataDir, join(world.root, 'link-to-data'))
    mkdirSync(world.options.dataDir)
    const refused: readonly [auditLog: unknown, code: string][] = [
      [join(world.options.pluginsDir, 'audit.log'), 'CONFIG_INVALID'],
      [join(world.options.pluginsDir, 'demo', 'audit.log'), 'CONFIG_INVALID'],
      [join(world.options.dataDir, 'demo', 'audit.log'), 'CONFIG_INVALID'],
      [join(world.root, 'link-to-data', 'audit.log'), 'CONFIG_INVALID'],
      ['', 'CONFIG_INVALID'],
      [7, 'CONFIG_INVALID'],
      [join(world.root, 'directory'), 'AUDIT_LOG_UNUSABLE'],
      [join(world.root, 'link-to-data'), 'AUDIT_LOG_UNUSABLE'],
      [join(world.root, 'absent', 'audit.log'), 'AUDIT_LOG_UNUSABLE'],
    ]
    for (const [auditLog, code] of refused) {
      await t.rejects(world.started({ auditLog: auditLog as string }), { code }, String(auditLog))
      if (typeof auditLog === 'string' && code === 'CONFIG_INVALID') t.notOk(existsSync(auditLog))
    }
  },
)

t.test('a log that cannot be written is told, and the plugins run on', async (t) => {
  const world = makeWorld(t)
  world.plugin('demo', { source: SOURCE, policy: { policyVersion: 1, grant: { extensionPoints } } })
  const told: unknown[] = []
  const service = await world.approved(
    { auditLog: join(world.root, 'audit.log') },
    {
      openLog: async () => ({
        append: async () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
        isAt: async () => true,
        close: async () => undefined,
      }),
      onCreated: (created) => void created.on('auditLog', (event) => told.push(event)),
    },
  )
  const { body } = await service.rest({ method: 'POST', path: '/read', body: { path: '/etc/shadow' } })
  t.equal(body, 'EACCES nothing grants it')
  await service.stop()
  t.match(told, [{ state: 'failing', message: /ENOSPC/, path: join(world.root, 'audit.log') }])
})

t.test(
  'a thread that has fallen cannot break the node with its audit, nor speak for another plugin',
  async (t) => {
    const threadCode = await exchangedThreadCode(new Map([['./audit.js', '../service/forging-audit.js']]))
    const world = makeWorld(t)
    const fs = { read: ['/forge/*'] }
    world.plugin('liar', {
      source: SOURCE,
      policy: { policyVersion: 1, grant: { extensionPoints: ['rest:/**'], fs } },
    })
    world.plugin('good', {})
    const auditLog = join(world.root, 'audit.log')
    const service = await world.approved(
      { auditLog, breaker: false, restart: { initialMs: 1, maxMs: 1, maxCrashes: 100 } },
      { launch: nodeLaunchPowers(threadCode) },
    )
    const liar = (): { readonly state: string; readonly denials: number } | undefined =>
      service.list().find(({ name }) => name === 'liar')
    const events = auditOf(service)

    const ask = (name: string): Promise<unknown> =>
      service.rest({ method: 'POST', path: '/read', body: { path: `/forge/${name}` } })
    await ask('flood')
    t.ok(events.length <= 1000, `${events.length} events of 3200 entries`)
    t.ok(events.every(({ plugin, time }) => plugin === 'liar' && !time.startsWith('2000')))
    t.equal(liar()?.denials, 3200 * 0xffff_ffff, 'what it says is counted as it says it')

    for (const name of ['no-list', 'no-count', 'long-text', 'many-entries']) {
      const before = events.length
      const running = new Promise<void>((resolve) => {
        service.on('plugin', ({ plugin, to }) => {
          if (plugin === 'liar' && to === 'running') resolve()
        })
      })
      await t.rejects(ask(name), { code: 'PROTOCOL_VIOLATION' }, name)
      await running
      const more = events.slice(before).filter(({ rule }) => rule === 'forged')
      t.same(more, [], `${name} tells nothing`)
    }
    t.match(
      service.list().find(({ name }) => name === 'good'),
      { state: 'running', restarts: 0 },
    )
    await service.stop()
    for (const line of readFileSync(auditLog, 'utf8').trimEnd().split('\n')) {
      t.equal((JSON.parse(line) as AuditEvent).plugin, 'liar')
    }
  },
)
