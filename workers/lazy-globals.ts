/** Globals that cost time to make, most of them by the plugin's own modules: each when it is first read, since most plugins read few. */
import { WEB_GLOBALS } from './attenuate/modules.js'
import { makeIntl } from './attenuate/language.js'
import type { Harden } from './lockdown.js'
import type { OwnModules } from './own-modules.js'

export interface LazyGlobals {
  /** The global `crypto` with the plugin's own `subtle`. */
  crypto(random: object): object
  /**
   * Defines the others.
   * @param scope - what free names mean; nothing of it can be set
   * @param pluginGlobal - what `globalThis` is
   */
  define(scope: object, pluginGlobal: object): void
}

export function lazyGlobals(own: OwnModules, harden: Harden): LazyGlobals {
  // Frozen like the other globals, though only the plugin has them.
  const webCrypto = (part: string): (() => unknown) => harden(() => harden(own('webcrypto', part)))
  const subtle = webCrypto('subtle')
  const getters = {
    Buffer: harden(() => own('buffer', 'Buffer')),
    CryptoKey: webCrypto('CryptoKey'),
    SubtleCrypto: webCrypto('SubtleCrypto'),
  }
  return {
    crypto: (random) => withSubtle(random, subtle),
    define(scope, pluginGlobal) {
      for (const [key, get] of Object.entries(getters)) {
        for (const holder of [scope, pluginGlobal])
          Object.defineProperty(holder, key, { get, configurable: true })
      }
      const web = WEB_GLOBALS.map((name) => [name, () => own('web', name)] as const)
      for (const [name, get] of [['Intl', makeIntl(harden)] as const, ...web]) {
        const accessor = harden(settable(name, get))
        Object.defineProperty(scope, name, { get: accessor.get, configurable: true })
        Object.defineProperty(pluginGlobal, name, { ...accessor, configurable: true })
      }
    },
  }
}

/** A global that is made when it is read; a program may put a value of its own over it. */
function settable(name: string, get: () => unknown): { get(): unknown; set(value: unknown): void } {
  return {
    get,
    set(this: object, value) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true })
    },
  }
}

/** The global `crypto` with the plugin's own `subtle`. */
function withSubtle(random: object, get: () => unknown): object {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(random),
      subtle: { get, enumerable: true, configurable: true },
    },
  ) as object
}
