/** A web server with one path for each thing that `fetch` has to do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Stops, TestServer } from './child.js'
import { countConnections } from './count.js'

type Answer = (request: IncomingMessage, response: ServerResponse, elsewhere: number) => void

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/json': (_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end('{"title":"Moby Dick"}')
  },
  '/echo': (request, response) => {
    response.setHeader('x-method', request.method ?? '')
    response.setHeader('content-type', request.headers['content-type'] ?? 'none')
    request.pipe(response)
  },
  '/redirect': (_, response) => response.writeHead(302, { location: '/json' }).end(),
  // To a port that the plugin was not granted.
  '/away': (_, response, elsewhere) =>
    response.writeHead(302, { location: `http://127.0.0.1:${elsewhere}/json` }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/missing': (_, response) => response.writeHead(404).end('no such page'),
  '/gzip': (_, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync('call me ishmael'))
  },
  // One megabyte, and no more of it than the reader takes.
  '/stream': (_, response) => {
    let left = 16
    const more = (): void => {
      while (left > 0) {
        left -= 1
        if (!response.write(Buffer.alloc(65_536, left))) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  },
  // Headers and one chunk, and then nothing: what an abort has to end.
  '/silent': (_, response) => void response.write('first'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('ten bytes.', () => response.destroy())
  },
}

/** @param elsewhere - the port that `/away` leads to */
export async function startHttp(t: Stops, elsewhere = 0): Promise<TestServer> {
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const answer = Object.hasOwn(ANSWERS, path) ? ANSWERS[path] : ANSWERS['/missing']
    answer?.(request, response, elsewhere)
  })
  const accepted = countConnections(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, accepted }
}
