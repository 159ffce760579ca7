/**
 * The text of a head, with the fields that the message's state asks for when the
 * program has not set them: Date, Connection, and how the body ends.
 */
import { httpError } from './errors.js'
import { listOf, type Field } from './header-store.js'

/** What of a message decides its framing, and what the head decides in turn. */
export interface FramedMessage {
  agent?: unknown
  sendDate: boolean
  shouldKeepAlive: boolean
  useChunkedEncodingByDefault: boolean
  chunkedEncoding: boolean
  maxRequestsOnConnectionReached: boolean
  _last: boolean
  _hasBody: boolean
  _contentLength: number | null
  /** A piece of the body is there already while the head is made. */
  _bodyFollows: boolean
  /** What the program's own Content-Length says. */
  _announcedLength: number | null
  _removedConnection: boolean
  _removedContLen: boolean
  _removedTE: boolean
  /** The peer speaks HTTP/1.0 and knows no chunks. */
  _oldPeer: boolean
  _defaultKeepAlive: boolean
  _keepAliveTimeout: number
  _maxRequestsPerSocket: number
  _uniqueHeaders: ReadonlySet<string> | undefined
  readonly statusCode?: number
}

/** @param fields - validated already, both names and values */
export function framedHead(message: FramedMessage, startLine: string, fields: Iterable<Field>): string {
  let head = startLine
  let connection = false
  let length = false
  let coding = false
  let date = false
  let trailer = false
  for (const [name, value] of fields) {
    const key = KNOWN_LENGTHS.has(name.length) ? name.toLowerCase() : ''
    if (key === 'connection') {
      connection = true
      const says = String(value).toLowerCase()
      message._removedConnection = false
      if (hasToken(says, 'close')) message._last = true
      else message.shouldKeepAlive = true
    } else if (key === 'transfer-encoding') {
      coding = true
      message._removedTE = false
      if (hasToken(String(value).toLowerCase(), 'chunked')) message.chunkedEncoding = true
    } else if (key === 'content-length') {
      length = true
      message._announcedLength = Number(value)
      message._removedContLen = false
    } else if (key === 'date') {
      date = true
    } else if (key === 'trailer') {
      trailer = true
    } else if (key === 'keep-alive') {
      message._defaultKeepAlive = false
    }
    head += typeof value === 'object' ? lines(message, name, value) : `${name}: ${String(value)}\r\n`
  }
  if (message.sendDate && !date) head += `Date: ${utcDate()}\r\n`
  if (message.chunkedEncoding && (message.statusCode === 204 || message.statusCode === 304)) {
    message.chunkedEncoding = false
    message.shouldKeepAlive = false
  }
  if (message._removedConnection) message._last = !message.shouldKeepAlive
  else if (!connection) head += connectionLines(message, length)
  if (!length && !coding) head += framingLine(message, trailer)
  if (trailer && !message.chunkedEncoding) {
    throw httpError('ERR_HTTP_TRAILER_INVALID', 'Trailers are invalid with this transfer encoding')
  }
  return `${head}\r\n`
}

const KNOWN_LENGTHS: ReadonlySet<number> = new Set(
  ['connection', 'transfer-encoding', 'content-length', 'date', 'trailer'].map((name) => name.length),
)

function lines(message: FramedMessage, name: string, values: readonly string[]): string {
  const key = name.toLowerCase()
  if (key === 'cookie' || message._uniqueHeaders?.has(key) === true) {
    return `${name}: ${values.join('; ')}\r\n`
  }
  return listOf(values)
    .map((value) => `${name}: ${value}\r\n`)
    .join('')
}

function connectionLines(message: FramedMessage, length: boolean): string {
  const framed = length || message.useChunkedEncodingByDefault || Boolean(message.agent)
  // The client is told, and closes; what it sends all the same is answered 503.
  if (message.maxRequestsOnConnectionReached) return 'Connection: close\r\n'
  if (!message.shouldKeepAlive || !framed) {
    message._last = true
    return 'Connection: close\r\n'
  }
  if (message._keepAliveTimeout <= 0 || !message._defaultKeepAlive) return 'Connection: keep-alive\r\n'
  const seconds = Math.floor(message._keepAliveTimeout / 1000)
  const most = message._maxRequestsPerSocket
  const max = most > 0 ? `, max=${most}` : ''
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}${max}\r\n`
}

function framingLine(message: FramedMessage, trailer: boolean): string {
  message.chunkedEncoding = false
  if (!message._hasBody) return ''
  // A method without a body by custom says nothing of the body that it does not have.
  if (!message.useChunkedEncodingByDefault && !message._oldPeer && !message._bodyFollows) return ''
  if (!trailer && !message._removedContLen && message._contentLength !== null) {
    return `Content-Length: ${message._contentLength}\r\n`
  }
  if (message._removedTE || message._oldPeer) {
    message._last = true
    return ''
  }
  message.chunkedEncoding = true
  return 'Transfer-Encoding: chunked\r\n'
}

function hasToken(list: string, token: string): boolean {
  return list.includes(token) && list.split(',').some((one) => one.trim() === token)
}

let second = 0
let dateText = ''
function utcDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    dateText = new Date(now * 1000).toUTCString()
  }
  return dateText
}
