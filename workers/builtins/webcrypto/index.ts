/** Web Crypto beside the randomness of the global `crypto`: SubtleCrypto and CryptoKey. */
import type { Native } from '../../attenuate/native.js'
import type { Material } from '../crypto/key-object.js'
import type { BufferClass } from '../native-module.js'
import { makeCryptoKeys } from './crypto-key.js'
import { deriveKinds } from './derive.js'
import { ecKinds } from './ec.js'
import type { Kind, Tools } from './kind.js'
import { okpKinds } from './okp.js'
import { rsaKinds } from './rsa.js'
import { secretKinds } from './secret.js'
import { makeSubtle } from './subtle.js'

export interface WebCrypto {
  readonly subtle: object
  readonly SubtleCrypto: unknown
  readonly CryptoKey: unknown
  isCryptoKey(value: unknown): boolean
  /** `KeyObject.prototype.toCryptoKey`: one reading of the key for an algorithm. */
  toCryptoKey(material: Material, algorithm: unknown, extractable: unknown, usages: unknown): object
}

/** @param hold - lets a CryptoKey stand for its key where Node takes one */
export function makeWebCrypto(
  { crypto }: Native,
  Buffer: BufferClass,
  hold: (holder: object, material: Material) => void,
): WebCrypto {
  const cryptoKeys = makeCryptoKeys(hold)
  const tools: Tools = { crypto, Buffer, factsOf: cryptoKeys.factsOf }
  const kinds: Readonly<Record<string, Kind>> = {
    ...secretKinds(tools),
    ...deriveKinds(tools),
    ...ecKinds(tools),
    ...okpKinds(tools),
    ...rsaKinds(tools),
  }
  const made = makeSubtle(tools, cryptoKeys, kinds)
  return {
    ...made,
    CryptoKey: cryptoKeys.CryptoKey,
    isCryptoKey: cryptoKeys.isCryptoKey,
    toCryptoKey: (material, ...rest) =>
      material.type === 'secret'
        ? made.imported('raw', material.bytes, ...rest)
        : made.imported(material.type === 'public' ? 'spki' : 'pkcs8', material.der, ...rest),
  }
}
