// A last good reply is given for the same request only, says its age, stays what it was whoever had it in hand, and the
// replies of a plugin take no more room than is set.
import t from 'tap'
import type { RestReply } from '../../lib/extensions/reply.js'
import type { RestCall } from '../../lib/extensions/rest.js'
import { makeLastGood, requestKey } from '../../lib/failure/last-good.js'

const GET: RestCall = { method: 'GET', path: '/a' }
const key = (more: Partial<RestCall>): string | undefined => requestKey({ ...GET, ...more })
const reply = (body: RestReply['body'], more: Partial<RestReply> = {}): RestReply => ({
  status: 200,
  headers: {},
  body,
  ...more,
})

t.test('what makes a request another one', async (t) => {
  const first = key({ query: { a: '1', b: '2' }, headers: { Accept: 'text/plain', 'user-agent': 'one' } })
  t.equal(key({ query: { b: '2', a: '1' }, headers: { accept: 'text/plain', 'x-request-id': '7' } }), first)
  const others: readonly Partial<RestCall>[] = [
    { path: '/b' },
    { method: 'HEAD' },
    { query: { a: '1' } },
    { headers: { accept: 'text/html' } },
    { headers: { 'x-user': 'ada' } },
    { query: { a: '1', b: '2' }, headers: { accept: 'text/plain', host: 'other.example' } },
    {},
  ]
  const keys = others.map(key)
  t.equal(new Set([first, ...keys]).size, others.length + 1)
  for (const call of [{ method: 'POST' }, { method: 'DELETE' }, { body: { query: 1 } }]) {
    t.equal(key(call), undefined, JSON.stringify(call))
  }
})

t.test('a reply comes back as it was, older', async (t) => {
  for (const body of [{ list: [1, { deep: true }] }, 'text', null, Uint8Array.of(1, 2, 3)]) {
    const cache = makeLastGood()
    cache.keep('k', reply(body, { status: 201, headers: { 'x-a': 'b', Age: '7' } }), 1000)
    t.same(cache.find('k', 3600), {
      reply: { status: 201, headers: { 'x-a': 'b', age: '2' }, body },
      ageMs: 2600,
    })
  }
})

t.test('whoever changes a reply changes nobody else’s', async (t) => {
  const cache = makeLastGood()
  const bytes = Uint8Array.of(1)
  const json = { list: [1] }
  cache.keep('bytes', reply(bytes), 0)
  cache.keep('json', reply(json), 0)
  bytes[0] = 9
  json.list.push(9)
  for (const _time of [1, 2]) {
    const given = cache.find('bytes', 1)?.reply.body as Uint8Array
    t.same([...given], [1])
    given[0] = 9
    const object = cache.find('json', 1)?.reply.body as typeof json
    t.same(object, { list: [1] })
    object.list.push(9)
  }
})

const NOT_KEPT: Readonly<Record<string, RestReply>> = {
  'not found': reply('no', { status: 404 }),
  'a redirect': reply('no', { status: 302 }),
  'a private one': reply('no', { headers: { 'Cache-Control': 'private, max-age=1' } }),
  'one that sets a cookie': reply('no', { headers: { 'Set-Cookie': 'session=1' } }),
  'one not to be stored': reply('no', { headers: { 'cache-control': 'no-store' } }),
  'a stream': reply((async function* () {})()),
  'one that is too large': reply('x'.repeat(600)),
}

for (const [name, worse] of Object.entries(NOT_KEPT)) {
  t.test(`${name} is not kept, and the one before is no longer the last`, async (t) => {
    const cache = makeLastGood({ replies: 10, bytes: 1000 })
    cache.keep('k', reply('good'), 0)
    cache.keep('k', worse, 1)
    t.equal(cache.find('k', 2), undefined)
  })
}

t.test('an error of the plugin leaves the good reply before it', async (t) => {
  const cache = makeLastGood()
  cache.keep('k', reply('good'), 0)
  cache.keep('k', reply('no', { status: 500 }), 1)
  t.equal(cache.find('k', 2)?.reply.body, 'good')
})

t.test('the longest unused goes first, by count and by bytes', async (t) => {
  const byCount = makeLastGood({ replies: 2, bytes: 1_000_000 })
  byCount.keep('a', reply('a'), 0)
  byCount.keep('b', reply('b'), 0)
  byCount.find('a', 1)
  byCount.keep('c', reply('c'), 2)
  t.same(
    ['a', 'b', 'c'].map((name) => byCount.find(name, 3)?.reply.body),
    ['a', undefined, 'c'],
  )
  const byBytes = makeLastGood({ replies: 100, bytes: 1000 })
  for (const name of ['a', 'b', 'c', 'd']) byBytes.keep(name, reply('x'.repeat(100)), 0)
  t.same(
    ['a', 'b', 'c', 'd'].map((name) => byBytes.find(name, 1) !== undefined),
    [false, false, true, true],
  )
  byBytes.keep('c', reply('x'.repeat(100)), 0)
  byBytes.clear()
  for (const name of ['e', 'f']) byBytes.keep(name, reply('x'.repeat(100)), 0)
  t.ok(byBytes.find('e', 1), 'what is gone takes no room')
})
