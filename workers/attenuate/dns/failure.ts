/** Errors of names as Node words them, made afresh: `code`, `errno`, `syscall`, `hostname`, and `rule` for a denial. */
import { refusal } from '../refusal.js'

/** What a plugin asked for, in its own words. */
export interface Call {
  /** `getaddrinfo`, `getnameinfo`, `getHostByAddr` or `query` and the type, as Node names them. */
  readonly syscall: string
  readonly hostname: string
}

export function denied(call: Call, errno: number, rule: string): Error {
  return Object.assign(failure('EACCES', call, `permission denied, ${rule}`), { errno, ...call, rule })
}

/** Call only for what a function of Node passed: its properties are read. */
export function fromHost(error: unknown, call: Call): Error {
  const { code, errno } = error as { code?: unknown; errno?: unknown }
  const made = failure(typeof code === 'string' ? code : 'ESERVFAIL', call)
  return Object.assign(made, typeof errno === 'number' ? { errno } : {}, call)
}

function failure(code: string, { syscall, hostname }: Call, note = ''): Error {
  return refusal(code, `${syscall} ${code} ${hostname}${note === '' ? '' : `: ${note}`}`)
}
