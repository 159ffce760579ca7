/**
 * The table of what exists for plugins. A global that no attenuator here makes, and
 * that the language itself does not bring, does not exist; docs/built-ins.md lists
 * both and says what was cut and why.
 */
import { attenuateAbort } from './abort.js'
import { attenuateConsole } from './console.js'
import { attenuateCrypto } from './crypto.js'
import { domException } from './dom-exception.js'
import { attenuateEncoding } from './encoding.js'
import { attenuateEvents } from './events.js'
import { attenuateLanguage } from './language.js'
import { attenuatePerformance } from './performance.js'
import type { Attenuator, AttenuatorPowers, Globals } from './powers.js'
import { attenuateProcess } from './process.js'
import { attenuateStructuredClone } from './structured-clone.js'
import { attenuateTimers } from './timers.js'
import { attenuateUrl } from './url.js'

export const attenuators: Readonly<Record<string, Attenuator>> = Object.freeze({
  abort: attenuateAbort,
  console: attenuateConsole,
  crypto: attenuateCrypto,
  domException: ({ harden }) => ({ DOMException: domException(harden) }),
  encoding: attenuateEncoding,
  events: attenuateEvents,
  language: attenuateLanguage,
  performance: attenuatePerformance,
  process: attenuateProcess,
  structuredClone: attenuateStructuredClone,
  timers: attenuateTimers,
  url: attenuateUrl,
})

/** Every global of the table, for one plugin. */
export function attenuateAll(powers: AttenuatorPowers): Globals {
  return Object.assign({}, ...Object.values(attenuators).map((attenuate) => attenuate(powers))) as Globals
}
