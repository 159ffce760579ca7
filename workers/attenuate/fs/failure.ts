/**
 * Errors of files as Node words them, made afresh: a host's error would name real
 * paths and lead to the host's own classes.
 */
import { refusal } from '../refusal.js'
import type { FilePowers } from './file-powers.js'

/** What a plugin asked for, in its own words. */
export interface Call {
  readonly syscall: string
  readonly path?: string
  /** The second path of rename and link. */
  readonly dest?: string
}

/** The plugin's text for an error; what is no string is refused a moment later, unread. */
export function shownPath(path: unknown): string {
  return typeof path === 'string' ? path : ''
}

/** An error with `code`, `errno`, `syscall` and the paths as the plugin wrote them. */
export function failure(powers: FilePowers, code: string, call: Call, note = ''): Error {
  const { errno, text } = powers.systemError(code) ?? { errno: -1, text: 'unknown error' }
  const { syscall, path, dest } = call
  const paths = path === undefined ? '' : ` '${path}'${dest === undefined ? '' : ` -> '${dest}'`}`
  const error = refusal(code, `${code}: ${text}, ${syscall}${paths}${note === '' ? '' : `: ${note}`}`)
  return Object.assign(error, { errno, ...call })
}

/** The code of an error of Node, '' for anything else. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : ''
}

/** Runs a function of the host; what it throws becomes an error for the plugin. */
export function attempt<T>(powers: FilePowers, call: Call, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw fromHost(powers, error, call)
  }
}

export function fromHost(powers: FilePowers, error: unknown, call: Call): Error {
  const code = codeOf(error)
  if (code === 'ERR_ACCESS_DENIED') {
    return withRule(
      failure(powers, 'EACCES', call, 'the permission flags of the thread do not open it'),
      'permission flags',
    )
  }
  return failure(powers, powers.systemError(code) === undefined ? 'EIO' : code, call)
}

/** Puts the rule that decided on the error. */
export function withRule(error: Error, rule: string): Error {
  return Object.assign(error, { rule })
}
