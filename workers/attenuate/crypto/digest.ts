/** Hash and Hmac as a state that takes bytes and gives bytes; Node's object stays in here. */
import { alone, bytesIn, integerIn, nameIn, viewIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import type { HostCrypto, HostHash } from './host.js'

/** Longest output of a function that can give any number of bytes (SHAKE). */
const MOST_OUTPUT_BYTES = 1_048_576
/** Input is copied a piece at a time, always to the same place; between two pieces a thread that is asked to end does end. */
const copied = new Uint8Array(65_536)

export interface Digest {
  update(bytes: unknown): void
  digest(): Uint8Array
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
  return Object.freeze(wrap(hosted(() => host.createHmac(name, bytes))))
}

function wrapHash(hash: HostHash): HashDigest {
  return Object.freeze({
    ...wrap(hash),
    copy(outputLength: unknown) {
      const options = outputOptions(outputLength)
      return wrapHash(hosted(() => hash.copy(options)))
    },
  })
}

function wrap(hash: Omit<HostHash, 'copy'>): Digest {
  return {
    update(value) {
      const bytes = viewIn(value, 'data')
      hosted(() => {
        let at = 0
        do {
          const piece = bytes.subarray(at, at + copied.length)
          copied.set(piece)
          hash.update(copied.subarray(0, piece.length))
          at += copied.length
        } while (at < bytes.length)
      })
    },
    digest: () => hosted(() => alone(hash.digest())),
  }
}

function outputOptions(length: unknown): { readonly outputLength: number } | undefined {
  if (length === undefined) return undefined
  return { outputLength: integerIn(length, 'options.outputLength', 0, MOST_OUTPUT_BYTES) }
}
