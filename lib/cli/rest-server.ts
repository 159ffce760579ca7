/**
 * The plugins' REST over HTTP on loopback, for an author with curl. Not for a network:
 * it asks nobody who they are, so it listens on 127.0.0.1 only and answers no request
 * that a web page could make a browser send here under another name.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PluginError, type ErrorCode } from '../errors.js'
import type { RestReply } from '../extensions/reply.js'
import type { RestCall } from '../extensions/rest.js'
import type { PluginsService } from '../service.js'
import { asPluginError, summaryOf } from './describe-error.js'

export interface RestServer {
  /** `http://127.0.0.1:9200` */
  readonly url: string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost'])
const MOST_BODY_BYTES = 1_048_576
/** These speak of one connection (RFC 9110, 7.6.1) or of a body that is written anew. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * @param port - 0 takes any free one
 * @throws PluginError `COMMAND_FAILED` when the port cannot be had
 */
export async function serveRest(service: Pick<PluginsService, 'rest'>, port: number): Promise<RestServer> {
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error: unknown) => refuse(response, error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new PluginError('COMMAND_FAILED', {
          message: `port ${port} cannot be had (${error.code ?? error.message})`,
          remedy: 'choose another --port; 0 takes any free one',
        }),
      ),
    )
    server.listen(port, LOOPBACK, resolve)
  })
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  service: Pick<PluginsService, 'rest'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkHost(request.headers)
  const gone = new AbortController()
  response.once('close', () => gone.abort()) // a client that left needs no answer
  const reply = await service.rest(await callOf(request), { signal: gone.signal })
  await send(response, reply)
}

/** A name that someone else's DNS points here is not this server's (DNS rebinding). */
function checkHost({ host = '' }: IncomingHttpHeaders): void {
  if (LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase())) return
  throw new PluginError('ACCESS_DENIED', { message: 'only requests to 127.0.0.1 or localhost are answered' })
}

async function callOf(request: IncomingMessage): Promise<RestCall> {
  const url = new URL(request.url ?? '/', `http://${LOOPBACK}`)
  let path: string
  try {
    path = decodeURIComponent(url.pathname)
  } catch {
    throw new PluginError('CONFIG_INVALID', { message: 'the path has a % that encodes nothing' })
  }
  return {
    method: request.method ?? 'GET',
    path,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: await bodyOf(request),
  }
}

/** JSON and text as what they are, every other type as bytes. */
async function bodyOf(request: IncomingMessage): Promise<NonNullable<RestCall['body']> | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BODY_BYTES) throw new PluginError('MESSAGE_TOO_LARGE', { maxBytes: MOST_BODY_BYTES })
    chunks.push(chunk)
  }
  if (size === 0) return null
  const bytes = Buffer.concat(chunks)
  const type = (request.headers['content-type'] ?? '').toLowerCase()
  if (/^application\/([\w.-]+\+)?json\b/.test(type)) {
    try {
      return JSON.parse(bytes.toString('utf8')) as NonNullable<RestCall['body']> | null
    } catch (error) {
      throw new PluginError('CONFIG_INVALID', { message: `the body is no JSON: ${(error as Error).message}` })
    }
  }
  return type.startsWith('text/') ? bytes.toString('utf8') : new Uint8Array(bytes)
}

async function send(response: ServerResponse, { status, headers, body }: RestReply): Promise<void> {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) {
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) response.setHeader(name, value)
  }
  const typed = (type: string): void => {
    if (!response.hasHeader('content-type')) response.setHeader('content-type', `${type}; charset=utf-8`)
  }
  if (body === null) return void response.end()
  if (body instanceof Uint8Array) return void response.end(body)
  if (typeof body === 'object' && Symbol.asyncIterator in body) {
    return pipeline(Readable.from(body as AsyncIterable<Uint8Array>, { objectMode: false }), response)
  }
  if (typeof body === 'string') {
    typed('text/plain')
    return void response.end(body)
  }
  typed('application/json')
  response.end(`${JSON.stringify(body)}\n`)
}

/** What the client should do decides: 4xx mend the request, 503 come back, 502 and 504 the plugin failed. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ACCESS_DENIED: 403,
  BREAKER_OPEN: 503,
  CALL_TIMEOUT: 504,
  COMMAND_FAILED: 500,
  CONFIG_INVALID: 400,
  EXTENSION_NOT_FOUND: 404,
  MESSAGE_TOO_LARGE: 413,
  PLUGIN_NOT_RUNNING: 503,
  PLUGIN_STOPPED: 503,
  QUEUE_FULL: 429,
}

function refuse(response: ServerResponse, thrown: unknown): void {
  const error = asPluginError(thrown)
  // Too late for a status: a body that was cut off must not look whole.
  if (response.headersSent) return void response.destroy()
  const { allow, plugin, stack, retryAfterMs } = error.detail
  const otherMethods = error.code === 'EXTENSION_NOT_FOUND' && typeof allow === 'string' && allow !== ''
  response.statusCode = otherMethods ? 405 : (STATUS[error.code] ?? 502)
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  if (otherMethods) response.setHeader('allow', allow)
  if (typeof retryAfterMs === 'number')
    response.setHeader('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)))
  // What is left of a refused body is not read.
  response.setHeader('connection', 'close')
  response.setHeader('content-type', 'application/json; charset=utf-8')
  const facts = { ...(plugin === undefined ? {} : { plugin }), ...(stack === undefined ? {} : { stack }) }
  response.end(`${JSON.stringify({ error: { code: error.code, message: summaryOf(error), ...facts } })}\n`)
}
