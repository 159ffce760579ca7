/** `Server` over the sockets of `net` or of `tls`: its settings, its connections and their clocks. */
import { invalidType } from './errors.js'
import { Connection, type ServerSettings } from './connection.js'
import type { IncomingMessage, IncomingMessageClass } from './incoming.js'
import { isOptions, type Listener, type NetServerClass, type Socket } from './kit.js'
import type { ServerResponseClass } from './server-response.js'

export interface Server extends ServerSettings {
  setTimeout(ms?: unknown, listener?: Listener): this
  closeAllConnections(): void
  closeIdleConnections(): void
}
export type ServerClass = new (options?: unknown, listener?: unknown) => Server

export interface ServerParts {
  readonly Base: NetServerClass
  /** What the base emits for a socket that is ready for HTTP. */
  readonly ready: 'connection' | 'secureConnection'
  readonly IncomingMessage: IncomingMessageClass
  readonly ServerResponse: ServerResponseClass
  readonly maxHeaderSize: number
  /** Options of the base that a caller may override. */
  readonly defaults?: object
}

type Options = Readonly<Record<string, unknown>>

const MINUTE_MS = 60_000
const CHECK_MS = 30_000

export function makeServer(parts: ServerParts): ServerClass {
  class HttpServer extends parts.Base {
    timeout = 0
    headersTimeout: number
    requestTimeout: number
    keepAliveTimeout: number
    keepAliveTimeoutBuffer: number
    connectionsCheckingInterval: number
    maxHeadersCount: number | null = null
    maxRequestsPerSocket = 0
    httpAllowHalfOpen = false
    readonly maxHeaderSize: number
    readonly requireHostHeader: boolean
    readonly joinDuplicateHeaders: boolean
    readonly shouldUpgradeCallback: ((req: IncomingMessage) => boolean) | undefined
    readonly responseOptions: ServerSettings['responseOptions']
    readonly IncomingMessage: IncomingMessageClass
    readonly ServerResponse: ServerResponseClass
    readonly connections: Set<Connection> = new Set()
    _checking: ReturnType<typeof setInterval> | undefined = undefined

    constructor(given?: unknown, listener?: unknown) {
      const [options, onRequest] = typeof given === 'function' ? [{}, given] : [given ?? {}, listener]
      if (!isOptions(options)) throw invalidType('options', 'of type object')
      super({ noDelay: true, ...parts.defaults, ...options, allowHalfOpen: true })
      this.requestTimeout = msOf(options, 'requestTimeout', 5 * MINUTE_MS)
      this.headersTimeout = msOf(
        options,
        'headersTimeout',
        Math.min(MINUTE_MS, this.requestTimeout || MINUTE_MS),
      )
      this.keepAliveTimeout = msOf(options, 'keepAliveTimeout', 5000)
      this.keepAliveTimeoutBuffer = msOf(options, 'keepAliveTimeoutBuffer', 1000)
      this.connectionsCheckingInterval = msOf(options, 'connectionsCheckingInterval', CHECK_MS)
      this.maxHeaderSize = msOf(options, 'maxHeaderSize', 0) || parts.maxHeaderSize
      this.requireHostHeader = options['requireHostHeader'] !== false
      this.joinDuplicateHeaders = options['joinDuplicateHeaders'] === true
      this.shouldUpgradeCallback = options['shouldUpgradeCallback'] as typeof this.shouldUpgradeCallback
      this.responseOptions = {
        ...(typeof options['highWaterMark'] === 'number' ? { highWaterMark: options['highWaterMark'] } : {}),
        rejectNonStandardBodyWrites: options['rejectNonStandardBodyWrites'] === true,
      }
      this.IncomingMessage =
        (options['IncomingMessage'] as IncomingMessageClass | undefined) ?? parts.IncomingMessage
      this.ServerResponse =
        (options['ServerResponse'] as ServerResponseClass | undefined) ?? parts.ServerResponse
      if (typeof onRequest === 'function') this.on('request', onRequest as () => void)
      this.on(parts.ready, onConnection)
      this.on('listening', onListening)
    }

    setTimeout(ms?: unknown, listener?: Listener): this {
      this.timeout = Number(ms ?? 0)
      if (listener !== undefined) this.on('timeout', listener as () => void)
      return this
    }
    closeAllConnections(): void {
      for (const { socket } of this.connections) socket.destroy()
    }
    closeIdleConnections(): void {
      for (const connection of this.connections) if (connection.idle) connection.socket.destroy()
    }
    override close(callback?: (error?: Error) => void): this {
      clearInterval(this._checking)
      this.closeIdleConnections()
      return super.close(callback)
    }
  }
  return HttpServer
}

interface Tracking extends ServerSettings {
  readonly connections: Set<Connection>
  connectionsCheckingInterval: number
  _checking: ReturnType<typeof setInterval> | undefined
}

function onConnection(this: Tracking, socket: Socket): void {
  const connection = new Connection(this, socket)
  this.connections.add(connection)
  socket.once('close', () => this.connections.delete(connection))
}

function onListening(this: Tracking): void {
  clearInterval(this._checking)
  this._checking = setInterval(() => {
    const nowMs = Date.now()
    for (const connection of this.connections) connection.checkTime(nowMs)
  }, this.connectionsCheckingInterval)
  // Node's timers hold the process; a plugin's never do.
  this._checking.unref?.()
}

function msOf(options: Options, name: string, otherwise: number): number {
  const value = options[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw invalidType(`options.${name}`, 'a number that is not negative')
  }
  return value
}
