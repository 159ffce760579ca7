/** Hash and Hmac as a state that takes bytes and gives bytes; Node's object stays in here. */
import { alone, badValue, bytesIn, integerIn, nameIn, viewIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import type { HostCrypto, HostHash } from './host.js'

/** Longest output of a function that can give any number of bytes (SHAKE). */
const MOST_OUTPUT_BYTES = 1_048_576
/** Input is copied a piece at a time, always to the same place; between two pieces a thread that is asked to end does end. */
const copied = new Uint8Array(65_536)

export interface Digest {
  update(bytes: unknown): void
  digest(): Uint8Array
  /** The same as a text, which saves a buffer where most programs want none. @param encoding - hex, base64 or base64url */
  digestText(encoding: unknown): string
}
export interface HashDigest extends Digest {
  /** The same state once more, from here on on its own. */
  copy(outputLength: unknown): HashDigest
}

/** @param outputLength - bytes, for a function that leaves the choice; `undefined` for its own length */
export function makeHash(host: HostCrypto, algorithm: unknown, outputLength: unknown): HashDigest {
  const name = nameIn(algorithm, 'algorithm')
  const options = outputOptions(outputLength)
  return wrapHash(hosted(() => host.createHash(name, options)))
}

export function makeHmac(host: HostCrypto, algorithm: unknown, key: unknown): Digest {
  const name = nameIn(algorithm, 'hmac')
  const bytes = bytesIn(key, 'key')
  const hmac = hosted(() => host.createHmac(name, bytes))
  return Object.freeze({
    update: (value: unknown) => update(hmac, value),
    digest: () => hosted(() => alone(hmac.digest())),
    digestText: (encoding: unknown) => digestText(hmac, encoding),
  })
}

function wrapHash(hash: HostHash): HashDigest {
  return Object.freeze({
    update: (value: unknown) => update(hash, value),
    digest: () => hosted(() => alone(hash.digest())),
    digestText: (encoding: unknown) => digestText(hash, encoding),
    copy(outputLength: unknown) {
      const options = outputOptions(outputLength)
      return wrapHash(hosted(() => hash.copy(options)))
    },
  })
}

function update(hash: Omit<HostHash, 'copy'>, value: unknown): void {
  const bytes = viewIn(value, 'data')
  hosted(() => {
    if (bytes.length <= copied.length) return updatePiece(hash, bytes)
    for (let at = 0; at < bytes.length; at += copied.length)
      updatePiece(hash, bytes.subarray(at, at + copied.length))
  })
}

function digestText(hash: Omit<HostHash, 'copy'>, encoding: unknown): string {
  if (encoding !== 'hex' && encoding !== 'base64' && encoding !== 'base64url')
    throw badValue('encoding', 'one of hex, base64, base64url')
  return hosted(() => hash.digest(encoding))
}

function updatePiece(hash: Omit<HostHash, 'copy'>, piece: Uint8Array): void {
  copied.set(piece)
  hash.update(copied.subarray(0, piece.length))
}

function outputOptions(length: unknown): { readonly outputLength: number } | undefined {
  if (length === undefined) return undefined
  return { outputLength: integerIn(length, 'options.outputLength', 0, MOST_OUTPUT_BYTES) }
}
