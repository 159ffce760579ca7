/** The part of Web Crypto that is only randomness; `subtle` is the plugin's own (workers/builtins/webcrypto). */
import { bytesOf, typedArrayName } from './bytes.js'
import { domException } from './dom-exception.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { words } from './words.js'

/** Most bytes of one call, from the Web Crypto standard. */
const MAX_BYTES = 65_536

const INTEGER_ARRAYS: ReadonlySet<string> = new Set(
  words(
    'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array',
    'Int32Array Uint32Array BigInt64Array BigUint64Array',
  ),
)

export function attenuateCrypto({ realm, harden }: AttenuatorPowers): Globals {
  const DOMException = domException(harden)
  const getRandomValues = (array: unknown): unknown => {
    const bytes = INTEGER_ARRAYS.has(typedArrayName(array) ?? '') ? bytesOf(array) : undefined
    if (bytes === undefined)
      throw new DOMException('The array must be an integer typed array', 'TypeMismatchError')
    if (bytes.byteLength > MAX_BYTES) {
      throw new DOMException(`${bytes.byteLength} bytes are more than ${MAX_BYTES}`, 'QuotaExceededError')
    }
    realm.randomFill(bytes)
    return array
  }
  return harden({ crypto: { getRandomValues, randomUUID: () => realm.randomUuid() } })
}
