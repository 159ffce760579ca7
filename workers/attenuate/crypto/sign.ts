/** Signatures: at once, with a callback through the plugin's line, and piece by piece. */
import { alone, badValue, bytesIn, fieldsOf, integerIn, nameIn, outOfRange } from '../arguments.js'
import { hosted } from '../host-error.js'
import { inLine, type Line } from './in-line.js'
import type { HostKeyFunctions, SignOptions } from './host-keys.js'
import type { HostKeys } from './keys.js'

/** Of one call: nothing stops it, and this much takes 0.3 s with SHA-3. Sign and Verify take more, in pieces. */
const MOST_DATA_BYTES = 16_777_216
const PIECE_BYTES = 1_048_576
const MOST_SALT_BYTES = 1024
/** RSA_PSS_SALTLEN_MAX of OpenSSL, the least of its special values. */
const LEAST_SALT = -4
const MOST_PADDING = 6

export interface Signatures {
  sign(digest: unknown, data: unknown, key: unknown, options: unknown): Uint8Array
  signLater(digest: unknown, data: unknown, key: unknown, options: unknown, done: unknown): void
  verify(digest: unknown, data: unknown, key: unknown, options: unknown, signature: unknown): boolean
  verifyLater(
    digest: unknown,
    data: unknown,
    key: unknown,
    options: unknown,
    signature: unknown,
    done: unknown,
  ): void
  signer(digest: unknown): Signer
  verifier(digest: unknown): Verifier
}
export interface Signer {
  update(data: unknown): void
  sign(key: unknown, options: unknown): Uint8Array
}
export interface Verifier {
  update(data: unknown): void
  verify(key: unknown, options: unknown, signature: unknown): boolean
}

export function makeSignatures(host: HostKeyFunctions, { nativeOf }: HostKeys, turns: Line): Signatures {
  const plain = (digest: unknown, data: unknown, key: unknown, options: unknown, wanted?: 'private') =>
    [digestIn(digest), dataIn(data), { ...optionsIn(options), key: nativeOf(key, wanted) }] as const
  return {
    sign(digest, data, key, options) {
      const values = plain(digest, data, key, options, 'private')
      return hosted(() => alone(host.sign(...values)))
    },
    signLater(digest, data, key, options, done) {
      const values = plain(digest, data, key, options, 'private')
      inLine<Uint8Array>(turns, done, (answer) => host.signLater(...values, answer), alone)
    },
    verify(digest, data, key, options, signature) {
      const bytes = dataIn(signature, 'signature')
      const values = plain(digest, data, key, options)
      return hosted(() => host.verify(...values, bytes))
    },
    verifyLater(digest, data, key, options, signature, done) {
      const bytes = dataIn(signature, 'signature')
      const values = plain(digest, data, key, options)
      inLine<boolean>(turns, done, (answer) => host.verifyLater(...values, bytes, answer), Boolean)
    },
    signer(digest) {
      const name = nameIn(digest, 'algorithm')
      const state = hosted(() => host.createSign(name))
      return Object.freeze({
        update: (data: unknown) => inPieces(state, data),
        sign(key: unknown, options: unknown) {
          const values = { ...optionsIn(options), key: nativeOf(key, 'private') }
          return hosted(() => alone(state.sign(values)))
        },
      })
    },
    verifier(digest) {
      const name = nameIn(digest, 'algorithm')
      const state = hosted(() => host.createVerify(name))
      return Object.freeze({
        update: (data: unknown) => inPieces(state, data),
        verify(key: unknown, options: unknown, signature: unknown) {
          const bytes = dataIn(signature, 'signature')
          const values = { ...optionsIn(options), key: nativeOf(key) }
          return hosted(() => state.verify(values, bytes))
        },
      })
    },
  }
}

/** Between two pieces a thread that is asked to end does end. */
function inPieces(state: { update(data: Uint8Array): unknown }, data: unknown): void {
  const bytes = bytesIn(data, 'data')
  hosted(() => {
    for (let at = 0; at < bytes.length || at === 0; at += PIECE_BYTES)
      state.update(bytes.subarray(at, at + PIECE_BYTES))
  })
}

function digestIn(digest: unknown): string | undefined {
  return digest === undefined || digest === null ? undefined : nameIn(digest, 'algorithm')
}

function dataIn(data: unknown, name: string = 'data'): Uint8Array {
  const bytes = bytesIn(data, name)
  if (bytes.length > MOST_DATA_BYTES) throw outOfRange(name, `at most ${MOST_DATA_BYTES} bytes`, bytes.length)
  return bytes
}

function optionsIn(options: unknown): SignOptions {
  if (options === undefined) return {}
  const { padding, saltLength, dsaEncoding } = fieldsOf(options, 'options')
  if (dsaEncoding !== undefined && dsaEncoding !== 'der' && dsaEncoding !== 'ieee-p1363')
    throw badValue('options.dsaEncoding', 'der or ieee-p1363')
  return {
    ...(padding === undefined ? {} : { padding: integerIn(padding, 'options.padding', 0, MOST_PADDING) }),
    ...(saltLength === undefined
      ? {}
      : { saltLength: integerIn(saltLength, 'options.saltLength', LEAST_SALT, MOST_SALT_BYTES) }),
    ...(dsaEncoding === undefined ? {} : { dsaEncoding }),
  }
}
