/**
 * Private keys behind a passphrase: the file itself says how many rounds it takes to
 * open it, so that is read here before OpenSSL gets it. What this reader does not
 * understand is refused.
 */
import { outOfRange } from '../arguments.js'
import { refusal } from '../refusal.js'
import type { KeySource } from './host-keys.js'

/** As many as `pbkdf2Sync` may do: nothing stops it. */
const MOST_ROUNDS = 1_000_000
const SEQUENCE = 0x30
const INTEGER = 0x02
/** 1.3.6.1.4.1.11591.4.11, whose cost is a product of three numbers. */
const SCRYPT = '2b06010401da47040b'
const SEALED =
  /^\s*-----BEGIN ENCRYPTED PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END ENCRYPTED PRIVATE KEY-----\s*$/
const SEALED_BEGIN = '-----BEGIN ENCRYPTED'

/**
 * The same source with its rounds checked. PKCS#8 goes to OpenSSL as the very bytes
 * that were checked; the older sealing inside of a PEM has one round.
 */
export function plainOfSealed(source: KeySource): KeySource {
  if (source.format === 'der') {
    checkRounds(source.key as Uint8Array)
    return source
  }
  const text = source.key as string
  const body = SEALED.exec(text)?.[1]
  if (body === undefined) {
    if (!text.includes(SEALED_BEGIN)) return source
    throw refusal('ERR_INVALID_ARG_VALUE', 'A sealed private key must be alone in its PEM', TypeError)
  }
  const key = Uint8Array.from(atob(body.replace(/\s/g, '')), (char) => char.charCodeAt(0))
  checkRounds(key)
  return { key, format: 'der', type: 'pkcs8' }
}

/** @throws RangeError `ERR_OUT_OF_RANGE` when a number among the parameters of the sealing is too large */
function checkRounds(der: Uint8Array): void {
  const whole = element(der, 0)
  const algorithm = element(der, whole.from)
  if (whole.tag !== SEQUENCE || algorithm.tag !== SEQUENCE) return // in the clear: that starts with a number
  for (let at = algorithm.from; at < algorithm.to;) {
    const next = element(der, at)
    const value = der.subarray(next.from, next.to)
    if (hex(value) === SCRYPT) throw outOfRange('key', 'sealed with PBKDF2', NaN)
    if (next.tag === INTEGER) {
      const rounds = value.reduce((sum, byte) => sum * 256 + byte, 0)
      if (rounds > MOST_ROUNDS) throw outOfRange('key', `sealed with at most ${MOST_ROUNDS} rounds`, rounds)
    }
    at = next.tag === SEQUENCE ? next.from : next.to // parameters lie within sequences
  }
}

interface Element {
  readonly tag: number
  readonly from: number
  readonly to: number
}

/** The element at `at`. @throws TypeError for lengths that DER does not know or that lead outside */
function element(der: Uint8Array, at: number): Element {
  const [tag = 0, first = 0x80] = der.subarray(at, at + 2)
  const more = first < 0x80 ? 0 : first - 0x80
  const from = at + 2 + more
  const length = more === 0 ? first : der.subarray(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0)
  if (first === 0x80 || more > 3 || from + length > der.length)
    throw refusal('ERR_INVALID_ARG_VALUE', 'The sealed private key is not in DER', TypeError)
  return { tag, from, to: from + length }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
