// Sockets of a plugin are bounded: what waits in the host, how many there are, and that all end when the plugin stops.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { echo, listening, netThread, outcome } from './net-world.js'

t.setTimeout(60_000)
const MIB = 1_048_576

t.test('a server of a plugin talks to a client', async (t) => {
  const thread = await netThread(t, { listen: ['127.0.0.1:0'] })
  const bound = (await outcome(
    thread,
    `bound(net.createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket)).listen(0, '127.0.0.1'))`,
  )) as { readonly port: number; readonly address: string; readonly family: string }
  t.match(bound, { address: '127.0.0.1', family: 'IPv4' })
  const client = connect(bound.port, '127.0.0.1')
  client.end('hello')
  let all = ''
  for await (const piece of client) all += String(piece)
  t.equal(all, 'hello')
})

t.test('10 MiB arrive whole and in order, there and back', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  const sums = await outcome(
    thread,
    `new Promise((resolve, reject) => {
      const size = ${10 * MIB}
      const socket = net.connect(${port}, '127.0.0.1')
      let sent = 0, received = 0, wrong = 0
      // Each page starts with its own place; pieces of three sizes, one of them more than one write may be.
      const sizes = [4096, 65536, ${3 * MIB}]
      const more = () => {
        while (sent < size) {
          const piece = Buffer.alloc(Math.min(sizes[sent / 4096 % 3 | 0], size - sent))
          for (let at = 0; at < piece.length; at += 4096) new DataView(piece.buffer, piece.byteOffset).setUint32(at, sent + at)
          sent += piece.length
          if (!socket.write(piece)) return socket.once('drain', more)
        }
        socket.end()
      }
      let page = 0, word = 0, inPage = 0
      socket.on('data', (piece) => {
        for (let at = 0; at < piece.length; ) {
          if (inPage < 4) { word = word * 256 + piece[at]; inPage++; at++; if (inPage === 4) { if (word !== page) wrong++; word = 0 } }
          else { const step = Math.min(4096 - inPage, piece.length - at); inPage += step; at += step }
          if (inPage === 4096) { inPage = 0; page += 4096 }
        }
        received += piece.length
      })
      socket.on('error', reject).on('close', () => resolve({ sent, received, wrong, bytes: [socket.bytesWritten, socket.bytesRead] }))
      more()
    })`,
  )
  t.same(sums, { sent: 10 * MIB, received: 10 * MIB, wrong: 0, bytes: [10 * MIB, 10 * MIB] })
})

/** Resolves when the number has not changed for a while: the end of something that would go on without a bound. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; last = read()) {
    if (last === read()) return last
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

t.test('a plugin that does not read makes the peer wait', async (t) => {
  const state: { peer?: Socket; taken: number } = { taken: 0 }
  const { port } = await listening(t, (socket) => {
    state.peer = socket
    const piece = Buffer.alloc(65_536)
    const more = (): void => {
      while (state.taken < 200 * MIB) {
        state.taken += piece.length
        if (!socket.write(piece)) return
      }
    }
    socket.on('drain', more)
    more()
  })
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  t.equal(
    await outcome(
      thread,
      `new Promise((done) => { globalThis.socket = net.connect(${port}, '127.0.0.1', () => done(1)) })`,
    ),
    1,
  )
  const taken = await settled(() => state.taken)
  t.ok(taken < 64 * MIB, `the peer could send ${taken} bytes, which two kernels hold`)
  t.ok((state.peer?.writableLength ?? 0) > 0, 'and waits')
  const inPlugin = (await thread.value('globalThis.socket.readableLength')) as number
  t.ok(inPlugin > 0 && inPlugin <= 4 * 65_536, `${inPlugin} bytes wait in the plugin`)
})

t.test('a peer that does not read makes the plugin wait', async (t) => {
  const { port } = await listening(t, (socket) => void socket.pause())
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  await outcome(
    thread,
    `(() => {
      const socket = globalThis.socket = net.connect(${port}, '127.0.0.1')
      const piece = Buffer.alloc(${MIB})
      globalThis.sent = 0
      const more = () => {
        while (globalThis.sent < 200 * ${MIB}) { globalThis.sent += piece.length; if (!socket.write(piece)) return }
      }
      socket.on('drain', more)
      more()
    })()`,
  )
  let sent = 0
  for (let last = -1; last !== sent;) {
    last = sent
    await new Promise((resolve) => setTimeout(resolve, 250))
    sent = (await thread.value('globalThis.sent')) as number
  }
  t.ok(sent < 64 * MIB, `${sent} bytes were taken, which two kernels hold`)
  const waiting = (await thread.value('globalThis.socket.writableLength')) as number
  t.ok(waiting > 0 && waiting <= 2 * MIB, `${waiting} bytes wait in the plugin`)
})

t.test('limits.sockets counts sockets, servers and what is under way', async (t) => {
  const { port, count } = await echo(t)
  const rules = { connect: [`127.0.0.1:${port}`], listen: ['127.0.0.1:0'] }
  const thread = await netThread(t, rules, { sockets: 3 })
  const seen = (await outcome(
    thread,
    `(async () => {
      const codes = []
      const open = () => net.connect(${port}, '127.0.0.1').on('error', (error) => codes.push(error.code))
      const sockets = [open(), open(), open(), open()]
      await bound(net.createServer().listen(0, '127.0.0.1')).catch(({ code, message }) => codes.push(code, message.includes('limits.sockets')))
      await Promise.all(sockets.slice(0, 3).map((socket) => new Promise((done) => socket.on('close', done).destroy())))
      const server = globalThis.server = net.createServer((socket) => socket.resume())
      server.on('drop', (ends) => { globalThis.dropped = typeof ends.remotePort })
      const { port } = await bound(server.listen(0, '127.0.0.1'))
      const again = await talk(open(), 'again')
      globalThis.two = [open(), open()]
      return { codes, port, again }
    })()`,
  )) as { readonly codes: readonly unknown[]; readonly port: number; readonly again: string }
  t.same([seen.codes, seen.again], [['EMFILE', true, 'EMFILE'], 'again'], 'what has ended makes room')
  t.equal(count() <= 6, true, 'no connection beyond the limit was made')
  const tooMany = connect(seen.port, '127.0.0.1').resume()
  tooMany.on('error', () => undefined)
  await once(tooMany, 'close')
  t.equal(await thread.value('globalThis.dropped'), 'number', 'a connection too many is turned away')
})

t.test('when the plugin stops every socket and server ends, and nothing begins any more', async (t) => {
  const ended: Promise<unknown>[] = []
  const { port, count } = await listening(t, (socket) => {
    ended.push(once(socket, 'close'))
    socket.resume().on('end', () => socket.end())
  })
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`], listen: ['127.0.0.1:0'] })
  const bound = (await outcome(
    thread,
    `(async () => {
      globalThis.net = net
      globalThis.calls = []
      const socket = net.connect(${port}, '127.0.0.1')
      await new Promise((done) => socket.on('connect', done))
      const server = net.createServer((accepted) => {
        globalThis.accepted = accepted
        for (const one of [socket, accepted, server]) for (const name of ['close', 'end', 'error']) one.on(name, () => globalThis.calls.push(name))
      })
      return bound(server.listen(0, '127.0.0.1'))
    })()`,
  )) as { readonly port: number }
  const client = connect(bound.port, '127.0.0.1').resume()
  client.on('error', () => undefined)
  const clientEnded = once(client, 'close')
  await thread.value(
    'new Promise((done) => { const look = () => globalThis.accepted ? done() : setTimeout(look, 1); look() })',
  )
  await thread.send({ kind: 'teardown' })
  await Promise.all([...ended, clientEnded])
  const [error] = (await once(connect(bound.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED', 'nobody listens any more')
  const after = await thread.value(
    `(async () => {
      const refused = globalThis.net.connect(${port}, '127.0.0.1').on('error', () => {})
      while (refused.errored === null) await null
      return [refused.errored.code, globalThis.calls]
    })()`,
  )
  t.same(after, ['PLUGIN_STOPPED', []], 'and no function of the plugin was called')
  t.equal(count(), 1)
})

t.test('a refused connection fails once the loop has turned, when programs listen for it', async (t) => {
  const thread = await netThread(t, {})
  const code = await outcome(
    thread,
    `(async () => {
      const socket = net.connect(9, '127.0.0.1')
      for (let n = 0; n < 5; n++) await null
      return new Promise((done) => socket.on('error', (error) => done(error.code)).on('close', () => done('closed unheard')))
    })()`,
  )
  t.equal(code, 'EACCES')
})
