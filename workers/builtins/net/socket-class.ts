/**
 * The class of `net.Socket`: a Duplex of the plugin's own `stream` over a number. What it
 * does goes through a link, the functions of a kind of socket, so that one of TLS is the
 * same class over another link. Where it may connect to is decided behind the link.
 */
import type { SocketEvents } from '../../attenuate/net/net.js'
import { own, type BufferClass } from '../native-module.js'
import type { Done, DuplexClass } from './duplex.js'
import { netError, wrongType } from './errors.js'
import { delayIn, makeIdle, type Idle } from './idle.js'
import { isIP } from './is-ip.js'
import { attemptEvents, connectLookedUp, type Lookup } from './lookup.js'
import { callOf, fill, onreadOf, requestOf, type Callback, type Onread, type Options } from './options.js'
import { ENDS, ID, LINK, placedClass, type Link } from './placed.js'
import { power } from './power.js'
import { makeSending, type Sending } from './sending.js'
import { ADOPT, OPENED, START, type SocketClass } from './socket.js'

export interface SocketParts {
  readonly Duplex: DuplexClass
  readonly Buffer: BufferClass
  readonly addAbortSignal: (signal: unknown, stream: unknown) => void
}

const CHUNK_BYTES = 65_536

export function socketClass({ Duplex, Buffer, addAbortSignal }: SocketParts): SocketClass {
  return class Socket extends placedClass(Duplex) {
    bytesRead = 0
    readonly #idle: Idle
    /** Whether bytes come, and whether they shall once it is connected. */
    #reading = false
    #wanted = false
    #sending: Sending = makeSending()
    #finished: Done | undefined
    /** What was asked for while it was connecting. */
    #waiting: (() => void)[] = []
    #closed: ((hadError: boolean) => void) | undefined
    #timeout: number | undefined
    #onread: Onread | undefined

    constructor(given?: unknown, link: Link = power) {
      const options = typeof given === 'object' && given !== null ? (given as Options) : {}
      const { readableHighWaterMark = CHUNK_BYTES, writableHighWaterMark = CHUNK_BYTES } = options
      const allowHalfOpen = options['allowHalfOpen'] === true
      super({ allowHalfOpen, readableHighWaterMark, writableHighWaterMark, emitClose: false }, link)
      this.#idle = makeIdle(() => void this.emit('timeout'))
      this.#onread = onreadOf(options['onread'])
      if (options['fd'] !== undefined || options['handle'] !== undefined) {
        power.connect({ fd: options['fd'] ?? -1 }, this.#events()) // refused, and told
      }
      if (options['signal'] !== undefined) addAbortSignal(options['signal'], this)
    }

    connect(...args: readonly unknown[]): this {
      const { options, callback } = callOf(args)
      const { path, timeout, lookup } = options
      this.#onread ??= onreadOf(options['onread'])
      const request = typeof path === 'string' && path !== '' ? { path } : requestOf(options)
      if (callback !== undefined) this.once('connect', callback)
      if (timeout !== undefined) this.setTimeout(timeout)
      if ('path' in request || lookup === undefined || isIP(request.host) !== 0) {
        this[START]((events) => power.connect(request, events))
      } else if (typeof lookup === 'function') {
        this.#begin()
        connectLookedUp(this, lookup as Lookup, request, options)
      } else {
        throw wrongType('options.lookup', 'of type function')
      }
      return this
    }

    #begin(): void {
      if (this.destroyed) {
        this._undestroy() // a socket may be used again, as in Node
        this.#sending = makeSending()
        this.bytesRead = 0
        this.#closed = undefined
      }
      this[ENDS] = {}
      this.#wanted = this.#reading = false
      this.connecting = true
      this.#idle.touch()
    }

    [START](begin: (events: SocketEvents) => number): void {
      if (!this.connecting) this.#begin()
      try {
        this[ID] = begin(this.#events())
      } catch (error) {
        this.#fail(error)
      }
    }

    /** Not before the loop has turned: programs listen for errors some microtasks after they have made the socket. */
    #fail(error: unknown): void {
      const fail = (): void => void this.destroy(error)
      try {
        setImmediate(fail)
      } catch {
        fail() // the plugin was stopped, or all its timers wait
      }
    }

    [ADOPT](id: number): void {
      this[LINK].adopt(id, this.#events())
      this[ID] = id
      if (!this.isPaused()) this.read(0)
    }

    [OPENED](): void {
      this.emit('connect')
      this.emit('ready')
      if (this[ID] !== undefined && !this.isPaused()) this.read(0)
    }

    #events(): SocketEvents {
      return {
        ...attemptEvents(this, this.#idle),
        connect: () => {
          if (this.destroyed) return
          this.connecting = false
          this.#idle.touch()
          if (this.#wanted) this._read()
          for (const run of this.#waiting.splice(0)) run()
          if (this.#sending.held) this.#pump()
          this[OPENED]()
        },
        data: (bytes) => this.#receive(bytes),
        end: () => {
          if (this.destroyed) return
          this.push(null)
          this.read(0)
        },
        written: () => this.#pump(),
        finish: () => this.#finished?.(),
        error: (error) => void this.destroy(error),
        close: (hadError) => {
          this[ID] = undefined
          if (this.#closed !== undefined) this.#closed(hadError)
          else if (!this.writableFinished || !this.#atEnd()) this.destroy()
        },
      }
    }

    /** Whether the end of what was received is known, read or not. */
    #atEnd(): boolean {
      return (this as unknown as { readonly _readableState: { readonly ended: boolean } })._readableState
        .ended
    }

    #receive(bytes: Uint8Array): void {
      if (this.destroyed) return
      this.bytesRead += bytes.length
      this.#idle.touch()
      const more =
        this.#onread === undefined ? this.push(own(Buffer, bytes)) : fill(this.#onread, this, bytes)
      if (more || !this.#reading) return
      this.#reading = false
      if (this[ID] !== undefined) this[LINK].pause(this[ID])
    }

    _read(): void {
      if (this[ID] === undefined || this.connecting) {
        this.#wanted = true
      } else if (!this.#reading) {
        this.#reading = true
        this[LINK].resume(this[ID])
      }
    }

    _write(chunk: Uint8Array, _encoding: unknown, done: Done): void {
      this.#write([chunk], done)
    }

    /** What was written while the link was busy goes out as one. */
    _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
      this.#write(
        chunks.map(({ chunk }) => chunk),
        done,
      )
    }

    #write(chunks: readonly Uint8Array[], done: Done): void {
      if (this[ID] === undefined && !this.connecting) {
        return done(netError('ERR_SOCKET_CLOSED', 'Socket is closed'))
      }
      this.#sending.begin(chunks, done)
      if (!this.connecting) this.#pump()
    }

    #pump(): void {
      this.#idle.touch()
      this.#sending.pump(this[LINK], this[ID])
    }

    _final(done: Done): void {
      if (this.connecting) {
        this.#waiting.push(() => this._final(done))
      } else if (this[ID] === undefined) {
        done()
      } else {
        this.#finished = done
        this[LINK].end(this[ID])
      }
    }

    _destroy(error: unknown, done: Done): void {
      const id = this[ID]
      const written = this.#sending.drop()
      const failed = error !== null && error !== undefined
      this.connecting = this.#reading = false
      this.#idle.set(0)
      this.#waiting = []
      this.#finished = undefined
      this.#closed = (hadError) => {
        this.#closed = () => undefined
        this.emit('close', failed || hadError)
      }
      done(error)
      written?.(error ?? netError('ECANCELED', 'write ECANCELED'))
      if (id === undefined) queueMicrotask(() => this.#closed?.(failed))
      else this[LINK].destroy(id, false)
    }

    setTimeout(delayMs: unknown, callback?: unknown): this {
      const delay = delayIn(delayMs)
      if (callback !== undefined && typeof callback !== 'function')
        throw wrongType('callback', 'of type function')
      this.#timeout = delay
      this.#idle.set(this.destroyed ? 0 : delay)
      if (callback !== undefined) {
        if (delay === 0) this.removeListener('timeout', callback as Callback)
        else this.once('timeout', callback as Callback)
      }
      return this
    }

    setNoDelay(on: unknown = true): this {
      return this.#whenOpen((id) => this[LINK].setNoDelay(id, Boolean(on)))
    }

    setKeepAlive(on: unknown = false, initialDelayMs: unknown = 0): this {
      return this.#whenOpen((id) => this[LINK].setKeepAlive(id, Boolean(on), initialDelayMs))
    }

    #whenOpen(run: (id: number) => void): this {
      const later = (): void => {
        if (this[ID] !== undefined) run(this[ID])
      }
      if (this.connecting) this.#waiting.push(later)
      else later()
      return this
    }

    ref(): this {
      return this
    }

    unref(): this {
      return this
    }

    destroySoon(): void {
      if (this.writable) this.end()
      if (this.writableFinished) this.destroy()
      else this.once('finish', () => void this.destroy())
    }

    resetAndDestroy(): this {
      if (this.connecting) return this.destroy()
      if (this[ID] === undefined) return this.destroy(netError('ERR_SOCKET_CLOSED', 'Socket is closed'))
      this[LINK].destroy(this[ID], true)
      return this.destroy()
    }

    get timeout(): number | undefined {
      return this.#timeout
    }

    get bytesWritten(): number {
      return this.#sending.over + this.writableLength
    }
  }
}
