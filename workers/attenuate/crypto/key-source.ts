/** What a plugin gives to have a key read from, as plain values of a bounded size. */
import { badValue, bytesIn, fieldsOf, nameIn, outOfRange, wrongType } from '../arguments.js'
import type { KeyEncoding, KeyFormat, KeySource } from './host-keys.js'
import { plainOfSealed } from './sealed-key.js'

/**
 * Longest DER of a key: RSA with 4096 bits has 2376. The worst that fits, made by hand, signs once in 0.5 s.
 * Reading one costs as much before its type is known: the file of a DSA or DH key lacks the public part, and OpenSSL
 * works it out.
 */
export const MOST_KEY_BYTES = 2560
/** Text or bytes that a key is read from; a certificate may carry a public one. */
const MOST_SOURCE_BYTES = 65_536
/** A key of that length in PEM, with its labels and some words around it; certificates do not count. */
const MOST_KEY_TEXT = 3840
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g
const MOST_PASSPHRASE_BYTES = 1024
const FORMATS: readonly unknown[] = ['pem', 'der', 'jwk']
const ENCODINGS: readonly unknown[] = ['pkcs1', 'sec1', 'pkcs8', 'spki']
/** Members of a JWK that are key material; RFC 7518 section 6, RFC 8037. */
const JWK_MEMBERS = ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'] as const

export function sourceOf(
  format: unknown,
  source: unknown,
  encoding: unknown,
  passphrase: unknown,
): KeySource {
  const form = formatIn(format)
  if (form === 'jwk') return { key: jwkIn(source), format: form }
  const type = encodingIn(encoding)
  const given = typeof source === 'string' ? source : bytesIn(source, 'key')
  if (given.length > (form === 'der' ? MOST_KEY_BYTES : MOST_SOURCE_BYTES)) throw tooLong(given.length)
  const key = form === 'pem' ? shortKey(typeof given === 'string' ? given : latin1(given)) : given
  const plain = { key, format: form, ...(type === undefined ? {} : { type }) }
  const sealed = passphraseIn(passphrase)
  return sealed.passphrase === undefined ? plain : { ...plainOfSealed(plain), ...sealed }
}

/** The text without its certificates, unless it has nothing else. @throws RangeError for a longer key than any of use */
export function shortKey(pem: string): string {
  const key = pem.replace(CERTIFICATES, '')
  if (!key.includes('-----BEGIN')) return pem
  if (key.length > MOST_KEY_TEXT) throw tooLong(key.length)
  return key
}

export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

export function formatIn(format: unknown): KeyFormat {
  if (!FORMATS.includes(format)) throw badValue('format', 'one of pem, der, jwk')
  return format as KeyFormat
}

export function encodingIn(encoding: unknown): KeyEncoding | undefined {
  if (encoding === undefined || encoding === null) return undefined
  if (!ENCODINGS.includes(encoding)) throw badValue('type', 'one of pkcs1, sec1, pkcs8, spki')
  return encoding as KeyEncoding
}

/** The options of that name, or none. @param cipher - what a key that is written is sealed with */
export function passphraseIn(
  passphrase: unknown,
  cipher?: unknown,
): { readonly passphrase?: Uint8Array; readonly cipher?: string } {
  const name = cipher === undefined || cipher === null ? {} : { cipher: nameIn(cipher, 'cipher') }
  if (passphrase === undefined || passphrase === null) return name
  const bytes = bytesIn(passphrase, 'passphrase')
  if (bytes.length > MOST_PASSPHRASE_BYTES)
    throw outOfRange('passphrase', `at most ${MOST_PASSPHRASE_BYTES} bytes`, bytes.length)
  return { passphrase: bytes, ...name }
}

export function tooLong(length: number): Error {
  return outOfRange(
    'key',
    `at most ${MOST_KEY_BYTES} bytes, ${MOST_KEY_TEXT} in PEM, and what it is read from ${MOST_SOURCE_BYTES}`,
    length,
  )
}

function jwkIn(value: unknown): Readonly<Record<string, string>> {
  const fields = fieldsOf(value, 'key.key')
  const jwk: Record<string, string> = {}
  for (const name of JWK_MEMBERS) {
    const member = fields[name]
    if (member === undefined) continue
    if (typeof member !== 'string') throw wrongType(`key.${name}`, 'a string')
    if (member.length > MOST_KEY_BYTES) throw tooLong(member.length)
    jwk[name] = member
  }
  return jwk
}
