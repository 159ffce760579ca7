/** A thread granted some of the network, and servers of the machine that it may or may not reach. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { permitsNetwork } from '../../lib/policy/decide.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Grant } from '../../lib/policy/grant.js'
import { threadSettings } from '../../lib/supervisor/worker-options.js'
import { startThread, type Thread } from './thread.js'
import type { ThreadData } from './thread-entry.js'

export interface NetRules {
  readonly connect?: readonly string[]
  readonly listen?: readonly string[]
}

export function netGrant(net: NetRules): Grant {
  return {
    plugin: 'test-plugin',
    request: { net },
    packages: {},
    narrow: null,
    add: [],
    limits: DEFAULT_LIMITS,
    home: '/nowhere/home',
    data: '/nowhere/data',
    denied: { read: [], write: [] },
  }
}

export function netThread(
  t: Test,
  rules: NetRules,
  options: Partial<Pick<ThreadData, 'sockets' | 'names' | 'externalMb'>> = {},
): Promise<Thread> {
  const grant = netGrant(rules)
  const runtime = { nodeVersion: process.versions.node, hostScript: '' }
  const permissions = { read: [], write: [], network: permitsNetwork(grant) }
  const flags = threadSettings('test', grant.limits, permissions, runtime).execArgv
  return startThread(t, { grant, flags, ...options })
}

export interface Listening {
  readonly port: number
  /** How many connections came. */
  count(): number
  readonly server: Server
}

/** A server of the machine on a free port of 127.0.0.1; it ends with the test. */
export async function listening(
  t: Test,
  onSocket: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<Listening> {
  let count = 0
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    count += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    onSocket(socket)
  })
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, host, resolve)
  })
  return { port: (server.address() as AddressInfo).port, count: () => count, server }
}

export const echo = (t: Test, host?: string): Promise<Listening> =>
  listening(t, (socket) => void socket.pipe(socket), host)

/** What an expression over `net` gives, or facts of the error that it throws or rejects with. */
export function outcome(thread: Thread, expression: string): Promise<unknown> {
  return thread.value(`(async () => {
    const net = require('net')
    /** Resolves with what was received until the end. */
    const talk = (socket, text) => new Promise((resolve, reject) => {
      let all = ''
      socket.setEncoding('utf8').on('data', (piece) => { all += piece }).on('error', reject)
        .on('close', () => resolve(all)).on('end', () => socket.end())
      socket.end(text)
    })
    const opened = (socket) => new Promise((resolve, reject) => {
      socket.on('error', reject).on('connect', () => { socket.destroy(); resolve('connected') })
    })
    const bound = (server) => new Promise((resolve, reject) => {
      server.on('error', reject).on('listening', () => resolve(server.address()))
    })
    try { return await (${expression}) } catch (error) {
      const { code, syscall, address, port, hostname, rule, message, errno } = error
      const all = JSON.stringify([error, String(error), error.stack, Reflect.ownKeys(error).map((name) => String(error[name]))])
      return { code, syscall, address, port, hostname, rule, message, errno, all }
    }
  })()`)
}
