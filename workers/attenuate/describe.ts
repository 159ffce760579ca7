/**
 * Any value as a short text, for logs: bounded in depth, entries and characters, and
 * without running a byte of plugin code (no getter, no proxy trap, no toString).
 */
import { stackOf } from '../lockdown.js'
import { typedArrayName } from './bytes.js'
import type { Realm } from './realm.js'

/** Bounds of one call, whatever the value is. */
const MAX_DEPTH = 4
const MAX_ENTRIES = 50
const MAX_NODES = 500
const MAX_STRING_CHARS = 2_000
/** Longest text one call gives, in characters. */
export const MAX_TEXT_CHARS = 8_192
const BIG = 2n ** 256n

const { getOwnPropertyDescriptor, getPrototypeOf } = Object
const { apply, ownKeys } = Reflect
const { isArray } = Array

interface Budget {
  nodes: number
  chars: number
}

export type Describe = (value: unknown) => string

/** @returns a function that never throws and gives at most `MAX_TEXT_CHARS` characters */
export function makeDescribe(types: Realm['types']): Describe {
  const textOf = (value: unknown, depth: number, parents: readonly object[], budget: Budget): string => {
    if (budget.nodes <= 0 || budget.chars <= 0) return '…'
    budget.nodes -= 1
    const text =
      typeof value === 'object' && value !== null ? objectText(value, depth, parents, budget) : plain(value)
    budget.chars -= text.length
    return text
  }

  const plain = (value: unknown): string => {
    switch (typeof value) {
      case 'string':
        return quote(value)
      case 'bigint':
        return value < BIG && value > -BIG ? `${value}n` : '[BigInt of more than 256 bits]'
      case 'symbol':
        return cut(String(value), 200)
      case 'function':
        return types.isProxy(value) ? '[Proxy]' : functionText(value)
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value)
      case 'object':
      case 'boolean':
      case 'undefined':
        return String(value as null | boolean | undefined)
    }
  }

  const functionText = (value: object): string => {
    const name = dataOf(value, 'name')
    return typeof name === 'string' && name !== ''
      ? `[Function: ${cut(name, 100)}]`
      : '[Function (anonymous)]'
  }

  const objectText = (value: object, depth: number, parents: readonly object[], budget: Budget): string => {
    if (types.isProxy(value)) return '[Proxy]'
    if (parents.includes(value)) return '[Circular]'
    if (types.isNativeError(value)) return errorText(value, depth, parents, budget)
    if (types.isDate(value)) return dateText(value)
    if (types.isRegExp(value)) return regExpText(value)
    if (types.isPromise(value)) return 'Promise {}'
    const name = classOf(value)
    if (depth >= MAX_DEPTH) return isArray(value) ? '[Array]' : `[${name === '' ? 'Object' : name}]`
    const inside = [...parents, value]
    const each = (item: unknown): string => textOf(item, depth + 1, inside, budget)
    if (isArray(value)) return listText(value, value.length, name === 'Array' ? '' : `${name} `, each)
    const typed = typedArrayName(value)
    if (typed !== undefined) return listText(value, apply(typedArrayLength, value, []), `${typed} `, each)
    if (types.isMap(value))
      return collectionText('Map', apply(mapSize, value, []), apply(mapEntries, value, []), each)
    if (types.isSet(value))
      return collectionText('Set', apply(setSize, value, []), apply(setValues, value, []), each)
    if (types.isAnyArrayBuffer(value)) return 'ArrayBuffer {}'
    return recordText(value, name, each, budget)
  }

  const recordText = (
    value: object,
    name: string,
    each: (item: unknown) => string,
    budget: Budget,
  ): string => {
    const keys = ownKeys(value)
    const parts: string[] = []
    for (const key of keys) {
      if (parts.length >= MAX_ENTRIES || budget.chars <= 0) break
      const own = getOwnPropertyDescriptor(value, key)
      if (own?.enumerable !== true) continue
      const label =
        typeof key === 'symbol'
          ? `[${cut(String(key), 100)}]`
          : /^[A-Za-z_$][\w$]{0,99}$/.test(key)
            ? key
            : quote(cut(key, 100))
      parts.push(
        `${label}: ${'value' in own ? each(own.value) : own.get === undefined ? '[Setter]' : '[Getter]'}`,
      )
    }
    const more = keys.length - parts.length
    if (more > 0 && parts.length >= MAX_ENTRIES) parts.push(`… ${more} more`)
    const prefix = name === 'Object' ? '' : name === '' ? '[Object: null prototype] ' : `${name} `
    return parts.length === 0 ? `${prefix}{}` : `${prefix}{ ${parts.join(', ')} }`
  }

  const errorText = (error: Error, depth: number, parents: readonly object[], budget: Budget): string => {
    const own = dataOf(error, 'name')
    const name = typeof own === 'string' ? cut(own, 100) : classOf(error) || 'Error'
    const message = dataOf(error, 'message')
    const code = dataOf(error, 'code')
    const head =
      typeof message === 'string' && message !== ''
        ? `${name}: ${cut(message, MAX_STRING_CHARS)}`
        : cut(name, 100)
    const tagged =
      typeof code === 'string' || typeof code === 'number' ? `${head} [${cut(String(code), 100)}]` : head
    const stack = depth === 0 ? cut(stackOf(error), 4_000) : ''
    const cause = dataOf(error, 'cause')
    const because =
      cause === undefined || depth >= MAX_DEPTH
        ? ''
        : `\n  cause: ${textOf(cause, depth + 1, [...parents, error], budget)}`
    return `${tagged}${stack}${because}`
  }

  return (value) => {
    try {
      return cut(textOf(value, 0, [], { nodes: MAX_NODES, chars: MAX_TEXT_CHARS }), MAX_TEXT_CHARS)
    } catch {
      return '[value that cannot be shown]' // the stack was full already when this began
    }
  }

  /** The name of the nearest class, '' for an object without a prototype. Asks nothing of the value. */
  function classOf(value: object): string {
    let prototype: unknown = getPrototypeOf(value)
    if (prototype === null) return ''
    for (let up = 0; up < MAX_DEPTH && typeof prototype === 'object' && prototype !== null; up++) {
      if (types.isProxy(prototype)) break
      const known = KNOWN.get(prototype)
      if (known !== undefined) return known
      const made = dataOf(prototype, 'constructor')
      const name = typeof made === 'function' && !types.isProxy(made) ? dataOf(made, 'name') : undefined
      if (typeof name === 'string' && name !== '') return cut(name, 100)
      prototype = getPrototypeOf(prototype)
    }
    return 'Object'
  }
}

/** Lockdown makes accessors of what intrinsics hold, which `dataOf` does not read; so they are known by identity. */
const INTRINSICS: readonly { readonly prototype: unknown; readonly name: string }[] = [
  Object,
  Array,
  Function,
  Boolean,
  Number,
  String,
  Promise,
  Map,
  Set,
  WeakMap,
  WeakSet,
  WeakRef,
  Date,
  RegExp,
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  ArrayBuffer,
  DataView,
]
const KNOWN: ReadonlyMap<unknown, string> = new Map(
  INTRINSICS.map(({ prototype, name }) => [prototype, name]),
)

// Captured before the first plugin byte; none of them runs code of the value.
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object
const typedArrayLength = getOwnPropertyDescriptor(TypedArrayPrototype, 'length')?.get as () => number
const mapSize = getOwnPropertyDescriptor(Map.prototype, 'size')?.get as () => number
const setSize = getOwnPropertyDescriptor(Set.prototype, 'size')?.get as () => number
const regExpSource = getOwnPropertyDescriptor(RegExp.prototype, 'source')?.get as () => string
const regExpFlags = [
  'hasIndices',
  'global',
  'ignoreCase',
  'multiline',
  'dotAll',
  'unicode',
  'unicodeSets',
  'sticky',
].flatMap((name) => {
  const get = getOwnPropertyDescriptor(RegExp.prototype, name)?.get
  return get === undefined
    ? []
    : [
        {
          letter:
            name === 'hasIndices'
              ? 'd'
              : name === 'dotAll'
                ? 's'
                : name === 'unicodeSets'
                  ? 'v'
                  : (name[0] ?? ''),
          get,
        },
      ]
})
const { entries: mapEntries } = Map.prototype
const { values: setValues } = Set.prototype
const { toISOString, getTime } = Date.prototype

function dateText(date: Date): string {
  return Number.isNaN(apply(getTime, date, [])) ? 'Invalid Date' : apply(toISOString, date, [])
}

function regExpText(pattern: RegExp): string {
  const flags = regExpFlags
    .filter(({ get }) => apply(get as () => unknown, pattern, []) === true)
    .map(({ letter }) => letter)
  return `/${cut(apply(regExpSource, pattern, []), MAX_STRING_CHARS)}/${flags.join('')}`
}

function listText(list: object, length: number, prefix: string, each: (item: unknown) => string): string {
  const shown = Math.min(length, MAX_ENTRIES)
  const parts: string[] = []
  for (let index = 0; index < shown; index++) {
    const own = getOwnPropertyDescriptor(list, index)
    parts.push(own === undefined ? '<empty>' : 'value' in own ? each(own.value) : '[Getter]')
  }
  if (length > shown) parts.push(`… ${length - shown} more`)
  return parts.length === 0 ? `${prefix}[]` : `${prefix}[ ${parts.join(', ')} ]`
}

function collectionText(
  name: string,
  size: number,
  items: Iterable<unknown>,
  each: (item: unknown) => string,
): string {
  const parts: string[] = []
  for (const item of items) {
    if (parts.length >= MAX_ENTRIES) {
      parts.push(`… ${size - MAX_ENTRIES} more`)
      break
    }
    parts.push(name === 'Map' && isArray(item) ? `${each(item[0])} => ${each(item[1])}` : each(item))
  }
  return parts.length === 0 ? `${name}(${size}) {}` : `${name}(${size}) { ${parts.join(', ')} }`
}

/** The value of an own data property; accessors answer `undefined`, unread. */
function dataOf(value: object, name: string): unknown {
  const own = getOwnPropertyDescriptor(value, name)
  return own !== undefined && 'value' in own ? own.value : undefined
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… ${text.length - max} more characters`
}

function quote(text: string): string {
  return `'${cut(text, MAX_STRING_CHARS).replace(/[\\'\n\r\t]/g, (char) => ESCAPES[char] ?? char)}'`
}
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
