/**
 * URL and URLSearchParams over Node's own parser, which a plugin cannot reach: each
 * argument becomes a string before it is parsed, each error is made afresh.
 */
import { tag } from './events.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'
import { textOf } from './text.js'

const READ_ONLY = ['origin'] as const
const WRITABLE = [
  ...(['href', 'protocol', 'username', 'password', 'host', 'hostname'] as const),
  ...(['port', 'pathname', 'search', 'hash'] as const),
]

export function attenuateUrl({ realm, harden }: AttenuatorPowers): Globals {
  type HostUrl = InstanceType<typeof realm.URL>
  type HostParams = InstanceType<typeof realm.URLSearchParams>
  const token: unique symbol = Symbol('a wrapper over params of a URL')

  const parse = (input: unknown, base: unknown): HostUrl => {
    const text = textOf(input)
    const against = base === undefined ? undefined : textOf(base)
    try {
      return new realm.URL(text, against)
    } catch {
      const error = refusal('ERR_INVALID_URL', 'Invalid URL', TypeError)
      throw Object.assign(error, { input: text }, against === undefined ? {} : { base: against })
    }
  }

  class URLSearchParams {
    readonly #params: HostParams
    constructor(init?: unknown, ...rest: readonly unknown[]) {
      this.#params = rest[0] === token ? (init as HostParams) : new realm.URLSearchParams(pairsOf(init))
    }
    append(name: unknown, value: unknown): void {
      this.#params.append(textOf(name), textOf(value))
    }
    delete(name: unknown, value?: unknown): void {
      if (value === undefined) this.#params.delete(textOf(name))
      else this.#params.delete(textOf(name), textOf(value))
    }
    get(name: unknown): string | null {
      return this.#params.get(textOf(name))
    }
    getAll(name: unknown): string[] {
      return this.#params.getAll(textOf(name))
    }
    has(name: unknown, value?: unknown): boolean {
      return value === undefined
        ? this.#params.has(textOf(name))
        : this.#params.has(textOf(name), textOf(value))
    }
    set(name: unknown, value: unknown): void {
      this.#params.set(textOf(name), textOf(value))
    }
    sort(): void {
      this.#params.sort()
    }
    get size(): number {
      return this.#params.size
    }
    toString(): string {
      return this.#params.toString()
    }
    *entries(): Generator<[string, string]> {
      for (const [name, value] of this.#params) yield [name, value]
    }
    *keys(): Generator<string> {
      for (const [name] of this.#params) yield name
    }
    *values(): Generator<string> {
      for (const [, value] of this.#params) yield value
    }
    forEach(callback: (value: string, name: string, params: unknown) => void, thisArg?: unknown): void {
      for (const [name, value] of this.#params) Reflect.apply(callback, thisArg, [value, name, this])
    }
  }
  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries,
    writable: true,
    configurable: true,
  })

  let urlOf: (url: URL) => HostUrl
  class URL {
    readonly #url: HostUrl
    #params: URLSearchParams | undefined
    constructor(input: unknown, base?: unknown) {
      this.#url = parse(input, base)
    }
    static {
      urlOf = (url) => url.#url
    }
    get searchParams(): URLSearchParams {
      this.#params ??= new URLSearchParams(this.#url.searchParams, token)
      return this.#params
    }
    toString(): string {
      return this.#url.href
    }
    toJSON(): string {
      return this.#url.href
    }
    static canParse(input: unknown, base?: unknown): boolean {
      return URL.parse(input, base) !== null
    }
    static parse(input: unknown, base?: unknown): URL | null {
      const text = textOf(input)
      const against = base === undefined ? undefined : textOf(base)
      try {
        return new URL(text, against)
      } catch {
        return null
      }
    }
  }
  for (const name of [...READ_ONLY, ...WRITABLE]) {
    const get = function get(this: URL): string {
      return urlOf(this)[name]
    }
    const set = function set(this: URL, value: unknown): void {
      const text = textOf(value)
      const url = urlOf(this)
      if (name === 'href') parse(text, undefined) // of all parts only a whole new address can be wrong
      if (name !== 'origin') url[name] = text
    }
    const access = name === 'origin' ? { get } : { get, set }
    Object.defineProperty(URL.prototype, name, { ...access, enumerable: true, configurable: true })
  }
  tag(URL, 'URL')
  tag(URLSearchParams, 'URLSearchParams')
  return harden({ URL, URLSearchParams })
}

/** A text, pairs, or a record as plain strings; each value is read once. */
function pairsOf(init: unknown): string | [string, string][] {
  if (init === undefined || init === null) return ''
  if (typeof init !== 'object' && typeof init !== 'function') return textOf(init)
  const iterate: unknown = (init as Partial<Iterable<unknown>>)[Symbol.iterator]
  if (iterate === undefined || iterate === null) {
    return Object.entries(init as Readonly<Record<string, unknown>>).map(([name, value]) => [
      name,
      textOf(value),
    ])
  }
  return [...(init as Iterable<unknown>)].map((entry) => {
    const pair = typeof entry === 'object' && entry !== null ? [...(entry as Iterable<unknown>)] : []
    if (pair.length !== 2) {
      throw refusal('ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple', TypeError)
    }
    return [textOf(pair[0]), textOf(pair[1])]
  })
}
