/**
 * Parts of the language that a compartment does not have by itself: the clock, the
 * locale data, floating-point arrays, weak references. Read after lockdown, when
 * Date and Math are the tamed, frozen ones.
 */
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'

const FLOAT_ARRAYS = ['Float16Array', 'Float32Array', 'Float64Array'] as const

export function attenuateLanguage(powers: AttenuatorPowers): Globals {
  const realm = globalThis as unknown as Readonly<Record<string, unknown>>
  const floats = FLOAT_ARRAYS.filter((name) => realm[name] !== undefined).map((name) => [name, realm[name]])
  // What segment() gives has prototypes that no property of Intl leads to.
  const segments = new Intl.Segmenter('en').segment('')
  powers.harden([Object.getPrototypeOf(segments), Object.getPrototypeOf(segments[Symbol.iterator]())])
  return powers.harden({
    Date,
    Math,
    Intl,
    WeakRef,
    FinalizationRegistry: finalizationRegistry(powers),
    ...(Object.fromEntries(floats) as Globals),
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
