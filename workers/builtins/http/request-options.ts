/** `(url, options, callback)` of a request as one object and one function. */
import { invalidType, httpError } from './errors.js'
import { isOptions, type Callback } from './kit.js'
import { urlToHttpOptions } from '../url.js'

export type RequestOptions = Record<string, unknown>

export function requestArguments(
  input: unknown,
  options: unknown,
  callback: unknown,
): readonly [RequestOptions, Callback | undefined] {
  let given = options
  let listener = callback
  let base: RequestOptions = {}
  if (typeof input === 'string') base = urlToHttpOptions(new URL(input))
  else if (isUrl(input)) base = urlToHttpOptions(input)
  else {
    listener = options
    given = input
  }
  if (typeof given === 'function') {
    listener = given
    given = undefined
  }
  const all = isOptions(given) ? Object.assign(base, given) : base
  return [all, typeof listener === 'function' ? (listener as Callback) : undefined]
}

/** A `URL` by its shape, as it may be of another realm. */
function isUrl(value: unknown): value is URL {
  return (
    isOptions(value) &&
    typeof value['href'] === 'string' &&
    typeof value['searchParams'] === 'object' &&
    typeof value['protocol'] === 'string' &&
    value['auth'] === undefined
  )
}

export function hostOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') {
    throw invalidType(`options.${name}`, 'of type string, undefined or null')
  }
  return value
}

/** @returns milliseconds, or undefined when none were given */
export function timeoutOf(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw invalidType('timeout', 'of type number')
  if (Number.isNaN(value) || value < 0) {
    throw httpError('ERR_OUT_OF_RANGE', 'The value of "timeout" is out of range', RangeError)
  }
  return Math.min(value, 2 ** 31 - 1)
}

/** The Host header: with brackets around an IPv6 address, and the port unless it is the default one. */
export function hostHeader(host: string, port: unknown, defaultPort: unknown): string {
  const colon = host.indexOf(':')
  const bare = colon !== -1 && host.includes(':', colon + 1) && !host.startsWith('[') ? `[${host}]` : host
  const other = Boolean(port) && Number(port) !== Number(defaultPort)
  return other ? `${bare}:${String(port)}` : bare
}
