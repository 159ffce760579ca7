/** Signing and verifying with a pair, through the plugin's line. */
import type { CryptoKeyFacts } from './crypto-key.js'
import { failed, operation } from './errors.js'
import type { Tools } from './kind.js'

/** @param digest - as Node calls it; `undefined` for algorithms that have their own */
export function signed(
  { crypto: { keys } }: Tools,
  digest: string | undefined,
  key: CryptoKeyFacts,
  options: object,
  data: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, signature: Uint8Array): void =>
      error === null ? resolve(signature) : reject(failed(error))
    operation(() => keys.signLater(digest, data, key.material, options, done))
  })
}

export function verified(
  { crypto: { keys } }: Tools,
  digest: string | undefined,
  key: CryptoKeyFacts,
  options: object,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, valid: boolean): void =>
      error === null ? resolve(valid) : reject(failed(error))
    operation(() => keys.verifyLater(digest, data, key.material, options, signature, done))
  })
}
