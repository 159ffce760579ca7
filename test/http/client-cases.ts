/** What a client does that can be seen from outside; each case gives one value, which is the same with Node's. */
import { once } from 'node:events'
import { finished, pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import net from 'node:net'
import type { IncomingMessage } from 'node:http'
import { answerOf, eventsOf, quiet, thrown, type World } from './world.js'

export type Case = (world: World) => Promise<unknown>

const OK = 'HTTP/1.1 200 OK\r\n'

/** The bytes that a request puts on the wire, answered with an empty response. */
async function wire(
  world: World,
  options: object,
  use?: (req: ReturnType<World['client']['request']>) => void,
): Promise<string> {
  let text = ''
  const port = await world.listen(
    net.createServer((socket) => {
      world.own(socket)
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1')
        if (/\r\n\r\n/.test(text))
          setTimeout(() => socket.end(`${OK}Content-Length: 0\r\nConnection: close\r\n\r\n`), 20)
      })
    }),
  )
  const req = world.client.request({ host: '127.0.0.1', port, agent: false, ...options })
  if (use === undefined) req.end()
  else use(req)
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  await answerOf(res)
  return text.replaceAll(String(port), 'PORT')
}

const head = (world: World, answer: string | readonly string[], options: object = {}) =>
  world.rawServer(answer).then((port) => world.ask({ port, ...options }))

const refuses =
  (options: object): Case =>
  async ({ client }) =>
    thrown(() => quiet(client.request(options)).destroy())

export const CLIENT: Readonly<Record<string, Case>> = {
  'a request without options goes to the root': (w) => wire(w, {}),
  'a body in one call is sent with its length': (w) =>
    wire(w, { method: 'POST' }, (req) => void req.end('hello')),
  'a body in pieces is sent in chunks': (w) =>
    wire(w, { method: 'PUT', path: '/p?q=1' }, (req) => {
      req.write('one')
      req.write(Buffer.from('two'))
      req.end()
    }),
  'a body as long as announced is not chunked': (w) =>
    wire(w, { method: 'PUT', headers: { 'content-length': 6 } }, (req) => {
      req.write('one')
      req.end('two')
    }),
  'an empty POST says that it has no body': (w) => wire(w, { method: 'POST' }),
  'an empty DELETE says nothing of a body': (w) => wire(w, { method: 'DELETE' }),
  'encodings of a text': (w) => wire(w, { method: 'POST' }, (req) => void req.end('68656c6c6f', 'hex')),
  'characters beyond Latin-1 are counted in bytes': (w) =>
    wire(w, { method: 'POST' }, (req) => void req.end('äöü€')),
  'trailers follow a chunked body': (w) =>
    wire(w, { method: 'POST', headers: { Trailer: 'X-Sum' } }, (req) => {
      req.write('body')
      req.addTrailers({ 'X-Sum': 'abc' })
      req.end()
    }),
  'user and password become a header': (w) => wire(w, { auth: 'user:päss' }),
  'a given Host header is kept': (w) => wire(w, { headers: { host: 'example.test' } }),
  'no Host header where none is wanted': (w) => wire(w, { setHost: false }),
  'headers keep their spelling, lists become several lines': (w) =>
    wire(w, { headers: { 'X-LiSt': ['a', 'b'], Cookie: ['c=1', 'd=2'] } }),
  'headers as a flat list are sent as they are': (w) =>
    wire(w, { headers: ['Host', 'h.test', 'X-A', '1', 'X-B', '2'] }),
  'unique headers are joined': (w) => wire(w, { headers: { 'X-One': ['a', 'b'] }, uniqueHeaders: ['x-one'] }),
  'an agent that keeps sockets says so': (w) =>
    wire(w, { agent: w.own(new w.client.Agent({ keepAlive: true })) }),
  'a Connection header of the program is kept': (w) =>
    wire(w, { headers: { Connection: 'upgrade', Upgrade: 'foo' } }),
  'flushHeaders sends the head before the body': (w) =>
    wire(w, { method: 'POST', headers: { 'content-length': 2 } }, (req) => {
      req.flushHeaders()
      setImmediate(() => req.end('hi'))
    }),
  'setHeader, getHeader and their kin': async ({ client }) => {
    const req = quiet(client.request({ host: '127.0.0.1', port: 9 }))
    req.setHeader('X-One', 1)
    req.setHeader('x-list', ['a', 'b'])
    req.appendHeader('X-List', 'c')
    req.appendHeader('X-New', 'n')
    const before = [
      req.getHeader('X-ONE'),
      req.getHeader('x-list'),
      req.getHeaderNames(),
      req.getRawHeaderNames(),
    ]
    req.removeHeader('x-ONE')
    const after = [
      req.hasHeader('x-one'),
      req.hasHeader('HOST'),
      { ...req.getHeaders() },
      req.getHeader('none'),
    ]
    req.destroy()
    return JSON.parse(
      JSON.stringify([before, after, req.path, req.method, req.host, req.protocol]).replaceAll(':9', ''),
    )
  },
  'headers cannot change once they were sent': async ({ client }) => {
    const req = quiet(client.request({ host: '127.0.0.1', port: 9 }))
    req.flushHeaders()
    const codes = [
      thrown(() => req.setHeader('a', 'b')),
      thrown(() => req.removeHeader('a')),
      thrown(() => req.appendHeader('a', 'b')),
      req.headersSent,
    ]
    req.destroy()
    return codes
  },
  'a line end in a value is refused': refuses({ headers: { a: 'b\r\nc: d' } }),
  'a line end in a name is refused': refuses({ headers: { 'a\r\nb': 'c' } }),
  'a space in a name is refused': refuses({ headers: { 'a b': 'c' } }),
  'an empty name is refused': refuses({ headers: { '': 'c' } }),
  'a value that is undefined is refused': refuses({ headers: { a: undefined } }),
  'a value beyond Latin-1 is refused': refuses({ headers: { a: '€' } }),
  'a line end in a list of values is refused': refuses({ headers: { a: ['b', 'c\n'] } }),
  'a line end in a path is refused': refuses({ path: '/a\r\nb' }),
  'a space in a path is refused': refuses({ path: '/a b' }),
  'a path beyond Latin-1 is refused': refuses({ path: '/€' }),
  'a line end in a method is refused': refuses({ method: 'GET\r\n' }),
  'a method of another type is refused': refuses({ method: 1 }),
  'another protocol is refused': refuses({ protocol: 'ftp:' }),
  'an agent that is none is refused': refuses({ agent: {} }),
  'a host of another type is refused': refuses({ hostname: 1 }),
  'a timeout of another type is refused': refuses({ timeout: '1' }),
  'a line end in trailers is refused': async ({ client }) => {
    const req = quiet(client.request({ port: 9 }))
    const codes = [
      thrown(() => req.addTrailers({ a: 'b\r\n' })),
      thrown(() => req.addTrailers({ 'a\n': 'b' })),
    ]
    req.destroy()
    return codes
  },
  'a response with a length': (w) => head(w, `${OK}Content-Length: 5\r\n\r\nhello`),
  'a response in chunks, with extensions and trailers': async (w) => {
    const port = await w.rawServer(
      `${OK}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\nx-t: 2\r\n\r\n`,
    )
    const req = w.client.get({ port, host: '127.0.0.1', agent: false })
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return [
      res.trailers,
      await answerOf(res),
      res.trailers,
      res.rawTrailers,
      res.trailersDistinct,
      res.complete,
    ]
  },
  'a response that ends with its connection': (w) => head(w, `${OK}X: y\r\n\r\nuntil the end`),
  'a response of HTTP/1.0': async (w) => {
    const port = await w.rawServer('HTTP/1.0 200 Fine\r\n\r\nold')
    const req = w.client.get({ port, host: '127.0.0.1', agent: false })
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return [res.httpVersion, res.httpVersionMajor, res.httpVersionMinor, await answerOf(res)]
  },
  'a response without a reason': (w) => head(w, 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'),
  'a response byte by byte': (w) => head(w, Array.from(`${OK}Content-Length: 3\r\nA: b\r\n\r\nabc`)),
  'a response to HEAD has no body, whatever its length says': (w) =>
    head(w, `${OK}Content-Length: 500\r\n\r\n`, { method: 'HEAD' }),
  'a 204 has no body': (w) => head(w, 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'),
  'a 304 has no body': (w) => head(w, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'),
  'a response cut short is an error': (w) => head(w, `${OK}Content-Length: 50\r\n\r\nhello`),
  'chunks cut short are an error': (w) => head(w, `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`),
  'no response at all is an error': async (w) => w.ask({ port: await w.rawServer('', 'destroy') }),
  'half a head is an error': (w) => head(w, `${OK}X-A`),
  'garbage is an error': (w) => head(w, 'garbage\r\n\r\n'),
  'a head without end is an error': (w) => head(w, `${OK}X: ${'a'.repeat(40_000)}`),
  'a head beyond maxHeaderSize is an error': (w) =>
    head(w, `${OK}X: ${'a'.repeat(600)}\r\nContent-Length: 0\r\n\r\n`, { maxHeaderSize: 500 }),
  'a refused connection is an error': async (w) => {
    const closed = net.createServer()
    const port = await w.listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    return w.ask({ port })
  },
  'duplicate headers are joined by their names': async (w) => {
    const lines = [
      'Set-Cookie: a',
      'set-cookie: b',
      'X: 1',
      'x: 2',
      'Cookie: c',
      'cookie: d',
      'Age: 1',
      'age: 2',
    ]
    const port = await w.rawServer(
      `${OK}${lines.join('\r\n')}\r\n__proto__x: 1\r\nconstructor: c\r\nContent-Length: 0\r\n\r\n`,
    )
    const get = async (options: object) => {
      const req = w.client.get({ port, host: '127.0.0.1', agent: false, ...options })
      const [res] = (await once(req, 'response')) as [IncomingMessage]
      res.resume()
      return [{ ...res.headers }, { ...res.headersDistinct }, res.rawHeaders]
    }
    return [await get({}), await get({ joinDuplicateHeaders: true })]
  },
  'more headers than maxHeadersCount are left out': async (w) => {
    const lines = Array.from({ length: 10 }, (_, at) => `X-${at}: ${at}`)
    const port = await w.rawServer(`${OK}Content-Length: 0\r\n${lines.join('\r\n')}\r\n\r\n`)
    const req = w.client.request({ port, host: '127.0.0.1', agent: false })
    req.maxHeadersCount = 4
    req.end()
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    res.resume()
    return res.headers
  },
  'informational responses come before the response': async (w) => {
    const port = await w.rawServer(
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`,
    )
    const req = w.client.get({ port, host: '127.0.0.1', agent: false })
    const told: unknown[] = []
    req.on('information', ({ statusCode, statusMessage, rawHeaders }) =>
      told.push([statusCode, statusMessage, rawHeaders]),
    )
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return [told, await answerOf(res)]
  },
  'a 101 hands the socket over': async (w) => {
    const port = await w.rawServer(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nfirst bytes',
      'stay',
    )
    const req = w.client.get({
      port,
      host: '127.0.0.1',
      headers: { Connection: 'Upgrade', Upgrade: 'foo' },
      agent: w.own(new w.client.Agent({ keepAlive: true })),
    })
    const events = eventsOf(req, ['socket', 'response', 'upgrade', 'close', 'error'], 'close')
    const [res, socket, rest] = (await once(req, 'upgrade')) as [IncomingMessage, net.Socket, Buffer]
    w.own(socket)
    return [res.statusCode, res.headers, rest.toString(), socket.destroyed, await events]
  },
  'a 101 nobody listens for closes the connection': async (w) => {
    const port = await w.rawServer('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n', 'stay')
    const req = quiet(w.client.get({ port, host: '127.0.0.1', agent: false }))
    const [socket] = (await once(req, 'socket')) as [net.Socket]
    await once(socket, 'close')
    return socket.destroyed
  },
  'CONNECT hands the socket over': async (w) => {
    const port = await w.rawServer('HTTP/1.1 200 Established\r\n\r\nTUNNEL', 'stay')
    const req = w.client.request({
      port,
      host: '127.0.0.1',
      method: 'CONNECT',
      path: 'other:443',
      agent: false,
    })
    req.end()
    const [res, socket, rest] = (await once(req, 'connect')) as [IncomingMessage, net.Socket, Buffer]
    w.own(socket)
    return [res.statusCode, rest.toString()]
  },
  'the order of events of a plain request': async (w) => {
    const port = await w.rawServer(`${OK}Content-Length: 2\r\n\r\nhi`)
    const req = w.client.request({ port, host: '127.0.0.1', agent: false, method: 'POST' })
    const seen = eventsOf(req, ['socket', 'finish', 'response', 'close', 'error', 'abort'], 'close')
    req.on('response', (res) => res.resume())
    req.end('x')
    return seen
  },
  'the order of events of a refused connection': async (w) => {
    const closed = net.createServer()
    const port = await w.listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const req = w.client.request({ port, host: '127.0.0.1', agent: false })
    const seen = eventsOf(req, ['socket', 'response', 'close', 'error'], 'close')
    req.end()
    return [await seen, req.destroyed, req.closed, thrown(() => req.end())]
  },
  'destroy before there is a socket': async (w) => {
    const port = await w.rawServer(OK)
    const req = w.client.request({ port, host: '127.0.0.1', agent: false })
    const seen = eventsOf(req, ['socket', 'response', 'close', 'error', 'abort'], 'close')
    req.destroy()
    return [await seen, req.destroyed]
  },
  'abort before the response': async (w) => {
    const port = await w.rawServer('', 'stay')
    const req = w.client.request({ port, host: '127.0.0.1', agent: false })
    const seen = eventsOf(req, ['response', 'close', 'error', 'abort'], 'close')
    req.end()
    req.on('socket', (socket) => socket.on('connect', () => req.abort()))
    return [await seen, req.aborted, req.destroyed]
  },
  'destroy with an error tells that error': async (w) => {
    const port = await w.rawServer('', 'stay')
    const req = w.client.request({ port, host: '127.0.0.1', agent: false })
    const seen = eventsOf(req, ['response', 'close', 'error'], 'close')
    req.end()
    req.on('socket', (socket) =>
      socket.on('connect', () => req.destroy(Object.assign(new Error('x'), { code: 'MINE' }))),
    )
    return seen
  },
  'destroy in the middle of a response': async (w) => {
    const port = await w.rawServer(`${OK}Content-Length: 50\r\n\r\nhello`, 'stay')
    const req = w.client.get({ port, host: '127.0.0.1', agent: false })
    const all = eventsOf(req, ['close', 'error'], 'close')
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    const seen = eventsOf(res, ['aborted', 'error', 'end', 'close'], 'close')
    res.once('data', () => req.destroy())
    return [await seen, await all, res.aborted, res.complete, res.destroyed]
  },
  'a signal aborts': async (w) => {
    const port = await w.rawServer('', 'stay')
    const control = new AbortController()
    const req = w.client.get({ port, host: '127.0.0.1', agent: false, signal: control.signal })
    req.on('socket', (socket) => socket.on('connect', () => control.abort()))
    const [error] = (await once(req, 'error')) as [NodeJS.ErrnoException]
    return [error.name, error.code]
  },
  'a timeout is told and ends nothing': async (w) => {
    const port = await w.rawServer('', 'stay')
    const req = quiet(w.client.get({ port, host: '127.0.0.1', agent: false, timeout: 30 }))
    await once(req, 'timeout')
    const { destroyed } = req
    req.destroy()
    return destroyed
  },
  'setTimeout takes a listener': async (w) => {
    const port = await w.rawServer('', 'stay')
    const req = quiet(w.client.get({ port, host: '127.0.0.1', agent: false }))
    await new Promise<void>((resolve) => void req.setTimeout(30, resolve))
    req.destroy()
    return 'told'
  },
  'a URL as text, with options over it': async (w) => {
    const port = await w.listen(
      w.server.createServer(
        (req, res) => void res.end(`${req.method} ${req.url} ${req.headers.authorization}`),
      ),
    )
    const req = w.client.request(`http://u%20x:p@127.0.0.1:${port}/a/b?c=d#e`, {
      method: 'PUT',
      agent: false,
    })
    req.end()
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return (await answerOf(res)).body
  },
  'a URL object and a listener': async (w) => {
    const port = await w.listen(w.server.createServer((req, res) => void res.end(req.url)))
    return new Promise((resolve) => {
      w.client.get(
        new URL(`http://127.0.0.1:${port}/x%20y?`),
        { agent: false },
        (res) => void answerOf(res).then(({ body }) => resolve(body)),
      )
    })
  },
  'createConnection gives the socket': async (w) => {
    const port = await w.rawServer(`${OK}Content-Length: 2\r\n\r\nhi`)
    let sockets = 0
    const createConnection = () => {
      sockets++
      return net.connect(port, '127.0.0.1')
    }
    return [await w.ask({ port: 1, createConnection, agent: undefined as never }), sockets]
  },
  'createConnection may call back': async (w) => {
    const port = await w.rawServer(`${OK}Content-Length: 2\r\n\r\nhi`)
    const agent = w.own(new w.client.Agent())
    Object.assign(agent, {
      createConnection(_options: object, done: (error: unknown, socket?: net.Socket) => void) {
        setImmediate(() => done(null, net.connect(port, '127.0.0.1')))
      },
    })
    return w.ask({ port: 1, agent })
  },
  'createConnection that fails fails the request': async (w) => {
    const createConnection = (_options: object, done: (error: Error) => void): undefined => {
      setImmediate(() => done(Object.assign(new Error('x'), { code: 'NO_WAY' })))
    }
    return w.ask({ port: 1, createConnection: createConnection as never, agent: undefined as never })
  },
  'a stream as a body': async (w) => {
    const port = await w.listen(w.server.createServer((req, res) => req.pipe(res)))
    const req = w.client.request({ port, host: '127.0.0.1', method: 'POST', agent: false })
    const answer = once(req, 'response').then(([res]) => answerOf(res as IncomingMessage))
    await pipeline(Readable.from(['a', 'b'.repeat(100_000), 'c']), req)
    const { body, ...rest } = await answer
    return [body?.length, rest]
  },
  'finished() knows when a request and a response are over': async (w) => {
    const port = await w.rawServer(`${OK}Content-Length: 2\r\n\r\nhi`)
    const req = w.client.request({ port, host: '127.0.0.1', method: 'POST', agent: false })
    req.end('x')
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    res.resume()
    await Promise.all([finished(req), finished(res)])
    return [req.writableFinished, res.readableEnded]
  },
  'write after end is an error': async (w) => {
    const port = await w.rawServer('', 'stay')
    const req = quiet(w.client.request({ port, host: '127.0.0.1', method: 'POST', agent: false }))
    req.end('x')
    const told = once(req, 'error') as Promise<[NodeJS.ErrnoException]>
    const ok = req.write('y')
    const codes = [ok, (await told)[0].code]
    req.destroy()
    return codes
  },
  'chunks of another type are refused': async ({ client }) => {
    const req = quiet(client.request({ port: 9, method: 'POST' }))
    const codes = [1, {}, null, undefined].map((chunk) => thrown(() => req.write(chunk)))
    req.destroy()
    return codes
  },
  'a program that reads slowly holds the server up': async (w) => {
    const server = w.server.createServer((_req, res) => {
      res.writeHead(200)
      const more = (): void => {
        while (sent < 64 && res.write(Buffer.alloc(262_144))) sent++
        if (sent < 64) {
          sent++
          res.once('drain', more)
        } else res.end()
      }
      let sent = 0
      more()
    })
    const port = await w.listen(server)
    const req = w.client.get({ port, host: '127.0.0.1', agent: false })
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    await new Promise((resolve) => setTimeout(resolve, 50))
    const held = res.readableLength < 1_000_000
    let bytes = 0
    for await (const chunk of res) bytes += (chunk as Buffer).length
    return [held, bytes]
  },
}
