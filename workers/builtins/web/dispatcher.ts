/**
 * How undici's fetch reaches a server: one request of the plugin's own `http` or `https`, which
 * stand on its `net` and `tls`. Whether a connection may be made is decided there, for each hop
 * of a redirect anew; nothing is decided here.
 */
import type { Module } from '../module.js'

declare const require: (name: string) => Module

type Done = (error?: Error) => void

export interface DispatchOptions {
  readonly origin: string
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array> | null
}

/** What undici's fetch wants to hear; `onError` and `onComplete` end it, and one of them is called. */
export interface DispatchHandler {
  onConnect(abort: Done): void
  onResponseStarted?(): void
  onHeaders(status: number, rawHeaders: readonly string[], resume: () => void, statusText: string): boolean
  /** `false`: no more until `resume`. */
  onData(chunk: Uint8Array): boolean | undefined
  onComplete(trailers: readonly string[]): void
  onError(error: unknown): void
}

export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean
}

interface Incoming {
  readonly statusCode: number
  readonly statusMessage: string
  readonly rawHeaders: readonly string[]
  readonly rawTrailers: readonly string[]
  readonly complete: boolean
  on(name: string, listener: (value: never) => void): this
  pause(): void
  resume(): void
}
interface Outgoing {
  readonly reusedSocket: boolean
  on(name: string, listener: (value: never) => void): this
  once(name: string, listener: () => void): this
  off(name: string, listener: () => void): this
  write(chunk: Uint8Array): boolean
  end(): void
  destroy(error?: Error): void
}
interface HttpModule {
  readonly Agent: new (options: object) => object
  request(options: object): Outgoing
}

/** How long a connection without a request stays open. */
const KEEP_ALIVE_MS = 4000

/** Headers that are about the connection and so not the caller's to set; the error a request with one fails by. */
const REFUSED: Readonly<Record<string, string>> = {
  'transfer-encoding': 'UND_ERR_INVALID_ARG',
  'keep-alive': 'UND_ERR_INVALID_ARG',
  upgrade: 'UND_ERR_INVALID_ARG',
  expect: 'UND_ERR_NOT_SUPPORTED',
}

/** Methods that change nothing on the server, so that a request may be made twice. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const agents = new Map<string, object>()

function agentOf(protocol: string, { Agent }: HttpModule): object {
  let agent = agents.get(protocol)
  if (agent === undefined)
    agents.set(protocol, (agent = new Agent({ keepAlive: true, timeout: KEEP_ALIVE_MS })))
  return agent
}

/** Statuses that a fetch follows where there is a Location, and most of such a body that is read so as to keep the connection. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const MOST_UNREAD_BYTES = 65_536

/** For a fetch whose redirects somebody may read. */
export const dispatcher: Dispatcher = makeDispatcher(false)
/** For one that follows them: nobody reads such a body, and one that waits for its reader holds a connection for good. */
export const followingDispatcher: Dispatcher = makeDispatcher(true)

function makeDispatcher(follows: boolean): Dispatcher {
  return {
    dispatch(options, handler) {
      const refused = Object.keys(options.headers).find((name) => Object.hasOwn(REFUSED, name))
      if (refused === undefined) send(options, handler, follows, false)
      else handler.onError(coded(REFUSED[refused] ?? '', `invalid ${refused} header`))
      return true
    },
  }
}

function send(options: DispatchOptions, handler: DispatchHandler, follows: boolean, again: boolean): void {
  const { protocol, hostname, port } = new URL(options.origin)
  const http = require(protocol === 'https:' ? 'node:https' : 'node:http') as unknown as HttpModule
  let over = false
  let answered = false
  const fail = (error: unknown): void => {
    if (over) return
    over = true
    handler.onError(error)
  }
  let request: Outgoing
  try {
    request = http.request({
      protocol,
      hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
      port: port === '' ? undefined : Number(port),
      method: options.method,
      path: options.path,
      headers: options.headers,
      // A second try is for a connection of its own: the first came upon one the server had just closed.
      agent: again ? false : agentOf(protocol, http),
    })
  } catch (error) {
    return fail(error)
  }
  request.on('error', (error: Error) => {
    const { code } = error as { readonly code?: unknown }
    const stale = request.reusedSocket && !answered && code === 'ECONNRESET' && SAFE.has(options.method)
    if (stale && !over && !again && options.body === null) {
      over = true
      send(options, handler, follows, true)
    } else fail(error)
  })
  request.on('response', (response: Incoming) => {
    answered = true
    if (over) return request.destroy()
    const ended = (): boolean => {
      const first = !over
      over = true
      return first
    }
    if (follows && isRedirect(response)) receiveUnread(response, handler, request, ended)
    else receive(response, handler, fail, ended)
  })
  handler.onConnect((error) => {
    if (over) return
    fail(error)
    request.destroy()
  })
  if (options.body === null) request.end()
  else
    transmit(options.body, request, () => over).catch((error: unknown) => {
      fail(error)
      request.destroy()
    })
}

/** @param ended - says that all is there; `false` when the request failed before */
function receive(
  response: Incoming,
  handler: DispatchHandler,
  fail: (error: unknown) => void,
  ended: () => boolean,
): void {
  response.on('error', fail)
  response.on('aborted', () => fail(coded('UND_ERR_SOCKET', 'other side closed')))
  response.on('close', () => {
    if (!response.complete) fail(coded('UND_ERR_SOCKET', 'other side closed'))
  })
  handler.onResponseStarted?.()
  handler.onHeaders(response.statusCode, response.rawHeaders, () => response.resume(), response.statusMessage)
  response.on('data', (chunk: Uint8Array) => {
    if (handler.onData(chunk) === false) response.pause() // `undefined` is no wish to wait
  })
  response.on('end', () => {
    if (ended()) handler.onComplete(response.rawTrailers)
  })
}

function isRedirect({ statusCode, rawHeaders }: Incoming): boolean {
  return (
    REDIRECTS.has(statusCode) &&
    rawHeaders.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'location')
  )
}

/** Tells of the head alone; a short body is read for nobody, a longer one ends its connection. */
function receiveUnread(
  response: Incoming,
  handler: DispatchHandler,
  request: Outgoing,
  ended: () => boolean,
): void {
  let bytes = 0
  response.on('error', () => undefined)
  response.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes > MOST_UNREAD_BYTES) request.destroy()
  })
  handler.onResponseStarted?.()
  handler.onHeaders(response.statusCode, response.rawHeaders, () => undefined, response.statusMessage)
  if (ended()) handler.onComplete([])
}

/** Writes the body as fast as the connection takes it. */
async function transmit(
  body: AsyncIterable<Uint8Array>,
  request: Outgoing,
  isOver: () => boolean,
): Promise<void> {
  for await (const chunk of body) {
    if (isOver()) return
    if (!request.write(chunk)) await drained(request)
  }
  if (!isOver()) request.end()
}

function drained(request: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      request.off('drain', go)
      request.off('close', go)
      resolve()
    }
    request.once('drain', go)
    request.once('close', go)
  })
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
