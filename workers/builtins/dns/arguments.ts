/** The checks that all of `dns` shares, and its two forms: with a callback, as a promise. */
import { invalidArgument } from '../native-module.js'

export type Done = (error: unknown, value?: unknown) => void
export type Fields = Readonly<Record<string, unknown>>

export function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw invalidArgument(name, 'of type string')
}

export function callbackOf(value: unknown): (...values: readonly unknown[]) => void {
  if (typeof value === 'function') return (...values) => Reflect.apply(value, undefined, values)
  throw invalidArgument('callback', 'of type function')
}

export function fieldsOf(value: unknown): Fields {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null) return value as Fields
  throw invalidArgument('options', 'of type object')
}

export function invalidValue(name: string, value: unknown, expected: string): TypeError {
  const shown = typeof value === 'string' || typeof value === 'number' ? String(value) : typeof value
  const message = `The argument '${name}' ${expected}. Received ${shown}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** As a promise what `start` tells its callback. */
export function promised(start: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(error as Error)))
  })
}
