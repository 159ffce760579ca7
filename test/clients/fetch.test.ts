// fetch in a plugin does what Node's does, redirects included, and reaches no server that the policy does not name.
import { runPlugin } from 'bulkhead/testing'
import t from 'tap'
import { startClient, type ClientOptions } from './client-plugin.js'
import { startHttp } from './servers/http.js'

const FETCH: Pick<ClientOptions, 'client' | 'packages'> = { client: 'fetch', packages: [] }

const CASES: readonly (readonly [name: string, expected: unknown])[] = [
  ['get', { title: 'Moby Dick', status: 200, ok: true, type: 'application/json' }],
  ['post', { method: 'POST', type: 'application/json', text: '{"sea":"north"}' }],
  ['bytes', { length: 300_000, same: true }],
  ['redirect', { redirected: true, path: '/json', status: 200 }],
  ['manual', { status: 302, location: '/json' }],
  ['loop', { error: { name: 'TypeError', message: 'fetch failed' } }],
  ['stream', { length: 1_048_576, inPieces: true }],
  ['gzip', 'call me ishmael'],
  ['missing', { ok: false, status: 404, text: 'no such page' }],
  ['abort', { error: { name: 'AbortError' } }],
  ['cut', { error: { name: 'TypeError', message: 'terminated' } }],
]

t.test('pages are got, posted, followed and streamed', { timeout: 60_000 }, async (t) => {
  const server = await startHttp(t)
  const plugin = await startClient(t, { ...FETCH, endpoints: [`127.0.0.1:${server.port}`] })
  for (const [name, expected] of CASES) t.match(await plugin.run(name, server), expected, name)
  t.strictSame([plugin.denials, plugin.failures], [[], []])
})

t.test('the same client works in a thread of the node', { timeout: 60_000 }, async (t) => {
  const server = await startHttp(t)
  const plugin = await startClient(t, {
    ...FETCH,
    endpoints: [`127.0.0.1:${server.port}`],
    isolation: 'thread',
  })
  for (const [name, expected] of CASES.slice(0, 4)) t.match(await plugin.run(name, server), expected, name)
})

t.test('a redirect leads to no server that the policy does not name', { timeout: 60_000 }, async (t) => {
  const other = await startHttp(t)
  const server = await startHttp(t, other.port)
  const plugin = await startClient(t, { ...FETCH, endpoints: [`127.0.0.1:${server.port}`] })
  t.match(await plugin.run('away', server), { error: { name: 'TypeError', cause: { code: 'EACCES' } } })
  t.equal(other.accepted(), 0)
  t.match(plugin.denials, [{ what: `net.connect 127.0.0.1:${other.port}` }])
})

t.test(
  'without the grant the call fails and the server sees no connection',
  { timeout: 60_000 },
  async (t) => {
    const server = await startHttp(t)
    const plugin = await startClient(t, { ...FETCH, endpoints: [] })
    for (const name of ['get', 'post', 'stream']) {
      const answer = await plugin.run(name, server)
      t.match(
        answer,
        { error: { name: 'TypeError', message: 'fetch failed', cause: { code: 'EACCES' } } },
        name,
      )
    }
    t.equal(server.accepted(), 0)
    t.match(plugin.denials[0], { what: `net.connect 127.0.0.1:${server.port}` })
    t.strictSame(plugin.failures, [])
  },
)

t.test('the preset http-client opens names on the ports of the web, and no address', async (t) => {
  const server = await startHttp(t)
  const source = `
    export default { rest: [{ method: 'POST', path: '/fetch', handle: async ({ body }) => {
      try {
        return { body: (await fetch(body.url)).status }
      } catch ({ cause }) {
        return { body: cause.code }
      }
    } }] }`
  const plugin = await runPlugin({
    source,
    policy: { extends: ['http-client'], grant: { extensionPoints: ['rest:/fetch'] } },
    dnsServers: ['127.0.0.1:9'], // nobody answers there: what is asked for is enough
  })
  t.teardown(() => plugin.stop())
  const ask = async (url: string): Promise<unknown> =>
    (await plugin.rest({ method: 'POST', path: '/fetch', body: { url } }, { deadlineMs: 30_000 })).body
  t.equal(await ask(`http://127.0.0.1:${server.port}/json`), 'EACCES')
  t.equal(await ask('http://search.invalid:9200/'), 'EACCES')
  t.equal(server.accepted(), 0)
  t.not(await ask('https://search.invalid/'), 'EACCES')
  await plugin.stop() // all is told before it ends
  const told = plugin.audit.filter(({ operation }) => operation === 'net.connect')
  t.match(told.at(-1), { resource: 'search.invalid:443', allowed: true, rule: /"\*\*:443"/ })
})
