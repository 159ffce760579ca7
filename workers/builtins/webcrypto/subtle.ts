/**
 * SubtleCrypto of the plugin's own: the checks of the standard here, the work in the
 * functions of attenuate/crypto, as for `crypto`. No object of Node's Web Crypto is behind it.
 */
import { knows, nodeHash, normalize } from './algorithm.js'
import { usagesIn, type CryptoKeyFacts, type CryptoKeys } from './crypto-key.js'
import { domError, operation } from './errors.js'
import { jwkIn } from './jwk.js'
import type { KeyData, Kind, KeyPairFacts, Tools } from './kind.js'
import { bytesIn, integerIn } from './values.js'

type Imported = (
  format: unknown,
  data: unknown,
  algorithm: unknown,
  extractable: unknown,
  usages: unknown,
) => object
type Method = (...values: readonly unknown[]) => Promise<unknown>
const FORMATS: readonly unknown[] = ['raw', 'pkcs8', 'spki', 'jwk']

export function makeSubtle(
  tools: Tools,
  cryptoKeys: CryptoKeys,
  kinds: Readonly<Record<string, Kind>>,
): { readonly SubtleCrypto: unknown; readonly subtle: object; readonly imported: Imported } {
  const { factsOf, make } = cryptoKeys
  const { hash } = tools.crypto

  /** The family of a key and what the operation needs of it. @throws DOMException `InvalidAccessError` */
  const used = (key: CryptoKeyFacts, name: string, usage: string): Kind => {
    if (key.algorithm.name !== name) throw domError('InvalidAccessError', 'Key algorithm mismatch')
    if (!key.usages.includes(usage))
      throw domError('InvalidAccessError', `Unable to use this key to ${usage}`)
    return kinds[name] ?? {}
  }
  const typed = (key: CryptoKeyFacts, type: string): void => {
    if (key.type !== 'secret' && key.type !== type)
      throw domError('InvalidAccessError', `The requested operation takes a ${type} key`)
  }
  const exported = (format: unknown, key: CryptoKeyFacts): KeyData => {
    const kind = kinds[key.algorithm.name]
    if (kind?.exportKey === undefined)
      throw domError('NotSupportedError', 'Keys of this algorithm are not exported')
    if (!key.extractable) throw domError('InvalidAccessError', 'key is not extractable')
    const data = kind.exportKey(formatIn(format), key)
    return data instanceof Uint8Array ? data : { ...data, key_ops: [...key.usages], ext: key.extractable }
  }
  const imported: Imported = (format, data, algorithm, extractable, keyUsages) => {
    const form = formatIn(format)
    const plain = form === 'jwk' ? jwkIn(data) : bytesIn(data, 'keyData')
    const params = normalize('importKey', algorithm)
    const usages = usagesIn(keyUsages)
    const key = kinds[params.name]?.importKey?.(form, plain, params, Boolean(extractable), usages)
    if (key === undefined) throw domError('NotSupportedError', 'Unrecognized algorithm name')
    if (key.type !== 'public' && usages.length === 0)
      throw domError('SyntaxError', `Usages cannot be empty when importing a ${key.type} key.`)
    return make(key)
  }
  const derived = async (
    algorithm: unknown,
    baseKey: unknown,
    usage: string,
    bits: number | null,
  ): Promise<Uint8Array> => {
    const params = normalize('deriveBits', algorithm)
    const key = factsOf(baseKey, 'baseKey')
    return (await used(key, params.name, usage).deriveBits?.(params, key, bits)) ?? new Uint8Array()
  }

  class SubtleCrypto {
    constructor() {
      if (built)
        throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
    }
    async digest(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, data] = given(values, 2)
      const { name } = normalize('digest', algorithm)
      const state = hash(nodeHash(name), undefined)
      state.update(bytesIn(data, 'data'))
      return operation(() => state.digest()).buffer
    }
    async generateKey(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, extractable, keyUsages] = given(values, 3)
      const params = normalize('generateKey', algorithm)
      const usages = usagesIn(keyUsages)
      const made = (await kinds[params.name]?.generateKey?.(params, Boolean(extractable), usages)) as
        CryptoKeyFacts | KeyPairFacts
      const needed = 'privateKey' in made ? made.privateKey : made
      if (needed.usages.length === 0)
        throw domError('SyntaxError', 'Usages cannot be empty when creating a key.')
      return 'privateKey' in made
        ? { publicKey: make(made.publicKey), privateKey: make(made.privateKey) }
        : make(made)
    }
    async importKey(...values: readonly unknown[]): Promise<unknown> {
      const [format, data, algorithm, extractable, usages] = given(values, 5)
      return imported(format, data, algorithm, extractable, usages)
    }
    async exportKey(...values: readonly unknown[]): Promise<unknown> {
      const [format, key] = given(values, 2)
      const data = exported(format, factsOf(key))
      return data instanceof Uint8Array ? data.buffer : data
    }
    async sign(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, cryptoKey, data] = given(values, 3)
      const params = normalize('sign', algorithm)
      const key = factsOf(cryptoKey)
      const bytes = bytesIn(data, 'data')
      const { sign } = used(key, params.name, 'sign')
      typed(key, 'private')
      return (await sign?.(params, key, bytes))?.buffer
    }
    async verify(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, cryptoKey, signature, data] = given(values, 4)
      const params = normalize('verify', algorithm)
      const key = factsOf(cryptoKey)
      const [signed, bytes] = [bytesIn(signature, 'signature'), bytesIn(data, 'data')]
      const { verify } = used(key, params.name, 'verify')
      typed(key, 'public')
      return verify?.(params, key, signed, bytes)
    }
    async encrypt(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, cryptoKey, data] = given(values, 3)
      const params = normalize('encrypt', algorithm)
      const key = factsOf(cryptoKey)
      const bytes = bytesIn(data, 'data')
      return used(key, params.name, 'encrypt').encrypt?.(params, key, bytes).buffer
    }
    async decrypt(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, cryptoKey, data] = given(values, 3)
      const params = normalize('decrypt', algorithm)
      const key = factsOf(cryptoKey)
      const bytes = bytesIn(data, 'data')
      return used(key, params.name, 'decrypt').decrypt?.(params, key, bytes).buffer
    }
    async deriveBits(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, baseKey, length] = given(values, 2)
      const bits = length === null || length === undefined ? null : integerIn(length, 'length', 0xffff_ffff)
      return (await derived(algorithm, baseKey, 'deriveBits', bits)).buffer
    }
    async deriveKey(...values: readonly unknown[]): Promise<unknown> {
      const [algorithm, baseKey, derivedType, extractable, usages] = given(values, 5)
      const { name, ...rest } = normalize('get key length', derivedType)
      const asImport = normalize('importKey', derivedType)
      const bits = kinds[name]?.keyLength?.({ name, ...rest }) ?? null
      const bytes = await derived(algorithm, baseKey, 'deriveKey', bits)
      return imported('raw', bytes, { ...rest, ...asImport }, extractable, usages)
    }
    async wrapKey(...values: readonly unknown[]): Promise<unknown> {
      const [format, cryptoKey, wrappingKey, algorithm] = given(values, 4)
      const [params, operationName] = wrapping('wrapKey', 'encrypt', algorithm)
      const key = factsOf(cryptoKey)
      const wrapper = factsOf(wrappingKey, 'wrappingKey')
      const kind = used(wrapper, params.name, 'wrapKey')
      const data = exported(format, key)
      const bytes = data instanceof Uint8Array ? data : new TextEncoder().encode(JSON.stringify(data))
      const padded = operationName === 'wrapKey' && format === 'jwk' ? spaced(bytes) : bytes
      return kind.encrypt?.(params, wrapper, padded).buffer
    }
    async unwrapKey(...values: readonly unknown[]): Promise<unknown> {
      const [format, wrapped, unwrappingKey, algorithm, keyAlgorithm, extractable, usages] = given(values, 7)
      const [params] = wrapping('unwrapKey', 'decrypt', algorithm)
      const bytes = bytesIn(wrapped, 'wrappedKey')
      const wrapper = factsOf(unwrappingKey, 'unwrappingKey')
      const data = used(wrapper, params.name, 'unwrapKey').decrypt?.(params, wrapper, bytes)
      const plain =
        format === 'jwk'
          ? operation(
              (): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)),
              'DataError',
            )
          : data
      return imported(format, plain, keyAlgorithm, extractable, usages)
    }
    get [Symbol.toStringTag](): string {
      return 'SubtleCrypto'
    }
  }
  let built = false
  const subtle = new SubtleCrypto()
  built = true
  for (const name of Object.getOwnPropertyNames(SubtleCrypto.prototype)) {
    const method = Reflect.get(SubtleCrypto.prototype, name) as Method
    if (name === 'constructor') continue
    // Called on anything else it would work too, but a program could tell.
    const guarded = {
      async [name](this: unknown, ...values: readonly unknown[]): Promise<unknown> {
        if (!(this instanceof SubtleCrypto))
          throw Object.assign(new TypeError('Value of "this" must be of type SubtleCrypto'), {
            code: 'ERR_INVALID_THIS',
          })
        return Reflect.apply(method, this, values)
      },
    }[name]
    Object.defineProperty(SubtleCrypto.prototype, name, {
      value: guarded,
      writable: true,
      configurable: true,
      enumerable: true,
    })
  }
  return { SubtleCrypto, subtle, imported }
}

/** An algorithm without an operation for keys wraps them as data. */
function wrapping(own: 'wrapKey' | 'unwrapKey', general: 'encrypt' | 'decrypt', algorithm: unknown) {
  const { name } = (
    typeof algorithm === 'object' && algorithm !== null ? algorithm : { name: algorithm }
  ) as { readonly name?: unknown }
  const used = String(name).toUpperCase() === 'AES-KW' && knows('AES-KW', own) ? own : general
  return [normalize(used, algorithm), used] as const
}

/** A JWK text in whole pieces of 8 bytes, as AES-KW takes them: blanks at the end mean nothing in JSON. */
function spaced(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20)
  whole.set(bytes)
  return whole
}

function formatIn(format: unknown): string {
  const text = String(format)
  if (FORMATS.includes(text)) return text
  throw Object.assign(new TypeError(`'${text}' is no format of a key`), { code: 'ERR_INVALID_ARG_VALUE' })
}

function given(values: readonly unknown[], count: number): readonly unknown[] {
  if (values.length >= count) return values
  const message = `${count} arguments required, but only ${values.length} present.`
  throw Object.assign(new TypeError(message), { code: 'ERR_MISSING_ARGS' })
}
