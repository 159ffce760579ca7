/**
 * Secure contexts behind tokens: Node's own is a native handle and stays here. A token
 * is an empty frozen object that says nothing and opens nothing but a use of its context.
 */
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { wrongType } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostTls } from './host.js'
import { contextOptions, objectIn, type Plain } from './options.js'

export interface Contexts {
  /** Makes a context; @throws Error what Node says about keys and certificates */
  make(given: unknown): object
  /** The one behind a token. @throws TypeError for anything else */
  behind(token: unknown): SecureContext
  /** The one that `given.context` names, or one made of the options. */
  of(given: unknown): SecureContext
  /** The options of the one that `given.context` names, or those that are given. */
  optionsOf(given: unknown): Plain
  /**
   * What `build` makes of the options, counted until it is collected.
   * @param handleOf - the native handle: whatever uses a context keeps that
   * @throws Error `ERR_TLS_CONTEXT_LIMIT`; what Node says about keys and certificates
   */
  counted<T>(plain: Plain, build: () => T, handleOf: (built: T) => object): T
}

/** Native memory, outside of every heap: of a context alone, and for each character or byte that it is made of. */
const CONTEXT_BYTES = 51_200
const BYTES_OF_ONE = 10
/** As much as 1000 contexts hold. */
const MOST_BYTES = 1000 * CONTEXT_BYTES

export function makeContexts({ createSecureContext }: HostTls): Contexts {
  const contexts = new WeakMap<object, SecureContext>()
  /** What each was made of: a server of Node's takes no context. */
  const options = new WeakMap<object, Plain>()
  let heldBytes = 0
  const collected = new FinalizationRegistry<number>((bytes) => {
    heldBytes -= bytes
  })
  const build = (plain: Plain): SecureContext =>
    hosted(() => createSecureContext(plain as SecureContextOptions))
  const behind = (token: unknown): SecureContext => {
    const context = typeof token === 'object' && token !== null ? contexts.get(token) : undefined
    if (context === undefined) throw wrongType('secureContext', 'of tls.createSecureContext')
    return context
  }
  const counted: Contexts['counted'] = (plain, make, handleOf) => {
    const bytes = CONTEXT_BYTES + BYTES_OF_ONE * lengthOf(plain)
    if (heldBytes + bytes > MOST_BYTES) {
      const message = `secure contexts of this plugin hold ${heldBytes} bytes, at most ${MOST_BYTES} may be held`
      throw refusal('ERR_TLS_CONTEXT_LIMIT', message)
    }
    const built = hosted(make)
    heldBytes += bytes
    collected.register(handleOf(built), bytes)
    return built
  }
  return {
    behind,
    counted,
    make(given) {
      const plain = contextOptions(given)
      const context = counted(
        plain,
        () => createSecureContext(plain as SecureContextOptions),
        (made) => made.context as object,
      )
      const token = Object.freeze({})
      contexts.set(token, context)
      options.set(token, plain)
      return token
    },
    of(given) {
      const { context } = objectIn(given)
      return context === undefined ? build(contextOptions(given)) : behind(context)
    },
    optionsOf(given) {
      const { context } = objectIn(given)
      if (context === undefined) return contextOptions(given)
      behind(context)
      return options.get(context as object) ?? {}
    },
  }
}

/** Of all texts and bytes together, those within lists and `{ pem }` included. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, item) => sum + lengthOf(item), 0)
}
