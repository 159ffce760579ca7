/** What subtle.ts asks of each family of algorithms; bytes in, bytes out. */
import type { Native } from '../../attenuate/native.js'
import type { BufferClass } from '../native-module.js'
import type { Params } from './algorithm.js'
import type { CryptoKeyFacts } from './crypto-key.js'

export type Jwk = Readonly<Record<string, unknown>>
/** `raw`, `pkcs8` and `spki` are bytes. */
export type KeyData = Uint8Array | Jwk
export interface KeyPairFacts {
  readonly publicKey: CryptoKeyFacts
  readonly privateKey: CryptoKeyFacts
}

export interface Kind {
  generateKey?(
    params: Params,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKeyFacts | KeyPairFacts>
  importKey?(
    format: string,
    data: KeyData,
    params: Params,
    extractable: boolean,
    usages: readonly string[],
  ): CryptoKeyFacts
  /** Bytes, or the members of a JWK that are key material and `alg`. */
  exportKey?(format: string, key: CryptoKeyFacts): KeyData
  sign?(params: Params, key: CryptoKeyFacts, data: Uint8Array): Promise<Uint8Array>
  verify?(params: Params, key: CryptoKeyFacts, signature: Uint8Array, data: Uint8Array): Promise<boolean>
  encrypt?(params: Params, key: CryptoKeyFacts, data: Uint8Array): Uint8Array
  decrypt?(params: Params, key: CryptoKeyFacts, data: Uint8Array): Uint8Array
  /** @param bits - `null` for as many as there are */
  deriveBits?(params: Params, key: CryptoKeyFacts, bits: number | null): Promise<Uint8Array>
  /** Bits of a key of this kind that is derived; `null` for as many as there are. */
  keyLength?(params: Params): number | null
}

/** What the families stand on. */
export interface Tools {
  readonly crypto: Native['crypto']
  readonly Buffer: BufferClass
  /** Of a CryptoKey of the plugin. */
  readonly factsOf: (value: unknown, name?: string) => CryptoKeyFacts
}
