// ws in a plugin works against a WebSocket server that the policy names, and reaches none that it does not.
import t from 'tap'
import { startClient, type ClientOptions } from './client-plugin.js'
import { startWebSocket } from './servers/websocket.js'

const WS: Pick<ClientOptions, 'client' | 'packages'> = { client: 'websocket', packages: ['ws'] }

const CASES: readonly (readonly [name: string, expected: unknown])[] = [
  ['text', ['thar she blows 🐋', false, '', 1]],
  ['binary', [true, true]],
  ['compressed', ['permessage-deflate', 120_000]],
  ['plain', ['', 120_000]],
  ['ping', ['mine', 'pong are you there']],
  ['closeByServer', [4001, 'as asked']],
  ['closeByClient', [1000, 'done', 3]],
  ['cutOff', 1006],
]

t.test(
  'messages go both ways, compressed and plain, and sockets close with their codes',
  { timeout: 60_000 },
  async (t) => {
    const server = await startWebSocket(t)
    const plugin = await startClient(t, { ...WS, endpoints: [`127.0.0.1:${server.port}`] })
    for (const [name, expected] of CASES) t.strictSame(await plugin.run(name, server), expected, name)
    t.strictSame([plugin.denials, plugin.failures], [[], []])
  },
)

t.test('the same client works in a thread of the node', { timeout: 60_000 }, async (t) => {
  const server = await startWebSocket(t)
  const plugin = await startClient(t, { ...WS, endpoints: [`127.0.0.1:${server.port}`], isolation: 'thread' })
  for (const [name, expected] of CASES.slice(0, 3))
    t.strictSame(await plugin.run(name, server), expected, name)
})

t.test(
  'without the grant the call fails and the server sees no connection',
  { timeout: 60_000 },
  async (t) => {
    const server = await startWebSocket(t)
    const plugin = await startClient(t, { ...WS, endpoints: [] })
    for (const name of ['text', 'compressed', 'closeByServer']) {
      t.match(await plugin.run(name, server), { error: { code: 'EACCES' } }, name)
    }
    t.equal(server.accepted(), 0)
    t.match(plugin.denials[0], { what: `net.connect 127.0.0.1:${server.port}` })
    t.strictSame(plugin.failures, [])
  },
)
