// A plugin's `net` talks as Node's does, within its grant: bytes arrive whole, in order and bounded, in both directions.
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
