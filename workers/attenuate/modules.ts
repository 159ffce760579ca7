/**
 * Which module names a plugin may `require`, and what to say about the others. Pure
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

const NEVER = 'never available to plugins'
const NET = 'grant.net.connect'

/** What would open a built-in of Node, by its name without `node:` and without what follows a slash. */
const GRANTS: Readonly<Record<string, string>> = {
  dgram: NET,
  ...Object.fromEntries(
    words(
      'vm v8 inspector module worker_threads child_process cluster repl domain',
      'trace_events wasi sea test readline sqlite',
    ).map((name) => [name, NEVER]),
  ),
}

/** `node:fs/promises` is `fs/promises`. */
export function moduleName(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice(5) : specifier
}

/** The grant that would open a module, in words for an error; '' when nothing is known about it. */
export function grantForModule(name: string): string {
  const [root = ''] = moduleName(name).split('/')
  return Object.hasOwn(GRANTS, root) ? (GRANTS[root] ?? '') : ''
}

/** The error of a `require` that is refused: `code` 'ERR_MODULE_DENIED', `module` the name. */
export function moduleDenied(specifier: string, grant: string): Error {
  const remedy =
    grant === ''
      ? 'it is not part of the plugin bundle and not a built-in that plugins have: add the package to the plugin, or do without it'
      : grant === NEVER
        ? `it is ${grant}`
        : `it needs ${grant} in the plugin's policy.json and the operator's approval`
  const error = refusal('ERR_MODULE_DENIED', `The module '${specifier}' is not available: ${remedy}`)
  return Object.assign(error, { module: specifier })
}
