/**
 * crypto for a plugin, as functions over bytes. Randomness is the global `crypto`;
 * the API that programs know is the plugin's own, workers/builtins/crypto.
 */
import { bytesIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import { makeCiphers, type Ciphers } from './cipher.js'
import { makeDerive, type Derive, type DeriveLimits } from './derive.js'
import { makeHash, makeHmac, type Digest, type HashDigest } from './digest.js'
import { makeExchange, type Exchange } from './exchange.js'
import { makeGenerate, type Generate } from './generate.js'
import type { HostCrypto } from './host.js'
import { makeKeys, type Keys } from './keys.js'
import { makeRsa, type Rsa } from './rsa.js'
import { makeSignatures, type Signatures } from './sign.js'

/** Work with asymmetric keys; a key is `{ type, der }`. */
export interface KeyPowers extends Keys, Signatures, Rsa, Exchange, Generate {}

export interface CryptoPowers extends Derive, Ciphers {
  readonly keys: KeyPowers
  hashes(): readonly string[]
  readonly constants: Readonly<Record<string, number>>
  hash(algorithm: unknown, outputLength: unknown): HashDigest
  hmac(algorithm: unknown, key: unknown): Digest
  timingSafeEqual(one: unknown, other: unknown): boolean
}

export function makeCrypto(host: HostCrypto, limits: DeriveLimits): CryptoPowers {
  const { keys, hostKeys } = makeKeys(host)
  return {
    keys: {
      ...keys,
      ...makeSignatures(host, hostKeys, limits),
      ...makeRsa(host, hostKeys),
      ...makeExchange(host, hostKeys),
      ...makeGenerate(host, hostKeys, limits),
    },
    ...makeDerive(host, limits),
    ...makeCiphers(host),
    hashes: () => Object.freeze([...host.getHashes()]),
    constants: host.constants,
    hash: (algorithm, outputLength) => makeHash(host, algorithm, outputLength),
    hmac: (algorithm, key) => makeHmac(host, algorithm, key),
    timingSafeEqual(one, other) {
      const [first, second] = [bytesIn(one, 'buf1'), bytesIn(other, 'buf2')]
      return hosted(() => host.timingSafeEqual(first, second))
    },
  }
}
