/** The many ways to say what to connect to or where to listen, as one object. */
import { defaults } from './defaults.js'
import { netError, portIn, wrongType } from './errors.js'

export type Options = Readonly<Record<string, unknown>>
export type Callback = (...values: readonly unknown[]) => unknown

export interface Call {
  readonly options: Options
  readonly callback: Callback | undefined
}

/** `(options)`, `(port, host)`, `(path)`, each with a callback at the end; a server has a backlog there too. */
export function callOf(args: readonly unknown[]): Call {
  const last = args.at(-1)
  const callback = typeof last === 'function' ? (last as Callback) : undefined
  const values = callback === undefined ? args : args.slice(0, -1)
  const [first, second] = values
  return { options: optionsOf(first, second), callback }
}

function optionsOf(first: unknown, second: unknown): Options {
  if (typeof first === 'object' && first !== null) return first as Options
  if (typeof first === 'string' && !isPort(first)) return { path: first }
  return typeof second === 'string' ? { port: first, host: second } : { port: first }
}

function isPort(text: string): boolean {
  return text.trim() !== '' && Number(text) >= 0
}

/** What goes to the power; `addresses` are put in when the program resolved the name itself. */
export interface Request {
  readonly host: string
  readonly port: number
  readonly family: unknown
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: unknown
  readonly attemptTimeout: unknown
}

/** @throws TypeError without a port, RangeError for one that is none */
export function requestOf(options: Options): Request {
  const { host, port } = options
  if (port === undefined || port === null) {
    const message = 'The "options" or "port" or "path" argument must be specified'
    throw netError('ERR_MISSING_ARGS', message, TypeError)
  }
  if (typeof port !== 'number' && typeof port !== 'string')
    throw wrongType('options.port', 'of type number or string')
  if (host !== undefined && host !== null && typeof host !== 'string')
    throw wrongType('options.host', 'of type string')
  return {
    host: host === undefined || host === null || host === '' ? 'localhost' : host,
    port: portIn(port, 'Port'),
    family: options['family'],
    noDelay: Boolean(options['noDelay']),
    keepAlive: Boolean(options['keepAlive']),
    keepAliveInitialDelay: options['keepAliveInitialDelay'],
    attemptTimeout: options['autoSelectFamilyAttemptTimeout'] ?? defaults.attemptTimeout,
  }
}

/** A buffer of the program's own, or a function that gives one, and what is told of each piece in it. */
export interface Onread {
  readonly buffer: Uint8Array | (() => unknown)
  readonly callback: Callback
}

export function onreadOf(given: unknown): Onread | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const { buffer, callback } = given as { readonly buffer?: unknown; readonly callback?: unknown }
  const isBuffer = buffer instanceof Uint8Array && buffer.length > 0
  if ((!isBuffer && typeof buffer !== 'function') || typeof callback !== 'function') return undefined
  return { buffer: buffer as Onread['buffer'], callback: callback as Callback }
}

/** Hands bytes over in the program's own buffer; `false` when it wants no more. */
export function fill({ buffer, callback }: Onread, socket: object, bytes: Uint8Array): boolean {
  const into = typeof buffer === 'function' ? (buffer() as Uint8Array) : buffer
  let more = true
  for (let at = 0; at < bytes.length; at += into.length) {
    const piece = bytes.subarray(at, at + into.length)
    into.set(piece)
    if (Reflect.apply(callback, socket, [piece.length, into]) === false) more = false
  }
  return more
}
