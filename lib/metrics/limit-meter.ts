/**
 * Counts the limits that one plugin runs into, and tells of each at a bounded rate: a
 * plugin that runs into one a thousand times a second is told of once a second, with
 * how often it was.
 */
import type { Clock } from '../powers.js'
import type { LimitHit, LimitName } from '../protocol/limit-hit.js'

/** A limit was reached. */
export interface LimitEvent extends LimitHit {
  readonly plugin: string
  /** How often since the last event of this limit and action, this time included. */
  readonly count: number
}

export interface LimitMeter {
  /** @param times - how often it happened, from 1 */
  hit(hit: LimitHit, times?: number): void
  /** How often each limit was reached since the service started; a limit never reached is left out. */
  counts(): Readonly<Partial<Record<LimitName, number>>>
}

/** The same limit and action are told again after this long at the earliest. */
const AGAIN_AFTER_MS = 1000

interface Told {
  atMs: number
  /** Not told yet. */
  waiting: number
}

export function makeLimitMeter(
  plugin: string,
  clock: Pick<Clock, 'now'>,
  emit: (event: LimitEvent) => void,
): LimitMeter {
  const counts = new Map<LimitName, number>()
  const told = new Map<string, Told>()
  return {
    hit(hit, times = 1) {
      const { limit, action } = hit
      counts.set(limit, Math.min((counts.get(limit) ?? 0) + times, Number.MAX_SAFE_INTEGER))
      const key = `${limit} ${action}`
      const last = told.get(key) ?? { atMs: -Infinity, waiting: 0 }
      const count = last.waiting + times
      // An end is told each time: there is one for each run at most.
      const tell = action === 'ended' || clock.now() - last.atMs >= AGAIN_AFTER_MS
      told.set(key, tell ? { atMs: clock.now(), waiting: 0 } : { atMs: last.atMs, waiting: count })
      if (tell) emit({ plugin, ...hit, count })
    },
    counts: () => Object.fromEntries(counts),
  }
}
