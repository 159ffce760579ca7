/** JSON Web Keys: what every kind of key checks of one (RFC 7517 section 4). */
import type { BufferClass } from '../native-module.js'
import { domError } from './errors.js'
import type { Jwk, KeyData } from './kind.js'
import { usagesIn } from './crypto-key.js'

const MEMBERS = [
  'kty',
  'crv',
  'x',
  'y',
  'd',
  'n',
  'e',
  'p',
  'q',
  'dp',
  'dq',
  'qi',
  'k',
  'alg',
  'use',
  'key_ops',
  'ext',
  'oth',
] as const

/** The members, each read once. @throws TypeError when it is no object */
export function jwkIn(value: unknown): Jwk {
  if (typeof value !== 'object' || value === null)
    throw Object.assign(new TypeError('The "keyData" argument must be a JsonWebKey'), {
      code: 'ERR_INVALID_ARG_TYPE',
    })
  const fields = value as Jwk
  const jwk: Record<string, unknown> = {}
  for (const name of MEMBERS) {
    const member = fields[name]
    if (member !== undefined)
      jwk[name] = name === 'key_ops' ? Array.from(member as Iterable<unknown>) : member
  }
  return jwk
}

/** @throws DOMException `DataError` for a key that is not of that kind or not for these uses */
export function checkJwk(
  data: KeyData,
  expected: { readonly kty: string; readonly use: string; readonly algs: readonly string[] },
  extractable: boolean,
  usages: readonly string[],
): Jwk {
  const jwk = data as Jwk
  const { kty, use, alg, ext, key_ops: operations, oth } = jwk
  if (kty !== expected.kty) throw domError('DataError', 'Invalid JWK "kty" Parameter')
  if (usages.length > 0 && use !== undefined && use !== expected.use)
    throw domError('DataError', 'Invalid JWK "use" Parameter')
  if (alg !== undefined && expected.algs.length > 0 && !(expected.algs as readonly unknown[]).includes(alg))
    throw domError('DataError', 'JWK "alg" does not match the requested algorithm')
  if (ext === false && extractable)
    throw domError('DataError', 'JWK "ext" Parameter and extractable mismatch')
  if (oth !== undefined) throw domError('DataError', 'JWK with more than two primes')
  if (operations !== undefined) {
    const known = usagesIn(operations)
    if (usages.some((usage) => !known.includes(usage)))
      throw domError('DataError', 'Key operations and usage mismatch')
  }
  return jwk
}

export function fromBase64Url(Buffer: BufferClass, value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value !== 'string' || !/^[\w-]*$/.test(value)) throw domError('DataError', 'Invalid keyData')
  return new Uint8Array(Buffer.from(value, 'base64url'))
}

export function toBase64Url(Buffer: BufferClass, bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
