/**
 * DOMException, made afresh. Built only after lockdown: a class that extends `Error`
 * before it would lead a plugin to the realm's untamed Error.
 */
import type { Harden } from '../lockdown.js'
import { textOf } from './text.js'

/** Legacy codes of the WebIDL standard, by name. */
const CODES: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
}

export type PluginDomException = new (message?: unknown, options?: unknown) => Error

const made = new WeakMap<Harden, PluginDomException>()

/** The one class of the realm; every attenuator that throws a DOMException gets it here. */
export function domException(harden: Harden): PluginDomException {
  const known = made.get(harden)
  if (known !== undefined) return known
  // `Error` by name is the start realm's own, with powers over stacks; the tamed one is on the prototype.
  const TamedError = Error.prototype.constructor as ErrorConstructor
  class DOMException extends TamedError {
    constructor(message: unknown = '', options: unknown = 'Error') {
      const text = textOf(message)
      const named = typeof options === 'object' && options !== null
      const given = named ? ('name' in options ? options.name : undefined) : options
      const name = given === undefined ? 'Error' : textOf(given)
      super(text, named && 'cause' in options ? { cause: options.cause } : undefined)
      const hidden = { enumerable: false, configurable: true, writable: false }
      Object.defineProperties(this, {
        name: { value: name, ...hidden },
        code: { value: CODES[name] ?? 0, ...hidden },
      })
    }
  }
  for (const [name, value] of Object.entries(CODES)) {
    const constant = `${name
      .replace(/Error$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
      .toUpperCase()}_ERR`
    Object.defineProperty(DOMException, constant, { value, enumerable: true })
  }
  harden(DOMException)
  made.set(harden, DOMException)
  return DOMException
}
