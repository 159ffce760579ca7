/** A WebSocket server of `ws` that compresses, echoes, and closes with the code it is asked for. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Stops, TestServer } from './child.js'
import { countConnections } from './count.js'

export async function startWebSocket(t: Stops): Promise<TestServer> {
  const server = createServer()
  const accepted = countConnections(server)
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } })
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '' : (data as Buffer).toString()
      if (text.startsWith('close ')) socket.close(Number(text.slice(6)), 'as asked')
      else if (text === 'terminate') socket.terminate()
      else if (text === 'ping me') socket.ping('are you there')
      else socket.send(data, { binary: isBinary })
    })
    socket.on('pong', (data) => socket.send(`pong ${data.toString()}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, accepted }
}
