/**
 * Bytes of a message on their way to its socket, which it may still wait for. A head and
 * a small body leave in one write, since each write is a crossing out of the plugin.
 */
import { httpError } from './errors.js'
import { makeHeadedMessage, type HeadedMessage } from './headed.js'
import type { Callback, Kit, Socket } from './kit.js'
import { joined, latin1Bytes } from './pieces.js'

export interface QueuedMessage extends HeadedMessage {
  finished: boolean
  destroyed: boolean
  socket: Socket | null
  connection: Socket | null
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
  cork(): void
  uncork(): void
  _errored: unknown
  /** Sends what waited for the socket. */
  _flush(): void
  _writeRaw(bytes: Uint8Array, callback: Callback | undefined): boolean
  /** The head, if it has not gone yet, and these pieces. */
  _send(pieces: readonly Uint8Array[], callback: Callback | undefined): boolean
  /** Joins the small writes of this turn. */
  _corkThisTurn(): void
  _uncorkTurn(): void
  /** All was written, and the message has the socket. */
  _finish(): void
}
export type QueuedMessageClass = new (options?: unknown) => QueuedMessage

interface Output {
  readonly bytes: Uint8Array
  readonly callback: Callback | undefined
}

const DEFAULT_HIGH_WATER_MARK = 65_536
/** Up to this many bytes pieces are copied together rather than written one by one. */
const JOINED_BYTES = 131_072

export function makeQueuedMessage(kit: Kit): QueuedMessageClass {
  const HeadedMessage = makeHeadedMessage(kit)
  return class QueuedMessage extends HeadedMessage {
    finished = false
    destroyed = false
    socket: Socket | null = null
    outputData: Output[] = []
    outputSize = 0
    _headerSent = false
    _closed = false
    _needDrain = false
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

    cork(): void {
      if (this.socket === null) this.once('socket', (socket: Socket) => socket.cork())
      else this.socket.cork()
    }
    uncork(): void {
      this.socket?.uncork()
    }

    _send(pieces: readonly Uint8Array[], callback: Callback | undefined): boolean {
      let all = pieces
      if (!this._headerSent && this._header !== null) {
        this._headerSent = true
        all = [latin1Bytes(this._header), ...pieces]
      }
      const few = joined(all, JOINED_BYTES)
      const list = few === undefined ? all : [few]
      let ok = true
      // One crossing all the same, and a peer that is not woken for the head alone.
      if (list.length > 1) this.socket?.cork()
      for (const [at, piece] of list.entries()) {
        ok = this._writeRaw(piece, at === list.length - 1 ? callback : undefined)
      }
      if (list.length > 1) this.socket?.uncork()
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
      const together = waiting.length > 1
      this.outputData = []
      this.outputSize = 0
      let ok = true
      if (together) socket.cork()
      for (const { bytes, callback } of waiting) ok = socket.write(bytes, callback)
      if (together) socket.uncork()
      return ok
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

    _finish(): void {
      this.emit('prefinish')
    }
  }
}
