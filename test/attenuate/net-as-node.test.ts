// What programs see of `net` in a plugin is what they see in Node: each case runs in both, and must come out the same.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { netThread } from './net-world.js'

t.setTimeout(60_000)

/** Bodies of async functions over `net`, `Buffer` and the helpers below; each gives a JSON value. */
const CASES: Readonly<Record<string, string>> = {
  'events of a client that talks and ends': `
    const server = await serve((socket) => socket.end('answer'))
    const socket = net.connect(server.address().port, '127.0.0.1')
    const seen = events(socket, 'lookup connect ready data end finish close error drain timeout')
    socket.write('question'); socket.resume()
    await once(socket, 'close'); await shut(server)
    return seen`,
  'events of a socket of a server': `
    let seen
    const server = await serve((socket) => { seen = events(socket, 'data end finish close error'); socket.end('bye') })
    const socket = net.connect(server.address().port, '127.0.0.1').resume()
    socket.end('hello')
    await once(socket, 'close'); await shut(server)
    return [seen.toSorted(), seen.at(-1)]`,
  'a side that ended goes on receiving when half-open is allowed': `
    const server = await serve({ allowHalfOpen: true }, (socket) => {
      let all = ''
      socket.on('data', (piece) => { all += piece }).on('end', () => {
        socket.write(all.toUpperCase()); setTimeout(() => socket.end('!'), 20)
      })
    })
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end('hello')
    const got = await read(socket); await shut(server)
    return got`,
  'without half-open the end of the peer ends this side': `
    const server = await serve({ allowHalfOpen: true }, (socket) => { socket.resume(); socket.end() })
    const socket = net.connect(server.address().port, '127.0.0.1').resume()
    await once(socket, 'close'); await shut(server)
    return [socket.writableEnded, socket.writableFinished, socket.destroyed]`,
  'states of a socket': `
    const server = await serve((socket) => socket.resume())
    const socket = new net.Socket()
    const states = []
    const state = () => states.push([socket.readyState, socket.connecting, socket.pending, socket.destroyed])
    state(); socket.connect(server.address().port, '127.0.0.1'); state()
    await once(socket, 'connect'); state()
    socket.end(); state()
    socket.resume(); await once(socket, 'close'); state(); await shut(server)
    return states`,
  'both ends are known, and again after the end': `
    let theirs
    const server = await serve((socket) => { theirs = socket; socket.resume() })
    const { port } = server.address()
    const socket = net.connect(port, '127.0.0.1')
    await once(socket, 'connect'); await until(() => theirs)
    const ends = [socket.remoteAddress, socket.remoteFamily, socket.remotePort === port, socket.localAddress, socket.localFamily,
      socket.localPort === theirs.remotePort, theirs.localPort === port, Object.keys(socket.address()).toSorted(), socket.address().address]
    socket.end(); socket.resume(); await once(socket, 'close'); await shut(server)
    return [ends, new net.Socket().remoteAddress === undefined, new net.Socket().address()]`,
  'counts of bytes': `
    const server = await serve((socket) => socket.pipe(socket))
    const socket = net.connect(server.address().port, '127.0.0.1')
    socket.write('hällo'); socket.write(Buffer.from('abc'))
    const early = socket.bytesWritten
    socket.end('x')
    await read(socket); await shut(server)
    return [early, socket.bytesWritten, socket.bytesRead]`,
  'counts of bytes while the peer does not read': `
    const server = await serve((socket) => { socket.pause(); setTimeout(() => socket.destroy(), 50) })
    const socket = net.connect(server.address().port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(Buffer.alloc(${2 ** 24})); const one = socket.bytesWritten
    socket.write('abc'); const two = socket.bytesWritten
    await once(socket, 'close'); await shut(server)
    return [one, two]`,
  'writes before and after the connection arrive in order, with their callbacks': `
    const server = await serve((socket) => socket.pipe(socket))
    const done = []
    const socket = net.connect(server.address().port, '127.0.0.1')
    socket.write('a', () => done.push('a')); socket.write('b', 'latin1', () => done.push('b')); socket.write('63', 'hex')
    await once(socket, 'connect')
    socket.cork(); socket.write('d', () => done.push('d')); socket.write('e'); socket.uncork()
    socket.end('f', () => done.push('end'))
    const got = await read(socket); await shut(server)
    return [got, done]`,
  'thousands of small writes at once, empty ones among them': `
    const server = await serve((socket) => socket.pipe(socket))
    const socket = net.connect(server.address().port, '127.0.0.1')
    await once(socket, 'connect')
    socket.cork()
    let done = 0, all = ''
    for (let i = 0; i < 3000; i++) { all += i + ' '; socket.write(i + ' ', () => done++); if (i % 7 === 0) socket.write('') }
    socket.uncork(); socket.end()
    const got = await read(socket); await shut(server)
    return [got === all, done, socket.bytesWritten === all.length]`,
  'nobody listens: the error, and close says so': `
    const server = await serve(() => {}); const { port } = server.address(); await shut(server)
    const socket = net.connect(port, '127.0.0.1')
    const seen = events(socket, 'connect error close')
    const closed = once(socket, 'close')
    const error = await new Promise((resolve) => socket.on('error', resolve))
    return [(await closed), seen, facts(error, port), error instanceof Error]`,
  'no port, wrong ports, wrong arguments': `
    return [() => net.connect({}), () => net.connect({ port: 70000 }), () => net.connect(-1), () => net.connect('1e9x', 5, {}).on('error', () => {}),
      () => net.connect({ port: {} }), () => new net.Socket().setTimeout('x'), () => new net.Socket().setTimeout(-1),
      () => net.createServer(5), () => net.createServer().listen({ port: 'abc' }), () => net.createServer().listen({}),
      () => net.createServer().listen(70000)].map((run) => { try { run(); return 'ran' } catch (error) { return [error.code, error.name] } })`,
  'destroying with an error': `
    const server = await serve((socket) => socket.on('error', () => {}).resume())
    const socket = net.connect(server.address().port, '127.0.0.1')
    await once(socket, 'connect')
    const seen = events(socket, 'end finish error close')
    socket.destroy(new Error('enough'))
    await once(socket, 'close'); await shut(server)
    return [seen, socket.destroyed, socket.errored && socket.errored.message]`,
  'destroying while it connects': `
    const server = await serve(() => {})
    const socket = net.connect(server.address().port, '127.0.0.1')
    const seen = events(socket, 'connect ready end error close')
    let failed
    socket.write('lost', (error) => { failed = error.code })
    socket.destroy()
    await once(socket, 'close'); await shut(server)
    return [seen, failed !== undefined]`,
  'a reset is an error of the peer': `
    const server = await serve((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const socket = net.connect(server.address().port, '127.0.0.1')
    const closed = once(socket, 'close')
    socket.resume(); socket.write('x')
    const error = await new Promise((resolve) => socket.on('error', resolve))
    const hadError = await closed; await shut(server)
    return [error.code, error.syscall, error.errno, error.message, hadError]`,
  'destroySoon sends what is there': `
    const server = await serve((socket) => { socket.write('all of it'); socket.destroySoon() })
    const got = await read(net.connect(server.address().port, '127.0.0.1')); await shut(server)
    return got`,
  'writing after the end': `
    const server = await serve((socket) => socket.resume())
    const socket = net.connect(server.address().port, '127.0.0.1')
    socket.resume(); socket.end('x')
    const error = await new Promise((resolve) => { socket.on('error', resolve); socket.write('y') })
    await shut(server)
    return [error.code, error.message]`,
  'a quiet socket times out once, and again after more': `
    let theirs
    const server = await serve((socket) => { theirs = socket })
    const socket = net.connect(server.address().port, '127.0.0.1')
    await once(socket, 'connect')
    let count = 0
    socket.setTimeout(15, () => count++); socket.on('timeout', () => count += 10)
    await once(socket, 'timeout'); const first = [count, socket.timeout]
    socket.write('more'); await once(socket, 'timeout'); const second = count
    socket.setTimeout(0); socket.destroy(); theirs.destroy(); await shut(server)
    return [first, second, socket.timeout]`,
  'the option timeout, and none before the connection': `
    const server = await serve((socket) => socket.resume())
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', timeout: 20 })
    await once(socket, 'timeout'); socket.destroy(); await shut(server)
    return socket.timeout`,
  'a signal destroys': `
    const server = await serve((socket) => socket.on('error', () => {}).resume())
    const stop = new AbortController()
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1', signal: stop.signal })
    await once(socket, 'connect'); stop.abort()
    const error = await new Promise((resolve) => socket.on('error', resolve)); await shut(server)
    return [error.name, error.code]`,
  'a buffer of the program takes what comes': `
    const server = await serve((socket) => socket.end('abcdefgh'))
    const pieces = []
    const socket = net.connect({ port: server.address().port, host: '127.0.0.1',
      onread: { buffer: Buffer.alloc(8), callback: (count, buffer) => { pieces.push(buffer.toString('utf8', 0, count)); return true } } })
    await once(socket, 'close'); await shut(server)
    return pieces.join('')`,
  'a resolver of the program': `
    const server = await serve((socket) => socket.end('found'))
    const asked = []
    const socket = net.connect({ port: server.address().port, host: 'localhost', autoSelectFamily: false,
      lookup: (host, options, callback) => { asked.push([host, options]); setTimeout(callback, 1, null, '127.0.0.1', 4) } })
    const seen = []
    socket.on('lookup', (...values) => seen.push(values))
    const got = await read(socket); await shut(server)
    return [got, asked, seen]`,
  'a resolver that gives all': `
    const server = await serve((socket) => socket.end('found'))
    const seen = []
    const socket = net.connect({ port: server.address().port, host: 'localhost', autoSelectFamily: true,
      lookup: (host, options, callback) => { seen.push(options.all); callback(null, [{ address: '127.0.0.1', family: 4 }]) } })
    const got = await read(socket); await shut(server)
    return [got, seen]`,
  'a resolver that fails': `
    const socket = net.connect({ port: 1, host: 'localhost', lookup: (host, options, callback) => callback(Object.assign(new Error('no'), { code: 'MINE' })) })
    const error = await new Promise((resolve) => socket.on('error', resolve))
    return [error.code, socket.destroyed]`,
  'a resolver that gives nonsense': `
    const socket = net.connect({ port: 1, host: 'localhost', autoSelectFamily: false, lookup: (host, options, callback) => callback(null, 'x', 4) })
    const error = await new Promise((resolve) => socket.on('error', resolve))
    return [error.code]`,
  'functions that give the socket itself': `
    const server = await serve((socket) => socket.resume())
    const socket = net.connect(server.address().port, '127.0.0.1')
    await once(socket, 'connect')
    const same = ['setNoDelay', 'setKeepAlive', 'ref', 'unref', 'pause', 'resume', 'setTimeout', 'setEncoding', 'destroy']
      .map((name) => socket[name](...(name === 'setTimeout' ? [0] : [])) === socket)
    await shut(server)
    return same`,
  'pausing holds back, resuming gives': `
    let theirs
    const server = await serve((socket) => { theirs = socket; socket.write('first') })
    const socket = net.connect(server.address().port, '127.0.0.1')
    let got = ''
    socket.on('data', (piece) => { got += piece; socket.pause() })
    await until(() => got === 'first')
    theirs.write('second'); await wait(30)
    const held = got
    socket.resume(); await until(() => got === 'firstsecond')
    socket.destroy(); theirs.destroy(); await shut(server)
    return [held, got]`,
  'a socket is used again': `
    const server = await serve((socket) => socket.end('one more'))
    const socket = new net.Socket()
    const { port } = server.address()
    const first = await read(socket.connect(port, '127.0.0.1'))
    socket.removeAllListeners()
    const second = await read(socket.connect(port, '127.0.0.1')); await shut(server)
    return [first, second]`,
  'a server: listening, address, connections, close': `
    const server = net.createServer((socket) => socket.resume())
    const seen = events(server, 'listening connection close error')
    const before = [server.listening, server.address()]
    await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
    const { address, family } = server.address()
    const socket = net.connect(server.address().port, '127.0.0.1').resume()
    await once(server, 'connection')
    const count = await new Promise((resolve) => server.getConnections((error, count) => resolve([error, count])))
    let closed = false
    server.close((error) => { closed = [error === undefined] })
    const after = [server.listening, server.address(), closed]
    socket.end(); await once(server, 'close')
    return [before, address, family, count, after, closed, seen]`,
  'a server that is closed twice, or listens twice': `
    const server = await serve(() => {})
    const errors = []
    try { server.listen(0) } catch (error) { errors.push(error.code) }
    await shut(server)
    await new Promise((resolve) => server.close((error) => { errors.push(error.code); resolve() }))
    return errors`,
  'a port that is taken': `
    const server = await serve(() => {}); const { port } = server.address()
    const second = net.createServer()
    const error = await new Promise((resolve) => { second.on('error', resolve); second.listen(port, '127.0.0.1') })
    await shut(server)
    return [facts(error, port), second.listening]`,
  'more connections than a server wants': `
    const server = await serve((socket) => socket.resume())
    server.maxConnections = 1
    const dropped = []
    server.on('drop', (ends) => dropped.push(Object.keys(ends).toSorted()))
    const first = net.connect(server.address().port, '127.0.0.1').resume(); await once(server, 'connection')
    const second = net.connect(server.address().port, '127.0.0.1').resume()
    second.on('error', () => {}); await once(second, 'close')
    first.end(); await shut(server)
    return dropped`,
  'a server that pauses what connects': `
    let theirs
    const server = await serve({ pauseOnConnect: true }, (socket) => { theirs = socket })
    const socket = net.connect(server.address().port, '127.0.0.1'); socket.end('hello')
    await until(() => theirs)
    let got = ''
    theirs.on('data', (piece) => { got += piece }); await wait(20)
    const held = got
    theirs.resume(); await once(theirs, 'end'); socket.destroy(); theirs.destroy(); await shut(server)
    return [held, got]`,
  'a server stopped by a signal, and disposed of': `
    const stop = new AbortController()
    const server = net.createServer().listen({ port: 0, host: '127.0.0.1', signal: stop.signal })
    await once(server, 'listening'); stop.abort(); await once(server, 'close')
    const other = await serve(() => {})
    await other[Symbol.asyncDispose](); await other[Symbol.asyncDispose]()
    return [server.listening, other.listening]`,
  'a socket piped through a stream': `
    const { pipeline } = require('stream/promises'); const { Transform } = require('stream')
    const upper = () => new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()) } })
    const server = await serve({ allowHalfOpen: true }, (socket) => pipeline(socket, upper(), socket).catch(() => {}))
    const socket = net.connect(server.address().port, '127.0.0.1'); socket.end('shout')
    let all = ''
    for await (const piece of socket) all += piece
    await shut(server)
    return all`,
  'isIP of texts': `
    return ['127.0.0.1', '::1', '::', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', 'fe80::1%eth0', 'fe80::1%', '::ffff:1.2.3.4', '1::2::3',
      '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7::', '12345::', ':1', ':::', '::1.2.3', '::1.2.3.256', 'g::', '', '0x7f.1', undefined, null, 5, {}, ['::1']]
      .map((value) => [net.isIP(value), net.isIPv4(value), net.isIPv6(value)])`,
  'a block list': `
    const list = new net.BlockList()
    list.addAddress('1.2.3.4'); list.addRange('10.0.0.1', '10.0.0.9'); list.addSubnet('8592:757c:efae:4e45::', 64, 'ipv6'); list.addSubnet('192.168.0.0', 16)
    const asked = [['1.2.3.4'], ['1.2.3.5'], ['10.0.0.5'], ['10.0.0.10'], ['::ffff:1.2.3.4', 'ipv6'], ['::ffff:102:304', 'ipv6'], ['8592:757c:efae:4e45:fb5d::1', 'ipv6'],
      ['8592:757c:efae:4e46::1', 'ipv6'], ['192.168.77.1'], ['192.169.0.1'], ['1.2.3.4', 'ipv4']].map((args) => list.check(...args))
    const errors = [() => list.addSubnet('1.1.1.1', 33), () => list.addAddress('x'), () => list.addAddress('1.1.1.1', 'ipx'), () => list.addRange('2.2.2.2', '1.1.1.1'), () => list.addAddress(5)]
      .map((run) => { try { run(); return 'ran' } catch (error) { return error.code } })
    return [asked, errors, list.rules.toSorted()]`,
  'an address of a socket': `
    const { address, family, port, flowlabel } = new net.SocketAddress({ address: '1.2.3.4', port: 80 })
    const six = new net.SocketAddress({ family: 'ipv6' })
    return [address, family, port, flowlabel, six.address, six.port, six.family]`,
  'defaults that a program changes for itself': `
    const before = net.getDefaultAutoSelectFamily()
    net.setDefaultAutoSelectFamily(!before)
    const changed = net.getDefaultAutoSelectFamily(); net.setDefaultAutoSelectFamily(before)
    net.setDefaultAutoSelectFamilyAttemptTimeout(5)
    return [before, changed, net.getDefaultAutoSelectFamilyAttemptTimeout()]`,
  'names under which the same is there': `
    return [net.Stream === net.Socket, net.connect === net.createConnection, net.connect.length >= 0, new net.Socket() instanceof require('stream').Duplex,
      net.createServer() instanceof net.Server, net.createServer() instanceof require('events').EventEmitter]`,
}

const HELPERS = `
  const net = require('net')
  const { once: onceOf } = require('events')
  const once = (emitter, name) => new Promise((resolve) => emitter.once(name, (value) => resolve(value)))
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const until = async (condition) => { while (!condition()) await wait(1) }
  const events = (emitter, names) => {
    const seen = []
    for (const name of names.split(' ')) emitter.on(name, () => { if (name !== 'data' || seen.at(-1) !== 'data') seen.push(name) })
    return seen
  }
  const serve = async (...args) => { const server = net.createServer(...args); await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)); return server }
  const shut = (server) => new Promise((resolve) => server.close(() => resolve()))
  const read = (socket) => new Promise((resolve, reject) => {
    let all = ''
    socket.on('data', (piece) => { all += piece }).on('error', reject).on('close', () => resolve(all))
  })
  const facts = ({ code, errno, syscall, address, port, message }, real) => [code, errno, syscall, address, port === real, message.replace(String(real), 'PORT')]
`

t.test('each case comes out as in Node', async (t) => {
  const thread = await netThread(t, {
    connect: ['127.0.0.1:1-65535', 'localhost:1-65535'],
    listen: ['127.0.0.1:0-65535'],
  })
  const require = createRequire(import.meta.url)
  for (const [name, body] of Object.entries(CASES)) {
    const source = `(async (require) => {${HELPERS}${body}\n})`
    const ofNode = await timely(
      (runInThisContext(source) as (load: typeof require) => Promise<unknown>)(require),
    )
    const ours = await timely(
      thread.value(`(${source})(require).catch((error) => 'failed: ' + error.message)`),
    )
    t.same(ours, JSON.parse(JSON.stringify(ofNode ?? null)), name)
  }
  t.same(await thread.send({ kind: 'logs' }), [], 'nothing was thrown aside')
})

/** A case that hangs is a finding, and the next one is still run. */
function timely(result: Promise<unknown>): Promise<unknown> {
  return Promise.race([result, new Promise((resolve) => setTimeout(resolve, 3000, 'hangs').unref())])
}
