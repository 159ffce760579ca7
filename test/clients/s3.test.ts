// @aws-sdk/client-s3 in a plugin works against an S3 server that the policy names, and reaches none that it does not.
import t from 'tap'
import { startClient, type ClientOptions } from './client-plugin.js'
import { startS3 } from './servers/s3.js'

const S3: Pick<ClientOptions, 'client' | 'packages' | 'limits'> = {
  client: 's3',
  packages: ['@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  // Parts of 5 MiB, two at once, each held by the reader, the SDK and the socket.
  limits: { externalMb: 192, heapMb: 192 },
}

/** In this order: later cases read what earlier ones have written. */
const CASES: readonly (readonly [name: string, expected: unknown])[] = [
  ['put', { hasTag: true }],
  ['get', { text: 'Call me Ishmael. Some years ago…', type: 'text/plain', length: 34, author: 'melville' }],
  ['range', { text: 'Ishmael', range: 'bytes 8-14/34' }],
  ['multipart', { parts: 3, length: 11 * 1024 * 1024 }],
  ['stream', { same: true, inPieces: true }],
  [
    'list',
    [
      ['books/large', 11 * 1024 * 1024],
      ['books/moby-dick.txt', 34],
    ],
  ],
  ['delete', { error: { name: 'NoSuchKey', message: 'The specified key does not exist.' } }],
  ['concurrent', true],
]

t.test('objects are put, uploaded in parts, read, listed and deleted', { timeout: 90_000 }, async (t) => {
  const server = await startS3(t)
  const other = await startS3(t)
  const plugin = await startClient(t, { ...S3, endpoints: [`127.0.0.1:${server.port}`] })
  // The SDK looks for ~/.aws, finds that it may not, and does without.
  const denied = (): readonly unknown[] => plugin.denials.filter(({ what }) => !what.includes('/.aws/'))
  for (const [name, expected] of CASES) t.strictSame(await plugin.run(name, server), expected, name)
  t.strictSame([denied(), plugin.failures], [[], []])

  await t.test('not on a server without the grant, which sees no connection', async (t) => {
    for (const name of ['put', 'get', 'multipart']) {
      t.match(await plugin.run(name, other), { error: { code: 'EACCES' } }, name)
    }
    t.equal(other.accepted(), 0)
    t.match(denied()[0], { what: `net.connect 127.0.0.1:${other.port}` })
    t.strictSame(plugin.failures, [])
  })
})

t.test('the same client works in a thread of the node', { timeout: 90_000 }, async (t) => {
  const server = await startS3(t)
  const endpoints = [`127.0.0.1:${server.port}`]
  const plugin = await startClient(t, { ...S3, endpoints, isolation: 'thread' })
  for (const [name, expected] of CASES.slice(0, 3))
    t.strictSame(await plugin.run(name, server), expected, name)
})
