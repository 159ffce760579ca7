/** `SecureContext`: a token for the real one, which is native and stays with trusted code. */
import { wrongType } from '../net/errors.js'
import { power } from './power.js'

export class SecureContext {
  readonly #token: object

  constructor(options: unknown = {}) {
    this.#token = power.context(options)
  }

  /** @throws TypeError for anything that this class did not make */
  static tokenOf(context: unknown): object {
    if (typeof context === 'object' && context !== null && #token in context) return context.#token
    throw wrongType('secureContext', 'of tls.createSecureContext')
  }
}

export function createSecureContext(options?: unknown): SecureContext {
  return new SecureContext(options)
}
