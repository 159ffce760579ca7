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
}

/** Each holds some 50 KB of native memory until its token is collected. */
const MOST_CONTEXTS = 1000

export function makeContexts({ createSecureContext }: HostTls): Contexts {
  const contexts = new WeakMap<object, SecureContext>()
  /** What each was made of: a server of Node's takes no context. */
  const options = new WeakMap<object, Plain>()
  let alive = 0
  const collected = new FinalizationRegistry<undefined>(() => {
    alive -= 1
  })
  const build = (plain: Plain): SecureContext =>
    hosted(() => createSecureContext(plain as SecureContextOptions))
  const behind = (token: unknown): SecureContext => {
    const context = typeof token === 'object' && token !== null ? contexts.get(token) : undefined
    if (context === undefined) throw wrongType('secureContext', 'of tls.createSecureContext')
    return context
  }
  return {
    behind,
    make(given) {
      if (alive >= MOST_CONTEXTS) {
        throw refusal('ERR_TLS_CONTEXT_LIMIT', `${MOST_CONTEXTS} secure contexts of this plugin are in use`)
      }
      const plain = contextOptions(given)
      const context = build(plain)
      const token = Object.freeze({})
      contexts.set(token, context)
      options.set(token, plain)
      alive += 1
      collected.register(token, undefined)
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
