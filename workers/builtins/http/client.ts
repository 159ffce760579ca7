/** `ClientRequest`: options to a head, and a socket from an agent; what then happens on it is exchange.ts. */
import { headersSent, httpError, invalidType, reset } from './errors.js'
import { Exchange } from './exchange.js'
import { checkedPairs, pairsOf } from './header-store.js'
import { ignoreWhenIdle } from './idle.js'
import type { IncomingMessage, IncomingMessageClass } from './incoming.js'
import type { Callback, Socket } from './kit.js'
import type { OutgoingMessageClass } from './outgoing.js'
import type { AgentLike, ClientRequest } from './request.js'
import { hostHeader, hostOf, requestArguments, timeoutOf, type RequestOptions } from './request-options.js'
import { isPath, methodOf } from './tokens.js'

export type ClientRequestClass = new (input: unknown, options?: unknown, callback?: unknown) => ClientRequest

export interface ClientParts {
  readonly OutgoingMessage: OutgoingMessageClass
  readonly IncomingMessage: IncomingMessageClass
  readonly isAgent: (value: unknown) => value is AgentLike
  readonly globalAgent: () => AgentLike
  readonly createConnection: (options: object) => Socket
  readonly maxHeaderSize: number
}

/** Methods whose requests have no body by custom. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

export function makeClientRequest(parts: ClientParts): ClientRequestClass {
  return class ClientRequest extends parts.OutgoingMessage {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly protocol: string
    readonly socketPath: unknown
    override agent: AgentLike | undefined
    readonly maxHeaderSize: number | undefined
    readonly joinDuplicateHeaders: boolean
    timeout: number | undefined
    maxHeadersCount: number | null = null
    aborted = false
    reusedSocket = false
    res: IncomingMessage | null = null
    upgradeOrConnect = false
    _exchange: Exchange | undefined = undefined
    _error: unknown = null
    _timeoutMs: number | undefined = undefined

    constructor(input: unknown, given?: unknown, callback?: unknown) {
      super()
      const [options, listener] = requestArguments(input, given, callback)
      const defaultAgent = (options['_defaultAgent'] as AgentLike | undefined) ?? parts.globalAgent()
      const agent = agentOf(options, defaultAgent, parts.isAgent)
      this.agent = agent
      this.protocol = String((options['protocol'] ?? defaultAgent.protocol) as string)
      const expected = agent?.protocol ?? defaultAgent.protocol
      if (this.protocol !== expected) {
        const text = `Protocol "${this.protocol}" not supported. Expected "${expected}"`
        throw httpError('ERR_INVALID_PROTOCOL', text, TypeError)
      }
      const path =
        options['path'] === undefined || options['path'] === null ? '/' : String(options['path'] as string)
      if (!isPath(path)) {
        throw httpError('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters', TypeError)
      }
      this.path = path === '' ? '/' : path
      const defaultPort = options['defaultPort'] ?? agent?.defaultPort ?? defaultAgent.defaultPort
      const port = (options['port'] ||= defaultPort || 80)
      this.host = hostOf(options['hostname'], 'hostname') || hostOf(options['host'], 'host') || 'localhost'
      options['host'] = this.host
      options['path'] = options['socketPath']
      this.socketPath = options['socketPath']
      this.method = methodOf(options['method'])
      this.maxHeaderSize = timeoutOf(options['maxHeaderSize'])
      this.joinDuplicateHeaders = options['joinDuplicateHeaders'] === true
      this.timeout = timeoutOf(options['timeout'])
      this.useChunkedEncodingByDefault = !BODILESS.has(this.method)
      this._uniqueHeaders = uniqueOf(options['uniqueHeaders'])
      const reusable = agent !== undefined && (agent.keepAlive === true || Number.isFinite(agent.maxSockets))
      this.shouldKeepAlive = reusable
      this._last = !reusable
      if (listener !== undefined) this.once('response', listener)
      this._listenToSignal(options['signal'])
      const setHost = options['setHost'] ?? options['setDefaultHeaders']
      this._setHeaders(options, setHost === false ? undefined : hostHeader(this.host, port, defaultPort))
      this._connect(options)
    }

    _setHeaders(options: RequestOptions, host: string | undefined): void {
      const { headers, auth } = options
      if (Array.isArray(headers)) {
        const fields = checkedPairs(pairsOf(headers))
        for (const [name, value] of fields) this._headers.append(name, value)
        this._storeHeader(this._requestLine(), fields)
        return
      }
      for (const [name, value] of pairsOf(headers)) this.setHeader(name, value)
      if (host !== undefined && !this._headers.has('host')) this.setHeader('Host', host)
      if (auth && !this._headers.has('authorization')) {
        this.setHeader('Authorization', `Basic ${Buffer.from(String(auth as string)).toString('base64')}`)
      }
      // The head goes first: the body waits for the answer to it.
      if (this._headers.has('expect')) this._implicitHeader()
    }

    _connect(options: RequestOptions): void {
      if (this.agent !== undefined) return this.agent.addRequest(this, options)
      const { createConnection } = options
      if (typeof createConnection !== 'function') return this.onSocket(parts.createConnection(options))
      let called = false
      const done = (error?: unknown, socket?: Socket | null): void => {
        if (called) return
        called = true
        this.onSocket(socket ?? null, error)
      }
      try {
        const socket = (createConnection as (options: object, done: Callback) => Socket | undefined)(
          options,
          done as Callback,
        )
        if (socket) done(null, socket)
      } catch (error) {
        done(error)
      }
    }

    _listenToSignal(signal: unknown): void {
      if (signal === undefined || signal === null) return
      const { aborted, addEventListener } = signal as Partial<AbortSignal>
      if (typeof addEventListener !== 'function') throw invalidType('options.signal', 'an AbortSignal')
      const abort = (): void => {
        const cause = (signal as AbortSignal).reason as unknown
        const error = httpError('ABORT_ERR', 'The operation was aborted')
        error.name = 'AbortError'
        this.destroy(Object.assign(error, { cause }))
      }
      if (aborted === true) return process.nextTick(abort)
      const listening = signal as AbortSignal
      listening.addEventListener('abort', abort, { once: true })
      this.once('close', () => listening.removeEventListener('abort', abort))
    }

    _requestLine(): string {
      return `${this.method} ${this.path} HTTP/1.1\r\n`
    }
    override _implicitHeader(): void {
      if (this._header !== null) throw headersSent('render')
      this._storeHeader(this._requestLine(), this._headers.entries())
      if (this._headers.has('expect')) process.nextTick(() => !this._headerSent && this.flushHeaders())
    }

    onSocket(socket: Socket | null, given?: unknown): void {
      let error = given
      // A connection that is refused at once tells of it before anybody could listen.
      const note = (early: unknown): void => void (error ??= early)
      socket?.on('error', note)
      process.nextTick(() => {
        socket?.removeListener('error', note)
        if (!this.destroyed && !error && socket !== null && !socket.closed) return this._start(socket)
        if (socket !== null) {
          socket.on('error', ignoreWhenIdle)
          if (!error && this.agent !== undefined && !socket.destroyed) socket.emit('free')
          else socket.destroy(error as Error)
        }
        this._gone(error ?? this._error)
      })
    }

    _start(socket: Socket): void {
      this.socket = socket
      socket._httpMessage = this
      this._exchange = new Exchange(this, socket, {
        IncomingMessage: parts.IncomingMessage,
        maxHeaderSize: this.maxHeaderSize || parts.maxHeaderSize,
      })
      if (this.timeout !== undefined) this._applyTimeout(this.timeout)
      this.emit('socket', socket)
      this._flush()
    }

    /** It will never have a socket. */
    _gone(error: unknown): void {
      this.destroyed = true
      if (this._closed) return
      this.emit('error', error ?? reset('socket hang up'))
      this._closed = true
      this.emit('close')
    }

    override setTimeout(ms: number, listener?: () => void): this {
      if (listener !== undefined) this.once('timeout', listener)
      this.timeout = timeoutOf(ms)
      if (this.socket !== null && this.timeout !== undefined) this._applyTimeout(this.timeout)
      return this
    }
    clearTimeout(listener?: () => void): void {
      this.setTimeout(0, listener)
    }
    _applyTimeout(ms: number): void {
      const { socket } = this
      if (socket === null || typeof socket.setTimeout !== 'function') return
      this._exchange?.listenToTimeout()
      if (socket.connecting === true)
        socket.once('connect', () => this.socket === socket && socket.setTimeout?.(ms))
      else socket.setTimeout(ms)
    }
    setNoDelay(on = true): void {
      this._onSocket((socket) => socket.setNoDelay?.(on))
    }
    setSocketKeepAlive(on = true, initialDelayMs = 0): void {
      this._onSocket((socket) => socket.setKeepAlive?.(on, initialDelayMs))
    }
    _onSocket(use: (socket: Socket) => unknown): void {
      if (this.socket === null) this.once('socket', use)
      else use(this.socket)
    }

    abort(): void {
      if (this.aborted) return
      this.aborted = true
      process.nextTick(() => this.emit('abort'))
      this.destroy()
    }
    override destroy(error?: unknown): this {
      if (this.destroyed) return this
      this.destroyed = true
      this.res?._dump()
      this._error = error ?? null
      this._errored = this._error
      if (this.socket !== null) this.socket.destroy(error as Error)
      else if (this.agent?.dropRequest?.(this) === true) process.nextTick(() => this._gone(this._error))
      return this
    }
  }
}

function agentOf(
  options: RequestOptions,
  defaultAgent: AgentLike,
  isAgent: ClientParts['isAgent'],
): AgentLike | undefined {
  const { agent } = options
  if (agent === false) return new (defaultAgent.constructor as new () => AgentLike)()
  if (agent === undefined || agent === null) {
    return typeof options['createConnection'] === 'function' ? undefined : defaultAgent
  }
  if (isAgent(agent)) return agent
  throw invalidType('options.agent', 'an Agent-like object, undefined or false')
}

function uniqueOf(names: unknown): ReadonlySet<string> | undefined {
  if (!Array.isArray(names)) return undefined
  return new Set(names.flat().map((name) => String(name).toLowerCase()))
}
