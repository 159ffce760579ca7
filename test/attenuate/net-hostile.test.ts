// A plugin that takes `net` apart finds its own objects only: nothing of Node's sockets, no other way to connect.
import t from 'tap'
import { echo, listening, netThread, outcome } from './net-world.js'

t.setTimeout(60_000)

/** Ways to a socket that no rule names; `PORT` is the port of a server that nothing grants. */
const WAYS: readonly string[] = [
  `opened(net.connect('/tmp/some.sock'))`,
  `opened(net.connect({ path: '/tmp/some.sock', port: PORT, host: '127.0.0.1' }))`,
  `opened(net.connect({ path: '\\0abstract' }))`,
  `opened(new net.Socket({ fd: 3 }))`,
  `opened(new net.Socket({ fd: 0 }))`,
  `opened(new net.Socket({ handle: {} }))`,
  `bound(net.createServer().listen('/tmp/some.sock'))`,
  `bound(net.createServer().listen({ fd: 3 }))`,
  `bound(net.createServer().listen({ path: '/tmp/some.sock' }))`,
  `bound(net.createServer().listen({ _handle: {} , port: 0 }))`,
  `opened(net.connect(PORT, '127.0.0.1'))`,
  `opened(net.connect(PORT, 'localhost'))`,
  `opened(net.connect(PORT))`,
  `opened(net.connect(PORT, '127.1'))`,
  `opened(net.connect(PORT, '2130706433'))`,
  `opened(net.connect(PORT, '0'))`,
  `opened(net.connect(PORT, '0.0.0.0'))`,
  `opened(net.connect(PORT, '::ffff:127.0.0.1'))`,
  `opened(net.connect({ port: PORT, host: { toString: () => 'granted.example' } }))`,
  `opened(net.connect({ port: PORT, get host() { return this.n = (this.n ?? 0) + 1, this.n > 1 ? '127.0.0.1' : 'granted.example' } }))`,
  `opened(net.connect({ port: PORT, host: 'granted.example' }))`,
  `opened(net.connect({ port: PORT, host: 'granted.example', lookup: (host, options, done) => done(null, '127.0.0.1', 4), autoSelectFamily: false }))`,
  `opened(net.connect({ port: PORT, host: 'granted.example', lookup: (host, options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) }))`,
  `opened(net.connect({ port: PORT, host: 'other.example', lookup: (host, options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) }))`,
  `opened(net.connect({ port: PORT, host: 'granted.example', lookup: (host, options, done) => done(null, [{ get address() { return '127.0.0.1' }, family: 6 }]) }))`,
  `opened(Object.assign(new net.Socket(), { connecting: true, destroyed: false }).connect(PORT, '127.0.0.1'))`,
  `bound(net.createServer().listen(0))`,
  `bound(net.createServer().listen(0, '0.0.0.0'))`,
  `bound(net.createServer().listen({ port: 0, host: '::', ipv6Only: true }))`,
]

t.test('no way leads to a server that is not granted', async (t) => {
  const { port, count } = await listening(t, (socket) => void socket.end())
  const names = { 'granted.example': [['127.0.0.1']], localhost: [['127.0.0.1']] }
  const thread = await netThread(
    t,
    { connect: [`granted.example:${port}`], listen: ['127.0.0.1:9'] },
    { names },
  )
  for (const way of WAYS) {
    const result = await outcome(thread, way.replaceAll('PORT', String(port)))
    t.match(result, { code: /^(EACCES|EBADF|ERR_INVALID_ARG_TYPE)$/ }, way)
    const { all = '' } = result as { readonly all?: string }
    t.notMatch(all, /node:|\/work|\.cjs|\bat /, `${way}: the error names nothing of the host`)
  }
  t.equal(count(), 0, 'nobody came')
  t.ok(
    ((await thread.send({ kind: 'asked' })) as string[]).every((name) => name === 'granted.example'),
    'and only the granted name was asked for',
  )
})

t.test('the connection goes to the digits that were checked: Node is not given the name', async (t) => {
  const { port } = await echo(t)
  // A name that only the scripted resolver knows, and whose second answer is another.
  const names = { 'granted.example': [['127.0.0.1'], ['192.0.2.1']] }
  const thread = await netThread(t, { connect: [`granted.example:${port}`, `127.0.0.1:${port}`] }, { names })
  t.equal(await outcome(thread, `talk(net.connect(${port}, 'granted.example'), 'by digits')`), 'by digits')
  t.same(await thread.send({ kind: 'asked' }), ['granted.example'])
})

t.test('a socket has nothing of Node behind it', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`], listen: ['127.0.0.1:0'] })
  const found = await outcome(
    thread,
    `(async () => {
      const socket = net.connect(${port}, '127.0.0.1')
      const server = net.createServer()
      await new Promise((done) => socket.on('connect', done))
      await bound(server.listen(0, '127.0.0.1'))
      const kinds = []
      const seen = new Set()
      const look = (value, path, depth) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 8) return
        seen.add(value)
        const tag = Object.prototype.toString.call(value)
        if (/TCP|Pipe|Handle|Wrap/.test(tag) || /^(TCP|Pipe|Socket|Server|TTY)$/.test(value.constructor?.name ?? '')) kinds.push([path, value instanceof net.Socket || value instanceof net.Server])
        for (const key of Reflect.ownKeys(value)) {
          if (typeof key === 'string' && /_handle|_server_handle|owner/.test(key)) kinds.push([path + '.' + key, false])
          let next; try { next = value[key] } catch { continue }
          look(next, path + '.' + String(key), depth + 1)
        }
        look(Object.getPrototypeOf(value), path + '.__proto__', depth + 1)
      }
      look(socket, 'socket', 0); look(server, 'server', 0); look(net, 'net', 0)
      return [kinds.filter(([, own]) => !own).map(([path]) => path), '_handle' in socket, '_handle' in server, seen.size > 50]
    })()`,
  )
  t.match(found, [[], false, false, true])
})

t.test('what is on the prototypes is the plugin alone, and the power has none to change', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  const result = await outcome(
    thread,
    `(async () => {
      const stolen = []
      for (const name of ['write', 'emit', 'connect', 'push', 'destroy']) {
        const real = net.Socket.prototype[name]
        net.Socket.prototype[name] = function (...args) { if (!(this instanceof net.Socket)) stolen.push(name); return Reflect.apply(real, this, args) }
      }
      return [await talk(net.connect(${port}, '127.0.0.1'), 'still works'), stolen]
    })()`,
  )
  t.same(result, ['still works', []])
  const other = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  t.equal(await outcome(other, `talk(net.connect(${port}, '127.0.0.1'), 'other')`), 'other')
})

t.test('what a listener throws goes to the log, and the next event comes', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  const result = await outcome(
    thread,
    `new Promise((resolve) => {
      const socket = net.connect(${port}, '127.0.0.1')
      socket.on('connect', () => { socket.write('x'); throw new Error('thrown at connect') })
      socket.once('data', () => { socket.once('data', () => resolve('second')); socket.write('y'); throw new Error('thrown at data') })
    })`,
  )
  t.equal(result, 'second')
  const logs = (await thread.logs()).map(([, text]) => text)
  t.match(logs, [/thrown at connect/, /thrown at data/])
})

t.test('bytes that were handed over stay as they were', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  const result = await outcome(
    thread,
    `new Promise((resolve, reject) => {
      const socket = net.connect(${port}, '127.0.0.1', () => {
        const moved = Buffer.alloc(8, 'a')
        socket.write(moved)
        structuredClone(moved.buffer, { transfer: [moved.buffer] })
        const cleared = Buffer.alloc(8, 'b')
        socket.write(cleared)
        setTimeout(() => socket.end(), 20)
      })
      let all = ''
      socket.on('data', (piece) => { all += piece; structuredClone(piece.buffer, { transfer: [piece.buffer] }) })
      socket.on('error', reject).on('close', () => resolve(all))
    })`,
  )
  t.equal(result, 'aaaaaaaabbbbbbbb')
})
