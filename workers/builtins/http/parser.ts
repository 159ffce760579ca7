/**
 * Bytes of one connection, in pieces of any size, to messages: a head, pieces of its
 * body, its end. It is strict (head.ts says why): lines end with CR LF, and nothing
 * grows beyond `maxHeaderSize` before a head is whole. What a message means is left
 * to the client and the server.
 */
import { ParseError } from './errors.js'
import { Fields, requestLine, statusLine, type Head, type StartLine } from './head.js'
import { isFieldValue } from './tokens.js'

/** What the owner makes of a head: read its body, or take it as without one, or leave the rest to another protocol. */
export type HeadVerdict = 'body' | 'no-body' | 'stop'

export interface ParserEvents {
  head(head: Head): HeadVerdict
  body(bytes: Uint8Array): void
  complete(rawTrailers: readonly string[]): void
}

export interface ParserOptions {
  readonly kind: 'request' | 'response'
  readonly events: ParserEvents
  /** Most bytes of a head, of the trailers, and of all chunk extensions of a body. */
  readonly maxHeaderSize: number
  readonly maxHeadersCount: number
}

type State =
  'start' | 'fields' | 'length' | 'eof' | 'size' | 'data' | 'data-end' | 'trailers' | 'closed' | 'stopped'

/** Hex digits of a chunk's size; the largest is still exact as a number. */
const SIZE_DIGITS = 13

export class Parser {
  readonly #options: ParserOptions
  #state: State = 'start'
  /** The beginning of a line whose end has not come. */
  #held = new Uint8Array(0)
  #heldBytes = 0
  #lineBytes = 0
  #start: StartLine | undefined
  #fields: Fields
  #left = 0
  #keepAlive = true
  #failed: ParseError | undefined

  constructor(options: ParserOptions) {
    this.#options = options
    this.#fields = new Fields(options.maxHeadersCount)
  }

  /** Between two messages, with nothing of the next one there. */
  get idle(): boolean {
    return (
      (this.#state === 'start' && this.#start === undefined && this.#heldBytes === 0) ||
      this.#state === 'closed'
    )
  }

  /**
   * @returns how many bytes were taken; fewer than given only when the owner said 'stop'
   * @throws ParseError, then and from now on
   */
  execute(chunk: Uint8Array): number {
    if (this.#failed !== undefined) throw this.#failed
    // A plain view: cutting pieces off a Buffer costs a call of its species each.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let at = 0
    try {
      while (at < bytes.length && this.#state !== 'stopped') at = this.#step(bytes, at)
    } catch (error) {
      if (error instanceof ParseError) {
        error.bytesParsed = at
        error.rawPacket = chunk
        this.#failed = error
      }
      throw error
    }
    return at
  }

  /** The peer has ended its side. */
  finish(): void {
    if (this.#failed !== undefined || this.idle || this.#state === 'stopped') return
    if (this.#state === 'eof') return this.#complete([])
    this.#failed = new ParseError('HPE_INVALID_EOF_STATE', 'Invalid EOF state')
    throw this.#failed
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'length':
      case 'data': {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        this.#options.events.body(bytes.subarray(at, end))
        if (this.#left === 0) {
          if (this.#state === 'length') this.#complete([])
          else this.#state = 'data-end'
        }
        return end
      }
      case 'eof':
        this.#options.events.body(bytes.subarray(at))
        return bytes.length
      case 'closed':
        if (bytes[at] === 13 || bytes[at] === 10) return at + 1
        throw new ParseError('HPE_CLOSED_CONNECTION', 'Data after `Connection: close`')
      case 'stopped':
        return at
      case 'start':
      case 'fields':
      case 'size':
      case 'data-end':
      case 'trailers':
        return this.#takeLine(bytes, at)
    }
  }

  #takeLine(bytes: Uint8Array, at: number): number {
    const newline = bytes.indexOf(10, at)
    const end = newline === -1 ? bytes.length : newline + 1
    this.#lineBytes += end - at
    if (this.#lineBytes > this.#options.maxHeaderSize) {
      throw this.#state === 'size'
        ? new ParseError('HPE_CHUNK_EXTENSIONS_OVERFLOW', 'Chunk extensions overflow')
        : new ParseError('HPE_HEADER_OVERFLOW', 'Header overflow')
    }
    if (newline === -1) {
      this.#hold(bytes.subarray(at))
      return end
    }
    let line: string
    if (this.#heldBytes === 0) {
      line = lineOf(bytes, at, newline)
    } else {
      this.#hold(bytes.subarray(at, newline))
      line = lineOf(this.#held, 0, this.#heldBytes)
      this.#heldBytes = 0
    }
    this.#line(line)
    return end
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#heldBytes + bytes.length
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(256, 2 * length))
      larger.set(this.#held.subarray(0, this.#heldBytes))
      this.#held = larger
    }
    this.#held.set(bytes, this.#heldBytes)
    this.#heldBytes = length
  }

  #line(line: string): void {
    switch (this.#state) {
      case 'start':
        if (line === '') return
        this.#start = this.#options.kind === 'request' ? requestLine(line) : statusLine(line)
        this.#state = 'fields'
        return
      case 'fields':
        if (line !== '') this.#fields.add(line)
        else if (this.#start !== undefined) this.#head(this.#start)
        return
      case 'size':
        return this.#chunk(line)
      case 'data-end':
        if (line !== '') throw new ParseError('HPE_STRICT', 'Expected LF after chunk data')
        this.#lineBytes -= 2
        this.#state = 'size'
        return
      case 'trailers':
        if (line === '') this.#complete(this.#fields.raw)
        else this.#fields.add(line)
        return
      case 'length':
      case 'data':
      case 'eof':
      case 'closed':
      case 'stopped':
    }
  }

  #head(start: StartLine): void {
    const { kind, events } = this.#options
    const fields = this.#fields
    const framing = fields.framing(kind, start.minor)
    const { statusCode } = start
    const bodiless = kind === 'response' && (statusCode < 200 || statusCode === 204 || statusCode === 304)
    const upgrade = fields.upgrade && (kind === 'request' || statusCode === 101)
    const head: Head = {
      ...start,
      rawHeaders: fields.raw,
      keepAlive: fields.keepAlive(start.minor) && (framing.kind !== 'eof' || bodiless),
      upgrade: upgrade || start.method === 'CONNECT',
      hosts: fields.hosts,
      expect: fields.expect,
      keepAliveHint: fields.keepAliveHint,
    }
    this.#keepAlive = head.keepAlive
    this.#lineBytes = 0
    this.#fields = new Fields(this.#options.maxHeadersCount)
    const verdict = events.head(head)
    if (verdict === 'stop') this.#state = 'stopped'
    else if (verdict === 'no-body' || bodiless) {
      // A response to HEAD ends with its head, so what it says of a body leaves the connection usable.
      this.#keepAlive = fields.keepAlive(start.minor)
      this.#complete([])
    } else if (framing.kind !== 'length') this.#state = framing.kind === 'eof' ? 'eof' : 'size'
    else if (framing.bytes === 0) this.#complete([])
    else {
      this.#left = framing.bytes
      this.#state = 'length'
    }
  }

  #chunk(line: string): void {
    const semicolon = line.indexOf(';')
    const size = semicolon === -1 ? line : line.slice(0, semicolon)
    if (!isHex(size) || size.length > SIZE_DIGITS || (semicolon !== -1 && !isFieldValue(line))) {
      throw new ParseError('HPE_INVALID_CHUNK_SIZE', 'Invalid character in chunk size')
    }
    // What the sizes themselves take is no extension; without this a long body would run into the bound.
    this.#lineBytes -= size.length + 2
    this.#left = Number.parseInt(size, 16)
    if (this.#left > 0) this.#state = 'data'
    else {
      this.#lineBytes = 0
      this.#state = 'trailers'
    }
  }

  #complete(rawTrailers: readonly string[]): void {
    this.#start = undefined
    this.#lineBytes = 0
    if (rawTrailers.length > 0) this.#fields = new Fields(this.#options.maxHeadersCount)
    this.#state = this.#keepAlive ? 'start' : 'closed'
    this.#options.events.complete(rawTrailers)
  }
}

/** The text of a line without its end. */
function lineOf(bytes: Uint8Array, from: number, newline: number): string {
  const end = newline - 1
  if (newline === from || bytes[end] !== 13) throw new ParseError('HPE_CR_EXPECTED', 'Missing expected CR')
  return latin1(bytes, from, end)
}

/** Arguments of one call of String.fromCharCode; more would be too many for the stack. */
const SLICE = 4096
const { fromCharCode } = String

function latin1(bytes: Uint8Array, from: number, end: number): string {
  let text = ''
  for (let at = from; at < end; at += SLICE) {
    text += Reflect.apply(fromCharCode, undefined, bytes.subarray(at, Math.min(end, at + SLICE)))
  }
  return text
}

function isHex(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const lower = code | 32
    if (!((code >= 48 && code <= 57) || (lower >= 97 && lower <= 102))) return false
  }
  return text !== ''
}
