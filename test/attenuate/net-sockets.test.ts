// A plugin's `net` talks as Node's does, within its grant: bytes arrive whole, in order and bounded, in both directions.
import { connect } from 'node:net'
import t from 'tap'
import { echo, netThread, outcome } from './net-world.js'

t.test('a client talks to a server that is granted', async (t) => {
  const { port, count } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`, `localhost:${port}`] })
  t.equal(await outcome(thread, `talk(net.connect(${port}, '127.0.0.1'), 'hello')`), 'hello')
  t.equal(
    await outcome(thread, `talk(net.connect({ port: ${port}, host: 'localhost' }), 'by name')`),
    'by name',
  )
  t.equal(count(), 2)
  t.same(await thread.send({ kind: 'denials' }), [])
})

t.test('a server of a plugin talks to a client', async (t) => {
  const thread = await netThread(t, { listen: ['127.0.0.1:0'] })
  const bound = (await outcome(
    thread,
    `bound(globalThis.server = net.createServer({ allowHalfOpen: true }, (socket) => { globalThis.accepted = socket; socket.pipe(socket) }).listen(0, '127.0.0.1'))`,
  )) as { port: number; address: string; family: string }
  t.match(bound, { address: '127.0.0.1', family: 'IPv4' })
  const client = connect(bound.port, '127.0.0.1')
  client.end('hello')
  let all = ''
  for await (const piece of client) all += String(piece)
  t.equal(all, 'hello')
})
