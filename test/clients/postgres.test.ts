// pg in a plugin works against a PostgreSQL that the policy names, by password and by TLS, and reaches none that it does not.
import t from 'tap'
import { startClient, type ClientOptions } from './client-plugin.js'
import { noPostgres, startPostgres } from './servers/postgres.js'

const PG: Pick<ClientOptions, 'client' | 'packages'> = { client: 'postgres', packages: ['pg'] }
const skip = noPostgres() ?? false

/** In this order: later cases read what earlier ones have written. */
const CASES: readonly (readonly [name: string, expected: unknown])[] = [
  ['connect', [{ who: 'plugin', one: 1 }]],
  ['create', 'CREATE'],
  ['insert', 1],
  [
    'select',
    {
      isDate: true,
      rows: [
        { id: 1, name: "Moby 'Dick'; --", length: 26.5, seen: 0, tags: { white: true }, photo: [0, 255, 92] },
      ],
    },
  ],
  ['rollback', [1, 0]],
  ['manyRows', { count: 10_000, sum: 50_005_000, last: `${'whale '.repeat(10)}10000` }],
  ['duplicate', { error: { code: '23505' } }],
  ['wrongPassword', { error: { code: '28P01' } }],
  ['tls', [{ ssl: true, version: 'TLSv1.3' }]],
  ['untrusted', { error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }],
  ['pool', { numbers: Array.from({ length: 12 }, (_, n) => n), atMostThree: true }],
  ['notify', 'sea: thar she blows'],
  ['killed', { code: '57P01' }],
]

t.test('a database is queried', { skip, timeout: 60_000 }, async (t) => {
  const server = await startPostgres(t)

  await t.test('with everything that an application does', async (t) => {
    const plugin = await startClient(t, { ...PG, endpoints: [`127.0.0.1:${server.port}`] })
    for (const [name, expected] of CASES) t.match(await plugin.run(name, server), expected, name)
    t.strictSame([plugin.denials, plugin.failures], [[], []])
  })

  await t.test('from a thread of the node', async (t) => {
    const endpoints = [`127.0.0.1:${server.port}`]
    const plugin = await startClient(t, { ...PG, endpoints, isolation: 'thread' })
    for (const [name, expected] of CASES.filter(([name]) => name === 'connect' || name === 'tls')) {
      t.match(await plugin.run(name, server), expected, name)
    }
  })

  await t.test('not without the grant: the call fails and the server sees no connection', async (t) => {
    const before = await server.accepted()
    const plugin = await startClient(t, { ...PG, endpoints: [`127.0.0.2:${server.port}`] })
    for (const name of ['connect', 'tls', 'pool']) {
      t.match(await plugin.run(name, server), { error: { code: 'EACCES' } }, name)
    }
    t.equal(await server.accepted(), before)
    t.match(plugin.denials[0], { what: `net.connect 127.0.0.1:${server.port}` })
    t.strictSame(plugin.failures, [])
  })
})
