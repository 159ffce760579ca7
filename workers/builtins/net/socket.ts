/**
 * `net.Socket`: a Duplex of the plugin's own `stream` over a number. What it does goes
 * through a link, the functions of a kind of socket, so that one of TLS is the same
 * class over another link. Where it may connect to is decided behind the link.
 */
import type { Ends, SocketEvents, StreamPowers } from '../../attenuate/net/net.js'
import { own, type BufferClass } from '../native-module.js'
import { netError, wrongType } from './errors.js'
import { makeIdle, type Idle } from './idle.js'
import { isIP } from './is-ip.js'
import { lookedUp, type Lookup } from './lookup.js'
import {
  callOf,
  onreadOf,
  requestOf,
  type Callback,
  type Onread,
  type Options,
  type Request,
} from './options.js'
import { power } from './power.js'

type Done = (error?: unknown) => void
/** What stands behind a socket once there is a number. */
export type Link = StreamPowers

/** The part of `readable-stream` that stands here. */
export interface Duplex {
  readonly destroyed: boolean
  readonly readable: boolean
  readonly writable: boolean
  readonly writableFinished: boolean
  readonly writableLength: number
  allowHalfOpen: boolean
  push(chunk: unknown): boolean
  read(size?: number): unknown
  end(...args: readonly unknown[]): unknown
  destroy(error?: unknown): this
  emit(name: string, ...args: readonly unknown[]): boolean
  on(name: string, listener: Callback): this
  once(name: string, listener: Callback): this
  removeListener(name: string, listener: Callback): this
  isPaused(): boolean
  pause(): this
  _undestroy(): void
}
export type DuplexClass = new (options: object) => Duplex

export interface Socket extends Duplex {
  connecting: boolean
  readonly timeout: number | undefined
  connect(...args: readonly unknown[]): this
  setTimeout(delayMs: unknown, callback?: unknown): this
  setNoDelay(on?: unknown): this
  setKeepAlive(on?: unknown, initialDelayMs?: unknown): this
  ref(): this
  unref(): this
  destroySoon(): void
  resetAndDestroy(): this
  address(): object
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly pending: boolean
  readonly readyState: string
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly remoteFamily: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly localFamily: string | undefined
  /** Gets a number from `begin` and follows what happens to it; what `begin` throws is an error of the socket. */
  [START](begin: (events: SocketEvents) => number): void
  /** Takes over a socket that is connected already. */
  [ADOPT](id: number): void
  /** Called when it is connected; tells the program. */
  [OPENED](): void
  /** The number, once there is one; `undefined` after the end. */
  readonly [ID]: number | undefined
}
export type SocketClass = new (options?: unknown, link?: Link) => Socket

/** What a class that stands on Socket uses; no program can name them. */
export const START: unique symbol = Symbol('start')
export const ADOPT: unique symbol = Symbol('adopt')
export const OPENED: unique symbol = Symbol('opened')
export const ID: unique symbol = Symbol('id')

export interface SocketParts {
  readonly Duplex: DuplexClass
  readonly Buffer: BufferClass
  readonly addAbortSignal: (signal: unknown, stream: unknown) => void
}

const MAX_DELAY_MS = 2_147_483_647
const CHUNK_BYTES = 65_536

export function socketClass({ Duplex, Buffer, addAbortSignal }: SocketParts): SocketClass {
  return class Socket extends Duplex {
    connecting = false
    bytesRead = 0
    readonly #link: Link
    readonly #idle: Idle
    #id: number | undefined
    #ends: Ends = {}
    /** Whether bytes come, and whether they shall once it is connected. */
    #reading = false
    #wanted = false
    /** Bytes that were handed to the link, the ones it still works on included. */
    #sent = 0
    /** What is left of the write under way, and whom to tell about it. */
    #left: Uint8Array | undefined
    #written: Done | undefined
    #finished: Done | undefined
    /** What was asked for while it was connecting: a write, the end. */
    #waiting: (() => void)[] = []
    #closed: ((hadError: boolean) => void) | undefined
    #timeout: number | undefined
    #onread: Onread | undefined

    constructor(given?: unknown, link: Link = power) {
      const options = typeof given === 'object' && given !== null ? (given as Options) : {}
      const { readableHighWaterMark = CHUNK_BYTES, writableHighWaterMark = CHUNK_BYTES } = options
      const allowHalfOpen = options['allowHalfOpen'] === true
      super({ allowHalfOpen, readableHighWaterMark, writableHighWaterMark, emitClose: false })
      this.#link = link
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
        this.#lookUp(lookup as Lookup, request, options)
      } else {
        throw wrongType('options.lookup', 'of type function')
      }
      return this
    }

    #lookUp(lookup: Lookup, request: Request, options: Options): void {
      this.#begin()
      lookedUp(lookup, request.host, options, (error, found) => {
        if (!this.connecting) return
        if (error !== null) {
          this.emit('lookup', error, undefined, undefined, request.host)
          this.destroy(error)
          return
        }
        for (const { address, family } of found) this.emit('lookup', null, address, family, request.host)
        const addresses = found.map(({ address }) => address)
        if (this.connecting) this[START]((events) => power.connect({ ...request, addresses }, events))
      })
    }

    #begin(): void {
      if (this.destroyed) {
        this._undestroy() // a socket may be used again, as in Node
        this.#sent = this.bytesRead = 0
        this.#closed = undefined
      }
      this.#ends = {}
      this.#wanted = this.#reading = false
      this.connecting = true
      this.#idle.touch()
    }

    [START](begin: (events: SocketEvents) => number): void {
      if (!this.connecting) this.#begin()
      try {
        this.#id = begin(this.#events())
      } catch (error) {
        this.#fail(error)
      }
    }

    /**
     * Programs listen for errors some microtasks after they have made the socket: no connection
     * fails before the loop has turned.
     */
    #fail(error: unknown): void {
      const fail = (): void => void this.destroy(error)
      try {
        setImmediate(fail)
      } catch {
        fail() // the plugin was stopped, or all its timers wait
      }
    }

    [ADOPT](id: number): void {
      this.#link.adopt(id, this.#events())
      this.#id = id
      if (!this.isPaused()) this.read(0)
    }

    get [ID](): number | undefined {
      return this.#id
    }

    [OPENED](): void {
      this.emit('connect')
      this.emit('ready')
      if (this.#id !== undefined && !this.isPaused()) this.read(0)
    }

    #events(): SocketEvents {
      return {
        lookup: (error, address, family, host) => {
          this.#idle.touch()
          this.emit('lookup', error, address, family, host)
        },
        attempt: (address, port, family) => void this.emit('connectionAttempt', address, port, family),
        attemptFailed: (address, port, family, error) => {
          if (error === null) this.emit('connectionAttemptTimeout', address, port, family)
          else this.emit('connectionAttemptFailed', address, port, family, error)
        },
        connect: () => {
          if (this.destroyed) return
          this.connecting = false
          this.#idle.touch()
          if (this.#wanted) this._read()
          for (const run of this.#waiting.splice(0)) run()
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
          this.#id = undefined
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
        this.#onread === undefined ? this.push(own(Buffer, bytes)) : this.#fill(this.#onread, bytes)
      if (more || !this.#reading) return
      this.#reading = false
      if (this.#id !== undefined) this.#link.pause(this.#id)
    }

    /** Hands bytes over in the program's own buffer; `false` when it wants no more. */
    #fill({ buffer, callback }: Onread, bytes: Uint8Array): boolean {
      const into = typeof buffer === 'function' ? (buffer() as Uint8Array) : buffer
      let more = true
      for (let at = 0; at < bytes.length; at += into.length) {
        const piece = bytes.subarray(at, at + into.length)
        into.set(piece)
        if (Reflect.apply(callback, this, [piece.length, into]) === false) more = false
      }
      return more
    }

    _read(): void {
      if (this.#id === undefined || this.connecting) {
        this.#wanted = true
      } else if (!this.#reading) {
        this.#reading = true
        this.#link.resume(this.#id)
      }
    }

    _write(chunk: Uint8Array, _encoding: unknown, done: Done): void {
      if (this.connecting) {
        this.#waiting.push(() => this._write(chunk, undefined, done))
        this.#written = done
        return
      }
      if (this.#id === undefined) return done(netError('ERR_SOCKET_CLOSED', 'Socket is closed'))
      this.#left = chunk
      this.#written = done
      this.#pump()
    }

    /** What was written while the link was busy goes out as one. */
    _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
      let length = 0
      for (const { chunk } of chunks) length += chunk.length
      const joined = new Uint8Array(length)
      let at = 0
      for (const { chunk } of chunks) {
        joined.set(chunk, at)
        at += chunk.length
      }
      this._write(joined, undefined, done)
    }

    #pump(): void {
      this.#idle.touch()
      for (;;) {
        const left = this.#left
        if (left === undefined || left.length === 0 || this.#id === undefined) break
        const piece = left.length > power.mostBytes ? left.subarray(0, power.mostBytes) : left
        this.#left = left.length === piece.length ? undefined : left.subarray(piece.length)
        this.#sent += piece.length
        if (!this.#link.write(this.#id, piece)) return
      }
      const done = this.#written
      this.#written = this.#left = undefined
      done?.()
    }

    _final(done: Done): void {
      if (this.connecting) {
        this.#waiting.push(() => this._final(done))
      } else if (this.#id === undefined) {
        done()
      } else {
        this.#finished = done
        this.#link.end(this.#id)
      }
    }

    _destroy(error: unknown, done: Done): void {
      const id = this.#id
      const written = this.#written
      const failed = error !== null && error !== undefined
      this.connecting = this.#reading = false
      this.#idle.set(0)
      this.#waiting = []
      this.#written = this.#left = this.#finished = undefined
      this.#closed = (hadError) => {
        this.#closed = () => undefined
        this.emit('close', failed || hadError)
      }
      done(error)
      written?.(error ?? netError('ECANCELED', 'write ECANCELED'))
      if (id === undefined) queueMicrotask(() => this.#closed?.(failed))
      else this.#link.destroy(id, false)
    }

    setTimeout(delayMs: unknown, callback?: unknown): this {
      if (typeof delayMs !== 'number') throw wrongType('msecs', 'of type number')
      if (!(delayMs >= 0 && delayMs < Infinity)) {
        throw netError('ERR_OUT_OF_RANGE', 'The value of "msecs" is out of range', RangeError)
      }
      if (callback !== undefined && typeof callback !== 'function')
        throw wrongType('callback', 'of type function')
      this.#timeout = Math.min(Math.trunc(delayMs), MAX_DELAY_MS)
      this.#idle.set(this.destroyed ? 0 : this.#timeout)
      if (callback !== undefined) {
        if (this.#timeout === 0) this.removeListener('timeout', callback as Callback)
        else this.once('timeout', callback as Callback)
      }
      return this
    }

    setNoDelay(on: unknown = true): this {
      return this.#whenOpen((id) => this.#link.setNoDelay(id, Boolean(on)))
    }

    setKeepAlive(on: unknown = false, initialDelayMs: unknown = 0): this {
      return this.#whenOpen((id) => this.#link.setKeepAlive(id, Boolean(on), initialDelayMs))
    }

    #whenOpen(run: (id: number) => void): this {
      const later = (): void => {
        if (this.#id !== undefined) run(this.#id)
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
      if (this.#id === undefined) return this.destroy(netError('ERR_SOCKET_CLOSED', 'Socket is closed'))
      this.#link.destroy(this.#id, true)
      return this.destroy()
    }

    #end<K extends keyof Ends>(key: K): Ends[K] {
      const ends = this.#ends
      if (ends[key] === undefined && this.#id !== undefined && !this.connecting) {
        this.#ends = this.#link.ends(this.#id)
      }
      return this.#ends[key]
    }

    address(): object {
      const [address, family, port] = [this.localAddress, this.localFamily, this.localPort]
      return address === undefined ? {} : { address, family, port }
    }

    get localAddress(): string | undefined {
      return this.#end('localAddress')
    }
    get localPort(): number | undefined {
      return this.#end('localPort')
    }
    get localFamily(): string | undefined {
      return this.#end('localFamily')
    }
    get remoteAddress(): string | undefined {
      return this.#end('remoteAddress')
    }
    get remotePort(): number | undefined {
      return this.#end('remotePort')
    }
    get remoteFamily(): string | undefined {
      return this.#end('remoteFamily')
    }

    get timeout(): number | undefined {
      return this.#timeout
    }

    get pending(): boolean {
      return this.#id === undefined || this.connecting
    }

    get bytesWritten(): number {
      const underWay = this.#left?.length ?? 0
      return this.#sent + Math.max(0, this.writableLength - underWay)
    }

    get bufferSize(): number {
      return this.writableLength
    }

    get readyState(): string {
      if (this.connecting) return 'opening'
      if (this.readable) return this.writable ? 'open' : 'readOnly'
      return this.writable ? 'writeOnly' : 'closed'
    }
  }
}
