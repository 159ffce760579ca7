/** Errors of TLS, made afresh: the words and codes of Node and OpenSSL, and nothing that leads to the host. */
import { fromHost } from '../net/failure.js'
import { hostError } from '../host-error.js'
import type { SystemError } from '../system-errors.js'

/** What says more about the fault. */
const TEXTS = ['library', 'function', 'reason', 'host'] as const

export function tlsFailure(systemError: SystemError, error: unknown): Error {
  const read = (key: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined
  const code = read('code')
  const ofSystem = typeof read('errno') === 'number' || typeof code !== 'string'
  if (ofSystem) return fromHost(systemError, error, { syscall: 'read' })
  const texts = TEXTS.flatMap((key) => {
    const value = read(key)
    return typeof value === 'string' ? [[key, value] as const] : []
  })
  return Object.assign(hostError(error), Object.fromEntries(texts))
}
