// The example keeps its promise: real plugins behind real HTTP, and a node that answers whatever one of them does.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { memoryClusterState, PluginsService } from 'bulkhead'
import { runChaosCase, type ChaosOutcome } from '../../examples/search-node/chaos-run.js'
import { firstState } from '../../examples/search-node/cluster.js'
import { startNode } from '../../examples/search-node/node.js'
import { startProbe } from '../../examples/search-node/probe.js'
import { root, setupPlugins } from './plugin-packages.js'

const LONG_ONLY = process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1'

const folder = (path: string): string => fileURLToPath(new URL(path, root))

setupPlugins()

const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-example-'))
const clusterState = memoryClusterState()
clusterState.publish('node starts', () => firstState('127.0.0.1:9300', '3.2.0'))
const plugins = await PluginsService.start({
  pluginsDir: folder('examples/plugins/'),
  policiesDir: folder('examples/policies/'),
  dataDir,
  nodeVersion: '3.2.0',
  clusterState,
  isolation: 'process',
})
const node = await startNode({ clusterState, plugins, ports: [0] })
t.teardown(async () => {
  await node.close()
  await plugins.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function send(
  request: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const [method = 'GET', path = '/'] = request.split(' ')
  const response = await fetch(`${node.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, json: await response.json() }
}

const pids = (): ReadonlyMap<string, number | null> =>
  new Map(plugins.list().map(({ name, pid }) => [name, pid]))

t.test('all three plugins run, each in a process of its own', async (t) => {
  const { json } = await send('GET /_cat/plugins?format=json')
  const listed = json as readonly { readonly name: string; readonly state: string; readonly pid: number }[]
  t.same(listed.map(({ name }) => name).sort(), ['chaos', 'index-watch', 'ingest-user-agent'])
  for (const { name, state } of listed) t.equal(state, 'running', name)
  t.equal(new Set([process.pid, ...listed.map(({ pid }) => pid)]).size, 4)
  t.match((await send('GET /_cluster/health')).json, { status: 'green', plugins_not_running: [] })
})

t.test('a document goes through the user-agent plugin and is found by what it says', async (t) => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0'
  t.equal(
    (await send('PUT /_ingest/pipeline/agents', { processors: [{ user_agent: { field: 'agent' } }] })).status,
    200,
  )
  t.equal((await send('PUT /visits/_doc/1?pipeline=agents', { agent })).status, 201)
  const user_agent = {
    name: 'Firefox',
    version: '124.0',
    os: { name: 'Linux' },
    device: { type: 'desktop' },
    original: agent,
  }
  t.match((await send('GET /visits/_doc/1')).json, { _source: { agent, user_agent } })
  const query = { match: { 'user_agent.name': 'firefox' } }
  t.match((await send('POST /visits/_search', { query })).json, {
    hits: { total: { value: 1 }, hits: [{ _id: '1' }] },
  })
})

t.test('options that the processor refuses are a bad request, and the pipeline is not kept', async (t) => {
  const refused = await send('PUT /_ingest/pipeline/bad', { processors: [{ user_agent: { from: 'agent' } }] })
  t.match(refused, { status: 400, json: { error: { reason: /"field" must name/ } } })
  t.equal((await send('GET /_ingest/pipeline/bad')).status, 404)
})

t.test('the watching plugin sees an index come, change and go', async (t) => {
  const steps = [
    ['PUT /letters', { mappings: { properties: { sender: { type: 'text' } } } }, 'created', ['sender']],
    ['PUT /letters/_mapping', { properties: { year: { type: 'double' } } }, 'mapping', ['sender', 'year']],
    ['DELETE /letters', undefined, 'deleted', []],
  ] as const
  for (const [position, [request, body, change, fields]] of steps.entries()) {
    t.equal((await send(request, body)).status, 200)
    const { version } = clusterState.current()
    const { entries } = await watchedUpTo(version)
    t.equal(entries.length, position + 1, request)
    t.match(entries.at(-1), { change, index: 'letters', version, fields }, request)
  }
})

interface Watched {
  readonly version: number
  readonly entries: readonly unknown[]
}

/** A state reaches a plugin a moment after the node has it: asks again until it is there; tap's timeout ends it. */
async function watchedUpTo(version: number): Promise<Watched> {
  const watched = (await send('GET /_plugins/_index_watch?index=letters')).json as Watched
  return watched.version < version ? watchedUpTo(version) : watched
}

t.test(
  'whatever the chaos plugin does, every search is answered and the others go on',
  { skip: LONG_ONLY },
  async (t) => {
    await send('PUT /texts/_doc/1', { text: 'a moon' })
    const probe = await startProbe({
      urls: [`${node.url}/texts/_search?q=moon`],
      everyMs: 10,
      timeoutMs: 5000,
    })
    const before = pids()
    const cases: readonly (readonly [string, Partial<ChaosOutcome>, 'stays' | 'restarts'])[] = [
      ['exit', { status: 200, answer: '0 of 12 attempts got out' }, 'stays'],
      ['never', { status: 504 }, 'stays'],
      ['reject-late', { status: 202 }, 'stays'],
      ['throw', { status: 202 }, 'stays'],
      ['spin', { status: 502 }, 'restarts'],
      ['leak', { status: 502 }, 'restarts'],
      ['leak-buffers', { status: 502 }, 'restarts'],
    ]
    for (const [name, wanted, fate] of cases) {
      const outcome = await runChaosCase({ url: node.url, plugins, probe }, name)
      t.match(outcome, wanted, name)
      t.equal(
        outcome.transitions.some(({ to }) => to === 'restarting') ? 'restarts' : 'stays',
        fate,
        `${name}: ${fate}`,
      )
      t.equal(
        plugins.list().find((plugin) => plugin.name === 'chaos')?.state,
        'running',
        `${name}: runs again`,
      )
    }
    await probe.stop()
    const { answered, searches, maxMs } = probe.summary()
    t.ok(searches > 100, `${searches} searches`)
    t.equal(answered, searches, `every search was answered, worst after ${maxMs.toFixed(0)} ms`)
    for (const name of ['ingest-user-agent', 'index-watch'])
      t.equal(pids().get(name), before.get(name), `${name} was left alone`)
  },
)
