/** Arguments of questions about names as plain values, each read once. */
import { integerIn, wrongType } from '../arguments.js'

/** Longest text that is taken for a name; RFC 1035 allows 253 characters. */
const MOST_CHARS = 1024
const MOST_MS = 2 ** 31 - 1

export function textIn(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > MOST_CHARS)
    throw wrongType(name, `a string of at most ${MOST_CHARS} characters`)
  return value
}

export type Fields = Readonly<Record<string, unknown>>

export function fieldsIn(options: unknown): Fields {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object')
  const { family, hints, order, timeout, tries, maxTimeout, servers } = options as Fields
  return { family, hints, order, timeout, tries, maxTimeout, servers }
}

/** How long a query waits, in milliseconds, and how often it asks: what Node's Resolver takes. */
export function timesIn({ timeout, tries, maxTimeout }: Fields): object {
  return {
    ...(timeout === undefined ? {} : { timeout: integerIn(timeout, 'options.timeout', -1, MOST_MS) }),
    ...(tries === undefined ? {} : { tries: integerIn(tries, 'options.tries', 1, 100) }),
    ...(maxTimeout === undefined
      ? {}
      : { maxTimeout: integerIn(maxTimeout, 'options.maxTimeout', 0, MOST_MS) }),
  }
}
