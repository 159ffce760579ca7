/** `Agent`: sockets for requests by where they lead, kept for the next request, within bounds. */
import type { EventEmitter } from 'node:events'
import { httpError, invalidType } from './errors.js'
import { ignoreWhenIdle, noteRequest, promiseOf, requestOf } from './idle.js'
import { isOptions, type Callback, type Kit, type Socket } from './kit.js'
import type { ClientRequest } from './request.js'
import type { RequestOptions } from './request-options.js'

export interface Agent extends EventEmitter {
  protocol: string
  defaultPort: number
  options: RequestOptions
  keepAlive: boolean
  keepAliveMsecs: number
  maxSockets: number
  maxTotalSockets: number
  maxFreeSockets: number
  scheduling: string
  totalSocketCount: number
  readonly sockets: Record<string, Socket[]>
  readonly freeSockets: Record<string, Socket[]>
  readonly requests: Record<string, ClientRequest[]>
  addRequest(req: ClientRequest, options: RequestOptions): void
  dropRequest(req: ClientRequest): boolean
  createConnection(options: RequestOptions, done: Callback): Socket | undefined
  createSocket(req: ClientRequest, options: RequestOptions, done: Callback): void
  getName(options?: RequestOptions): string
  keepSocketAlive(socket: Socket): boolean
  reuseSocket(socket: Socket, req: ClientRequest): void
  removeSocket(socket: Socket): void
  destroy(): void
}
export type AgentClass = new (options?: unknown) => Agent
export interface AgentParts extends Kit {
  readonly connect: (options: object) => Socket
}

type Lists<Value> = Record<string, Value[]>

const KEEP_ALIVE_MS = 1000
const MOST_FREE = 256
/** A socket is given up this long before the server says that it will. */
const MARGIN_MS = 1000

export function makeAgent({ EventEmitter, connect }: AgentParts): AgentClass {
  return class Agent extends EventEmitter {
    protocol = 'http:'
    defaultPort = 80
    options: RequestOptions
    keepAlive: boolean
    keepAliveMsecs: number
    maxSockets: number
    maxTotalSockets: number
    maxFreeSockets: number
    scheduling: string
    totalSocketCount = 0
    readonly sockets: Lists<Socket> = Object.create(null) as Lists<Socket>
    readonly freeSockets: Lists<Socket> = Object.create(null) as Lists<Socket>
    readonly requests: Lists<ClientRequest> = Object.create(null) as Lists<ClientRequest>

    constructor(given?: unknown) {
      super()
      const options: RequestOptions = { noDelay: true, ...(isOptions(given) ? given : {}), path: null }
      this.options = options
      this.keepAlive = options['keepAlive'] === true
      this.keepAliveMsecs = countOf(options, 'keepAliveMsecs', KEEP_ALIVE_MS)
      this.maxSockets = countOf(options, 'maxSockets', Infinity)
      this.maxTotalSockets = countOf(options, 'maxTotalSockets', Infinity)
      this.maxFreeSockets = countOf(options, 'maxFreeSockets', MOST_FREE)
      this.scheduling = String((options['scheduling'] ?? 'lifo') as string)
      if (this.scheduling !== 'lifo' && this.scheduling !== 'fifo') {
        throw httpError(
          'ERR_INVALID_ARG_VALUE',
          "The argument 'scheduling' must be one of: 'fifo', 'lifo'",
          TypeError,
        )
      }
      this.on('free', onFree)
    }

    createConnection(options: RequestOptions, _done: Callback): Socket | undefined {
      return connect(options)
    }

    getName(options: RequestOptions = {}): string {
      const text = (value: unknown): string => (value ? String(value as string) : '')
      let name = `${text(options['host']) || 'localhost'}:${text(options['port'])}:${text(options['localAddress'])}`
      if (options['family'] === 4 || options['family'] === 6) name += `:${options['family']}`
      if (options['socketPath']) name += `:${text(options['socketPath'])}`
      return name
    }

    addRequest(req: ClientRequest, given: RequestOptions): void {
      const options: RequestOptions = { ...given, ...this.options }
      if (options['socketPath']) options['path'] = options['socketPath']
      const name = this.getName(options)
      const used = this.sockets[name]?.length ?? 0
      const free = this.freeSockets[name]
      for (;;) {
        const socket = this.scheduling === 'fifo' ? free?.shift() : free?.pop()
        if (free?.length === 0) delete this.freeSockets[name]
        if (socket === undefined) break
        if (socket.destroyed || !socket.writable) continue
        this.reuseSocket(socket, req)
        push(this.sockets, name, socket)
        give(this, req, socket)
        return
      }
      if (used < this.maxSockets && this.totalSocketCount < this.maxTotalSockets) {
        this._open(req, options)
      } else {
        waitingOptions.set(req, options)
        push(this.requests, name, req)
      }
    }

    _open(req: ClientRequest, options: RequestOptions): void {
      this.createSocket(req, options, (error, socket) => {
        if (error) req.onSocket(socket as Socket, error)
        else give(this, req, socket as Socket)
      })
    }

    dropRequest(req: ClientRequest): boolean {
      for (const [name, list] of Object.entries(this.requests))
        if (remove(this.requests, name, list, req)) return true
      return false
    }

    createSocket(req: ClientRequest, given: RequestOptions, done: Callback): void {
      const options: RequestOptions = { ...given, ...this.options }
      if (options['socketPath']) options['path'] = options['socketPath']
      if (!options['servername'] && options['servername'] !== '')
        options['servername'] = serverName(options, req)
      const name = this.getName(options)
      options['_agentKey'] = name
      options['encoding'] = null
      if (this.keepAlive) {
        options['keepAlive'] = true
        options['keepAliveInitialDelay'] = this.keepAliveMsecs
      }
      let called = false
      const made = (error: unknown, socket?: unknown): void => {
        if (called) return
        called = true
        if (error) return done(error)
        track(this, socket as Socket, name, options)
        done(null, socket)
      }
      let socket: Socket | undefined
      try {
        socket = this.createConnection(options, made)
      } catch (error) {
        // What is refused at once is told as what is refused later: by the request's 'error'.
        return made(error)
      }
      if (socket) made(null, socket)
    }

    keepSocketAlive(socket: Socket): boolean {
      socket.setKeepAlive?.(true, this.keepAliveMsecs)
      socket.unref?.()
      let most = typeof this.options['timeout'] === 'number' ? this.options['timeout'] : 0
      const hint = promiseOf(socket)
      if (hint !== undefined) {
        const ms = hint * 1000 - MARGIN_MS
        if (ms <= 0) return false
        if (most === 0 || ms < most) most = ms
      }
      if (socket.timeout !== most) socket.setTimeout?.(most)
      return true
    }

    reuseSocket(socket: Socket, req: ClientRequest): void {
      socket.removeListener('error', ignoreWhenIdle)
      req.reusedSocket = true
      socket.ref?.()
    }

    removeSocket(socket: Socket): void {
      socket.emit('agentRemove')
    }

    destroy(): void {
      for (const lists of [this.freeSockets, this.sockets]) {
        for (const list of Object.values(lists)) for (const socket of list) socket.destroy()
      }
    }
  }
}

/** With what a request that waits for a socket wanted to connect. */
const waitingOptions = new WeakMap<ClientRequest, RequestOptions>()

function onFree(
  this: Agent & { _open(req: ClientRequest, options: RequestOptions): void },
  socket: Socket,
  options: RequestOptions,
): void {
  const name = this.getName(options)
  if (!socket.writable || socket.destroyed) return void socket.destroy()
  const next = this.requests[name]?.[0]
  if (next !== undefined) {
    remove(this.requests, name, this.requests[name] as ClientRequest[], next)
    this.reuseSocket(socket, next)
    return give(this, next, socket)
  }
  const req = requestOf(socket)
  const free = this.freeSockets[name]?.length ?? 0
  const used = this.sockets[name]?.length ?? 0
  const room =
    this.totalSocketCount <= this.maxTotalSockets && used <= this.maxSockets && free < this.maxFreeSockets
  if (!this.keepAlive || req?.shouldKeepAlive !== true || !room || !this.keepSocketAlive(socket)) {
    return void socket.destroy()
  }
  remove(this.sockets, name, this.sockets[name] ?? [], socket)
  push(this.freeSockets, name, socket)
}

function give(agent: Agent, req: ClientRequest, socket: Socket): void {
  noteRequest(socket, req)
  req.onSocket(socket)
  const most = typeof agent.options['timeout'] === 'number' ? agent.options['timeout'] : 0
  if (socket.timeout !== undefined && socket.timeout !== most) socket.setTimeout?.(most)
}

function track(agent: Agent, socket: Socket, name: string, options: RequestOptions): void {
  push(agent.sockets, name, socket)
  agent.totalSocketCount++
  let counted = true
  const onFreed = (): void => void agent.emit('free', socket, options)
  const onTimeout = (): void => {
    if (agent.freeSockets[name]?.includes(socket) === true) socket.destroy()
  }
  const forget = (): void => {
    if (!counted) return
    counted = false
    agent.totalSocketCount--
    for (const [event, listener] of Object.entries(listeners)) socket.removeListener(event, listener)
    for (const lists of [agent.sockets, agent.freeSockets]) remove(lists, name, lists[name] ?? [], socket)
    openNext(agent, name)
  }
  const listeners = { free: onFreed, timeout: onTimeout, close: forget, agentRemove: forget }
  for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener)
}

/** A socket has gone: there is room for one more, of this name or else of any that waits. */
function openNext(agent: Agent, name: string): void {
  const waiting = agent.requests[name] === undefined ? Object.keys(agent.requests)[0] : name
  if (waiting === undefined) return
  const list = agent.requests[waiting] ?? []
  const used = agent.sockets[waiting]?.length ?? 0
  const req = list[0]
  if (req === undefined || used >= agent.maxSockets || agent.totalSocketCount >= agent.maxTotalSockets) return
  remove(agent.requests, waiting, list, req)
  agent.createSocket(req, waitingOptions.get(req) ?? {}, (error, socket) => {
    if (error) req.onSocket(null, error)
    else give(agent, req, socket as Socket)
  })
}

function push<Value>(lists: Lists<Value>, name: string, value: Value): void {
  const list = lists[name]
  if (list === undefined) lists[name] = [value]
  else list.push(value)
}

function remove<Value>(lists: Lists<Value>, name: string, list: Value[], value: Value): boolean {
  const at = list.indexOf(value)
  if (at === -1) return false
  list.splice(at, 1)
  if (list.length === 0) delete lists[name]
  return true
}

function serverName(options: RequestOptions, req: ClientRequest): string {
  const header = req.getHeader('host')
  const host = typeof header === 'string' ? header : String((options['host'] ?? '') as string)
  const bracket = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.split(':', 1)[0]
  // TLS names no addresses (RFC 6066).
  return bracket === undefined || bracket.includes(':') || isAddress(bracket) ? '' : bracket
}

function isAddress(host: string): boolean {
  const parts = host.split('.')
  return parts.length === 4 && parts.every((part) => part !== '' && Number(part) >= 0 && Number(part) < 256)
}

function countOf(options: RequestOptions, name: string, otherwise: number): number {
  const value = options[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'number') throw invalidType(`options.${name}`, 'of type number')
  if (!(value > 0) && name !== 'maxFreeSockets' && name !== 'keepAliveMsecs' && name !== 'maxSockets') {
    throw httpError('ERR_OUT_OF_RANGE', `The value of "${name}" is out of range`, RangeError)
  }
  return value
}
