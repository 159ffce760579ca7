/** What `util` of Node has and the userland copy lacks, where it is cheap. */
import type { Native } from '../attenuate/native.js'
import type { Module } from './module.js'
import { systemErrors } from './system-errors.js'
import { utilText } from './util-text.js'

type Inspect = ((value: unknown, options?: unknown) => string) & {
  custom?: symbol
  readonly colors: Readonly<Record<string, readonly [number, number]>>
}

/** @param keys - what only the plugin's own `crypto` knows of a value */
export function addUtil(
  util: Module,
  comparisons: Module,
  native: Native,
  keys: Readonly<Record<'isKeyObject' | 'isCryptoKey', (value: unknown) => boolean>>,
): Module {
  Object.assign(util['types'] as Module, keys)
  const inspect = util['inspect'] as Inspect
  inspect.custom ??= Symbol.for('nodejs.util.inspect.custom')
  util['promisify'] = makePromisify(util['promisify'] as Promisify)
  util['isDeepStrictEqual'] ??= comparisons['isDeepStrictEqual']
  util['TextEncoder'] ??= TextEncoder
  util['TextDecoder'] ??= TextDecoder
  util['formatWithOptions'] ??= (_options: unknown, ...args: readonly unknown[]) =>
    (util['format'] as (...args: readonly unknown[]) => string)(...args)
  util['stripVTControlCharacters'] ??= stripControl
  util['debug'] ??= util['debuglog']
  for (const [name, value] of Object.entries({
    ...systemErrors(native),
    ...utilText(inspect.colors),
    aborted,
  })) {
    util[name] ??= value
  }
  return util
}

type Promisify = ((original: unknown) => unknown) & { custom?: symbol }

/** The userland copy has a symbol of its own where Node's functions carry the registered one. */
function makePromisify(userland: Promisify): Promisify {
  const custom = Symbol.for('nodejs.util.promisify.custom')
  const promisify: Promisify = (original) => {
    const own: unknown =
      typeof original === 'function'
        ? (original as unknown as Readonly<Record<symbol, unknown>>)[custom]
        : undefined
    return typeof own === 'function' ? own : userland(original)
  }
  promisify.custom = custom
  return promisify
}

/** ANSI escape sequences: ESC or CSI, parameters, one final character. */
const START = `[${String.fromCharCode(0x1b, 0x9b)}]`
const CONTROL = new RegExp(`${START}[[\\]()#;?]*(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-nq-uy=><~]`, 'g')

function stripControl(text: unknown): string {
  return String(text).replace(CONTROL, '')
}

interface AbortLike {
  readonly aborted: boolean
  addEventListener(type: string, listener: () => void, options: { readonly once: true }): void
}

/** Resolves when the signal is aborted; `resource` is only held weakly by Node, and here not at all. */
async function aborted(signal: AbortLike, resource: unknown): Promise<void> {
  if (typeof signal?.addEventListener !== 'function' || typeof resource !== 'object' || resource === null) {
    const message = 'The "signal" argument must be an AbortSignal and "resource" an object'
    throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
