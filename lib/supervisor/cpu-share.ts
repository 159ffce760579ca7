/** How much processor time a plugin takes, from its past. Pure. */
import type { Look } from './look.js'

const AVERAGE_MS = 10_000
/** What is over the share counts until it has been below for as long. */
const CALM_MS = 10_000

/**
 * @param share - cores it may use
 * @returns the most cores it used in any ten seconds that ended within the last ten, if that is above its
 *   share; else `null`
 */
export function cpuShare(past: readonly Look[], share: number): number | null {
  const now = past.at(-1)
  if (now === undefined) return null
  let most = 0
  let from = 0
  for (const end of past) {
    // The look nearest to ten seconds before this one.
    while ((past[from + 1]?.atMs ?? Infinity) <= end.atMs - AVERAGE_MS) from++
    const begin = past[from]
    if (begin === undefined || end.atMs - begin.atMs < AVERAGE_MS || now.atMs - end.atMs >= CALM_MS) continue
    if (begin.sample.cpuMs === null || end.sample.cpuMs === null) continue
    most = Math.max(most, (end.sample.cpuMs - begin.sample.cpuMs) / (end.atMs - begin.atMs))
  }
  return most > share ? Math.round(most * 100) / 100 : null
}
