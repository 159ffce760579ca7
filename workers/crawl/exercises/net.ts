/** Sockets and servers on loopback; a plugin that may use none is refused. */
import { of, type Exercise } from './exercise.js'

export const NET: readonly Exercise[] = [
  {
    covers: of('net', 'BlockList SocketAddress setDefaultAutoSelectFamily'),
    run: `
      const net = require('net')
      net.setDefaultAutoSelectFamily(net.getDefaultAutoSelectFamily())
      const list = keep(new net.BlockList())
      list.addSubnet('10.0.0.0', 8)
      list.check(keep(new net.SocketAddress({ address: '10.0.0.1' })))
      keep(list.rules)`,
  },
  {
    covers: of('net', 'connect createConnection createServer Server Socket'),
    run: `
      const net = require('net')
      const server = keep(new net.Server({ pauseOnConnect: true }, function (socket) {
        keep(this)
        keep(socket).write('text')
        socket.resume().end()
      }))
      const listens = event(server, 'listening')
      keep(server.listen(0, '127.0.0.1'))
      await listens
      const { port } = keep(server.address())
      await called((callback) => server.getConnections(callback))
      for (const host of ['127.0.0.1', 'localhost']) {
        const socket = keep(net.connect({ port, host, onread: undefined }, function (...values) { keep(this); keep(values) }))
        for (const name of ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'timeout'])
          socket.on(name, function (...values) { keep(this); keep(values) })
        await event(socket, 'connect')
        keep(socket.address())
        keep(socket.setTimeout(9999).setNoDelay(true).setKeepAlive(true))
        for await (const chunk of socket) keep(chunk)
        socket.destroy()
      }
      const reset = net.createConnection(port, '127.0.0.1')
      await event(reset, 'connect')
      keep(reset.resetAndDestroy())
      server.close()
      await event(net.connect(port, '127.0.0.1'), 'connect').catch(keep)
      await event(net.createServer().listen(1, '127.0.0.1'), 'listening').catch(keep)`,
  },
  {
    covers: ['powers of net'],
    run: `
      const net = powers.find((each) => each?.closeServer), accepted = []
      const port = await new Promise((resolve, reject) => {
        const server = net.listen({ host: '127.0.0.1', port: 0 }, ears('net.listen', {
          listening: () => resolve(keep(net.address(server)).port),
          error: reject,
          connection(socket) {
            const events = ears('net.adopt', { end: () => net.end(socket), close: () => net.closeServer(server) })
            keep(net.adopt(socket, events))
            net.resume(socket)
          },
        }))
      })
      await new Promise((resolve, reject) => {
        const socket = net.connect({ host: 'localhost', port, noDelay: true }, ears('net.connect', {
          connect() {
            keep(net.ends(socket))
            for (const [name, ...values] of [['setNoDelay', true], ['setKeepAlive', true, 1], ['resume'], ['write', new Uint8Array(9)], ['end']])
              keep(net[name](socket, ...values))
          },
          error: reject,
          close: resolve,
        }))
      })`,
  },
]
