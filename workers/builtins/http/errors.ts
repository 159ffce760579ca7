/** The errors of `http` by Node's codes; what went wrong on the wire comes from `net` as it is. */

type ErrorClass = new (message: string) => Error

/** Builds Node's error of that code. */
export function httpError(code: string, message: string, ErrorType: ErrorClass = Error): Error {
  return Object.assign(new ErrorType(message), { code })
}

export function invalidType(name: string, expected: string): Error {
  return httpError('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}`, TypeError)
}

export function headersSent(action: string): Error {
  return httpError('ERR_HTTP_HEADERS_SENT', `Cannot ${action} headers after they are sent to the client`)
}

/** The peer has gone before the message was whole. */
export function reset(message: string): Error {
  return httpError('ECONNRESET', message)
}

/** What breaks the grammar of HTTP; `bytesParsed` counts in the piece that came last. */
export class ParseError extends Error {
  readonly code: string
  readonly reason: string
  bytesParsed = 0
  rawPacket: Uint8Array | undefined
  constructor(code: string, reason: string) {
    super(`Parse Error: ${reason}`)
    this.code = code
    this.reason = reason
  }
}
