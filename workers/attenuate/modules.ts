/**
 * Which module names a plugin may `require`, and what to say about the others. No name
 * needs a grant: what a module of files or of the network does is decided call by call. Pure
 * data; compartment.ts and lazy-globals.ts act on it.
 */
import { refusal } from './refusal.js'
import { words } from './words.js'

/** Built-ins that are the plugin's own copies, evaluated in its compartment (workers/builtins). */
export const OWN_MODULES: ReadonlySet<string> = new Set(
  words(
    'assert assert/strict buffer events fs fs/promises path path/posix path/win32 querystring stream',
    'stream/consumers stream/promises stream/web string_decoder timers timers/promises url util util/types',
    'console constants perf_hooks process punycode os zlib crypto net http https tls',
    'async_hooks diagnostics_channel http2 tty',
    'dns dns/promises',
  ),
)

/** Globals of the second script of built-ins (workers/builtins/web), which runs when one is read. */
export const WEB_GLOBALS: readonly string[] = words(
  'Blob File FormData Headers Request Response fetch',
  'ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest',
  'ReadableByteStreamController ReadableStreamDefaultController',
  'WritableStream WritableStreamDefaultWriter WritableStreamDefaultController',
  'TransformStream TransformStreamDefaultController ByteLengthQueuingStrategy CountQueuingStrategy',
  'TextEncoderStream TextDecoderStream CompressionStream DecompressionStream',
)

/** Built-ins of Node that no grant opens, by the name without what follows a slash. */
const NEVER: ReadonlySet<string> = new Set(
  words(
    'vm v8 inspector module worker_threads child_process cluster repl domain dgram',
    'trace_events wasi sea test readline sqlite',
  ),
)

/** `node:fs/promises` is `fs/promises`. */
export function moduleName(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice(5) : specifier
}

/** The error of a `require` that is refused: `code` 'ERR_MODULE_DENIED', `module` the name. */
export function moduleDenied(specifier: string): Error {
  const [root = ''] = moduleName(specifier).split('/')
  const reason = NEVER.has(root)
    ? 'it is never available to plugins'
    : 'it is not part of the plugin bundle and not a built-in that plugins have: add the package to the plugin, or do without it'
  const error = refusal('ERR_MODULE_DENIED', `The module '${specifier}' is not available: ${reason}`)
  return Object.assign(error, { module: specifier })
}
