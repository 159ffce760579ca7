// ioredis in a plugin works against a Redis that the policy names, and reaches none that it does not.
import t from 'tap'
import { startClient, type ClientOptions } from './client-plugin.js'
import { noRedis, startRedis } from './servers/redis.js'

const REDIS: Pick<ClientOptions, 'client' | 'packages'> = { client: 'redis', packages: ['ioredis'] }
const skip = noRedis() ?? false

/** In this order: later cases read what earlier ones have written. */
const CASES: readonly (readonly [name: string, expected: unknown])[] = [
  ['setAndGet', ['ahab', null, true]],
  ['bytes', [true, true]],
  ['pipeline', ['OK', 2, /^WRONGTYPE/, 42]],
  ['transaction', 'a'],
  ['publish', [1, 'sea: thar she blows']],
  ['blockingPop', [null, ['line', 'first']]],
  ['script', 5],
  ['scan', 200],
  ['wrongType', { error: { name: 'ReplyError' } }],
  ['wrongPassword', { error: { message: /^WRONGPASS/ } }],
  ['retrying', 'PONG'],
]

t.test('a store is read and written', { skip, timeout: 60_000 }, async (t) => {
  const server = await startRedis(t)

  await t.test('with everything that an application does', async (t) => {
    const plugin = await startClient(t, { ...REDIS, endpoints: [`127.0.0.1:${server.port}`] })
    for (const [name, expected] of CASES) t.match(await plugin.run(name, server), expected, name)
    t.strictSame([plugin.denials, plugin.failures], [[], []])
  })

  await t.test('from a thread of the node', async (t) => {
    const endpoints = [`127.0.0.1:${server.port}`]
    const plugin = await startClient(t, { ...REDIS, endpoints, isolation: 'thread' })
    for (const [name, expected] of CASES.slice(0, 3)) t.match(await plugin.run(name, server), expected, name)
  })

  await t.test('not without the grant: the call fails and the server sees no connection', async (t) => {
    const before = await server.accepted()
    const plugin = await startClient(t, { ...REDIS, endpoints: [`127.0.0.2:${server.port}`] })
    for (const name of ['setAndGet', 'publish', 'retrying']) {
      t.match(await plugin.run(name, server), { error: { code: 'EACCES' } }, name)
    }
    t.equal(await server.accepted(), before)
    t.match(plugin.denials[0], { what: `net.connect 127.0.0.1:${server.port}` })
    t.strictSame(plugin.failures, [])
  })
})
