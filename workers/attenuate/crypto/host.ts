/** Node's crypto as the files of this folder use it, taken before lockdown. Never given to a plugin. */
import * as crypto from 'node:crypto'
import { takeKeyFunctions, type HostKeyFunctions } from './host-keys.js'

/** The part of Node's Hash and Hmac that is used: their streams stay untouched. */
export interface HostHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
  digest(encoding: 'hex' | 'base64' | 'base64url'): string
  copy(options?: { readonly outputLength?: number }): HostHash
}

type MakeCipher = (
  name: string,
  key: Uint8Array,
  iv: Uint8Array,
  options: { readonly authTagLength?: number },
) => crypto.CipherGCM | crypto.DecipherGCM

export interface HostCrypto extends HostKeyFunctions {
  readonly createHash: (name: string, options?: { readonly outputLength?: number }) => HostHash
  readonly createHmac: (name: string, key: Uint8Array) => Omit<HostHash, 'copy'>
  readonly pbkdf2: typeof crypto.pbkdf2
  readonly pbkdf2Sync: typeof crypto.pbkdf2Sync
  readonly scrypt: typeof crypto.scrypt
  readonly scryptSync: typeof crypto.scryptSync
  readonly hkdfSync: typeof crypto.hkdfSync
  readonly timingSafeEqual: typeof crypto.timingSafeEqual
  readonly createCipheriv: MakeCipher
  readonly createDecipheriv: MakeCipher
  readonly getCipherInfo: (
    name: string,
    options?: { readonly keyLength?: number; readonly ivLength?: number },
  ) => crypto.CipherInfo | undefined
  /** Lists that OpenSSL makes at the first call, which takes milliseconds. */
  readonly getCiphers: () => readonly string[]
  readonly getHashes: () => readonly string[]
  /** The numbers of `crypto.constants`; its texts are settings of the process. */
  readonly constants: Readonly<Record<string, number>>
}

export function takeCrypto(): HostCrypto {
  const { createHash, createHmac, pbkdf2, pbkdf2Sync, scrypt, scryptSync, hkdfSync, timingSafeEqual } = crypto
  return {
    ...takeKeyFunctions(),
    createHash,
    createHmac,
    pbkdf2,
    pbkdf2Sync,
    scrypt,
    scryptSync,
    hkdfSync,
    timingSafeEqual,
    createCipheriv: crypto.createCipheriv as MakeCipher,
    createDecipheriv: crypto.createDecipheriv as MakeCipher,
    getCipherInfo: crypto.getCipherInfo,
    getCiphers: crypto.getCiphers,
    getHashes: crypto.getHashes,
    constants: Object.fromEntries(
      Object.entries(crypto.constants).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number',
      ),
    ),
  }
}
