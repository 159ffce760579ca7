/**
 * `dns` and `dns/promises` of a plugin: its own copy, over functions that decide
 * (power.ts). What Node has and this has not: docs/built-ins.md.
 */
import type { Module } from '../module.js'
import {
  getDefaultResultOrder,
  lookupService,
  lookupServicePromise,
  makeLookup,
  setDefaultResultOrder,
} from './lookup.js'
import { power } from './power.js'
import { makeResolvers } from './resolver.js'

const PROMISIFY = Symbol.for('nodejs.util.promisify.custom')

const CODES = [
  'NODATA FORMERR SERVFAIL NOTFOUND NOTIMP REFUSED BADQUERY BADNAME BADFAMILY BADRESP CONNREFUSED TIMEOUT',
  'FILE NOMEM DESTRUCTION BADSTR BADFLAGS NONAME BADHINTS NOTINITIALIZED LOADIPHLPAPI',
  'ADDRGETNETWORKPARAMS CANCELLED',
].flatMap((line) => line.split(' '))
/** Each says its name with an E before it, but `EOF`, which has one. */
const ERRORS: Module = { ...Object.fromEntries(CODES.map((name) => [name, `E${name}`])), EOF: 'EOF' }

export function makeDnsModule(punycode: Module): Module {
  const toAscii = punycode['toASCII'] as (name: string) => string
  const { lookup, lookupPromise } = makeLookup(toAscii)
  const { Resolver, PromiseResolver } = makeResolvers(toAscii)
  /** Asks for the functions of the module; its servers are the plugin's own, as all else here. */
  const own = new Resolver()
  const bound = (from: object, name: string): unknown =>
    (Reflect.get(from, name) as (...values: never[]) => unknown).bind(own)
  const functions = (from: object): Module =>
    Object.fromEntries(
      [...power.methods, 'resolve', 'getServers', 'setServers'].map((name) => [name, bound(from, name)]),
    )
  const shared = { getDefaultResultOrder, setDefaultResultOrder, ...ERRORS }
  Object.defineProperty(lookup, PROMISIFY, { value: lookupPromise })
  Object.defineProperty(lookupService, PROMISIFY, { value: lookupServicePromise })
  const promises: Module = {
    lookup: lookupPromise,
    lookupService: lookupServicePromise,
    Resolver: PromiseResolver,
    ...functions(PromiseResolver.prototype),
    ...shared,
  }
  return {
    lookup,
    lookupService,
    Resolver,
    ...functions(Resolver.prototype),
    ...shared,
    ...power.hints,
    promises,
  }
}
