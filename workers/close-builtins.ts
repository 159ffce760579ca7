/**
 * Takes from the realm what trusted code no longer needs once it has captured its
 * powers, so that even the raw `process` object in plugin hands does little. This is
 * the seam between the language wall and the runtime wall: it runs after lockdown
 * and before the first plugin byte. Whether the walls hold is self-check.ts.
 */
import type { HostModules } from './attenuate/host-modules.js'
import { refusal } from './attenuate/refusal.js'
import { words } from './attenuate/words.js'

/** Functions of `process` that Node itself or trusted code goes on using, and that reach nothing outside the thread. */
const KEPT_PROCESS: ReadonlySet<string> = new Set(
  words(
    'nextTick _tickCallback _fatalException emitWarning assert constructor',
    'hasUncaughtExceptionCaptureCallback hrtime uptime cwd ref unref',
    'cpuUsage threadCpuUsage resourceUsage memoryUsage constrainedMemory availableMemory',
  ),
)

/**
 * What Node itself calls to end a thread after an error nobody caught; a stub there would end the process
 * instead. In a thread they end that thread and no more.
 */
const ENDING: ReadonlySet<string> = new Set(['exit', 'reallyExit'])

/** Accessors and data of `process` that hand out modules, files or other code's objects. */
const CLOSED_PROCESS_DATA: readonly string[] = ['mainModule', 'report', 'moduleLoadList', 'finalization']

/** Globals that open a way out, or that bring a wrapper of their own into the realm (WebAssembly: JSPI promises). */
const CLOSED_GLOBALS: readonly string[] = words(
  'require module exports __filename __dirname',
  'fetch WebSocket EventSource BroadcastChannel MessageChannel Headers Request Response FormData',
  'navigator Navigator WebAssembly localStorage sessionStorage Storage',
)

/** Functions of `os` that change the process or other processes. */
const CLOSED_OS: readonly string[] = [
  'setPriority',
  'getPriority',
  'userInfo',
  'homedir',
  'networkInterfaces',
]

/** Built-in modules whose every function is closed: loading code, other threads, other processes, the inspector. */
const CLOSED_MODULES = ['module', 'childProcess', 'workerThreads', 'inspector', 'vm'] as const

/** What of those modules Node goes on using, or a parent thread's own port needs. */
const KEPT_MODULE_PARTS: ReadonlySet<string> = new Set(
  words('MessagePort Module SourceMap wrap findSourceMap getSourceMapsSupport'),
)

/**
 * Closes everything above. A closed function is replaced by one that throws
 * `ERR_ACCESS_DENIED`; a closed value becomes `undefined`.
 * @returns the names of what was closed, as `process.kill` or `os.setPriority`
 */
export function closeBuiltins(host: HostModules): readonly string[] {
  const closed: string[] = []
  const close = (owner: object, label: string, name: string): void => {
    const own = Object.getOwnPropertyDescriptor(owner, name)
    if (own === undefined || own.configurable === false) {
      if (own?.writable !== true) return
    }
    const value = typeof own?.value === 'function' ? stub(`${label}.${name}`) : undefined
    Object.defineProperty(owner, name, {
      value,
      writable: false,
      configurable: false,
      enumerable: own?.enumerable ?? false,
    })
    closed.push(`${label}.${name}`)
  }

  // Every function but the kept ones, so that what a newer Node adds is closed too.
  for (const name of Object.getOwnPropertyNames(host.process)) {
    const own = Object.getOwnPropertyDescriptor(host.process, name)
    if (typeof own?.value !== 'function' || KEPT_PROCESS.has(name)) continue
    if (ENDING.has(name)) closed.push(closeEnding(host.process, name, own.value as EndThread))
    else close(host.process, 'process', name)
  }
  for (const name of CLOSED_PROCESS_DATA) close(host.process, 'process', name)
  for (const name of CLOSED_OS) close(host.os, 'os', name)
  for (const key of CLOSED_MODULES) {
    const module = host[key]
    if (module === undefined) continue
    for (const name of Object.getOwnPropertyNames(module)) {
      const own = Object.getOwnPropertyDescriptor(module, name)
      if (typeof own?.value === 'function' && !KEPT_MODULE_PARTS.has(name)) close(module, key, name)
    }
  }
  closeLoader(host, close)
  for (const name of CLOSED_GLOBALS) {
    if (Reflect.has(globalThis, name) && Reflect.deleteProperty(globalThis, name))
      closed.push(`globalThis.${name}`)
  }
  return Object.freeze(closed)
}

type EndThread = (...codes: readonly number[]) => void

/** `name` works on for Node's own end of the thread, which sets `_exiting` first, and throws for everyone else. */
function closeEnding(process: NodeJS.Process, name: string, end: EndThread): string {
  const refuse = stub(`process.${name}`)
  const value = (...codes: readonly number[]): void => {
    if (Reflect.get(process, '_exiting') !== true) refuse()
    Reflect.apply(end, process, codes) // as many as came: one that is `undefined` would reset the exit code
  }
  Object.defineProperty(process, name, { value, writable: false, configurable: false, enumerable: true })
  return `process.${name}`
}

type Close = (owner: object, label: string, name: string) => void

function closeLoader(host: HostModules, close: Close): void {
  const loader: { readonly prototype?: unknown } | undefined = host.module
  if (loader === undefined) return
  const prototype: unknown = loader.prototype
  if (typeof prototype === 'object' && prototype !== null) {
    for (const name of ['require', 'load', '_compile']) close(prototype, 'Module.prototype', name)
  }
  for (const name of ['_cache', '_extensions', '_pathCache']) close(loader, 'module', name)
}

/** A function, not an arrow, so that `new` meets the same refusal as a call. */
function stub(name: string): () => never {
  return function closed() {
    throw refusal('ERR_ACCESS_DENIED', `${name} is closed in a plugin thread`)
  }
}
