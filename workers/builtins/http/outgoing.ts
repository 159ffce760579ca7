/**
 * `OutgoingMessage`: what a request and a response share while they are sent: when the
 * head is settled, how the body is framed, how it ends. How bytes come to the socket is
 * queued.ts.
 */
import { httpError } from './errors.js'
import { framedHead, type FramedMessage } from './framed-head.js'
import type { Field } from './header-store.js'
import type { Callback, Kit, Socket } from './kit.js'
import { bytesOf, CRLF, latin1Bytes, sizeLine } from './pieces.js'
import { makeQueuedMessage, type QueuedMessage } from './queued.js'

export interface OutgoingMessage extends QueuedMessage, FramedMessage {
  writable: boolean
  strictContentLength: boolean
  flushHeaders(): void
  setTimeout(ms: number, listener?: () => void): this
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): this
  destroy(error?: unknown): this
  _implicitHeader(): void
  _storeHeader(startLine: string, fields: Iterable<Field>): void
  _rejectsBody: boolean
}
export type OutgoingMessageClass = new (options?: unknown) => OutgoingMessage

/** Writes below this many bytes wait for others of the same turn. */
const CORKED_BYTES = 16_384

export function makeOutgoingMessage(kit: Kit): OutgoingMessageClass {
  const QueuedMessage = makeQueuedMessage(kit)
  return class OutgoingMessage extends QueuedMessage {
    writable = true
    shouldKeepAlive = true
    useChunkedEncodingByDefault = true
    chunkedEncoding = false
    maxRequestsOnConnectionReached = false
    strictContentLength = false
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
    _rejectsBody = false
    _bodyBytes = 0

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

    /** Nothing more will be written. */
    _ended(): void {
      this._uncorkTurn()
      this.finished = true
      if (this.outputData.length === 0 && this.socket?._httpMessage === this) this._finish()
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
