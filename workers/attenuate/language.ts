/**
 * Parts of the language that a compartment does not have by itself: the clock, the
 * locale data, floating-point arrays, weak references. Read after lockdown, when
 * Date and Math are the tamed, frozen ones.
 */
import type { Harden } from '../lockdown.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'

const FLOAT_ARRAYS = ['Float16Array', 'Float32Array', 'Float64Array'] as const

export function attenuateLanguage(powers: AttenuatorPowers): Globals {
  const realm = globalThis as unknown as Readonly<Record<string, unknown>>
  const floats = FLOAT_ARRAYS.filter((name) => realm[name] !== undefined).map((name) => [name, realm[name]])
  return powers.harden({
    Date,
    Math,
    WeakRef,
    FinalizationRegistry: finalizationRegistry(powers),
    ...(Object.fromEntries(floats) as Globals),
  })
}

/**
 * Gives Intl, frozen as a whole. What segment() gives has prototypes that no property of Intl leads to, and making
 * a segmenter costs several milliseconds (ICU looks for its locales): so it is done when Intl is first read, and
 * before anyone has it.
 */
export function makeIntl(harden: Harden): () => unknown {
  harden(Intl)
  let frozen = false
  return harden(() => {
    if (!frozen) {
      const segments = new Intl.Segmenter('en').segment('')
      harden([Object.getPrototypeOf(segments), Object.getPrototypeOf(segments[Symbol.iterator]())])
      frozen = true
    }
    return Intl
  })
}

/** Made afresh so that what a callback throws reaches no handler of the thread. */
function finalizationRegistry({ onUncaught }: AttenuatorPowers): unknown {
  const Registry = FinalizationRegistry
  return class FinalizationRegistry {
    readonly #registry: InstanceType<typeof Registry>
    constructor(callback: unknown) {
      if (typeof callback !== 'function') {
        throw refusal(
          'ERR_INVALID_ARG_TYPE',
          'FinalizationRegistry: the callback must be a function',
          TypeError,
        )
      }
      this.#registry = new Registry((held: unknown) => {
        try {
          Reflect.apply(callback as (held: unknown) => unknown, undefined, [held])
        } catch (error) {
          onUncaught(error)
        }
      })
    }
    register(target: WeakKey, held: unknown, token?: WeakKey): void {
      if (token === undefined) this.#registry.register(target, held)
      else this.#registry.register(target, held, token)
    }
    unregister(token: WeakKey): boolean {
      return this.#registry.unregister(token)
    }
  }
}
