// The loopback server turns replies and failures of plugins into HTTP that curl understands, and answers nobody who comes under another name.
import t from 'tap'
import { serveRest } from '../../lib/cli/rest-server.js'
import { PluginError, type ErrorCode } from '../../lib/errors.js'
import type { RestReply } from '../../lib/extensions/reply.js'
import type { RestCall } from '../../lib/extensions/rest.js'

async function* twice(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one,')
  yield Buffer.from('two')
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one,')
  throw new PluginError('STREAM_ABORTED')
}

const REPLIES: { readonly [path: string]: () => RestReply } = {
  '/json': () => ({ status: 202, headers: { 'content-length': '1', 'x-a': 'b' }, body: { a: 1 } }),
  '/text': () => ({ status: 200, headers: {}, body: 'text' }),
  '/bytes': () => ({ status: 200, headers: { 'content-type': 'a/b' }, body: Uint8Array.of(65, 66) }),
  '/stream': () => ({ status: 200, headers: {}, body: twice() }),
  '/broken': () => ({ status: 200, headers: {}, body: broken() }),
  '/none': () => ({ status: 204, headers: {}, body: null }),
}

const calls: RestCall[] = []
const server = await serveRest(
  {
    async rest(call) {
      calls.push(call)
      const reply = REPLIES[call.path]
      if (reply !== undefined) return reply()
      throw new PluginError(call.path.slice(1) as ErrorCode, { plugin: 'p', allow: '' })
    },
  },
  0,
)
t.teardown(() => server.close())

t.test('each kind of body arrives as what it is', async (t) => {
  for (const [path, status, type, body] of [
    ['/json', 202, 'application/json; charset=utf-8', '{"a":1}\n'],
    ['/text', 200, 'text/plain; charset=utf-8', 'text'],
    ['/bytes', 200, 'a/b', 'AB'],
    ['/stream', 200, null, 'one,two'],
    ['/none', 204, null, ''],
  ] as const) {
    const response = await fetch(server.url + path)
    t.equal(response.status, status, path)
    t.equal(response.headers.get('content-type'), type)
    t.equal(await response.text(), body)
  }
})

t.test('a stream that breaks does not look whole', async (t) => {
  const response = await fetch(`${server.url}/broken`)
  await t.rejects(response.text())
})

t.test('failures have the status that says what to do', async (t) => {
  for (const [code, status] of [
    ['EXTENSION_NOT_FOUND', 404],
    ['PLUGIN_NOT_RUNNING', 503],
    ['QUEUE_FULL', 429],
    ['CALL_TIMEOUT', 504],
    ['PLUGIN_CRASHED', 502],
    ['REPLY_INVALID', 502],
  ] as const) {
    const response = await fetch(`${server.url}/${code}`)
    t.equal(response.status, status, code)
    t.match(await response.json(), { error: { code, plugin: 'p' } })
  }
})

t.test('a request reaches the plugin decoded, its body by its type', async (t) => {
  for (const [type, body, seen] of [
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/vnd.x+json; charset=utf-8', '[1]', [1]],
    ['text/plain', 'words', 'words'],
    ['application/octet-stream', 'AB', Uint8Array.of(65, 66)],
  ] as const) {
    await fetch(`${server.url}/a%20b?q=1`, { method: 'POST', headers: { 'content-type': type }, body })
    t.match(calls.at(-1), { method: 'POST', path: '/a b', query: { q: '1' } })
    t.same(calls.at(-1)?.body, seen, type)
  }
})

t.test(
  'a body that is too large or a path that is none is refused before a plugin hears of it',
  async (t) => {
    const before = calls.length
    const large = await fetch(`${server.url}/text`, { method: 'POST', body: Buffer.alloc(1_048_577) }).catch(
      () => ({ status: 413 }), // the answer may be lost to a client that goes on sending
    )
    t.equal(large.status, 413)
    t.equal((await fetch(`${server.url}/%`)).status, 400)
    t.equal(calls.length, before)
  },
)
