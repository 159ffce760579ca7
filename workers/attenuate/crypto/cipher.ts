/** Ciphers as a state that takes bytes and gives bytes; Node's object stays in here. */
import type { CipherGCM, DecipherGCM } from 'node:crypto'
import { alone, bytesIn, integerIn, nameIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostCrypto } from './host.js'

export interface CipherState {
  update(bytes: unknown): Uint8Array
  final(): Uint8Array
  setAutoPadding(on: unknown): void
  setAAD(bytes: unknown): void
  getAuthTag(): Uint8Array
  setAuthTag(bytes: unknown): void
}
export interface CipherFacts {
  readonly name: string
  readonly nid: number
  readonly blockSize?: number | undefined
  readonly ivLength?: number | undefined
  readonly keyLength: number
  readonly mode: string
}
export interface Ciphers {
  ciphers(): readonly string[]
  cipher(
    direction: unknown,
    algorithm: unknown,
    key: unknown,
    iv: unknown,
    authTagLength: unknown,
  ): CipherState
  /** `undefined` for a cipher that plugins do not have, or not with these lengths. */
  cipherInfo(algorithm: unknown, keyLength: unknown, ivLength: unknown): CipherFacts | undefined
}

const MODES: ReadonlySet<string> = new Set(['cbc', 'ctr', 'gcm'])
/** AES-KW of Web Crypto (RFC 3394). */
const KEY_WRAPS: ReadonlySet<string> = new Set(['id-aes128-wrap', 'id-aes192-wrap', 'id-aes256-wrap'])
const MOST_TAG_BYTES = 16
const MOST_LENGTH = 65_536
/** Between two pieces a thread that is asked to end does end. */
const SLICE_BYTES = 1_048_576

export function makeCiphers(host: HostCrypto): Ciphers {
  let listed: readonly string[] | undefined
  /** Made at the first need: it asks OpenSSL about each cipher, which few plugins want to pay for at their start. */
  const ciphers = (): readonly string[] => {
    // The composites with a MAC are made for TLS alone and misbehave elsewhere.
    listed ??= Object.freeze(
      host
        .getCiphers()
        .filter(
          (name) =>
            name === 'chacha20-poly1305' ||
            KEY_WRAPS.has(name) ||
            (MODES.has(host.getCipherInfo(name)?.mode ?? '') && !name.includes('-hmac-')),
        ),
    )
    return listed
  }
  const isKnown = (lower: string): boolean => ciphers().some((name) => name.toLowerCase() === lower)
  return {
    ciphers,
    cipher(direction, algorithm, key, iv, authTagLength) {
      const name = nameIn(algorithm, 'cipher').toLowerCase()
      const [keyBytes, ivBytes] = [bytesIn(key, 'key'), bytesIn(iv, 'iv')]
      const options =
        authTagLength === undefined
          ? {}
          : { authTagLength: integerIn(authTagLength, 'options.authTagLength', 0, MOST_TAG_BYTES) }
      if (!isKnown(name)) throw refusal('ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher')
      const make = direction === 'decrypt' ? host.createDecipheriv : host.createCipheriv
      return wrap(hosted(() => make(name, keyBytes, ivBytes, options)))
    },
    cipherInfo(algorithm, keyLength, ivLength) {
      const name = nameIn(algorithm, 'nameOrNid').toLowerCase()
      const options = {
        ...(keyLength === undefined
          ? {}
          : { keyLength: integerIn(keyLength, 'options.keyLength', 0, MOST_LENGTH) }),
        ...(ivLength === undefined
          ? {}
          : { ivLength: integerIn(ivLength, 'options.ivLength', 0, MOST_LENGTH) }),
      }
      const info = isKnown(name) ? hosted(() => host.getCipherInfo(name, options)) : undefined
      return info === undefined ? undefined : { ...info }
    },
  }
}

function wrap(cipher: CipherGCM | DecipherGCM): CipherState {
  return Object.freeze({
    update(value: unknown) {
      const bytes = bytesIn(value, 'data')
      return hosted(() => {
        if (bytes.length <= SLICE_BYTES) return alone(cipher.update(bytes))
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += SLICE_BYTES)
          pieces.push(cipher.update(bytes.subarray(at, at + SLICE_BYTES)))
        const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
        let at = 0
        for (const piece of pieces) {
          whole.set(piece, at)
          at += piece.length
        }
        return whole
      })
    },
    final: () => hosted(() => alone(cipher.final())),
    setAutoPadding(on: unknown) {
      const padded = Boolean(on)
      hosted(() => cipher.setAutoPadding(padded))
    },
    setAAD(value: unknown) {
      const bytes = bytesIn(value, 'buffer')
      hosted(() => Reflect.apply(cipher.setAAD as (bytes: Uint8Array) => unknown, cipher, [bytes]))
    },
    getAuthTag: () => hosted(() => alone(tagOf(cipher).getAuthTag())),
    setAuthTag(value: unknown) {
      const bytes = bytesIn(value, 'buffer')
      hosted(() => tagOf(cipher).setAuthTag(bytes))
    },
  })
}

/** Each direction has one of the two; calling the other is a TypeError, which `hosted` makes afresh. */
function tagOf(cipher: CipherGCM | DecipherGCM): CipherGCM & DecipherGCM {
  return cipher as CipherGCM & DecipherGCM
}
