/**
 * Errors of Node's own code as a plugin may get them: made afresh, with the class,
 * code, errno and message that Node's documentation promises and nothing else. A
 * stack or an own property of the original would name files of the host.
 */
import { refusal } from './refusal.js'

const KINDS: Readonly<Record<string, new (message: string) => Error>> = { RangeError, TypeError }

/** Call only for what a function of Node threw or passed: its properties are read. */
export function hostError(error: unknown): Error {
  const {
    name = '',
    code,
    errno,
    message = '',
  } = error as { name?: unknown; code?: unknown; errno?: unknown; message?: unknown }
  const Kind = KINDS[String(name)] ?? Error
  const made = typeof code === 'string' ? refusal(code, String(message), Kind) : new Kind(String(message))
  if (typeof errno === 'number') {
    Object.defineProperty(made, 'errno', {
      value: errno,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return made
}

/** What `work` gives; what it throws, made afresh. `work` must run no code of a plugin. */
export function hosted<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw hostError(error)
  }
}
