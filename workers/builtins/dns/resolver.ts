/** `Resolver`, with callbacks and with promises: what it asks, whom, and how long is its own. */
import type { Module } from '../module.js'
import { callbackOf, fieldsOf, invalidValue, promised, textOf, type Done, type Fields } from './arguments.js'
import { power } from './power.js'

/** Types of records by the method that asks for them. */
const TYPES: Readonly<Record<string, string>> = {
  resolveAny: 'ANY',
  resolve4: 'A',
  resolve6: 'AAAA',
  resolveCaa: 'CAA',
  resolveCname: 'CNAME',
  resolveMx: 'MX',
  resolveNs: 'NS',
  resolveTlsa: 'TLSA',
  resolveTxt: 'TXT',
  resolveSrv: 'SRV',
  resolvePtr: 'PTR',
  resolveNaptr: 'NAPTR',
  resolveSoa: 'SOA',
  reverse: 'REVERSE',
}

interface WithTtl {
  readonly address: string
  readonly ttl: number
}

/** What both forms of Resolver share. */
class Queries {
  readonly #times: Fields
  readonly #underWay = new Set<number>()
  readonly #toAscii: (name: string) => string
  #servers: readonly string[] | undefined

  constructor(options: unknown, toAscii: (name: string) => string) {
    const { timeout, tries, maxTimeout } = fieldsOf(options)
    this.#times = {
      timeout: wholeOf(timeout, 'timeout', -1),
      tries: wholeOf(tries, 'tries', 1),
      maxTimeout: wholeOf(maxTimeout, 'maxTimeout', 0),
    }
    this.#toAscii = toAscii
  }

  ask(type: string, name: unknown, options: unknown, done: Done): void {
    const withTtl = typeof options === 'object' && options !== null && Boolean(Reflect.get(options, 'ttl'))
    const text = textOf(name, 'name')
    const asked = { ...this.#times, servers: this.#servers }
    const id: number = power.query(
      type,
      type === 'REVERSE' ? text : this.#toAscii(text),
      asked,
      (error: unknown, value: unknown) => {
        this.#underWay.delete(id)
        const bare = (type === 'A' || type === 'AAAA') && !withTtl && Array.isArray(value)
        done(error, bare ? (value as readonly WithTtl[]).map(({ address }) => address) : value)
      },
    )
    this.#underWay.add(id)
  }

  cancel(): void {
    for (const id of this.#underWay) power.cancel(id)
  }

  getServers(): string[] {
    return [...(this.#servers ?? [])]
  }

  setServers(servers: unknown): void {
    this.#servers = power.checkServers(servers)
  }
}

function wholeOf(value: unknown, name: string, least: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value < 2 ** 31) return value
  const message = `The value of "options.${name}" is out of range. It must be a whole number from ${least}`
  throw Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}

function typeOf(rrtype: unknown): string {
  const types = Object.values(TYPES)
  if (typeof rrtype === 'string' && types.includes(rrtype) && rrtype !== 'REVERSE') return rrtype
  throw invalidValue('rrtype', rrtype, 'is no type of record')
}

type ResolverClass = new (options?: unknown) => Module

export function makeResolvers(toAscii: (name: string) => string): {
  readonly Resolver: ResolverClass
  readonly PromiseResolver: ResolverClass
} {
  abstract class Base {
    readonly #queries: Queries
    constructor(options?: unknown) {
      this.#queries = new Queries(options, toAscii)
    }
    static ask(on: Base, type: string, name: unknown, options: unknown, done: Done): void {
      on.#queries.ask(type, name, options, done)
    }
    cancel(): void {
      this.#queries.cancel()
    }
    getServers(): string[] {
      return this.#queries.getServers()
    }
    setServers(servers: unknown): void {
      this.#queries.setServers(servers)
    }
  }
  class Resolver extends Base {
    resolve(name: unknown, rrtype: unknown, callback?: unknown): void {
      const type = typeof rrtype === 'function' ? 'A' : typeOf(rrtype)
      const done = callbackOf(typeof rrtype === 'function' ? rrtype : callback)
      Base.ask(this, type, name, undefined, done)
    }
  }
  class PromiseResolver extends Base {
    async resolve(name: unknown, rrtype: unknown = 'A'): Promise<unknown> {
      const type = typeOf(rrtype)
      return promised((done) => Base.ask(this, type, name, undefined, done))
    }
  }
  for (const method of power.methods) {
    const type = TYPES[method]
    if (type === undefined) continue
    const withCallback = {
      [method](this: Base, name: unknown, options: unknown, callback?: unknown): void {
        const last = typeof options === 'function' ? options : callback
        Base.ask(this, type, name, options, callbackOf(last))
      },
    }
    const asPromise = {
      async [method](this: Base, name: unknown, options?: unknown): Promise<unknown> {
        return promised((done) => Base.ask(this, type, name, options, done))
      },
    }
    define(Resolver.prototype, method, withCallback[method])
    define(PromiseResolver.prototype, method, asPromise[method])
  }
  Object.defineProperty(PromiseResolver, 'name', { value: 'Resolver' })
  return {
    Resolver: Resolver as unknown as ResolverClass,
    PromiseResolver: PromiseResolver as unknown as ResolverClass,
  }
}

function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false })
}
