/** Servers, raw sockets and requests of one conformance case; all of it closes with the case. */
import type { ClientRequest, IncomingMessage, RequestOptions, Server } from 'node:http'
import net from 'node:net'
import type { Http } from './modules.js'

export interface World {
  readonly client: Http
  readonly server: Http
  /** Starts the server on a free port of loopback. */
  listen(server: net.Server): Promise<number>
  /** A server that answers each connection's first bytes with these, and then ends or stays. */
  rawServer(answer: string | Buffer | readonly string[], then?: 'end' | 'stay' | 'destroy'): Promise<number>
  /** Sends a text on a connection of its own and gives what comes back until it is closed. */
  raw(
    port: number,
    text: string | Buffer | readonly string[],
    more?: { readonly end?: boolean },
  ): Promise<string>
  /** One request with its whole response, or the code of its error. */
  ask(
    options: RequestOptions & { readonly port: number },
    body?: string | Buffer | readonly string[],
  ): Promise<Answer>
  /** Sees to it that it is destroyed after the case. */
  own<Thing extends { destroy(): unknown }>(thing: Thing): Thing
  close(): Promise<void>
}
export interface Answer {
  readonly status?: number | undefined
  readonly message?: string | undefined
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: string
  readonly error?: string
}

export function makeWorld(client: Http, server: Http): World {
  const servers: net.Server[] = []
  const things: { destroy(): unknown }[] = []
  const own = <Thing extends { destroy(): unknown }>(thing: Thing): Thing => {
    things.push(thing)
    return thing
  }
  const listen = async (made: net.Server): Promise<number> => {
    servers.push(made)
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
    return (made.address() as net.AddressInfo).port
  }
  const world: World = {
    client,
    server,
    own,
    listen,
    rawServer: (answer, then = 'end') =>
      listen(
        net.createServer((socket) => {
          own(socket)
          socket.on('error', () => undefined)
          socket.once('data', () => {
            void (async () => {
              for (const piece of typeof answer === 'string' || Buffer.isBuffer(answer) ? [answer] : answer) {
                await new Promise((resolve) => socket.write(piece, resolve))
                await new Promise(setImmediate)
              }
              if (then === 'end') socket.end()
              if (then === 'destroy') socket.destroy()
            })()
          })
        }),
      ),
    raw: (port, text, { end = false } = {}) =>
      new Promise((resolve) => {
        const socket = own(net.connect(port, '127.0.0.1'))
        let answer = ''
        socket.on('data', (bytes) => (answer += bytes.toString('latin1')))
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(answer.replaceAll(/^(Date|Keep-Alive): .*\r\n/gm, '')))
        const pieces = typeof text === 'string' || Buffer.isBuffer(text) ? [text] : [...text]
        void (async () => {
          for (const piece of pieces) {
            await new Promise((sent) => socket.write(piece, sent))
            await new Promise(setImmediate)
          }
          if (end) socket.end()
        })()
      }),
    ask: (options, body) =>
      new Promise((resolve) => {
        const req = client.request({ host: '127.0.0.1', agent: false, ...options })
        req.on('error', (error: NodeJS.ErrnoException) => resolve({ error: String(error.code) }))
        req.on('response', (res) => void answerOf(res).then(resolve))
        for (const piece of Array.isArray(body) ? (body as readonly string[]) : []) req.write(piece)
        req.end(Array.isArray(body) ? undefined : body)
      }),
    async close() {
      for (const thing of things) thing.destroy()
      await Promise.all(
        servers.map(
          (made) =>
            new Promise<void>((resolve) => {
              made.close(() => resolve())
              if ('closeAllConnections' in made) (made as Server).closeAllConnections()
            }),
        ),
      )
    },
  }
  return world
}

export async function answerOf(res: IncomingMessage): Promise<Answer> {
  const { date: _date, 'keep-alive': _keepAlive, ...headers } = res.headers
  let body = ''
  return new Promise((resolve) => {
    const answer = { status: res.statusCode, message: res.statusMessage, headers }
    res.on('data', (bytes: Buffer) => (body += bytes.toString('latin1')))
    res.on('end', () => resolve({ ...answer, body }))
    res.on('error', (error: NodeJS.ErrnoException) => resolve({ ...answer, body, error: String(error.code) }))
  })
}

/** The names of events in the order they come, up to and with the last one named. */
export function eventsOf(
  emitter: NodeJS.EventEmitter,
  names: readonly string[],
  last: string,
): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const seen: string[] = []
    for (const name of names) {
      emitter.on(name, (value?: unknown) => {
        seen.push(name === 'error' ? `error ${String((value as NodeJS.ErrnoException).code)}` : name)
        if (name === last) setImmediate(resolve, seen)
      })
    }
  })
}

/** What a call throws, by its code. */
export function thrown(call: () => unknown): string {
  try {
    call()
    return 'nothing'
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

/** A request that expects no trouble it does not tell of. */
export function quiet(req: ClientRequest): ClientRequest {
  req.on('error', () => undefined)
  return req
}
