/**
 * structuredClone: V8's own copy, with plain arguments and errors made afresh.
 * Plugins hold no object of Node's that has a clone of its own (ports, keys, files).
 */
import { isArrayBuffer } from './bytes.js'
import { domException } from './dom-exception.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'

export function attenuateStructuredClone({ realm, harden }: AttenuatorPowers): Globals {
  const DOMException = domException(harden)
  const structuredClone = (...args: readonly unknown[]): unknown => {
    if (args.length === 0)
      throw refusal('ERR_MISSING_ARGS', 'The "value" argument must be specified', TypeError)
    const transfer = transferOf(args[1])
    if (!transfer.every(isArrayBuffer)) {
      throw new DOMException('Only an ArrayBuffer can be transferred', 'DataCloneError')
    }
    try {
      return realm.structuredClone(args[0], { transfer })
    } catch (error) {
      // What a getter of the plugin threw is the plugin's own and passes on.
      if (realm.isHostDomException(error)) throw new DOMException(error.message, error.name)
      throw error
    }
  }
  return harden({ structuredClone })
}

function transferOf(options: unknown): readonly unknown[] {
  if (typeof options !== 'object' || options === null) return []
  const { transfer } = options as { readonly transfer?: Iterable<unknown> }
  return transfer === undefined ? [] : [...transfer]
}
