/**
 * Locks the realm of a plugin thread down: after `lockdownRealm` every intrinsic
 * (Object, Promise, Map ...) is frozen and no function leads to a constructor that
 * makes code of this realm. Knows how to read the true stack of an error too, which
 * plugin code cannot. The compartment is made in compartment.ts; taking Node's own
 * powers away is close-builtins.ts.
 */
import 'ses'
import { types } from 'node:util'
import { installFastRegExp } from './fast-regexp.js'

/** Freezes a value and everything reachable from it, prototypes included; gives it back. */
export type Harden = <T>(value: T) => T

/** Longest stack text `stackOf` gives, in characters. */
export const MAX_STACK_CHARS = 16_384

const { getOwnPropertyDescriptor } = Object
const { apply } = Reflect
const { isNativeError } = types
let getStackString: ((error: object) => string) | undefined

/**
 * Call once, before any plugin byte and after the thread's own libraries are loaded.
 *
 * - `overrideTaming: 'severe'`: programs that assign over an inherited name work; with less, popular packages break.
 * - `errorTaming` stays 'safe': a stack would tell a plugin the host's paths.
 * - `localeTaming: 'unsafe'`: the safe one silently makes `localeCompare` and `toLocaleLowerCase('tr')` wrong,
 *   which a search plugin depends on; it hides the locale, which is no secret here.
 * - traps 'none': what an uncaught error means is decided in workers/plugin.ts, in one place.
 * - `consoleTaming: 'unsafe'`: the realm's console is for trusted code only; plugins get their own.
 * - `stackFiltering: 'verbose'`: the host maps frames back to sources and wants them as they are.
 */
export function lockdownRealm(): { readonly harden: Harden } {
  repairIntrinsics({
    overrideTaming: 'severe',
    errorTaming: 'safe',
    localeTaming: 'unsafe',
    consoleTaming: 'unsafe',
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
    stackFiltering: 'verbose',
    reporting: 'none',
  })
  installFastRegExp()
  hardenIntrinsics()
  hardenNewErrors()
  getStackString = (globalThis as { getStackString?: (error: object) => string }).getStackString
  return { harden }
}

/** `SuppressedError` (Node 24 on) is younger than SES's list: left alone it is a shared object that a plugin could change. */
function hardenNewErrors(): void {
  const young = (globalThis as { SuppressedError?: object }).SuppressedError
  if (young === undefined) return
  // Its parent is the start realm's own Error; plugins know the tamed one.
  Object.setPrototypeOf(young, Error.prototype.constructor)
  harden(young)
}

// Where V8 keeps `stack` behind an accessor, every error has this one getter (Node 22 and newer).
const stackGetter = getOwnPropertyDescriptor(new Error('probe'), 'stack')?.get

/**
 * The stack of an error as trusted code may see it: frames with file names, one a
 * line, without the message. Empty for anything that is no genuine error. Runs no
 * plugin code: a proxy is no genuine error, and an own `stack` getter is not called.
 */
export function stackOf(error: unknown): string {
  if (getStackString === undefined || !isNativeError(error)) return ''
  const own = getOwnPropertyDescriptor(error, 'stack')
  if (own === undefined) return ''
  if (own.get !== undefined && own.get !== stackGetter) return ''
  const frames = apply(getStackString, undefined, [error])
  return frames.slice(0, MAX_STACK_CHARS)
}
