/**
 * `OutgoingMessage`: what a request and a response share while they are sent: headers,
 * framing of the body, waiting for a socket. A head and a small body leave in one
 * write, since each write is a crossing out of the plugin.
 */
import { httpError } from './errors.js'
import { framedHead, type FramedMessage } from './framed-head.js'
import { makeHeadedMessage, type HeadedMessage } from './headed.js'
import type { Field } from './header-store.js'
import { type Callback, type Kit, type Socket } from './kit.js'
import { bytesOf, CRLF, joined, latin1Bytes, sizeLine } from './pieces.js'

export interface OutgoingMessage extends HeadedMessage, FramedMessage {
  finished: boolean
  writable: boolean
  destroyed: boolean
  socket: Socket | null
  connection: Socket | null
  strictContentLength: boolean
  outputData: Output[]
  outputSize: number
  _headerSent: boolean
  _closed: boolean
  _needDrain: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly writableLength: number
  readonly writableHighWaterMark: number
  readonly writableNeedDrain: boolean
  readonly writableCorked: number
  readonly errored: unknown
  readonly closed: boolean
  flushHeaders(): void
  setTimeout(ms: number, listener?: () => void): this
  cork(): void
  uncork(): void
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): this
  destroy(error?: unknown): this
  _implicitHeader(): void
  _storeHeader(startLine: string, fields: Iterable<Field>): void
  _finish(): void
  /** Sends what waited for the socket. */
  _flush(): void
  _rejectsBody: boolean
  _errored: unknown
  _writeRaw(bytes: Uint8Array, callback: Callback | undefined): boolean
}
export type OutgoingMessageClass = new (options?: unknown) => OutgoingMessage

interface Output {
  readonly bytes: Uint8Array
  readonly callback: Callback | undefined
}

const DEFAULT_HIGH_WATER_MARK = 65_536
/** Up to this many bytes pieces are copied together rather than written one by one. */
const JOINED_BYTES = 131_072
/** Writes below this many bytes wait for others of the same turn. */
const CORKED_BYTES = 16_384

export function makeOutgoingMessage(kit: Kit): OutgoingMessageClass {
  const HeadedMessage = makeHeadedMessage(kit)
  return class OutgoingMessage extends HeadedMessage {
    finished = false
    writable = true
    destroyed = false
    socket: Socket | null = null
    shouldKeepAlive = true
    useChunkedEncodingByDefault = true
    chunkedEncoding = false
    maxRequestsOnConnectionReached = false
    strictContentLength = false
    outputData: Output[] = []
    outputSize = 0
    _last = false
    _hasBody = true
    _contentLength: number | null = null
    _bodyFollows = false
    _announcedLength: number | null = null
    _oldPeer = false
    _defaultKeepAlive = true
    _keepAliveTimeout = 0
    _maxRequestsPerSocket = 0
    _uniqueHeaders: ReadonlySet<string> | undefined = undefined
    _headerSent = false
    _closed = false
    _needDrain = false
    _rejectsBody = false
    _bodyBytes = 0
    _corked = false
    _errored: unknown = null
    _highWaterMark: number

    constructor(options?: unknown) {
      super()
      const { highWaterMark } = (options ?? {}) as { readonly highWaterMark?: number }
      this._highWaterMark = highWaterMark ?? DEFAULT_HIGH_WATER_MARK
    }

    get connection(): Socket | null {
      return this.socket
    }
    set connection(socket: Socket | null) {
      this.socket = socket
    }
    get writableEnded(): boolean {
      return this.finished
    }
    get writableFinished(): boolean {
      return this.finished && this.outputSize === 0 && (this.socket?.writableLength ?? 0) === 0
    }
    get writableObjectMode(): boolean {
      return false
    }
    get writableLength(): number {
      return this.outputSize + (this.socket?.writableLength ?? 0)
    }
    get writableHighWaterMark(): number {
      return this.socket?.writableHighWaterMark ?? this._highWaterMark
    }
    get writableNeedDrain(): boolean {
      return !this.destroyed && !this.finished && this._needDrain
    }
    get writableCorked(): number {
      return this.socket?.writableCorked ?? 0
    }
    get errored(): unknown {
      return this._errored
    }
    get closed(): boolean {
      return this._closed
    }

    flushHeaders(): void {
      if (this._header === null) this._implicitHeader()
      if (!this._headerSent) this._send([], undefined)
    }

    setTimeout(ms: number, listener?: () => void): this {
      if (listener !== undefined) this.on('timeout', listener)
      if (this.socket === null) this.once('socket', (socket: Socket) => void socket.setTimeout?.(ms))
      else this.socket.setTimeout?.(ms)
      return this
    }
    cork(): void {
      if (this.socket === null) this.once('socket', (socket: Socket) => socket.cork())
      else this.socket.cork()
    }
    uncork(): void {
      this.socket?.uncork()
    }

    write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
      const [coding, done] = typeof encoding === 'function' ? [undefined, encoding] : [encoding, callback]
      const ok = this._write(bytesOf(chunk, coding), done as Callback | undefined, false)
      if (!ok) this._needDrain = true
      return ok
    }

    end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
      if (typeof chunk === 'function') return this.end(undefined, undefined, chunk)
      if (typeof encoding === 'function') return this.end(chunk, undefined, encoding)
      const done = callback as Callback | undefined
      const empty = chunk === undefined || chunk === null
      if (this.finished) {
        this._endAgain(empty, done)
        return this
      }
      if (typeof done === 'function') this.once('finish', done)
      if (!empty) {
        this._write(bytesOf(chunk, encoding), undefined, true)
        return this
      }
      if (this._header === null) {
        this._contentLength = 0
        this._implicitHeader()
      }
      this._checkLength(0, true)
      const finish = (error?: unknown): void => this._sent(error)
      if (this._hasBody && this.chunkedEncoding) this._send([this._lastChunk()], finish)
      else if (!this._headerSent || this.writableLength > 0) this._send([], finish)
      else process.nextTick(finish)
      this._ended()
      return this
    }

    _endAgain(empty: boolean, done: Callback | undefined): void {
      const error = empty
        ? httpError('ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished')
        : httpError('ERR_STREAM_WRITE_AFTER_END', 'write after end')
      if (!empty) return this._fail(error, done)
      if (typeof done !== 'function') return
      if (this.writableFinished) process.nextTick(done, error)
      else this.once('finish', done)
    }

    /** Puts a piece of the body on its way; the last one together with what ends the message. */
    _write(bytes: Uint8Array, done: Callback | undefined, last: boolean): boolean {
      if (this.finished || this.destroyed) {
        const error = this.destroyed
          ? httpError('ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed')
          : httpError('ERR_STREAM_WRITE_AFTER_END', 'write after end')
        this._fail(error, done)
        return false
      }
      if (this._header === null) {
        if (last) this._contentLength = bytes.length
        this._bodyFollows = true
        this._implicitHeader()
      }
      const finish = last ? (error?: unknown): void => this._sent(error) : done
      let ok = true
      if (!this._hasBody) {
        if (this._rejectsBody) {
          throw httpError(
            'ERR_HTTP_BODY_NOT_ALLOWED',
            'Adding content for this request method or response status is not allowed.',
          )
        }
        if (last) this._send([], finish)
        else if (typeof finish === 'function') process.nextTick(finish)
      } else {
        this._checkLength(bytes.length, last)
        const pieces = []
        if (!this.chunkedEncoding) pieces.push(bytes)
        else if (bytes.length > 0) pieces.push(sizeLine(bytes.length), bytes, CRLF)
        if (last && this.chunkedEncoding) pieces.push(this._lastChunk())
        if (!last && bytes.length < CORKED_BYTES) this._corkThisTurn()
        ok = this._send(pieces, finish)
      }
      if (last) this._ended()
      return ok
    }

    _checkLength(length: number, last: boolean): void {
      this._bodyBytes += length
      const announced = this._announcedLength
      if (!this.strictContentLength || announced === null || !this._hasBody) return
      if (this._bodyBytes > announced || (last && this._bodyBytes < announced)) {
        const message = `Response body's content-length of ${this._bodyBytes} byte(s) does not match the content-length of ${announced} byte(s) set in header`
        throw httpError('ERR_HTTP_CONTENT_LENGTH_MISMATCH', message)
      }
    }

    _lastChunk(): Uint8Array {
      return latin1Bytes(`0\r\n${this._trailer}\r\n`)
    }

    _corkThisTurn(): void {
      const { socket } = this
      if (this._corked || socket === null || socket._httpMessage !== this) return
      this._corked = true
      socket.cork()
      process.nextTick(() => this._uncorkTurn())
    }
    _uncorkTurn(): void {
      if (!this._corked) return
      this._corked = false
      this.socket?.uncork()
    }

    /** Nothing more will be written. */
    _ended(): void {
      this._uncorkTurn()
      this.finished = true
      if (this.outputData.length === 0 && this.socket?._httpMessage === this) this._finish()
    }
    _finish(): void {
      this.emit('prefinish')
    }
    /** All of it went to the socket. */
    _sent(error: unknown): void {
      if (error === undefined || error === null) this.emit('finish')
    }

    _fail(error: Error, done: Callback | undefined): void {
      process.nextTick(() => {
        if (typeof done === 'function') done(error)
        if (!this.destroyed) this.emit('error', error)
      })
    }

    /** The head, if it has not gone yet, and these pieces. */
    _send(pieces: readonly Uint8Array[], callback: Callback | undefined): boolean {
      let all = pieces
      if (!this._headerSent && this._header !== null) {
        this._headerSent = true
        all = [latin1Bytes(this._header), ...pieces]
      }
      const few = joined(all, JOINED_BYTES)
      const list = few === undefined ? all : [few]
      let ok = true
      for (const [at, piece] of list.entries()) {
        ok = this._writeRaw(piece, at === list.length - 1 ? callback : undefined)
      }
      return ok
    }

    _writeRaw(bytes: Uint8Array, callback: Callback | undefined): boolean {
      const { socket } = this
      if (socket?.destroyed === true) {
        if (callback !== undefined)
          process.nextTick(callback, httpError('ERR_STREAM_DESTROYED', 'The socket is closed'))
        return false
      }
      if (socket !== null && socket._httpMessage === this && socket.writable) {
        if (this.outputData.length > 0) this._flushOutput(socket)
        return socket.write(bytes, callback)
      }
      this.outputData.push({ bytes, callback })
      this.outputSize += bytes.length
      return this.outputSize < this._highWaterMark
    }

    _flush(): void {
      const { socket } = this
      if (socket === null || !socket.writable) return
      const ok = this._flushOutput(socket)
      if (this.finished) this._finish()
      else if (ok && this._needDrain) {
        this._needDrain = false
        this.emit('drain')
      }
    }
    _flushOutput(socket: Socket): boolean {
      const waiting = this.outputData
      // As one write; but a large body is not worth the copy.
      const together = waiting.length > 1 && this.outputSize <= JOINED_BYTES
      this.outputData = []
      this.outputSize = 0
      let ok = true
      if (together) socket.cork()
      for (const { bytes, callback } of waiting) ok = socket.write(bytes, callback)
      if (together) socket.uncork()
      return ok
    }

    destroy(error?: unknown): this {
      if (this.destroyed) return this
      this.destroyed = true
      this._errored = error ?? null
      if (this.socket === null) this.once('socket', (socket: Socket) => socket.destroy(error as Error))
      else this.socket.destroy(error as Error)
      return this
    }

    _storeHeader(startLine: string, fields: Iterable<Field>): void {
      this._header = framedHead(this, startLine, fields)
    }
    _implicitHeader(): void {
      throw httpError('ERR_METHOD_NOT_IMPLEMENTED', 'The _implicitHeader() method is not implemented')
    }
    override pipe<Destination>(destination: Destination): Destination {
      this.emit('error', httpError('ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable'))
      return destination
    }
  }
}
