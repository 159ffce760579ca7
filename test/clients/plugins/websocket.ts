/** What a plugin does with `ws`. */
import { once } from 'node:events'
import WebSocket from 'ws'
import type { PluginDefinition } from 'bulkhead/plugin'
import { serveCases, type Cases } from './serve-cases.js'

export interface WebSocketFacts {
  readonly port: number
}

async function opened<Result>(
  { port }: WebSocketFacts,
  use: (socket: WebSocket) => Promise<Result>,
  options: WebSocket.ClientOptions = {},
): Promise<Result> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sea`, options)
  try {
    await once(socket, 'open')
    return await use(socket)
  } finally {
    socket.terminate()
  }
}

async function echoed(socket: WebSocket, message: string | Uint8Array): Promise<readonly [Buffer, boolean]> {
  const answer = once(socket, 'message')
  socket.send(message)
  return (await answer) as [Buffer, boolean]
}

const cases: Cases<WebSocketFacts> = {
  text: (facts) =>
    opened(facts, async (socket) => {
      const [data, isBinary] = await echoed(socket, 'thar she blows 🐋')
      return [data.toString(), isBinary, socket.protocol, socket.readyState]
    }),
  binary: (facts) =>
    opened(facts, async (socket) => {
      const bytes = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, n) => n % 253))
      const [data, isBinary] = await echoed(socket, bytes)
      return [data.equals(bytes), isBinary]
    }),
  compressed: (facts) =>
    opened(facts, async (socket) => {
      const [data] = await echoed(socket, 'whale '.repeat(20_000))
      return [socket.extensions, data.length]
    }),
  plain: (facts) =>
    opened(
      facts,
      async (socket) => {
        const [data] = await echoed(socket, 'whale '.repeat(20_000))
        return [socket.extensions, data.length]
      },
      { perMessageDeflate: false },
    ),
  ping: (facts) =>
    opened(facts, async (socket) => {
      const pong = once(socket, 'pong')
      socket.ping('mine')
      const [data] = (await pong) as [Buffer]
      const answered = once(socket, 'message')
      socket.send('ping me')
      const [text] = (await answered) as [Buffer]
      return [data.toString(), text.toString()]
    }),
  closeByServer: (facts) =>
    opened(facts, async (socket) => {
      const closed = once(socket, 'close')
      socket.send('close 4001')
      const [code, reason] = (await closed) as [number, Buffer]
      return [code, reason.toString()]
    }),
  closeByClient: (facts) =>
    opened(facts, async (socket) => {
      const closed = once(socket, 'close')
      socket.close(1000, 'done')
      const [code, reason] = (await closed) as [number, Buffer]
      return [code, reason.toString(), socket.readyState]
    }),
  cutOff: (facts) =>
    opened(facts, async (socket) => {
      const closed = once(socket, 'close')
      socket.send('terminate')
      const [code] = (await closed) as [number]
      return code
    }),
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
