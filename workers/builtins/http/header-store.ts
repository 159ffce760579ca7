/** The headers of a message to be sent: by lower-case name, with the name as it was written and a value of text or texts. */
import { isOptions } from './kit.js'
import { invalidType } from './errors.js'
import { validateHeaderName, validateHeaderValue } from './tokens.js'

export type HeaderValue = number | string | readonly string[]
/** A name as it was written, and what it says. */
export type Field = readonly [name: string, value: HeaderValue]

export class HeaderStore {
  readonly #entries = new Map<string, Field>()

  set(name: unknown, value: unknown): void {
    const checked = checkedValue(name, value)
    this.#entries.set(String(name).toLowerCase(), [String(name), checked])
  }

  append(name: unknown, value: unknown): void {
    const checked = checkedValue(name, value)
    const key = String(name).toLowerCase()
    const before = this.#entries.get(key)
    if (before === undefined) return void this.#entries.set(key, [String(name), checked])
    const values = [...listOf(before[1]), ...listOf(checked)]
    this.#entries.set(key, [before[0], values])
  }

  get(name: unknown): HeaderValue | undefined {
    return this.#entries.get(keyOf(name))?.[1]
  }
  has(name: unknown): boolean {
    return this.#entries.has(keyOf(name))
  }
  delete(name: unknown): void {
    this.#entries.delete(keyOf(name))
  }
  get size(): number {
    return this.#entries.size
  }
  keys(): string[] {
    return [...this.#entries.keys()]
  }
  names(): string[] {
    return Array.from(this.#entries.values(), ([name]) => name)
  }
  entries(): Iterable<Field> {
    return this.#entries.values()
  }
  toObject(): Record<string, HeaderValue> {
    const headers = Object.create(null) as Record<string, HeaderValue>
    for (const [key, [, value]] of this.#entries) headers[key] = value
    return headers
  }
}

function keyOf(name: unknown): string {
  if (typeof name !== 'string') throw invalidType('name', 'of type string')
  return name.toLowerCase()
}

function checkedValue(name: unknown, value: unknown): HeaderValue {
  validateHeaderName(name)
  if (!Array.isArray(value)) {
    validateHeaderValue(name, value)
    return typeof value === 'number' ? value : String(value)
  }
  const values: readonly unknown[] = value
  for (const one of values) validateHeaderValue(name, one)
  return values.map(String)
}

export function listOf(value: HeaderValue): readonly string[] {
  return typeof value === 'object' ? value : [String(value)]
}

/** Pairs as they are, each allowed to be sent. */
export function checkedPairs(pairs: readonly (readonly [unknown, unknown])[]): readonly Field[] {
  return pairs.map(([name, value]) => [String(name), checkedValue(name, value)])
}

/**
 * Headers as a caller may give them at once, as pairs: an object, a list of pairs, a
 * flat list of names and values, a Map or a `Headers`.
 */
export function pairsOf(given: unknown): readonly (readonly [unknown, unknown])[] {
  if (given === undefined || given === null) return []
  if (Array.isArray(given)) {
    const list: readonly unknown[] = given
    if (list.every(Array.isArray)) return list as unknown as readonly (readonly [unknown, unknown])[]
    if (list.length % 2 !== 0) throw invalidType('headers', 'a list of names and values')
    return Array.from({ length: list.length / 2 }, (_, at) => [list[2 * at], list[2 * at + 1]] as const)
  }
  if (!isOptions(given)) throw invalidType('headers', 'an object or a list')
  if (typeof given['forEach'] === 'function' && typeof given['entries'] === 'function') {
    return [...(given as unknown as ReadonlyMap<unknown, unknown>).entries()]
  }
  return Object.entries(given)
}
