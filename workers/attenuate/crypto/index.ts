/**
 * crypto for a plugin, as functions over bytes. Randomness is the global `crypto`;
 * the API that programs know is the plugin's own, workers/builtins/crypto.
 */
import { bytesIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import { makeCiphers, type Ciphers } from './cipher.js'
import { makeDerive, type Derive, type DeriveLimits } from './derive.js'
import { makeHash, makeHmac, type Digest, type HashDigest } from './digest.js'
import type { HostCrypto } from './host.js'

export interface CryptoPowers extends Derive, Ciphers {
  hashes(): readonly string[]
  readonly constants: Readonly<Record<string, number>>
  hash(algorithm: unknown, outputLength: unknown): HashDigest
  hmac(algorithm: unknown, key: unknown): Digest
  timingSafeEqual(one: unknown, other: unknown): boolean
}

export function makeCrypto(host: HostCrypto, limits: DeriveLimits): CryptoPowers {
  return {
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
