/** TLS servers of the machine for plugins to talk to, and the words to try them with inside a thread. */
import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Test } from 'tap'
import type { Thread } from './thread.js'
import * as certificates from './tls-certificates.js'

export interface SecureServer {
  readonly port: number
  /** Connections that came, secured or not. */
  count(): number
  /** All that was received inside TLS. */
  received(): string
}

/** Echoes; on a free port of 127.0.0.1, with the certificate of `a.test` unless told otherwise. */
export async function secureServer(
  t: Test,
  options: TlsOptions = {},
  onSecure: (socket: TLSSocket) => void = () => undefined,
): Promise<SecureServer> {
  let count = 0
  let received = ''
  const server = createServer({ ...certificates.SERVER, ...options }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (piece: Buffer) => {
      received += piece.toString()
    })
    socket.pipe(socket)
    onSecure(socket)
  })
  const raw = createTcpServer((socket) => {
    count += 1
    socket.on('error', () => socket.destroy())
    t.teardown(() => socket.destroy())
    server.emit('connection', socket)
  })
  server.on('tlsClientError', (_, socket) => socket.destroy())
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  t.teardown(() => raw.close())
  return { port: (raw.address() as AddressInfo).port, count: () => count, received: () => received }
}

/** What an expression over `tls` gives, or facts of the error that it throws or rejects with. */
export function tried(thread: Thread, expression: string): Promise<unknown> {
  return thread.value(`(async () => {
    const tls = require('tls'), net = require('net')
    const { AUTHORITY, SERVER, SECOND, CLIENT, STRANGER, SLOW } = ${JSON.stringify(certificates)}
    /** Resolves with the secured socket. */
    const secure = (socket) => new Promise((resolve, reject) => {
      socket.on('error', reject).on('secureConnect', () => resolve(socket))
    })
    /** Resolves with what was received until the end. */
    const talk = (socket, text) => new Promise((resolve, reject) => {
      let all = ''
      socket.setEncoding('utf8').on('data', (piece) => { all += piece }).on('error', reject)
        .on('close', () => resolve(all))
      socket.end(text)
    })
    const bound = (server) => new Promise((resolve, reject) => {
      server.on('error', reject).listen(0, '127.0.0.1', () => resolve(server.address().port))
    })
    try { return await (${expression}) } catch (error) {
      const { name, code, syscall, address, port, rule, reason, message, errno } = error
      const all = JSON.stringify([error, String(error), error.stack, Reflect.ownKeys(error).map((key) => String(error[key]))])
      return { name, code, syscall, address, port, rule, reason, message, errno, all }
    }
  })()`)
}
