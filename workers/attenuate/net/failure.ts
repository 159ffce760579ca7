/** Errors of the network as Node words them, made afresh. */
import { refusal } from '../refusal.js'
import type { SystemError } from '../system-errors.js'

/** What was asked for, in plain values; the properties of the error. */
export interface Call {
  readonly syscall: string
  readonly address?: string
  readonly port?: number
  readonly hostname?: string
}

/** What refuses where no rule of the grant does. */
const FLAGS = 'the permission flags of the thread do not open the network'

export function failure(systemError: SystemError, code: string, call: Call, note = ''): Error {
  const { syscall, address, port, hostname } = call
  const { errno, text } = systemError(code) ?? { errno: undefined, text: '' }
  // As Node writes it, without brackets around IPv6.
  const place = address === undefined ? hostname : `${address}:${port ?? ''}`
  const words = syscall === 'listen' && text !== '' ? `${code}: ${text}` : code
  const message = [syscall, words, ...(place === undefined ? [] : [place])].join(' ')
  const error = refusal(code, note === '' ? message : `${message}: ${note}`)
  return Object.assign(error, errno === undefined ? {} : { errno }, call)
}

/** An error of Node's: only its code, its number and its syscall are read. */
export function fromHost(systemError: SystemError, error: unknown, call: Call): Error {
  const read = (key: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined
  const [code, errno, syscall] = [read('code'), read('errno'), read('syscall')]
  if (code === 'ERR_ACCESS_DENIED') return denied(systemError, call, FLAGS)
  const made = failure(systemError, typeof code === 'string' ? code : 'EIO', {
    ...call,
    ...(typeof syscall === 'string' ? { syscall } : {}),
  })
  return typeof errno === 'number' ? Object.assign(made, { errno }) : made
}

/** `EACCES` with the rule that decided. */
export function denied(systemError: SystemError, call: Call, rule: string): Error {
  return Object.assign(failure(systemError, 'EACCES', call, rule), { rule })
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function endpointText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
