/** `IncomingMessage`: a received message as a Readable. Client and server feed it from their parser. */
import type { Readable } from 'node:stream'
import type { Head } from './head.js'
import { addHeader, distinctHeaders, joinedHeaders, type DistinctHeaders, type Headers } from './fields.js'
import type { Kit, Socket } from './kit.js'

export interface IncomingMessage extends Readable {
  aborted: boolean
  complete: boolean
  httpVersion: string | null
  httpVersionMajor: number | null
  httpVersionMinor: number | null
  method: string | null
  url: string
  statusCode: number | null
  statusMessage: string | null
  rawHeaders: string[]
  rawTrailers: string[]
  headers: Headers
  headersDistinct: DistinctHeaders
  trailers: Headers
  trailersDistinct: DistinctHeaders
  upgrade: boolean | null
  socket: Socket | null
  connection: Socket | null
  joinDuplicateHeaders: boolean
  /** On the client, the request that it answers. */
  req?: unknown
  _consuming: boolean
  _dumped: boolean
  setTimeout(ms: number, listener?: () => void): this
  /** Takes what the parser made of the lines before the body. */
  _setHead(head: Head): void
  /** Reads on to the end for nobody, so that the connection gets to the next message. */
  _dump(): void
}
export type IncomingMessageClass = new (socket: Socket | null) => IncomingMessage

type Done = (error?: Error | null) => void

export function makeIncomingMessage({ Readable }: Kit): IncomingMessageClass {
  return class IncomingMessage extends Readable {
    aborted = false
    complete = false
    httpVersion: string | null = null
    httpVersionMajor: number | null = null
    httpVersionMinor: number | null = null
    method: string | null = null
    url = ''
    statusCode: number | null = null
    statusMessage: string | null = null
    rawHeaders: string[] = []
    rawTrailers: string[] = []
    upgrade: boolean | null = null
    socket: Socket | null
    client: Socket | null
    joinDuplicateHeaders = false
    declare req?: unknown
    _consuming = false
    _dumped = false
    _headers: Headers | undefined = undefined
    _headersDistinct: DistinctHeaders | undefined = undefined
    _trailers: Headers | undefined = undefined
    _trailersDistinct: DistinctHeaders | undefined = undefined

    constructor(socket: Socket | null) {
      super(socket?.readableHighWaterMark ? { highWaterMark: socket.readableHighWaterMark } : {})
      this.socket = socket
      this.client = socket
    }

    _setHead({ minor, method, url, statusCode, statusMessage, rawHeaders, upgrade }: Head): void {
      this.httpVersionMajor = 1
      this.httpVersionMinor = minor
      this.httpVersion = minor === 1 ? '1.1' : '1.0'
      this.rawHeaders = rawHeaders
      this.upgrade = upgrade
      if (method !== '') {
        this.method = method
        this.url = url
      } else {
        this.statusCode = statusCode
        this.statusMessage = statusMessage
      }
    }

    get headers(): Headers {
      return (this._headers ??= joinedHeaders(this.rawHeaders, this.joinDuplicateHeaders))
    }
    set headers(headers: Headers) {
      this._headers = headers
    }
    get headersDistinct(): DistinctHeaders {
      return (this._headersDistinct ??= distinctHeaders(this.rawHeaders))
    }
    set headersDistinct(headers: DistinctHeaders) {
      this._headersDistinct = headers
    }
    /** Empty until the message is complete. */
    get trailers(): Headers {
      return this.complete
        ? (this._trailers ??= joinedHeaders(this.rawTrailers, this.joinDuplicateHeaders))
        : {}
    }
    set trailers(trailers: Headers) {
      this._trailers = trailers
    }
    get trailersDistinct(): DistinctHeaders {
      return this.complete ? (this._trailersDistinct ??= distinctHeaders(this.rawTrailers)) : {}
    }
    set trailersDistinct(trailers: DistinctHeaders) {
      this._trailersDistinct = trailers
    }
    get connection(): Socket | null {
      return this.socket
    }
    set connection(socket: Socket | null) {
      this.socket = socket
    }

    /** Node's own helper, which middleware overrides. */
    _addHeaderLine(name: string, value: string, headers: Headers): void {
      addHeader(headers, name, value, this.joinDuplicateHeaders)
    }

    setTimeout(ms: number, listener?: () => void): this {
      if (listener !== undefined) this.on('timeout', listener)
      this.socket?.setTimeout?.(ms)
      return this
    }

    override _read(): void {
      this._consuming = true
      // A socket that an `upgrade` handed over is its new owner's to read.
      const { socket } = this
      if (socket?.readable === true && socket._paused !== true && this.upgrade !== true) socket.resume()
    }

    override _destroy(error: Error | null, done: Done): void {
      if (!this.readableEnded || !this.complete) {
        this.aborted = true
        this.emit('aborted')
      }
      const finish = (): void => {
        // Without a listener the end of a connection is no uncaught error: `aborted` and `close` tell of it.
        process.nextTick(() => done(this.listenerCount('error') > 0 ? error : null))
      }
      const { socket } = this
      if (socket === null || socket.destroyed || !this.aborted) return finish()
      socket.once('close', finish)
      socket.destroy(error ?? undefined)
    }

    _dump(): void {
      if (this._dumped) return
      this._dumped = true
      this.removeAllListeners('data')
      this.resume()
    }
  }
}
