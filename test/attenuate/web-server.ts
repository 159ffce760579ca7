/** A loopback server with a route for each thing that fetch has to deal with. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface WebServer {
  readonly url: string
  readonly port: number
  /** How many connections and requests it has seen. */
  readonly seen: { connections: number; requests: number }
  /** Resolves when the connection of a request that is under way has ended. */
  readonly gone: () => Promise<void>
}

type Route = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void

const BODY = 'text of some length, '.repeat(2000)
const packed =
  (coding: string, pack: (text: string) => Buffer): Route =>
  (_request, response) => {
    response.setHeader('content-encoding', coding)
    response.end(pack(BODY))
  }

const ROUTES: Readonly<Record<string, Route>> = {
  '/echo': (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { host: _host, connection: _connection, ...headers } = request.headers
      const body = Buffer.concat(parts).toString('latin1')
      const { method, url } = request
      response.end(JSON.stringify({ method, url, headers, length: body.length, body: body.slice(0, 300) }))
    })
  },
  '/status': (_request, response, query) => {
    response.writeHead(Number(query.get('code')), query.get('text') ?? 'Fine', { 'x-is': 'here' })
    response.end()
  },
  '/to': (request, response, query) => {
    request.resume()
    response.writeHead(Number(query.get('code') ?? 302), { location: query.get('url') ?? '/echo' })
    response.end('moved')
  },
  '/to-long': (_request, response) => {
    response.writeHead(302, { location: '/echo' })
    response.end(Buffer.alloc(2_000_000, 'x'))
  },
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/gzip': packed('gzip', gzipSync),
  '/x-gzip': packed('X-GZIP', gzipSync),
  '/deflate': packed('deflate', deflateSync),
  '/deflate-raw': packed('deflate', deflateRawSync),
  '/br': packed('br', brotliCompressSync),
  '/twice': packed('gzip, br', (text) => brotliCompressSync(gzipSync(text))),
  '/unknown': packed('other', (text) => Buffer.from(text)),
  '/not-gzip': packed('gzip', (text) => Buffer.from(text)),
  '/cookies': (_request, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.setHeader('X-Twice', ['1', '2'])
    response.end()
  },
  '/chunks': (_request, response) => {
    response.write('one ')
    setImmediate(() => {
      response.write('two ')
      setImmediate(() => response.end('three'))
    })
  },
  '/large': (_request, response) => response.end(Buffer.alloc(3_000_000, 'l')),
  '/half': (_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half')
    setImmediate(() => response.destroy())
  },
  '/reset': (request) => request.socket.destroy(),
  '/silent': () => {},
  '/open': (_request, response) => {
    response.write('begun')
  },
  '/early': (_request, response) => response.end('early'),
  '/headers': (_request, response) => {
    response.writeHead(
      200,
      [
        ['X-Mixed', 'ü'],
        ['x-mixed', 'two'],
      ].flat(),
    )
    response.end()
  },
}

export async function startWebServer(t: Test): Promise<WebServer> {
  const seen = { connections: 0, requests: 0 }
  let waiting: (() => void)[] = []
  const server: Server = createServer((request, response) => {
    seen.requests += 1
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
    response.on('close', () => {
      if (response.writableFinished) return
      for (const wake of waiting) wake()
      waiting = []
    })
    const route = ROUTES[pathname]
    if (route === undefined) response.writeHead(404).end('no such thing')
    else route(request, response, searchParams)
  })
  server.on('connection', () => (seen.connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const gone = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  return { url: `http://127.0.0.1:${port}`, port, seen, gone }
}
