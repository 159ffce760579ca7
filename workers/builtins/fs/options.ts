/** Options of the functions of `fs`: flags, encodings and modes as Node reads them. */
import { argumentError } from './argument-error.js'
import { power } from './power.js'

export type Options = Readonly<Record<string, unknown>>

/** An encoding given as text stands for `{ encoding }`. */
export function optionsOf(value: unknown): Options {
  if (typeof value === 'string') return { encoding: value }
  return typeof value === 'object' && value !== null ? (value as Options) : {}
}

const {
  O_RDONLY = 0,
  O_WRONLY = 1,
  O_RDWR = 2,
  O_CREAT = 0,
  O_EXCL = 0,
  O_TRUNC = 0,
  O_APPEND = 0,
  O_SYNC = 0,
} = power.constants

const FLAGS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
}
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  sr: 'rs',
  'sr+': 'rs+',
  xw: 'wx',
  'xw+': 'wx+',
  xa: 'ax',
  sa: 'as',
  'xa+': 'ax+',
  'sa+': 'as+',
}

export function flagsOf(value: unknown, fallback: string): number {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value : fallback
  const name = OTHER_SPELLINGS[text] ?? text
  const flags = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined
  if (flags === undefined)
    throw argumentError(`The argument 'flags' is invalid: ${text}`, 'ERR_INVALID_ARG_VALUE')
  return flags
}

/** Octal text or a number. */
export function modeOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^[0-7]+$/.test(value)) return Number.parseInt(value, 8)
  return typeof value === 'number' ? value : undefined
}

/** Seconds since 1970, from a number, its text, or a Date. */
export function secondsOf(value: unknown): number {
  const seconds = value instanceof Date ? value.getTime() / 1000 : Number(value)
  if (Number.isFinite(seconds)) return seconds
  throw argumentError('A time must be a number of seconds or a Date')
}

/** Bytes as the caller wants them: a Buffer, or text in the encoding. */
export function inEncoding(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
  if (encoding === undefined || encoding === null || encoding === 'buffer') return buffer
  checkEncoding(encoding)
  return buffer.toString(encoding as BufferEncoding)
}

/** A name as the caller wants it. */
export function nameInEncoding(name: string, encoding: unknown): unknown {
  if (encoding === 'buffer') return Buffer.from(name)
  if (encoding === undefined || encoding === null || encoding === 'utf8' || encoding === 'utf-8') return name
  checkEncoding(encoding)
  return Buffer.from(name).toString(encoding as BufferEncoding)
}

/** What is to be written, as bytes. */
export function bytesToWrite(data: unknown, encoding: unknown): Uint8Array {
  if (typeof data === 'string') {
    return Buffer.from(
      data,
      (encoding === undefined || encoding === null ? 'utf8' : encoding) as BufferEncoding,
    )
  }
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  throw argumentError(
    'The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView',
  )
}

/** @throws what the signal says when it is aborted */
export function throwIfAborted(options: Options): void {
  const signal = options['signal'] as { readonly aborted?: unknown; readonly reason?: unknown } | undefined
  if (signal?.aborted !== true) return
  const error = new Error('The operation was aborted', { cause: signal.reason })
  error.name = 'AbortError'
  throw Object.assign(error, { code: 'ABORT_ERR' })
}

function checkEncoding(encoding: unknown): void {
  if (Buffer.isEncoding(String(encoding))) return
  throw argumentError(`The argument 'encoding' is invalid: ${String(encoding)}`, 'ERR_INVALID_ARG_VALUE')
}
