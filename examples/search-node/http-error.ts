/**
 * Errors as OpenSearch's REST API shapes them: `{ error: { type, reason }, status }`.
 * Knows the node's own errors, the HTTP server's and those of plugins; routes throw,
 * app.ts answers.
 */
import { PluginError, type ErrorCode } from 'bulkhead'

export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** OpenSearch's name of the exception, as in `index_not_found_exception`. */
  readonly type: string
  constructor(status: number, type: string, reason: string) {
    super(reason)
    this.status = status
    this.type = type
  }
}

export const badRequest = (reason: string): HttpError =>
  new HttpError(400, 'illegal_argument_exception', reason)
export const indexNotFound = (index: string): HttpError =>
  new HttpError(404, 'index_not_found_exception', `no such index [${index}]`)

/** What a client should do about it decides the status: 4xx mend the request, 503 come back, 502/504 the plugin failed. */
const PLUGIN_STATUS: Partial<Record<ErrorCode, number>> = {
  ACCESS_DENIED: 403,
  BREAKER_OPEN: 503,
  CALL_TIMEOUT: 504,
  CHANNEL_CLOSED: 502,
  EXTENSION_NOT_FOUND: 404,
  LIMIT_EXCEEDED: 502,
  MESSAGE_TOO_LARGE: 502,
  PLUGIN_BLOCKED: 502,
  PLUGIN_CRASHED: 502,
  PLUGIN_ERROR: 502,
  PLUGIN_NOT_RUNNING: 503,
  PLUGIN_OUT_OF_MEMORY: 502,
  PLUGIN_STOPPED: 503,
  PROTOCOL_VIOLATION: 502,
  QUEUE_FULL: 429,
  REPLY_INVALID: 502,
  STREAM_ABORTED: 502,
}

export interface ErrorReply {
  readonly status: number
  readonly body: {
    readonly error: { readonly type: string; readonly reason: string }
    readonly status: number
  }
}

export function errorReply(error: unknown): ErrorReply {
  if (error instanceof HttpError) return reply(error.status, error.type, error.message)
  if (error instanceof PluginError) {
    const allow = error.detail['allow'] // the methods of a route that is there
    if (typeof allow === 'string' && allow !== '') return reply(405, 'method_not_allowed', error.message)
    return reply(PLUGIN_STATUS[error.code] ?? 500, error.code.toLowerCase(), error.message)
  }
  if (error instanceof Error) {
    const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
    if (status === 415)
      return reply(status, 'media_type_header_exception', 'send the body as application/json')
    const type = status < 500 ? 'parse_exception' : 'exception'
    return reply(status, type, error.message)
  }
  return reply(500, 'exception', 'the node failed for an unknown reason')
}

function reply(status: number, type: string, reason: string): ErrorReply {
  return { status, body: { error: { type, reason }, status } }
}
