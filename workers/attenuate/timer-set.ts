/**
 * The timers of one plugin: counted, capped, cleared together. Numbers go out,
 * Node's own timer objects stay in here. The API that plugins see is timers.ts.
 */
import type { LimitReached } from './limit-reached.js'
import type { Realm } from './realm.js'
import { refusal } from './refusal.js'

export interface TimerSet {
  /** Arms a one-shot timer. @throws Error `ERR_TIMER_LIMIT` at the cap, `PLUGIN_STOPPED` after `clearAll` */
  after(delayMs: number, run: () => void): number
  /** Arms a repeating timer. @throws as `after` */
  every(delayMs: number, run: () => void): number
  /** Runs once after the I/O of this turn. @throws as `after` */
  soon(run: () => void): number
  /** Runs at the end of the current turn; not counted, cannot be cleared. */
  microtask(run: () => void): void
  /** Does nothing for a number that is not waiting. */
  clear(id: number): void
  /** Clears every timer and refuses new ones. */
  clearAll(): void
  /** How many wait now. */
  waiting(): number
}

/** Longest delay a timer knows, milliseconds; a longer one becomes 1, as in Node. */
const MAX_DELAY_MS = 2_147_483_647

/**
 * @param limit - timers that may wait at once, from the plugin's `limits.timers`
 * @param onUncaught - takes what a callback throws, so that it ends no trusted code
 */
export function makeTimerSet(
  realm: Realm,
  limit: number,
  onUncaught: (error: unknown) => void,
  reached?: LimitReached,
): TimerSet {
  const waiting = new Map<number, () => void>()
  let lastId = 0
  let stopped = false

  const guarded = (run: () => void): void => {
    if (stopped) return
    try {
      run()
    } catch (error) {
      onUncaught(error)
    }
  }
  const admit = (): number => {
    if (stopped) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can start no timer any more')
    if (waiting.size >= limit) {
      reached?.('timers', waiting.size)
      throw refusal(
        'ERR_TIMER_LIMIT',
        `${waiting.size} timers are waiting and limits.timers of this plugin's policy is ${limit}: ` +
          'clear timers that are no longer needed, or ask for a higher limits.timers in policy.json',
        RangeError,
      )
    }
    lastId += 1
    return lastId
  }
  const once = (arm: (fire: () => void) => () => void, run: () => void): number => {
    const id = admit()
    const disarm = arm(() => {
      waiting.delete(id)
      guarded(run)
    })
    waiting.set(id, disarm)
    return id
  }
  const clear = (id: number): void => {
    const disarm = waiting.get(id)
    if (disarm === undefined) return
    waiting.delete(id)
    disarm()
  }
  return {
    after: (delayMs, run) =>
      once((fire) => {
        const timer = realm.setTimeout(fire, delayOf(delayMs))
        return () => realm.clearTimeout(timer)
      }, run),
    every: (delayMs, run) => {
      const id = admit()
      const timer = realm.setInterval(() => guarded(run), delayOf(delayMs))
      waiting.set(id, () => realm.clearTimeout(timer))
      return id
    },
    soon: (run) =>
      once((fire) => {
        const timer = realm.setImmediate(fire)
        return () => realm.clearImmediate(timer)
      }, run),
    microtask: (run) => realm.queueMicrotask(() => guarded(run)),
    clear,
    clearAll: () => {
      stopped = true
      for (const id of waiting.keys()) clear(id)
    },
    waiting: () => waiting.size,
  }
}

function delayOf(delayMs: number): number {
  return delayMs >= 1 && delayMs <= MAX_DELAY_MS ? Math.trunc(delayMs) : 1
}
