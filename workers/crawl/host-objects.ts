/**
 * What of an object says that it is the host's: one that Node's own modules or the start realm hold, an
 * instance of one of their classes, or one that only native code can make. Taken before lockdown, by identity.
 */
import { types } from 'node:util'
import type { HostModules } from '../attenuate/host-modules.js'
import { words } from '../attenuate/words.js'
import type { FindingKind } from '../../lib/protocol/authority.js'
import type { Language } from './language.js'

export interface HostObject {
  readonly kind: FindingKind
  /** `host net.Socket.prototype`. */
  readonly what: string
}

export interface HostObjects {
  /** How many are known. */
  readonly size: number
  /** What of the host `value` is; `undefined` when it is nothing of it. Runs no code of the value. */
  readonly of: (value: object) => HostObject | undefined
}

type Descriptor = PropertyDescriptor | undefined

/** What changes the thread when it is only loaded: `domain` patches promises, and the others warn or load it. */
const NOT_LOADED: ReadonlySet<string> = new Set(['domain', 'repl', 'sys', 'punycode', 'wasi', 'sqlite'])
/**
 * Globals that are made when they are read: storage opens a file, the classes of `fetch` load a library that goes on
 * to compile WebAssembly after that has been closed.
 */
const NOT_READ: ReadonlySet<string | symbol> = new Set(
  words(
    'localStorage sessionStorage Storage',
    'Headers Request Response FormData WebSocket EventSource MessageEvent CloseEvent ErrorEvent',
  ),
)

/** Intrinsics that plugins get a tamed copy of. */
const UNTAMED = ['Error', 'Date', 'RegExp'] as const

/** Call before `lockdownRealm` and `closeBuiltins`. */
export function takeHostObjects(host: HostModules, language: Language): HostObjects {
  const known = new Map<object, HostObject>()
  for (const maker of makersOfCode()) known.set(maker, { kind: 'host-function', what: `host ${maker.name}` })
  for (const name of UNTAMED) known.set(globalThis[name], { kind: 'host-object', what: `untamed ${name}` })
  const queue: [unknown, string][] = []
  const { process } = host
  queue.push([process, 'process'])
  for (const name of host.module.builtinModules) {
    if (name.startsWith('_') || NOT_LOADED.has(name)) continue
    queue.push([builtin(process, name), name])
  }
  queue.push([globalThis, 'globalThis'])
  const read = (key: string): unknown => (NOT_READ.has(key) ? undefined : Reflect.get(globalThis, key))
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!language.names.has(name)) queue.push([attempt(() => read(name)), name])
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [value, path] = next
    if (!isObject(value) || known.has(value) || language.has(value)) continue
    known.set(value, { kind: kindOf(path), what: `host ${path}` })
    queue.push([Object.getPrototypeOf(value), `${path}.[[Prototype]]`])
    if (ArrayBuffer.isView(value)) continue
    for (const key of Reflect.ownKeys(value)) {
      if (value === globalThis && NOT_READ.has(key)) continue // to describe it is to read it
      const own: Descriptor = Object.getOwnPropertyDescriptor(value, key)
      queue.push([own?.value, `${path}.${String(key)}`])
      queue.push([own?.get, `${path}.${String(key)}[get]`], [own?.set, `${path}.${String(key)}[set]`])
    }
  }
  return { size: known.size, of: (value) => lookUp(value, known, language) }
}

function lookUp(
  value: object,
  known: ReadonlyMap<object, HostObject>,
  language: Language,
): HostObject | undefined {
  const itself = known.get(value)
  if (itself !== undefined) return itself
  if (types.isExternal(value)) return { kind: 'native-handle', what: 'a pointer of native code' }
  if (typeof value === 'function' && language.isAlien(value))
    return { kind: 'native-handle', what: `native function ${nameOf(value)}` }
  // A proxy answers for its target here, and its trap would run: what it gives is followed, not trusted.
  if (types.isProxy(value)) return undefined
  for (let at = Object.getPrototypeOf(value) as object | null; at !== null;) {
    const from = known.get(at)
    if (from !== undefined) return { kind: from.kind, what: `instance of ${from.what}` }
    const maker: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value
    if (typeof maker === 'function' && language.isAlien(maker))
      return { kind: 'native-handle', what: `instance of native ${nameOf(maker)}` }
    if (types.isProxy(at)) return undefined
    at = Object.getPrototypeOf(at) as object | null
  }
  return undefined
}

function kindOf(path: string): FindingKind {
  if (/^process($|\.\[\[Prototype\]\]$)/.test(path)) return 'process'
  if (
    /^(module|require)\b|^process\.(binding|_linkedBinding|dlopen|getBuiltinModule|mainModule)\b/.test(path)
  )
    return 'module-loader'
  return /MessagePort|MessageChannel|BroadcastChannel|parentPort/.test(path) ? 'message-port' : 'host-object'
}

function nameOf(value: object): string {
  return String(Object.getOwnPropertyDescriptor(value, 'name')?.value)
}

/** The constructors of functions, and `eval`, of the start realm: what they make sees the host's globals. */
function makersOfCode(): readonly { readonly name: string }[] {
  const constructorOf = (value: object): { readonly name: string } =>
    (Object.getPrototypeOf(value) as { readonly constructor: { readonly name: string } }).constructor
  return [
    constructorOf(function () {}),
    constructorOf(async function () {}),
    constructorOf(function* () {}),
    constructorOf(async function* () {}),
    // oxlint-disable-next-line no-eval -- only named, never called
    eval,
  ]
}

function builtin(process: NodeJS.Process, name: string): unknown {
  return attempt(() => process.getBuiltinModule(name))
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined // closed by a flag, or not in this build of Node
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
