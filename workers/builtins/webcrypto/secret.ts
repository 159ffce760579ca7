/** HMAC and the AES family: keys that are bytes. */
import { digestOf, nodeHash, type Params } from './algorithm.js'
import { aesOperations } from './aes.js'
import { checkUsages, secretOf, type CryptoKeyFacts } from './crypto-key.js'
import { domError, operation } from './errors.js'
import { checkJwk, fromBase64Url, toBase64Url } from './jwk.js'
import type { KeyData, Kind, Tools } from './kind.js'

const AES_BITS: readonly unknown[] = [128, 192, 256]
const HMAC_USAGES = ['sign', 'verify']
const CIPHER_USAGES = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']
const MOST_RANDOM_BYTES = 65_536
/** Bits of one block, which a key has by default. */
const BLOCK_BITS: Readonly<Record<string, number>> = {
  'SHA-1': 512,
  'SHA-256': 512,
  'SHA-384': 1024,
  'SHA-512': 1024,
}

export function secretKinds(tools: Tools): Readonly<Record<string, Kind>> {
  const { crypto: native, Buffer } = tools
  const bytesFrom = (
    format: string,
    data: KeyData,
    check: { readonly use: string; alg(bits: number): string },
    extractable: boolean,
    usages: readonly string[],
  ): Uint8Array => {
    if (format === 'raw') return data as Uint8Array
    if (format !== 'jwk')
      throw domError('NotSupportedError', `Unable to import this key using ${format} format`)
    const { k } = data as { readonly k?: unknown }
    const bytes = typeof k === 'string' ? fromBase64Url(Buffer, k) : new Uint8Array()
    checkJwk(data, { kty: 'oct', use: check.use, algs: [check.alg(bytes.length * 8)] }, extractable, usages)
    if (typeof k !== 'string') throw domError('DataError', 'Invalid keyData')
    return bytes
  }
  const exported = (format: string, key: CryptoKeyFacts, alg: string): KeyData => {
    const bytes = secretOf(key)
    if (format === 'raw') return new Uint8Array(bytes)
    if (format !== 'jwk')
      throw domError('NotSupportedError', `Unable to export this key using ${format} format`)
    return { kty: 'oct', k: toBase64Url(Buffer, bytes), alg }
  }
  const made = (
    algorithm: CryptoKeyFacts['algorithm'],
    bytes: Uint8Array,
    extractable: boolean,
    usages: readonly string[],
  ): CryptoKeyFacts => ({
    type: 'secret',
    extractable,
    algorithm,
    usages,
    material: { type: 'secret', bytes },
  })
  const mac = (key: CryptoKeyFacts, data: Uint8Array): Uint8Array => {
    const state = native.hmac(digestOf(key), secretOf(key))
    state.update(data)
    return state.digest()
  }

  const hmac: Kind = {
    async generateKey(params, extractable, usages) {
      checkUsages(usages, HMAC_USAGES, 'an HMAC')
      const length = params.length ?? blockBits(params)
      if (length === 0) throw domError('OperationError', 'Zero-length key is not supported')
      return made(hmacAlgorithm(params, length), random(length), extractable, usages)
    },
    importKey(format, data, params, extractable, usages) {
      checkUsages(usages, HMAC_USAGES, 'an HMAC')
      const alg = (): string => hmacAlg(params.hash)
      const bytes = bytesFrom(format, data, { use: 'sig', alg }, extractable, usages)
      const bits = bytes.length * 8
      if (bits === 0) throw domError('DataError', 'Zero-length key is not supported')
      const length = params.length ?? bits
      if (length > bits || length <= bits - 8) throw domError('DataError', 'Invalid key length')
      return made(hmacAlgorithm(params, length), bytes, extractable, usages)
    },
    exportKey: (format, key) =>
      exported(format, key, hmacAlg((key.algorithm['hash'] as { readonly name: string }).name)),
    sign: async (_params, key, data) => operation(() => mac(key, data)),
    verify: async (_params, key, signature, data) =>
      operation(() => {
        const expected = mac(key, data)
        return expected.length === signature.length && native.timingSafeEqual(expected, signature)
      }),
    keyLength(params) {
      if (params.length === 0) throw domError('OperationError', 'Zero-length key is not supported')
      return params.length ?? blockBits(params)
    },
  }

  const aes = (name: string): Kind => {
    const usual = name === 'AES-KW' ? ['wrapKey', 'unwrapKey'] : CIPHER_USAGES
    const alg = (bits: number): string => `A${bits}${name.slice('AES-'.length)}`
    const lengthIn = (length: number | undefined, error: string): number => {
      if (!AES_BITS.includes(length)) throw domError(error, 'Invalid key length')
      return length as number
    }
    return {
      async generateKey(params, extractable, usages) {
        checkUsages(usages, usual, 'an AES')
        const length = lengthIn(params.length, 'OperationError')
        return made({ name, length }, random(length), extractable, usages)
      },
      importKey(format, data, _params, extractable, usages) {
        checkUsages(usages, usual, 'an AES')
        const bytes = bytesFrom(format, data, { use: 'enc', alg }, extractable, usages)
        const length = lengthIn(bytes.length * 8, 'DataError')
        return made({ name, length }, bytes, extractable, usages)
      },
      exportKey: (format, key) => exported(format, key, alg(key.algorithm['length'] as number)),
      keyLength: (params) => lengthIn(params.length, 'OperationError'),
      ...aesOperations(native, name),
    }
  }
  return {
    HMAC: hmac,
    ...Object.fromEntries(['AES-CBC', 'AES-CTR', 'AES-GCM', 'AES-KW'].map((name) => [name, aes(name)])),
  }
}

function hmacAlgorithm(params: Params, length: number): CryptoKeyFacts['algorithm'] {
  return { name: 'HMAC', length, hash: { name: params.hash } }
}

function hmacAlg(hash: string | undefined): string {
  return `HS${nodeHash(hash ?? '').slice('sha'.length)}`
}

function blockBits(params: Params): number {
  return BLOCK_BITS[params.hash ?? ''] ?? 0
}

function random(bits: number): Uint8Array {
  const length = Math.ceil(bits / 8)
  if (length > MOST_RANDOM_BYTES)
    throw domError('OperationError', `A key has at most ${MOST_RANDOM_BYTES} bytes`)
  return crypto.getRandomValues(new Uint8Array(length))
}
