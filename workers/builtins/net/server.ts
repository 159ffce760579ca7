/** `net.Server`: an emitter over the number of a server. Where it may listen is decided behind the power. */
import type { ServerEvents } from '../../attenuate/net/net.js'
import { netError, portIn, wrongType } from './errors.js'
import { callOf, type Callback, type Options } from './options.js'
import type { Link } from './placed.js'
import { power } from './power.js'
import { ADOPT, type Socket, type SocketClass } from './socket.js'

/** The part of `events` that stands here. */
export interface Emitter {
  emit(name: string, ...args: readonly unknown[]): boolean
  on(name: string, listener: Callback): this
  once(name: string, listener: Callback): this
}
export type EmitterClass = new () => Emitter

/** The functions of a kind of server, and of the sockets that it accepts. */
export interface ServerLink {
  listen(request: unknown, events: unknown): number
  address(id: unknown): object | null
  closeServer(id: unknown): void
  readonly sockets: Link
}

export interface Server extends Emitter {
  maxConnections: number | undefined
  readonly listening: boolean
  listen(...args: readonly unknown[]): this
  close(callback?: unknown): this
  address(): object | null
  getConnections(callback: Callback): this
  ref(): this
  unref(): this
  /** Makes the socket of a new connection and tells of it; a class that stands on Server may do more first. */
  [ACCEPT](id: number, options: Options): void
  /** Counts the socket among the connections until it closes. */
  [COUNT](socket: Socket): void
}
export type ServerClass = new (options?: unknown, listener?: unknown, link?: ServerLink) => Server

export const ACCEPT: unique symbol = Symbol('accept')
export const COUNT: unique symbol = Symbol('count')

const TCP: ServerLink = {
  listen: (request, events) => power.listen(request, events),
  address: (id) => power.address(id),
  closeServer: (id) => power.closeServer(id),
  sockets: power,
}

export function serverClass(EventEmitter: EmitterClass, SocketOfServer: SocketClass): ServerClass {
  return class Server extends EventEmitter {
    maxConnections: number | undefined = undefined
    readonly #link: ServerLink
    readonly #options: Options
    #id: number | undefined
    #listening = false
    #connections = 0

    constructor(given?: unknown, listener?: unknown, link: ServerLink = TCP) {
      super()
      if (given !== undefined && given !== null && typeof given !== 'function' && typeof given !== 'object') {
        throw wrongType('options', 'of type object')
      }
      this.#link = link
      this.#options = typeof given === 'object' && given !== null ? (given as Options) : {}
      const onConnection = typeof given === 'function' ? given : listener
      if (typeof onConnection === 'function') this.on('connection', onConnection as Callback)
    }

    get listening(): boolean {
      return this.#listening
    }

    listen(...args: readonly unknown[]): this {
      const { options, callback } = callOf(args)
      if (this.#id !== undefined) {
        throw netError(
          'ERR_SERVER_ALREADY_LISTEN',
          'Listen method has been called more than once without closing.',
        )
      }
      const request = requestOf(options, args)
      if (callback !== undefined) this.once('listening', callback)
      try {
        this.#id = this.#link.listen(request, this.#events())
      } catch (error) {
        queueMicrotask(() => void this.emit('error', error))
      }
      const { signal } = options as { readonly signal?: AbortSignal }
      if (signal?.aborted === true) this.close()
      else signal?.addEventListener('abort', () => this.close(), { once: true })
      return this
    }

    #events(): ServerEvents {
      return {
        listening: () => {
          this.#listening = true
          this.emit('listening')
        },
        connection: (id) => this.#accept(id),
        drop: (remoteAddress, remotePort) => void this.emit('drop', { remoteAddress, remotePort }),
        error: (error) => {
          this.#listening = false
          this.#id = undefined
          this.emit('error', error)
        },
        close: () => this.#closeWhenDone(),
      }
    }

    #accept(id: number): void {
      const most = this.maxConnections
      if (typeof most === 'number' && this.#connections >= most) {
        const ends = this.#link.sockets.ends(id)
        this.#link.sockets.destroy(id, false)
        this.emit('drop', ends)
      } else {
        this[ACCEPT](id, this.#options)
      }
    }

    [ACCEPT](id: number, options: Options): void {
      const { allowHalfOpen, highWaterMark, pauseOnConnect } = options
      const waterMarks =
        highWaterMark === undefined
          ? {}
          : { readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark }
      const socket = new SocketOfServer({ allowHalfOpen, ...waterMarks }, this.#link.sockets)
      if (pauseOnConnect === true) socket.pause()
      socket[ADOPT](id)
      if (options['noDelay'] === true) socket.setNoDelay(true)
      if (options['keepAlive'] === true) socket.setKeepAlive(true, options['keepAliveInitialDelay'])
      this[COUNT](socket)
      this.emit('connection', socket)
    }

    [COUNT](socket: Socket): void {
      this.#connections += 1
      Object.assign(socket, { server: this, _server: this })
      socket.once('close', () => {
        this.#connections -= 1
        this.#closeWhenDone()
      })
    }

    address(): object | null {
      return this.#id === undefined || !this.#listening ? null : this.#link.address(this.#id)
    }

    close(callback?: unknown): this {
      if (typeof callback === 'function') {
        const running = this.#id !== undefined
        const error = netError('ERR_SERVER_NOT_RUNNING', 'Server is not running.')
        this.once('close', () => void Reflect.apply(callback as Callback, this, running ? [] : [error]))
      }
      const id = this.#id
      this.#id = undefined
      this.#listening = false
      if (id === undefined) this.#closeWhenDone()
      else this.#link.closeServer(id)
      return this
    }

    #closeWhenDone(): void {
      if (this.#id !== undefined || this.#connections > 0) return
      queueMicrotask(() => {
        if (this.#id === undefined && this.#connections === 0) this.emit('close')
      })
    }

    getConnections(callback: Callback): this {
      queueMicrotask(() => void Reflect.apply(callback, this, [null, this.#connections]))
      return this
    }

    ref(): this {
      return this
    }

    unref(): this {
      return this
    }

    [ASYNC_DISPOSE](): Promise<void> {
      if (this.#id === undefined) return Promise.resolve()
      return new Promise((resolve, reject) => {
        this.close((error: unknown) => (error === undefined ? resolve() : reject(error as Error)))
      })
    }
  }
}

const ASYNC_DISPOSE: symbol =
  (Symbol as { readonly asyncDispose?: symbol }).asyncDispose ?? Symbol.for('nodejs.asyncDispose')

/** `listen()`, `listen(port, host, backlog)`, `listen(path)`, `listen(options)`. */
function requestOf(options: Options, [first, second, third]: readonly unknown[]): object {
  const { path, host, ipv6Only } = options
  if (options['fd'] !== undefined || options['_handle'] !== undefined) return { fd: options['fd'] ?? -1 }
  if (typeof path === 'string' && path !== '') return { path }
  if (typeof first === 'object' && first !== null && !('port' in first)) {
    const message = 'The argument \'options\' must have the property "port" or "path"'
    throw netError('ERR_INVALID_ARG_VALUE', message, TypeError)
  }
  const backlog = [options['backlog'], second, third].find((value) => typeof value === 'number')
  const port = options['port'] ?? 0
  return {
    port: portIn(typeof port === 'function' ? 0 : port, 'options.port'),
    host: host === null || host === '' ? undefined : host,
    backlog,
    ipv6Only: ipv6Only === true,
  }
}
