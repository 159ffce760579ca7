/**
 * The lines before a body, as text: a start line and fields in, or a ParseError; and
 * what the fields say about the body (RFC 9112, 6.3). Where two readers could take
 * one message for two, it is refused: that is how requests are smuggled.
 */
import { ParseError } from './errors.js'
import { isFieldValue, isPath, isToken, METHODS } from './tokens.js'

export interface Head {
  readonly method: string
  readonly url: string
  readonly statusCode: number
  readonly statusMessage: string
  readonly minor: 0 | 1
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[]
  /** The connection can carry another message after this one. */
  keepAlive: boolean
  /** The message asks for, or begins, another protocol. */
  upgrade: boolean
  /** Fields called Host. */
  readonly hosts: number
  readonly expect: string | undefined
  /** The Keep-Alive field. */
  readonly keepAliveHint: string | undefined
}

/** How the end of a body is found. */
export type Framing =
  { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' | 'eof' }

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS)
const DIGITS = '0123456789'

/** Fields of one message while they come in. */
export class Fields {
  readonly raw: string[] = []
  readonly #most: number
  #length: number | undefined
  #coding: string | undefined
  #connection = ''
  #upgrade = false
  hosts = 0
  expect: string | undefined
  keepAliveHint: string | undefined

  /** @param most - fields that are kept; those beyond still count for the framing */
  constructor(most: number) {
    this.#most = most * 2
  }

  add(line: string): void {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon < 1 || !isToken(name)) throw new ParseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header token')
    const value = trimmed(line, colon + 1)
    if (!isFieldValue(value)) {
      throw new ParseError('HPE_INVALID_HEADER_TOKEN', 'Invalid header value char')
    }
    if (this.raw.length < this.#most) this.raw.push(name, value)
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') this.hosts++
        break
      case 6:
        if (name.toLowerCase() === 'expect') this.expect = value
        break
      case 7:
        if (name.toLowerCase() === 'upgrade') this.#upgrade = true
        break
      case 10:
        switch (name.toLowerCase()) {
          case 'connection':
            this.#connection += `,${value.toLowerCase()}`
            break
          case 'keep-alive':
            this.keepAliveHint = value
            break
          default:
        }
        break
      case 14:
        if (name.toLowerCase() === 'content-length') this.#setLength(value)
        break
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') {
          this.#coding = this.#coding === undefined ? value : `${this.#coding},${value}`
        }
        break
      default:
    }
  }

  #setLength(value: string): void {
    if (this.#length !== undefined) {
      throw new ParseError('HPE_UNEXPECTED_CONTENT_LENGTH', 'Content-Length already present')
    }
    const bytes = isNumber(value) ? Number(value) : Number.NaN
    if (!Number.isSafeInteger(bytes)) {
      throw new ParseError('HPE_INVALID_CONTENT_LENGTH', 'Invalid character in Content-Length')
    }
    this.#length = bytes
  }

  get upgrade(): boolean {
    return this.#upgrade && this.#says('upgrade')
  }

  keepAlive(minor: 0 | 1): boolean {
    return minor === 1 ? !this.#says('close') : this.#says('keep-alive')
  }

  /** `kind` 'eof' is for responses alone; a request without framing has no body. */
  framing(of: 'request' | 'response', minor: 0 | 1): Framing {
    const coding = this.#coding
    if (coding === undefined) {
      if (this.#length !== undefined) return { kind: 'length', bytes: this.#length }
      return of === 'request' ? { kind: 'length', bytes: 0 } : { kind: 'eof' }
    }
    if (this.#length !== undefined) {
      throw new ParseError(
        'HPE_UNEXPECTED_CONTENT_LENGTH',
        "Content-Length can't be present with chunked encoding",
      )
    }
    const codings = coding.split(',').map((name) => trimmed(name, 0).toLowerCase())
    const at = codings.indexOf('chunked')
    if (at !== -1 && at === codings.length - 1 && (of === 'response' || minor === 1))
      return { kind: 'chunked' }
    if (of === 'request' || (at !== -1 && codings.indexOf('chunked', at + 1) !== -1)) {
      throw new ParseError('HPE_INVALID_TRANSFER_ENCODING', 'Request has invalid `Transfer-Encoding`')
    }
    return { kind: 'eof' }
  }

  #says(option: string): boolean {
    const connection = this.#connection
    if (!connection.includes(option)) return false
    return connection.split(',').some((token) => trimmed(token, 0) === option)
  }
}

export type StartLine = Pick<Head, 'method' | 'url' | 'statusCode' | 'statusMessage' | 'minor'>

export function requestLine(line: string): StartLine {
  const afterMethod = line.indexOf(' ')
  const method = line.slice(0, afterMethod)
  if (afterMethod < 1 || !KNOWN_METHODS.has(method)) {
    throw new ParseError('HPE_INVALID_METHOD', 'Invalid method encountered')
  }
  const afterUrl = line.indexOf(' ', afterMethod + 1)
  const url = line.slice(afterMethod + 1, afterUrl === -1 ? undefined : afterUrl)
  if (!isTarget(method, url)) throw new ParseError('HPE_INVALID_URL', 'Invalid characters in url')
  if (afterUrl === -1) throw new ParseError('HPE_INVALID_CONSTANT', 'Expected HTTP/')
  return { method, url, statusCode: 0, statusMessage: '', minor: versionOf(line.slice(afterUrl + 1)) }
}

export function statusLine(line: string): StartLine {
  const minor = versionOf(line.slice(0, 8))
  const code = line.slice(9, 12)
  const statusMessage = line.slice(13)
  if (line[8] !== ' ' || code.length !== 3 || !isNumber(code) || code < '100') {
    throw new ParseError('HPE_INVALID_STATUS', 'Invalid status code')
  }
  if ((line.length > 12 && line[12] !== ' ') || !isFieldValue(statusMessage)) {
    throw new ParseError('HPE_INVALID_STATUS', 'Invalid response status')
  }
  return { method: '', url: '', statusCode: Number(code), statusMessage, minor }
}

function versionOf(text: string): 0 | 1 {
  if (text === 'HTTP/1.1') return 1
  if (text === 'HTTP/1.0') return 0
  if (!text.startsWith('HTTP/')) throw new ParseError('HPE_INVALID_CONSTANT', 'Expected HTTP/')
  throw new ParseError('HPE_INVALID_VERSION', 'Invalid HTTP version')
}

/** A path, `*`, a whole URL, or for CONNECT a host and port. */
function isTarget(method: string, url: string): boolean {
  if (url === '' || !isPath(url) || url.includes('\x7f')) return false
  return method === 'CONNECT' || url[0] === '/' || url === '*' || url.indexOf('://') > 0
}

function isNumber(text: string): boolean {
  for (const character of text) if (!DIGITS.includes(character)) return false
  return text !== ''
}

/** Without spaces and tabs alone: `trim` takes a no-break space off too, and others do not. */
function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line, start)) start++
  while (end > start && isBlank(line, end - 1)) end--
  return line.slice(start, end)
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  return code === 32 || code === 9
}
