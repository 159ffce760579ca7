/** CryptoKey: what a key is for, around the bytes that key-object.ts holds. */
import type { Material } from '../crypto/key-object.js'
import { domError } from './errors.js'
import { typeError } from './values.js'

export interface CryptoKeyFacts {
  readonly type: Material['type']
  readonly extractable: boolean
  readonly algorithm: Readonly<Record<string, unknown>> & { readonly name: string }
  readonly usages: readonly string[]
  readonly material: Material
}
export interface CryptoKeys {
  readonly CryptoKey: unknown
  /** @throws TypeError for anything but a CryptoKey */
  factsOf(value: unknown, name?: string): CryptoKeyFacts
  isCryptoKey(value: unknown): boolean
  make(facts: CryptoKeyFacts): object
}

const USAGES: readonly string[] = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
]

export function makeCryptoKeys(hold: (holder: object, material: Material) => void): CryptoKeys {
  let made: CryptoKeyFacts | undefined
  class CryptoKey {
    readonly #facts: CryptoKeyFacts
    constructor() {
      if (made === undefined)
        throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
      this.#facts = made
      made = undefined
    }
    static factsOf(value: unknown): CryptoKeyFacts | undefined {
      return typeof value === 'object' && value !== null && #facts in value ? value.#facts : undefined
    }
    get type(): string {
      return this.#facts.type
    }
    get extractable(): boolean {
      return this.#facts.extractable
    }
    get algorithm(): object {
      return this.#facts.algorithm
    }
    get usages(): readonly string[] {
      return this.#facts.usages
    }
    get [Symbol.toStringTag](): string {
      return 'CryptoKey'
    }
  }
  const { factsOf } = CryptoKey
  Reflect.deleteProperty(CryptoKey, 'factsOf')
  return {
    CryptoKey,
    factsOf(value, name = 'key') {
      const facts = factsOf(value)
      if (facts === undefined) throw typeError(name, 'of type CryptoKey')
      return facts
    },
    isCryptoKey: (value) => factsOf(value) !== undefined,
    make(facts) {
      made = facts
      const key = new CryptoKey()
      hold(key, facts.material)
      return key
    },
  }
}

/** The usages given, each once and in the order of the standard. @throws TypeError for a word that is none */
export function usagesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) throw typeError('keyUsages', 'a list of usages')
  const given = new Set(Array.from(value as Iterable<unknown>, String))
  for (const usage of given) {
    if (!USAGES.includes(usage))
      throw Object.assign(new TypeError(`'${usage}' is no usage of a key`), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  return USAGES.filter((usage) => given.has(usage))
}

/** @throws DOMException `SyntaxError` when a usage is not among `allowed` */
export function checkUsages(usages: readonly string[], allowed: readonly string[], what: string): void {
  if (usages.some((usage) => !allowed.includes(usage)))
    throw domError('SyntaxError', `Unsupported key usage for ${what} key`)
}

export function only(usages: readonly string[], allowed: readonly string[]): readonly string[] {
  return usages.filter((usage) => allowed.includes(usage))
}

/** The bytes of a secret key. */
export function secretOf(key: CryptoKeyFacts): Uint8Array {
  return (key.material as { readonly bytes: Uint8Array }).bytes
}
