/**
 * The built-ins of Node as a plugin's own copies: userland packages, evaluated
 * inside the plugin's compartment, so that changing their prototypes changes nothing
 * anyone else uses. Built into one script (dist/workers/builtins.cjs) that
 * workers/own-modules.ts runs at the first need.
 *
 * Nothing here is trusted: it runs with the plugin's own globals, the functions of
 * attenuate/native.ts, which check what they are given, and those of attenuate/fs and attenuate/net, which decide.
 */
import { makeAsyncHooks } from './async-hooks.js'
import { addBuffer } from './buffer.js'
import type { Native } from '../attenuate/native.js'
import { makeDuplexPair } from './duplex-pair.js'
import { makeCryptoModule, type CryptoModule } from './crypto/index.js'
import { makeDiagnosticsChannel } from './diagnostics-channel.js'
import { makeDnsModule } from './dns/index.js'
import { addEvents } from './events.js'
import { makeFs } from './fs/index.js'
import { makeHttp } from './http/index.js'
import { makeHttps } from './https/index.js'
import { makeHttp2, makeTty } from './in-name-only.js'
import type { Module } from './module.js'
import { makeNetModule } from './net/index.js'
import { makeConsumers } from './stream-consumers.js'
import { makeOs } from './os.js'
import { addQuerystring } from './querystring.js'
import { makeTlsModule } from './tls/index.js'
import { addUrl } from './url.js'
import { addUtil } from './util.js'
import { runWeb, type WebScript } from './web-script.js'
import { makeZlibModule } from './zlib/index.js'

/** Resolved when the script is built; a package is run at its first `require`. */
declare const require: (name: string) => Module
/** Given by workers/own-modules.ts, beside `module` and `exports`. */
declare const native: Native
declare const webScript: () => WebScript

const builtins: Readonly<Record<string, () => Module>> = {
  assert: () => require('assert/'),
  'assert/strict': () => load('assert')['strict'] as Module,
  async_hooks: makeAsyncHooks,
  buffer: () => fromWeb(addBuffer(require('buffer/')), ['Blob', 'File']),
  console: () => global('console'),
  constants: () => flatConstants(),
  crypto: () => cryptoModule().module,
  diagnostics_channel: makeDiagnosticsChannel,
  dns: () => makeDnsModule(load('punycode')),
  'dns/promises': () => load('dns')['promises'] as Module,
  events: () => addEvents(require('events/')),
  fs: () => makeFs({ stream: load('stream'), events: load('events'), web: () => load('web') }),
  'fs/promises': () => load('fs')['promises'] as Module,
  http: () => makeHttp({ net: load('net'), stream: load('stream'), events: load('events') }),
  http2: makeHttp2,
  https: () => makeHttps({ http: load('http'), tls: load('tls') }),
  net: () => makeNetModule({ stream: load('stream'), events: load('events'), buffer: load('buffer') }),
  os: () => makeOs(native, global('process')['uptime'] as () => number),
  path: () => addPath(require('path-browserify')),
  'path/posix': () => load('path'),
  'path/win32': () => load('path'),
  perf_hooks: () => ({ performance: global('performance') }),
  process: () => global('process'),
  punycode: () => require('punycode'),
  querystring: () => addQuerystring(require('querystring-es3')),
  stream: () => addStream(require('readable-stream/lib/stream.js')),
  'stream/consumers': () => makeConsumers(load('buffer')),
  'stream/promises': () => load('stream')['promises'] as Module,
  'stream/web': () => load('web')['streams'] as Module,
  string_decoder: () => require('string_decoder/'),
  timers: () => ({
    ...Object.fromEntries(TIMERS.map((name) => [name, global(name)])),
    get promises() {
      return load('timers/promises')
    },
  }),
  'timers/promises': () => timersPromises(),
  url: () => addUrl(require('url/'), load('punycode')),
  tls: () => makeTlsModule({ net: load('net'), buffer: load('buffer') }),
  tty: makeTty,
  util: () =>
    addUtil(require('util/'), require('assert/build/internal/util/comparisons'), native, {
      isKeyObject: (value) => cryptoModule().isKeyObject(value),
      isCryptoKey: (value) => cryptoModule().web.isCryptoKey(value),
    }),
  /** Not to be required: SubtleCrypto and CryptoKey, for the globals of that name. */
  webcrypto: () => ({ ...cryptoModule().web }),
  /** Of this script only: the globals of web/. */
  web: () => runWeb(webScript(), load),
  zlib: () => makeZlibModule(native, load('buffer'), load('stream')),
  'util/types': () => load('util')['types'] as Module,
}

const TIMERS = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
]
const loaded = new Map<string, Module>()

/** The module of that name, without `node:`; the same object each time. */
export function load(name: string): Module {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const make = builtins[name]
  if (make === undefined) throw new Error(`there is no built-in '${name}' for plugins`)
  const module = make()
  loaded.set(name, module)
  return module
}

function global(name: string): Module {
  return (globalThis as unknown as Readonly<Record<string, Module>>)[name] as Module
}

let crypto: CryptoModule | undefined

function cryptoModule(): CryptoModule {
  crypto ??= makeCryptoModule(native, load('buffer'), load('stream'), load('string_decoder'))
  return crypto
}

type Adapters = Readonly<
  Record<
    `${'readable' | 'writable' | 'duplex'}${'ToWeb' | 'FromWeb'}`,
    (...values: readonly unknown[]) => unknown
  >
>

function addStream(stream: Module): Module {
  stream['duplexPair'] ??= makeDuplexPair(stream)
  stream['promises'] ??= require('readable-stream/lib/stream/promises.js')
  for (const kind of ['readable', 'writable', 'duplex'] as const) {
    const Class = stream[`${kind[0]?.toUpperCase()}${kind.slice(1)}`] as Module
    for (const way of ['ToWeb', 'FromWeb'] as const) {
      Class[`${way[0]?.toLowerCase()}${way.slice(1)}`] = (...values: readonly unknown[]): unknown =>
        (load('web')['adapters'] as Adapters)[`${kind}${way}`](...values)
    }
  }
  return stream
}

/** Adds names of web/ to a module; that script is run when one is read. */
function fromWeb(module: Module, names: readonly string[]): Module {
  for (const name of names)
    Object.defineProperty(module, name, {
      get: () => load('web')[name],
      enumerable: true,
      configurable: true,
    })
  return module
}

function addPath(path: Module): Module {
  path['toNamespacedPath'] ??= (name: unknown) => name
  return path
}

/** The groups of numbers that Node's deprecated `constants` joins. */
function flatConstants(): Module {
  const { errno, signals, priority, dlopen } = load('os')['constants'] as Readonly<Record<string, object>>
  const fs = load('fs')['constants'] as object
  return { ...dlopen, ...errno, ...priority, ...signals, ...fs, ...(load('crypto')['constants'] as object) }
}

function timersPromises(): Module {
  const promisified = (name: string): unknown =>
    (global(name) as unknown as Readonly<Record<symbol, unknown>>)[Symbol.for('nodejs.util.promisify.custom')]
  const wait = promisified('setTimeout') as (
    delayMs: unknown,
    value: unknown,
    options: unknown,
  ) => Promise<unknown>
  return {
    setTimeout: wait,
    setImmediate: promisified('setImmediate'),
    async *setInterval(delayMs: unknown, value: unknown, options: unknown) {
      for (;;) yield await wait(delayMs, value, options)
    },
    scheduler: { wait: (delayMs: unknown, options: unknown) => wait(delayMs, undefined, options) },
  }
}
