/** What a server does that can be seen from outside; each case gives one value, which is the same with Node's. */
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http'
import type net from 'node:net'
import type { Case } from './client-cases.js'
import { eventsOf, thrown } from './world.js'

const CLOSE = 'Connection: close\r\n\r\n'
const GET = `GET / HTTP/1.1\r\nHost: h\r\n${CLOSE}`

const answers =
  (
    request: string | readonly string[],
    listener: RequestListener,
    options: ServerOptions & { end?: boolean } = {},
  ): Case =>
  async (w) => {
    const { end = false, ...settings } = options
    const port = await w.listen(w.server.createServer(settings, listener))
    return w.raw(port, request, { end })
  }

const echo: RequestListener = (req, res) => {
  let body = ''
  req.on('data', (bytes: Buffer) => (body += bytes.toString()))
  req.on('end', () => void res.end(`${req.method} ${req.url} ${body}`))
}

const inResponse =
  (use: (res: ServerResponse, req: IncomingMessage) => unknown): Case =>
  async (w) => {
    let value: unknown
    const port = await w.listen(
      w.server.createServer((req, res) => {
        value = use(res, req)
        if (!res.writableEnded) res.end()
      }),
    )
    const text = await w.raw(port, GET)
    return [await value, text]
  }

export const SERVER: Readonly<Record<string, Case>> = {
  'a body in one call': answers(GET, (_req, res) => void res.end('hello')),
  // In chunks of which size is Node's own business: newer ones join those of one turn.
  'a body in pieces': async (w) => {
    const server = w.server.createServer((_req, res) => {
      res.write('one')
      res.write('two')
      res.end('three')
    })
    return w.ask({ port: await w.listen(server) })
  },
  'no body': answers(GET, (_req, res) => void res.end()),
  'a response to HEAD': answers(GET.replace('GET', 'HEAD'), (_req, res) => void res.end('hello')),
  'a 204 with a body': answers(GET, (_req, res) => void res.writeHead(204).end('hello')),
  'a 304 with a body': answers(GET, (_req, res) => {
    res.statusCode = 304
    res.end('hello')
  }),
  'writeHead with a message and headers': answers(GET, (_req, res) => {
    res.setHeader('X-Set', 'a')
    res.setHeader('X-Both', 'a')
    res.writeHead(201, 'Made', { 'X-Both': 'b', 'X-List': ['1', '2'] }).end('x')
  }),
  'writeHead with a flat list': answers(
    GET,
    (_req, res) => void res.writeHead(200, ['X-A', '1', 'X-a', '2']).end('x'),
  ),
  'writeHead with pairs': answers(
    GET,
    (_req, res) => void res.writeHead(200, [['X-A', '1']] as never).end('x'),
  ),
  statusMessage: answers(GET, (_req, res) => {
    res.statusMessage = 'Own words'
    res.end()
  }),
  'a status nobody knows': answers(GET, (_req, res) => void res.writeHead(299).end()),
  'a length that was set': answers(GET, (_req, res) => {
    res.setHeader('Content-Length', 6)
    res.write('abc')
    res.end('def')
  }),
  'no Date': answers(GET, (_req, res) => {
    res.sendDate = false
    res.end()
  }),
  trailers: answers(GET, (_req, res) => {
    res.writeHead(200, { Trailer: 'X-Sum' })
    res.write('body')
    res.addTrailers({ 'X-Sum': '1' })
    res.end()
  }),
  setHeaders: answers(GET, (_req, res) => {
    res.setHeaders(
      new Map([
        ['X-A', '1'],
        ['X-B', '2'],
      ]),
    )
    res.end()
  }),
  flushHeaders: answers(GET, (_req, res) => {
    res.flushHeaders()
    setImmediate(() => res.end('later'))
  }),
  'early hints, processing and continue': answers(GET, (_req, res) => {
    res.writeContinue()
    res.writeProcessing()
    res.writeEarlyHints({ link: ['</a.css>; rel=preload; as=style'], 'x-trace': 'id' })
    res.end('x')
  }),
  'a request in chunks': answers(
    `POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n${CLOSE}3\r\nabc\r\n4;x\r\ndefg\r\n0\r\n\r\n`,
    echo,
  ),
  'a request with a length, byte by byte': answers(
    Array.from(`POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n${CLOSE}abc`),
    echo,
  ),
  'a request of HTTP/1.0': answers('GET / HTTP/1.0\r\n\r\n', (_req, res) => {
    res.write('a')
    res.end('b')
  }),
  'pipelined requests are answered in order': answers(
    `GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n${CLOSE}`,
    (req, res) => void setTimeout(() => res.end(req.url), req.url === '/1' ? 30 : 1),
  ),
  'a body nobody reads does not hold up the next request': answers(
    `POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: h\r\n${CLOSE}`,
    (req, res) => void res.end(req.url),
  ),
  'a request without Host': answers(`GET / HTTP/1.1\r\n${CLOSE}`, (_req, res) => void res.end()),
  'a request without Host, where that is allowed': answers(
    `GET / HTTP/1.1\r\n${CLOSE}`,
    (_req, res) => void res.end('fine'),
    { requireHostHeader: false },
  ),
  'Expect: 100-continue': answers(
    `POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n${CLOSE}hi`,
    echo,
  ),
  'another expectation': answers(`POST / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n${CLOSE}`, echo),
  'checkContinue and checkExpectation': async (w) => {
    const server = w.server.createServer(echo)
    server.on('checkContinue', (_req, res: ServerResponse) => void res.writeHead(401).end('no'))
    server.on('checkExpectation', (_req, res: ServerResponse) => void res.writeHead(402).end('no'))
    const port = await w.listen(server)
    const send = (what: string) =>
      w.raw(port, `POST / HTTP/1.1\r\nHost: h\r\nExpect: ${what}\r\nContent-Length: 2\r\n\r\n`, {
        end: false,
      })
    return [
      await send('100-continue'),
      await w.raw(port, `POST / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n${CLOSE}`),
    ]
  },
  'an upgrade is handed over': async (w) => {
    const server = w.server.createServer(echo)
    server.on('upgrade', (req: IncomingMessage, socket: net.Socket, rest: Buffer) => {
      socket.end(`HTTP/1.1 101 X\r\n\r\n${req.url} ${req.headers.upgrade} ${rest.toString()}`)
    })
    const port = await w.listen(server)
    return w.raw(port, 'GET /u HTTP/1.1\r\nHost: h\r\nConnection: x, Upgrade\r\nUpgrade: foo\r\n\r\nrest')
  },
  'an upgrade nobody listens for is a request': answers(
    'GET /u HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: foo\r\n\r\n',
    (_req, res) => void res.end('plain'),
  ),
  'CONNECT is handed over': async (w) => {
    const server = w.server.createServer(echo)
    server.on(
      'connect',
      (req: IncomingMessage, socket: net.Socket) => void socket.end(`tunnel to ${req.url}`),
    )
    return w.raw(await w.listen(server), 'CONNECT other:1 HTTP/1.1\r\nHost: h\r\n\r\n')
  },
  'CONNECT nobody listens for is closed': answers('CONNECT other:1 HTTP/1.1\r\nHost: h\r\n\r\n', echo),
  'a malformed request is answered 400': answers('GARBAGE\r\n\r\n', echo),
  'a head too large is answered 431': answers(
    `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    echo,
  ),
  'clientError has the socket': async (w) => {
    const server = w.server.createServer(echo)
    server.on(
      'clientError',
      (error: NodeJS.ErrnoException, socket: net.Socket) =>
        void socket.end(`own: ${error.code?.slice(0, 4)}`),
    )
    return w.raw(await w.listen(server), 'GARBAGE\r\n\r\n')
  },
  maxRequestsPerSocket: async (w) => {
    const server = w.server.createServer((req, res) => void res.end(req.url))
    server.maxRequestsPerSocket = 2
    const one = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`
    return w.raw(await w.listen(server), one('/1') + one('/2') + one('/3'), { end: true })
  },
  'an idle connection is closed after keepAliveTimeout': async (w) => {
    const server = w.server.createServer(
      { keepAliveTimeout: 30, keepAliveTimeoutBuffer: 0 } as ServerOptions,
      echo,
    )
    return w.raw(await w.listen(server), 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  },
  'a head that never ends is answered 408': async (w) => {
    const options = { headersTimeout: 30, requestTimeout: 60, connectionsCheckingInterval: 20 }
    return w.raw(await w.listen(w.server.createServer(options, echo)), 'GET / HTTP/1.1\r\nHost: ')
  },
  'a body that never ends is answered 408': async (w) => {
    const options = { headersTimeout: 30, requestTimeout: 60, connectionsCheckingInterval: 20 }
    const port = await w.listen(w.server.createServer(options, () => undefined))
    return w.raw(port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc')
  },
  'timeout without a listener closes': async (w) => {
    const server = w.server.createServer(() => undefined)
    server.setTimeout(30)
    return w.raw(await w.listen(server), GET.replace('close', 'keep-alive'))
  },
  'what a response knows of itself': inResponse((res, req) => {
    const before = [
      res.headersSent,
      res.writableEnded,
      res.finished,
      res.statusCode,
      res.req === req,
      res.sendDate,
    ]
    res.writeHead(202)
    return [
      before,
      res.headersSent,
      res.statusCode,
      res.statusMessage,
      thrown(() => res.setHeader('a', 'b')),
      thrown(() => res.writeHead(200)),
    ]
  }),
  'what a request knows of itself': inResponse((_res, req) => [
    req.method,
    req.url,
    req.httpVersion,
    req.headers,
    req.rawHeaders,
    req.complete,
    req.aborted,
    req.readable,
  ]),
  'statuses and messages that are refused': inResponse((res) => [
    thrown(() => res.writeHead(99)),
    thrown(() => res.writeHead(1000)),
    thrown(() => res.writeHead('x' as never)),
    thrown(() => res.writeHead(200, 'a\r\nb: c')),
    (res.statusMessage = 'OK'),
    thrown(() => res.setHeader('a', 'b\nc')),
    thrown(() => res.setHeader('a\n', 'b')),
    thrown(() => res.setHeader('a', undefined as never)),
    thrown(() => res.writeEarlyHints({ link: 'bad' })),
    thrown(() => res.write(1)),
  ]),
  strictContentLength: async (w) => {
    const codes: unknown[] = []
    const server = w.server.createServer((_req, res) => {
      res.strictContentLength = true
      res.setHeader('Content-Length', 2)
      codes.push(thrown(() => res.end('three')))
      res.destroy()
    })
    await w.raw(await w.listen(server), GET)
    return codes
  },
  rejectNonStandardBodyWrites: async (w) => {
    let code = ''
    const server = w.server.createServer({ rejectNonStandardBodyWrites: true }, (_req, res) => {
      res.writeHead(204)
      code = thrown(() => res.write('x'))
      res.end()
    })
    const text = await w.raw(await w.listen(server), GET)
    return [code, text]
  },
  'events of a response': async (w) => {
    let seen: Promise<unknown> | undefined
    const server = w.server.createServer((_req, res) => {
      seen = eventsOf(res, ['finish', 'close', 'error'], 'close')
      res.end('x')
    })
    await w.raw(await w.listen(server), GET)
    return seen
  },
  'a client that leaves in the middle': async (w) => {
    const server = w.server.createServer()
    const port = await w.listen(server)
    const req = w.client.request({ port, host: '127.0.0.1', method: 'POST', agent: false })
    req.on('error', () => undefined)
    req.write('part')
    const [incoming, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
    incoming.on('error', () => undefined)
    const seen = Promise.all([
      eventsOf(incoming, ['aborted', 'end', 'close'], 'close'),
      eventsOf(res, ['finish', 'close'], 'close'),
    ])
    incoming.once('data', () => req.destroy())
    return [await seen, incoming.aborted, incoming.complete, res.writableFinished, res.destroyed]
  },
  'close ends idle connections and lets others finish': async (w) => {
    const server = w.server.createServer(
      (req, res) => void setTimeout(() => res.end('late'), Number(req.url?.slice(1))),
    )
    const port = await w.listen(server)
    const agent = w.own(new w.client.Agent({ keepAlive: true }))
    await w.ask({ port, agent, path: '/0' })
    const answer = w.ask({ port, path: '/40' })
    await once(server, 'request')
    const closed = new Promise((resolve) => server.close(resolve))
    return [(await answer).body, (await closed) === undefined, server.listening]
  },
  closeAllConnections: async (w) => {
    const server = w.server.createServer(() => server.closeAllConnections())
    return w.ask({ port: await w.listen(server) })
  },
  'classes of the program': async (w) => {
    const { IncomingMessage: In, ServerResponse: Out } = w.server
    class MyIn extends In {
      get twice(): string {
        return `${this.url}${this.url}`
      }
    }
    class MyOut extends Out<MyIn> {
      say(text: string): void {
        this.end(text)
      }
    }
    const server = w.server.createServer({ IncomingMessage: MyIn, ServerResponse: MyOut }, (req, res) =>
      res.say(req.twice),
    )
    return w.raw(await w.listen(server), GET)
  },
  'a large body both ways': async (w) => {
    const server = w.server.createServer((req, res) => {
      const pieces: Buffer[] = []
      req.on('data', (piece: Buffer) => pieces.push(piece))
      req.on('end', () => void res.end(Buffer.concat(pieces)))
    })
    const body = Buffer.alloc(3_000_000, 'abcdefg')
    const answer = await w.ask({ port: await w.listen(server), method: 'POST' }, body)
    return [answer.body === body.toString(), answer.headers]
  },
  'a constructor without new': async (w) => {
    const server = (w.server.Server as unknown as (listener: RequestListener) => net.Server)(
      (_req, res) => void res.end('x'),
    )
    return w.raw(await w.listen(server), GET)
  },
}
