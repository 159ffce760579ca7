// A path belongs to one plugin, literals win over names, and what a plugin calls a route must be one.
import t from 'tap'
import { checkRoutes, makeRestRouter } from '../../lib/extensions/rest.js'

const GOOD = ['/_plugins/_demo', '/_plugins/_demo/{id}', '/{index}/_explain/{id}', '/a.b~c/%20']
const BAD: readonly [string, string][] = [
  ['GET', '/'],
  ['GET', 'no-slash'],
  ['GET', '/a//b'],
  ['GET', '/a/{b'],
  ['GET', '/a/{1b}'],
  ['GET', '/a/{b}c'],
  ['GET', '/a b'],
  ['GET', '/a?b'],
  ['GET', '/a#b'],
  ['GET', `/${'x'.repeat(256)}`],
  ['GET', '/a'.repeat(33)],
  ['get', '/a'],
  ['TRACE', '/a'],
  ['__proto__', '/a'],
]

t.test('routes of literal and {name} segments are taken', async (t) => {
  for (const path of GOOD) t.doesNotThrow(() => checkRoutes('p', [{ method: 'GET', path }]), path)
})

for (const [method, path] of BAD) {
  t.test(`${method} ${path.slice(0, 20)} is refused`, async (t) => {
    t.throws(() => checkRoutes('p', [{ method, path }]), { code: 'PLUGIN_START_FAILED' })
  })
}

t.test(
  'a literal segment wins over a name, and the name is tried when the literal leads nowhere',
  async (t) => {
    const router = makeRestRouter()
    router.add('a', [
      { method: 'GET', path: '/x/{id}' },
      { method: 'GET', path: '/x/settings' },
      { method: 'GET', path: '/x/{id}/deep' },
    ])
    t.match(router.match('GET', '/x/settings'), { plugin: 'a', route: 1, params: {} })
    t.match(router.match('GET', '/x/7'), { plugin: 'a', route: 0, params: { id: '7' } })
    t.match(router.match('GET', '/x/settings/deep'), { plugin: 'a', route: 2, params: { id: 'settings' } })
    t.match(router.match('GET', '/x/7/'), { plugin: 'a', route: 0 }, 'a slash at the end changes nothing')
  },
)

t.test('what nobody provides is told with the methods the path has', async (t) => {
  const router = makeRestRouter()
  router.add('a', [
    { method: 'GET', path: '/x' },
    { method: 'PUT', path: '/x' },
  ])
  t.throws(() => router.match('DELETE', '/x'), { code: 'EXTENSION_NOT_FOUND', detail: { allow: 'GET, PUT' } })
  for (const path of ['/y', '/x/1', '', '/__proto__', '/constructor']) {
    t.throws(() => router.match('GET', path), { code: 'EXTENSION_NOT_FOUND' }, path)
  }
})

t.test('params are plain data whatever their names', async (t) => {
  const router = makeRestRouter()
  router.add('a', [{ method: 'GET', path: '/{__proto__}/{constructor}' }])
  const { params } = router.match('GET', '/polluted/c')
  t.equal(params['__proto__'], 'polluted')
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

t.test('a conflict names the owner and leaves the table as it was', async (t) => {
  const router = makeRestRouter()
  router.add('a', [{ method: 'GET', path: '/x/{id}' }])
  t.throws(
    () =>
      router.add('b', [
        { method: 'GET', path: '/y' },
        { method: 'GET', path: '/x/{other}' },
      ]),
    { code: 'EXTENSION_CONFLICT', detail: { owner: 'a' } },
  )
  t.throws(() => router.match('GET', '/y'), { code: 'EXTENSION_NOT_FOUND' })
  t.match(router.match('GET', '/x/1'), { plugin: 'a' })
  router.remove('a')
  router.add('b', [{ method: 'GET', path: '/x/{other}' }])
  t.match(router.match('GET', '/x/1'), { plugin: 'b', params: { other: '1' } })
})
