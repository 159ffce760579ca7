/**
 * One connection of a server: requests in, responses out in the same order, one after
 * the other; and what happens when either side stops in the middle.
 */
import type { ParseError } from './errors.js'
import { httpError, reset } from './errors.js'
import type { Head } from './head.js'
import type { IncomingMessage, IncomingMessageClass } from './incoming.js'
import { destroySoon, type NetServer, type Socket } from './kit.js'
import { Parser, type HeadVerdict } from './parser.js'
import { bufferOver, latin1Bytes } from './pieces.js'
import type { ResponseOptions, ServerResponse, ServerResponseClass } from './server-response.js'
import { STATUS_CODES } from './tokens.js'

/** What a connection reads of its server, at the time it needs it. */
export interface ServerSettings extends NetServer {
  timeout: number
  headersTimeout: number
  requestTimeout: number
  keepAliveTimeout: number
  keepAliveTimeoutBuffer: number
  maxHeadersCount: number | null
  maxRequestsPerSocket: number
  readonly maxHeaderSize: number
  readonly requireHostHeader: boolean
  readonly joinDuplicateHeaders: boolean
  readonly httpAllowHalfOpen: boolean
  readonly shouldUpgradeCallback: ((req: IncomingMessage) => boolean) | undefined
  readonly responseOptions: ResponseOptions
  readonly IncomingMessage: IncomingMessageClass
  readonly ServerResponse: ServerResponseClass
}

const HEADERS_COUNT = 1000
/** Requests that wait for their turn before the connection is read no further. */
const MOST_WAITING = 64

export class Connection {
  readonly socket: Socket
  readonly #server: ServerSettings
  readonly #parser: Parser
  /** Requests whose response has not gone yet; the first is being answered. */
  #exchanges: (readonly [IncomingMessage, ServerResponse])[] = []
  /** What the parser is in the middle of. */
  #incoming: IncomingMessage | undefined
  #upgrade: IncomingMessage | undefined
  #requests = 0
  #idleTimeout = false
  #broken = false
  /** When the request that is coming in began; undefined between requests. */
  #startedMs: number | undefined = Date.now()
  #detach: () => void

  constructor(server: ServerSettings, socket: Socket) {
    this.socket = socket
    this.#server = server
    this.#parser = new Parser({
      kind: 'request',
      maxHeaderSize: server.maxHeaderSize,
      maxHeadersCount: server.maxHeadersCount === null ? HEADERS_COUNT : server.maxHeadersCount || Infinity,
      events: {
        head: (head) => this.#head(head),
        body: (bytes) => this.#body(bytes),
        complete: (rawTrailers) => this.#complete(rawTrailers),
      },
    })
    const listeners = {
      data: (bytes: Uint8Array) => this.#data(bytes),
      end: () => this.#end(),
      close: () => this.#abort(),
      error: (error: Error) => this.#failed(error),
      drain: () => this.#drain(),
      timeout: () => this.#timeout(),
    }
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener)
    this.#detach = () => {
      for (const [name, listener] of Object.entries(listeners)) socket.removeListener(name, listener)
    }
    if (server.timeout > 0) socket.setTimeout?.(server.timeout)
  }

  get idle(): boolean {
    return this.#exchanges.length === 0 && this.#parser.idle
  }

  /** Ends it with 408 when a head or a request takes too long. */
  checkTime(nowMs: number): void {
    if (this.#startedMs === undefined) return
    const { headersTimeout, requestTimeout } = this.#server
    const takenMs = nowMs - this.#startedMs
    const late =
      (headersTimeout > 0 && this.#incoming === undefined && takenMs > headersTimeout) ||
      (requestTimeout > 0 && takenMs > requestTimeout)
    if (!late) return
    this.#startedMs = undefined
    this.#failed(httpError('ERR_HTTP_REQUEST_TIMEOUT', 'Request timeout'))
  }

  #data(bytes: Uint8Array): void {
    if (this.#parser.idle) {
      this.#startedMs ??= Date.now()
      if (this.#idleTimeout) {
        this.#idleTimeout = false
        this.socket.setTimeout?.(this.#server.timeout)
      }
    }
    let taken: number
    try {
      taken = this.#parser.execute(bytes)
    } catch (error) {
      if ((error as ParseError).rawPacket === undefined) throw error
      return this.#failed(error as Error)
    }
    if (this.#upgrade !== undefined) this.#handOver(this.#upgrade, bytes.subarray(taken))
  }

  #head(head: Head): HeadVerdict {
    const { socket } = this
    const server = this.#server
    const req = new server.IncomingMessage(socket)
    req._setHead(head)
    req.joinDuplicateHeaders = server.joinDuplicateHeaders
    if (head.upgrade) {
      const wanted =
        head.method === 'CONNECT' ||
        (server.shouldUpgradeCallback?.(req) ?? server.listenerCount('upgrade') > 0)
      if (wanted) {
        this.#upgrade = req
        this.#startedMs = undefined
        return 'stop'
      }
      req.upgrade = false
    }
    this.#incoming = req
    const res = new server.ServerResponse(req, server.responseOptions)
    res.shouldKeepAlive = head.keepAlive && !res._oldPeer
    res._keepAliveTimeout = server.keepAliveTimeout
    res._maxRequestsPerSocket = server.maxRequestsPerSocket
    this.#exchanges.push([req, res])
    if (!socket._httpMessage) res.assignSocket(socket)
    else if (this.#exchanges.length > MOST_WAITING) {
      socket._paused = true
      socket.pause()
    }
    res.on('finish', () => this.#finished(req, res))
    this.#serve(head, req, res)
    return 'body'
  }

  #serve(head: Head, req: IncomingMessage, res: ServerResponse): void {
    const server = this.#server
    if (head.minor === 1 && (head.hosts > 1 || (head.hosts === 0 && server.requireHostHeader))) {
      res.writeHead(400, ['Connection', 'close']).end()
      return
    }
    const most = server.maxRequestsPerSocket
    if (head.minor === 1 && most > 0) {
      this.#requests++
      res.maxRequestsOnConnectionReached = this.#requests >= most
      if (this.#requests > most) {
        server.emit('dropRequest', req, this.socket)
        res.writeHead(503).end()
        return
      }
    }
    if (head.expect === undefined || head.minor === 0) server.emit('request', req, res)
    else if (head.expect.toLowerCase() !== '100-continue') {
      if (!server.emit('checkExpectation', req, res)) res.writeHead(417).end()
    } else {
      res._expectContinue = true
      if (server.emit('checkContinue', req, res)) return
      res.writeContinue()
      server.emit('request', req, res)
    }
  }

  #body(bytes: Uint8Array): void {
    const req = this.#incoming
    if (req !== undefined && !req._dumped && !req.push(bufferOver(bytes))) this.socket.pause()
  }

  #complete(rawTrailers: readonly string[]): void {
    const req = this.#incoming
    this.#incoming = undefined
    this.#startedMs = undefined
    if (req === undefined) return
    req.rawTrailers = [...rawTrailers]
    req.complete = true
    req.push(null)
    // A body that was read slowly has paused it, and nobody asks for more of a message that is whole.
    if (this.socket._paused !== true) this.socket.resume()
  }

  /** A response has gone: the next one's turn, or nothing more comes. */
  #finished(req: IncomingMessage, res: ServerResponse): void {
    const { socket } = this
    this.#exchanges.shift()
    if (!req._consuming) req._dump()
    res.detachSocket(socket)
    process.nextTick(() => {
      res._closed = true
      res.destroyed = true
      res.emit('close')
    })
    if (res._last) return destroySoon(socket)
    const next = this.#exchanges[0]
    if (next !== undefined) next[1].assignSocket(socket)
    else if (this.#parser.idle) this.#waitForNext()
    if (socket._paused === true && this.#exchanges.length <= MOST_WAITING / 2) {
      socket._paused = false
      socket.resume()
    }
  }

  #waitForNext(): void {
    const { keepAliveTimeout, keepAliveTimeoutBuffer } = this.#server
    if (keepAliveTimeout <= 0) return
    this.#idleTimeout = true
    this.socket.setTimeout?.(keepAliveTimeout + keepAliveTimeoutBuffer)
  }

  #handOver(req: IncomingMessage, rest: Uint8Array): void {
    const { socket } = this
    const name = req.method === 'CONNECT' ? 'connect' : 'upgrade'
    this.#detach()
    if (this.#server.listenerCount(name) === 0) return void socket.destroy()
    ;(socket as { readableFlowing: boolean | null }).readableFlowing = null
    this.#server.emit(name, req, socket, bufferOver(rest))
  }

  #drain(): void {
    const res = this.#exchanges[0]?.[1]
    if (res === undefined || res.finished || !res._needDrain) return
    res._needDrain = false
    res.emit('drain')
  }

  #timeout(): void {
    const { socket } = this
    if (this.#idleTimeout && this.idle) return void socket.destroy()
    const res = this.#exchanges[0]?.[1]
    const heard = [
      this.#incoming?.emit('timeout', socket),
      res?.emit('timeout', socket),
      this.#server.emit('timeout', socket),
    ]
    if (!heard.includes(true)) socket.destroy()
  }

  #end(): void {
    const { socket } = this
    try {
      this.#parser.finish()
    } catch (error) {
      return this.#failed(error as Error)
    }
    if (!this.#server.httpAllowHalfOpen) {
      this.#abort()
      socket.end()
      return
    }
    const last = this.#exchanges.at(-1)
    if (last === undefined) socket.end()
    else last[1]._last = true
  }

  /** The requests that are not whole will not be any more. */
  #abort(): void {
    this.#startedMs = undefined
    const exchanges = this.#exchanges
    for (const [req] of exchanges) req.destroy(reset('aborted'))
    if (this.socket.destroyed) this.#exchanges = []
  }

  #failed(error: Error): void {
    const { socket } = this
    if (this.#broken) return
    this.#broken = true
    socket.removeAllListeners('data')
    socket.resume()
    if (this.#server.emit('clientError', error, socket)) return
    const response = this.#exchanges[0]?.[1]
    if (!socket.writable || response?._headerSent === true) return void socket.destroy(error)
    const { code } = error as Error & { readonly code?: string }
    const status = (code === undefined ? undefined : ERROR_STATUS[code]) ?? 400
    // After `end` nothing of the response that was being made gets in between.
    const head = latin1Bytes(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    socket.end(head, () => socket.destroy(error))
  }
}

const ERROR_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
