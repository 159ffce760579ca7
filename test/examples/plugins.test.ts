// The example plugins do what their descriptions say, on a mock cluster, asking for no more than their policies.
import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { requestHash, type Approval, type PolicyRequest } from 'bulkhead/policy'
import { MockCluster, runPlugin } from 'bulkhead/testing'
import { root, setupPlugins } from './plugin-packages.js'

const pluginDir = (name: string): string => fileURLToPath(new URL(`examples/plugins/${name}/`, root))

setupPlugins()

const readJson = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(path, root), 'utf8'))
const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

t.test('each approval is for what its plugin asks for now', async (t) => {
  for (const name of ['chaos', 'index-watch', 'ingest-user-agent']) {
    const request = (await readJson(`examples/plugins/${name}/policy.json`)) as PolicyRequest
    const approval = (await readJson(`examples/policies/${name}.json`)) as Approval
    t.equal(approval.plugin, name)
    t.equal(approval.approves.request, requestHash(request, sha256), `examples/policies/${name}.json`)
  }
})

t.test('user_agent tells browser, system and device, and what it cannot tell it leaves out', async (t) => {
  const plugin = await runPlugin({ dir: pluginDir('ingest-user-agent') })
  t.teardown(() => plugin.stop())
  const cases = [
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
      {
        name: 'Safari',
        version: '17.4',
        os: { name: 'iOS', full: 'iOS 17.4' },
        device: { name: 'iPhone', type: 'mobile' },
      },
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36',
      { name: 'Chrome', os: { name: 'Windows' }, device: { type: 'desktop' } },
    ],
    ['curl/8.5.0', { name: 'Other', device: { name: 'Other', type: 'unknown' } }],
    ['', { name: 'Other' }],
    ['('.repeat(100_000), { name: 'Other' }],
  ] as const
  const documents = cases.map(([agent], id) => ({ id, agent }))
  const parsed = await plugin.ingest('user_agent', { field: 'agent' }, documents)
  for (const [position, [agent, user_agent]] of cases.entries()) {
    t.match(parsed[position], { id: position, agent, user_agent }, agent.slice(0, 40))
  }
  t.same(plugin.denials, [])
})

t.test('user_agent says which option or field is wrong', async (t) => {
  const plugin = await runPlugin({ dir: pluginDir('ingest-user-agent') })
  t.teardown(() => plugin.stop())
  const cases = [
    [{}, [], /"field" must name/],
    [{ field: 'agent', target_field: 3 }, [], /"target_field"/],
    [{ field: 'agent', ignore_missing: 'yes' }, [], /"ignore_missing"/],
    [{ field: 'agent' }, [{ other: 1 }], /\[agent\] is not in the document/],
  ] as const
  for (const [config, documents, message] of cases) {
    await t.rejects(
      plugin.ingest('user_agent', config, documents),
      { code: 'PLUGIN_ERROR', message },
      String(message),
    )
  }
  const config = { field: 'agent', target_field: 'client', ignore_missing: true }
  t.same(await plugin.ingest('user_agent', config, [{ other: 1 }]), [{ other: 1 }])
  t.match(await plugin.ingest('user_agent', config, [{ agent: 'curl/8.5.0' }]), [
    { client: { name: 'Other' } },
  ])
})

t.test('index-watch logs what came, changed and went, and nothing else', async (t) => {
  const cluster = new MockCluster({ nodes: 2, indices: { old: {} } })
  const plugin = await runPlugin({ dir: pluginDir('index-watch'), cluster })
  t.teardown(() => plugin.stop())
  const changes = [
    () => cluster.createIndex('metrics', { mappings: { properties: { cpu: { type: 'double' } } } }),
    () => cluster.addNode(),
    () => cluster.putMapping('metrics', { properties: { cpu: { type: 'double' }, host: { type: 'text' } } }),
    () => cluster.updateSettings('metrics', { 'index.refresh_interval': '5s' }),
    () => cluster.deleteIndex('old'),
  ]
  for (const change of changes) {
    await change()
    await plugin.settled()
  }
  const all = await plugin.rest({ method: 'GET', path: '/_plugins/_index_watch' })
  const seen = (all.body as { readonly entries: readonly Record<string, unknown>[] }).entries
  t.same(
    seen.map(({ change, index, fields }) => [change, index, fields]),
    [
      ['created', 'metrics', ['cpu']],
      ['mapping', 'metrics', ['cpu', 'host']],
      ['deleted', 'old', []],
    ],
  )
  const one = await plugin.rest({ method: 'GET', path: '/_plugins/_index_watch', query: { index: 'old' } })
  t.match(one, { status: 200, body: { total: 1, entries: [{ change: 'deleted' }] } })
})

t.test('chaos lists its cases and refuses others by name', async (t) => {
  const plugin = await runPlugin({ dir: pluginDir('chaos') })
  t.teardown(() => plugin.stop())
  const { body } = await plugin.rest({ method: 'GET', path: '/_plugins/_chaos' })
  t.match(body, {
    cases: ['throw', 'reject-late', 'spin', 'leak', 'leak-buffers', 'exit', 'flood', 'huge-reply', 'never'],
  })
  t.match(await plugin.rest({ method: 'POST', path: '/_plugins/_chaos/constructor' }), {
    status: 404,
    body: { error: /constructor/ },
  })
})
