/**
 * One request and its response on one socket: feeds the parser, tells the request what
 * came, and gives the socket back to its agent when both messages are whole.
 */
import { ParseError, reset } from './errors.js'
import type { Head } from './head.js'
import type { IncomingMessage, IncomingMessageClass } from './incoming.js'
import { ignoreWhenIdle, notePromise } from './idle.js'
import { destroySoon, type Socket } from './kit.js'
import { Parser, type HeadVerdict } from './parser.js'
import { bufferOver } from './pieces.js'
import type { ClientRequest } from './request.js'

export interface ExchangeOptions {
  readonly IncomingMessage: IncomingMessageClass
  readonly maxHeaderSize: number
}

const HEADERS_COUNT = 1000

export class Exchange {
  readonly #req: ClientRequest
  readonly #socket: Socket
  readonly #options: ExchangeOptions
  readonly #parser: Parser
  readonly #listeners: Readonly<Record<string, (...values: readonly never[]) => void>>
  #listensToTimeout = false
  #upgraded: IncomingMessage | undefined
  #responseEnded = false
  #done = false

  constructor(req: ClientRequest, socket: Socket, options: ExchangeOptions) {
    this.#req = req
    this.#socket = socket
    this.#options = options
    const { maxHeadersCount } = req
    this.#parser = new Parser({
      kind: 'response',
      maxHeaderSize: options.maxHeaderSize,
      maxHeadersCount: maxHeadersCount === null ? HEADERS_COUNT : maxHeadersCount || Infinity,
      events: {
        head: (head) => this.#head(head),
        body: (bytes) => this.#body(bytes),
        complete: (rawTrailers) => this.#complete(rawTrailers),
      },
    })
    this.#listeners = {
      data: (bytes: Uint8Array) => this.#data(bytes),
      end: () => this.#end(),
      close: () => this.#closed(),
      error: (error: Error) => this.#failed(error),
      drain: () => this.#drain(),
    }
    for (const [name, listener] of Object.entries(this.#listeners)) socket.on(name, listener as () => void)
    req.on('prefinish', () => {
      if (this.#responseEnded) this.#release()
    })
  }

  listenToTimeout(): void {
    if (this.#listensToTimeout) return
    this.#listensToTimeout = true
    this.#socket.on('timeout', this.#onTimeout)
  }
  readonly #onTimeout = (): void => {
    this.#req.emit('timeout')
  }

  #data(bytes: Uint8Array): void {
    let taken: number
    try {
      taken = this.#parser.execute(bytes)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.#socket.destroy()
      this.#report(error)
      return
    }
    if (this.#upgraded !== undefined) this.#handOver(this.#upgraded, bytes.subarray(taken))
  }

  #head(head: Head): HeadVerdict {
    const req = this.#req
    const { statusCode } = head
    // A second response that nobody asked for.
    if (req.res !== null || this.#done) {
      this.#socket.destroy()
      return 'stop'
    }
    const res = new this.#options.IncomingMessage(this.#socket)
    res._setHead(head)
    res.joinDuplicateHeaders = req.joinDuplicateHeaders
    if (req.method === 'CONNECT' || (statusCode === 101 && head.upgrade)) {
      req.res = res
      res.upgrade = true
      this.#upgraded = res
      return 'stop'
    }
    if (statusCode < 200) {
      if (statusCode === 100) req.emit('continue')
      const { statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders } = res
      req.emit('information', {
        statusCode,
        statusMessage,
        httpVersion,
        httpVersionMajor,
        httpVersionMinor,
        headers,
        rawHeaders,
      })
      return 'no-body'
    }
    req.res = res
    res.req = req
    if (!head.keepAlive) req.shouldKeepAlive = false
    if (head.keepAliveHint !== undefined) notePromise(this.#socket, head.keepAliveHint)
    res.on('end', () => this.#ended())
    if (req.aborted || !req.emit('response', res)) res._dump()
    return req.method === 'HEAD' ? 'no-body' : 'body'
  }

  #body(bytes: Uint8Array): void {
    const { res } = this.#req
    if (res !== null && !res._dumped && !res.push(bufferOver(bytes))) this.#socket.pause()
  }

  #complete(rawTrailers: readonly string[]): void {
    const { res } = this.#req
    if (res === null) return // an informational response
    res.rawTrailers = [...rawTrailers]
    res.complete = true
    res.push(null)
    // A body that was read slowly has paused it, and nobody asks for more of a message that is whole.
    this.#socket.resume()
  }

  /** The program has read the response to its end. */
  #ended(): void {
    const req = this.#req
    this.#responseEnded = true
    if (!req.shouldKeepAlive) {
      if (this.#socket.writable) destroySoon(this.#socket)
    } else if (req.finished && req.outputSize === 0) {
      this.#release()
    }
  }

  #release(): void {
    const req = this.#req
    const socket = this.#socket
    if (this.#done || !req.shouldKeepAlive || req.destroyed) return
    this.#detach()
    if (req.timeout !== undefined) socket.setTimeout?.(0)
    socket.on('error', ignoreWhenIdle)
    req.destroyed = true
    // In a later turn: whoever waits for 'end' may still ask the response for its socket.
    process.nextTick(() => {
      req._closed = true
      req.emit('close')
      socket.emit('free')
    })
  }

  #handOver(res: IncomingMessage, rest: Uint8Array): void {
    const req = this.#req
    const socket = this.#socket
    const name = req.method === 'CONNECT' ? 'connect' : 'upgrade'
    this.#detach()
    if (req.listenerCount(name) === 0) {
      socket.destroy()
      req._closed = true
      req.emit('close')
      return
    }
    req.upgradeOrConnect = true
    socket.emit('agentRemove')
    ;(socket as { readableFlowing: boolean | null }).readableFlowing = null
    req.emit(name, res, socket, bufferOver(rest))
    req.destroyed = true
    req._closed = true
    req.emit('close')
  }

  #end(): void {
    const req = this.#req
    if (req.res === null && this.#socket._hadError !== true) this.#report(reset('socket hang up'))
    this.#finishParser()
    if (this.#socket.writable) this.#socket.end()
  }

  #closed(): void {
    const req = this.#req
    this.#finishParser()
    this.#detach()
    req.destroyed = true
    const { res } = req
    if (res === null) {
      if (!this.#socket._hadError) this.#report(req._error ?? reset('socket hang up'))
    } else if (!res.complete) {
      res.destroy(reset('aborted'))
    }
    req._closed = true
    req.emit('close')
    if (res !== null && !res.aborted && res.readable && !res.complete) res.push(null)
  }

  #finishParser(): void {
    try {
      this.#parser.finish()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
    }
  }

  #failed(error: Error): void {
    if (!this.#socket._hadError) this.#report(error)
    this.#socket.destroy()
  }

  #report(error: unknown): void {
    this.#socket._hadError = true
    this.#req._errored = error
    this.#req.emit('error', error)
  }

  #drain(): void {
    const req = this.#req
    if (!req._needDrain || req.finished) return
    req._needDrain = false
    req.emit('drain')
  }

  #detach(): void {
    this.#done = true
    const socket = this.#socket
    for (const [name, listener] of Object.entries(this.#listeners)) {
      socket.removeListener(name, listener as () => void)
    }
    socket.removeListener('timeout', this.#onTimeout)
    if (socket._httpMessage === this.#req) socket._httpMessage = null
  }
}
