/**
 * The walk an attacker's script would make, made with trusted eyes: from everything a
 * plugin is given, along own properties, symbols, prototypes, getters and what simple
 * calls give back. Reports every object that must not be reachable and every shared
 * one that can be changed.
 */
import * as crypto from 'node:crypto'
import * as dns from 'node:dns'
import * as os from 'node:os'
import * as stream from 'node:stream'
import * as tls from 'node:tls'
import * as zlib from 'node:zlib'
import type { PluginCompartment } from '../../workers/compartment.js'

type Forbidden = ReadonlyMap<unknown, string>

const UNTAMED = ['Error', 'Date', 'RegExp', 'Function', 'eval', 'Symbol'] as const
const HOST = [
  ...([
    'process',
    'globalThis',
    'global',
    'URL',
    'URLSearchParams',
    'TextEncoder',
    'TextDecoder',
    'Event',
    'EventTarget',
  ] as const),
  ...([
    'AbortController',
    'AbortSignal',
    'DOMException',
    'Buffer',
    'MessagePort',
    'MessageChannel',
    'BroadcastChannel',
  ] as const),
  ...([
    'FinalizationRegistry',
    'performance',
    'crypto',
    'WebAssembly',
    'SharedArrayBuffer',
    'Atomics',
    'console',
    'Performance',
  ] as const),
]

/** Call before lockdown: what a plugin must never hold, by identity. */
export function takeForbidden(): Forbidden {
  const realm = globalThis as unknown as Readonly<Record<string, unknown>>
  const found = new Map<unknown, string>()
  for (const name of [...UNTAMED, ...HOST]) {
    if (name === 'Symbol') continue
    const value = realm[name]
    if (value === undefined) continue
    found.set(value, `host ${name}`)
    const isClass =
      typeof value === 'function' && !['Error', 'Date', 'RegExp', 'Function', 'eval'].includes(name)
    if (isClass) found.set((value as { readonly prototype?: unknown }).prototype, `host ${name}.prototype`)
  }
  for (const [name, module] of Object.entries({ crypto, dns, os, stream, tls, zlib })) {
    found.set(module, `host ${name}`)
    for (const [key, value] of Object.entries(module)) {
      // `stream` passes one function of the language on under a name of its own.
      if (value === ArrayBuffer.isView) continue
      if (typeof value === 'object') found.set(value, `host ${name}.${key}`)
      if (typeof value !== 'function') continue
      found.set(value, `host ${name}.${key}`)
      found.set(Reflect.get(value, 'prototype'), `host ${name}.${key}.prototype`)
    }
  }
  found.delete(undefined)
  found.set(Object.getPrototypeOf(process), 'prototype of process')
  return found
}

/** Expressions whose results are part of what a plugin can hold. */
const OFFERS = `
  const own = ['assert', 'buffer', 'events', 'fs', 'fs/promises', 'path', 'querystring', 'stream', 'string_decoder', 'timers', 'timers/promises', 'url', 'util', 'os', 'zlib', 'crypto', 'dns', 'dns/promises', 'tls']
  const fs = require('fs')
  const handled = (promise) => (promise.catch(() => 0), promise)
  const caught = (work) => { try { return work() } catch (error) { return error } }
  const inherited = (made) => Object.create(Object.getPrototypeOf(Object.getPrototypeOf(made)))
  const controller = new AbortController()
  const url = new URL('http://a.test/?q=1')
  const timer = setTimeout(() => {}, 100000)
  module.exports = (signal) => ({
    global: globalThis, scope: (0, eval)('this'), module, require, signal, timer, url, params: url.searchParams,
    interval: setInterval(() => {}, 100000), immediate: setImmediate(() => {}), promised: require('util').promisify(setTimeout)(1),
    builtins: own.map((name) => require(name)), buffer: Buffer.from('a'), bytes: new TextEncoder().encode('a'),
    decoder: new TextDecoder(), event: new Event('x'), custom: new CustomEvent('x', { detail: 1 }), target: new EventTarget(),
    controller, any: AbortSignal.any([controller.signal]), gone: AbortSignal.abort(), late: AbortSignal.timeout(100000),
    clone: structuredClone({ map: new Map([[1, new Date(0)]]), error: new Error('x'), bytes: new Uint8Array(2) }),
    random: crypto.getRandomValues(new Uint8Array(2)), registry: new FinalizationRegistry(() => {}), ref: new WeakRef({}),
    format: new Intl.NumberFormat(), collator: new Intl.Collator(), segments: new Intl.Segmenter().segment('a b')[Symbol.iterator](),
    iterators: [
      () => [].values().map((x) => x), () => Iterator.from({ next() {} }), () => 'a'.matchAll(/a/g), () => new Map().entries(),
      () => new Set().values(), () => ''[Symbol.iterator](), () => inherited((async function* () {})()), () => inherited((function* () {})()),
      () => Iterator.concat([1]), () => Iterator.zip([[1]]), () => Array.fromAsync([1]), () => new Intl.Segmenter().segment('a b'),
      () => /a/d.exec('a').indices, () => JSON.rawJSON('1'), () => (function () { return arguments })(), () => ((s) => s)\`a\`,
      () => Temporal.PlainDate.from('2020-01-01'), () => Temporal.Now, () => new Intl.Locale('en'), () => new Intl.DurationFormat('en'),
      () => Promise.withResolvers(), () => Object.groupBy([1], String), () => new Intl.PluralRules(), () => new Intl.ListFormat('en'),
      () => new Intl.DisplayNames('en', { type: 'region' }), () => new Intl.RelativeTimeFormat('en'), () => new Error('x', { cause: 1 }),
      () => new Float64Array(1).entries(), () => new DataView(new ArrayBuffer(1)), () => new ArrayBuffer(2, { maxByteLength: 4 }),
    ].map(caught),
    files: [
      () => fs.statSync('words.txt'), () => fs.statSync('words.txt', { bigint: true }), () => fs.readFileSync('words.txt'),
      () => fs.readdirSync('.', { withFileTypes: true }), () => fs.opendirSync('.'), () => fs.createReadStream('words.txt').on('error', () => 0),
      () => fs.createWriteStream('/data/walked').on('error', () => 0), () => fs.watch('/data'), () => handled(fs.promises.readFile('words.txt')),
      () => handled(fs.promises.open('words.txt')), () => fs.promises.watch('/data'), () => fs.openSync('nope'), () => fs.closeSync(3),
    ].map(caught),
    zlib: require('zlib').createGzip(), packed: require('zlib').gzipSync('a'), hash: require('crypto').createHash('md5').copy(), hmac: require('crypto').createHmac('md5', 'k'), cipher: require('crypto').createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)), key: require('crypto').hkdfSync('md5', 'a', 'b', 'c', 9),
    secured: [
      () => require('tls').createSecureContext(), () => new (require('tls').TLSSocket)(), () => require('tls').createServer(),
      () => require('tls').checkServerIdentity('a.test', { subject: { CN: 'b.test' } }), () => require('tls').createSecureContext({ key: 'x' }),
      () => new (require('dns').Resolver)(), () => handled(require('dns').promises.resolve4('a.test')), () => require('dns').lookup(1),
    ].map(caught),
    pairs: url.searchParams.entries(), text: new Intl.DateTimeFormat('en'), json: JSON, hrtime: process.hrtime(), frame: new Error('x'),
    errors: [
      () => new URL('nope'), () => atob('\\u1234'), () => structuredClone(() => {}), () => require('vm'), () => require('fs').readFileSync('/etc/passwd'), () => require('fs').mkdirSync('/tmp/x'), () => require('fs').openSync(7), () => process.exit(1),
      () => new TextDecoder('nope'), () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
      () => crypto.getRandomValues([]), () => setTimeout('code'), () => new AbortSignal(), () => AbortSignal.abort().throwIfAborted(),
      () => structuredClone(1, { transfer: [{}] }), () => null.x, () => { const f = () => f(); f() }, () => new Array(-1), () => (0, eval)('}'),
      () => url.searchParams.append.call({}), () => new Event('x').type.call(), () => Buffer.alloc(-1),
      () => TextDecoder.prototype.decode.call({}), () => URL.prototype.toString.call({}), () => JSON.parse('}'), () => new Intl.Locale('!'),
      () => decodeURIComponent('%'), () => new RegExp('('), () => structuredClone({ get a() { return new Proxy({}, {}) } }),
      () => require('zlib').gunzipSync('a'), () => require('zlib').gzipSync('a', { level: 99 }), () => require('zlib').gzipSync(1), () => require('os').setPriority(1), () => require('crypto').createHash('nope'), () => require('crypto').timingSafeEqual(Buffer.from('a'), Buffer.from('ab')), () => require('crypto').scryptSync('a', 'b', 9, { N: 3 }),
    ].map((work) => typeof work === 'function' ? caught(work) : work),
  })`

export interface WalkReport {
  readonly visited: number
  /** Paths to objects that no plugin may hold. */
  readonly reached: readonly string[]
  /** Paths to objects that trusted code made, or that the realm shares, and that a plugin can change. */
  readonly mutable: readonly string[]
  /** Functions from which `.constructor` leads to a maker of code. */
  readonly makers: readonly string[]
}

/**
 * What is the plugin's own (its built-ins, its `module`, what a call made for it) may be changed; what the
 * realm shares, and everything reachable from the names of the scope, may not.
 * @param forbidden - from `takeForbidden`
 */
export function walk(plugin: PluginCompartment, signal: AbortSignal, forbidden: Forbidden): WalkReport {
  const offers = (plugin.evaluate(OFFERS) as (signal: AbortSignal) => Readonly<Record<string, unknown>>)(
    signal,
  )
  const scope = (plugin.evaluate(SCOPE) as () => Readonly<Record<string, unknown>>)()
  const all = visit(Object.entries(offers), forbidden)
  const prototypes = NOT_ITS_OWN.flatMap((name) => {
    const offered = offers[name]
    const values: readonly unknown[] = Array.isArray(offered) ? offered : [offered]
    return values.flatMap((value, index): [string, unknown][] =>
      typeof value === 'object' && value !== null
        ? [[`${name}[${index}].[[Prototype]]`, Object.getPrototypeOf(value)]]
        : [],
    )
  })
  const shared = visit(
    [...Object.entries(scope), ['signal', signal], ['timer', offers['timer']], ...prototypes],
    forbidden,
  )
  return {
    visited: all.size,
    reached: [...all].flatMap(([value, path]) =>
      forbidden.has(value) ? [`${path} is ${forbidden.get(value) ?? ''}`] : [],
    ),
    mutable: [...shared].flatMap(([value, path]) => (isLoose(value, path) ? [path] : [])),
    makers: [...all].flatMap(([value, path]) =>
      typeof value === 'function' && makesCode(value) ? [path] : [],
    ),
  }
}

/** Offers whose classes are not the plugin's own: what they inherit from must be frozen. */
const NOT_ITS_OWN = [
  'iterators errors signal timer interval immediate promised url params bytes decoder event custom target controller any gone',
  'late clone random registry ref format collator segments pairs text hrtime frame',
].flatMap((line) => line.split(' '))

/** Every name of the scope but those that stand for the plugin's own objects. */
const SCOPE = `
  const scope = { require, process }
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!['globalThis', 'global', 'self', 'Buffer'].includes(name)) scope[name] = globalThis[name]
  }
  module.exports = () => scope`

/** Whether something of it can be changed by whoever holds it. */
function isLoose(value: object, path: string): boolean {
  if (ArrayBuffer.isView(value)) return false // its bytes are data that nothing else reads
  return !Object.isFrozen(value) && !path.includes(FRESH)
}

/** Whether `value`, called as the Function constructor is, gives a function that sees the host. */
function makesCode(value: object): boolean {
  const name: unknown = Object.getOwnPropertyDescriptor(value, 'name')?.value
  if (!/Function$|^eval$/.test(String(name))) return false
  try {
    const made: unknown = (value as (code: string) => unknown)(
      `return typeof process === 'object' && process.pid !== 0 ? 'host' : ''`,
    )
    return typeof made === 'function' && made() === 'host'
  } catch {
    return false
  }
}

/** Marks what a getter made for this one reading: nobody else holds it. */
const FRESH = '[fresh]'

function visit(roots: readonly (readonly [string, unknown])[], forbidden: Forbidden): Map<object, string> {
  const seen = new Map<object, string>()
  const queue: [unknown, string][] = roots.map(([name, value]) => [value, name])
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [value, path] = next
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue
    seen.set(value, path)
    if (forbidden.has(value)) continue
    queue.push([Object.getPrototypeOf(value), `${path}.[[Prototype]]`])
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'string' && /^\d{3,}$/.test(key)) continue
      const own = Object.getOwnPropertyDescriptor(value, key)
      const label = `${path}.${String(key)}`
      if (own === undefined) continue
      if ('value' in own) queue.push([own.value, label])
      else queue.push([own.get, `${label}[get]`], [own.set, `${label}[set]`], read(value, key, label))
    }
  }
  return seen
}

function read(owner: object, key: string | symbol, label: string): [unknown, string] {
  try {
    const value: unknown = Reflect.get(owner, key)
    return [value, Reflect.get(owner, key) === value ? `${label}()` : `${label}${FRESH}`]
  } catch (error) {
    return [error, `${label}[thrown]${FRESH}`]
  }
}
