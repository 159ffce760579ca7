/** `ServerResponse`: status line, informational responses, and the socket it is given when its turn has come. */
import { headersSent, httpError, invalidType } from './errors.js'
import { checkedPairs, HeaderStore, pairsOf, type Field } from './header-store.js'
import type { IncomingMessage } from './incoming.js'
import { isOptions, type Callback, type Socket } from './kit.js'
import type { OutgoingMessage, OutgoingMessageClass } from './outgoing.js'
import { latin1Bytes } from './pieces.js'
import { invalidChar, isFieldValue, STATUS_CODES } from './tokens.js'

export interface ServerResponse extends OutgoingMessage {
  statusCode: number
  statusMessage: string | undefined
  readonly req: IncomingMessage
  _sent100: boolean
  _expectContinue: boolean
  writeContinue(callback?: Callback): void
  writeHead(statusCode: unknown, message?: unknown, headers?: unknown): this
  assignSocket(socket: Socket): void
  detachSocket(socket: Socket): void
}
export interface ResponseOptions {
  readonly highWaterMark?: number
  readonly rejectNonStandardBodyWrites?: boolean
}
export type ServerResponseClass = new (req: IncomingMessage, options?: ResponseOptions) => ServerResponse

export function makeServerResponse(OutgoingMessage: OutgoingMessageClass): ServerResponseClass {
  return class ServerResponse extends OutgoingMessage {
    override statusCode = 200
    statusMessage: string | undefined = undefined
    readonly req: IncomingMessage
    _sent100 = false
    _expectContinue = false

    constructor(req: IncomingMessage, options?: ResponseOptions) {
      super(options)
      this.req = req
      this.sendDate = true
      if (req.method === 'HEAD') this._hasBody = false
      this._rejectsBody = options?.rejectNonStandardBodyWrites === true
      if (req.httpVersionMinor === 0) {
        this.useChunkedEncodingByDefault = false
        this._oldPeer = true
        this.shouldKeepAlive = false
      }
    }

    writeHead(statusCode: unknown, message?: unknown, headers?: unknown): this {
      if (this._header !== null) throw headersSent('write')
      const status = Number(statusCode) | 0
      if (status < 100 || status > 999) {
        const text = `Invalid status code: ${String(statusCode)}`
        throw httpError('ERR_HTTP_INVALID_STATUS_CODE', text, RangeError)
      }
      const given = typeof message === 'string' ? headers : (headers ?? message)
      const phrase =
        typeof message === 'string' ? message : (this.statusMessage ?? STATUS_CODES[status] ?? 'unknown')
      if (!isFieldValue(phrase)) throw invalidChar('statusMessage')
      this.statusCode = status
      this.statusMessage = phrase
      const fields = merged(this._headers, given)
      if (status === 204 || status === 304 || status < 200) this._hasBody = false
      // The body that was not asked for may still come: the next request cannot be told from it.
      if (this._expectContinue && !this._sent100) this.shouldKeepAlive = false
      this._storeHeader(`HTTP/1.1 ${status} ${phrase}\r\n`, fields)
      return this
    }
    override _implicitHeader(): void {
      this.writeHead(this.statusCode)
    }

    writeContinue(callback?: Callback): void {
      this._inform('100 Continue', new HeaderStore(), callback)
      this._sent100 = true
    }
    writeProcessing(callback?: Callback): void {
      this._inform('102 Processing', new HeaderStore(), callback)
    }
    writeEarlyHints(hints: unknown, callback?: Callback): void {
      if (!isOptions(hints)) throw invalidType('hints', 'of type object')
      const fields = new HeaderStore()
      const { link, ...others } = hints
      if (link === undefined || link === null) return
      const links: readonly unknown[] = Array.isArray(link) ? link : [link]
      if (links.length === 0) return
      if (!links.every(isLink)) {
        throw httpError(
          'ERR_INVALID_ARG_VALUE',
          'The property \'link\' must be of format "</styles.css>; rel=preload; as=style"',
          TypeError,
        )
      }
      fields.set('Link', links.join(', '))
      for (const [name, value] of Object.entries(others)) fields.set(name, value)
      this._inform('103 Early Hints', fields, callback)
    }
    _inform(status: string, fields: HeaderStore, callback: Callback | undefined): void {
      let head = `HTTP/1.1 ${status}\r\n`
      for (const [name, value] of fields.entries()) head += `${name}: ${String(value)}\r\n`
      this._writeRaw(latin1Bytes(`${head}\r\n`), callback)
    }

    assignSocket(socket: Socket): void {
      if (socket._httpMessage) {
        throw httpError('ERR_HTTP_SOCKET_ASSIGNED', 'ServerResponse has an already assigned socket')
      }
      socket._httpMessage = this
      socket.on('close', onSocketClose)
      this.socket = socket
      this.emit('socket', socket)
      this._flush()
    }
    detachSocket(socket: Socket): void {
      socket.removeListener('close', onSocketClose)
      socket._httpMessage = null
      this.socket = null
    }
  }
}

function onSocketClose(this: Socket): void {
  const response = this._httpMessage as ServerResponse | null | undefined
  if (!response) return
  response.destroyed = true
  response._closed = true
  response.emit('close')
}

/** The headers that were set, overridden by name by those that are given now; a flat list alone goes as it is. */
function merged(set: HeaderStore, given: unknown): Iterable<Field> {
  if (given === undefined || given === null) return set.entries()
  const pairs = pairsOf(given)
  if (!Array.isArray(given)) for (const [name, value] of pairs) set.set(name, value)
  else if (set.size === 0) return checkedPairs(pairs)
  else {
    for (const [name] of pairs) set.delete(name)
    for (const [name, value] of pairs) set.append(name, value)
  }
  return set.entries()
}

/** `<target>` and parameters; the line itself is checked as any header is. */
function isLink(value: unknown): boolean {
  if (typeof value !== 'string' || !value.startsWith('<')) return false
  const end = value.indexOf('>')
  return (
    end > 1 &&
    value
      .slice(end + 1)
      .trimStart()
      .startsWith(';')
  )
}
