/** performance, with clocks in whole milliseconds: a finer one measures other code's caches. */
import type { AttenuatorPowers, Globals } from './powers.js'

export function attenuatePerformance({ realm, harden }: AttenuatorPowers): Globals {
  const timeOrigin = Math.floor(realm.timeOrigin)
  return harden({
    performance: { now: () => Math.floor(realm.now()), timeOrigin, toJSON: () => ({ timeOrigin }) },
  })
}
