/** A clock that moves only when a test says so. */
import type { Clock, TimerHandle } from '../../lib/powers.js'

export interface FakeClock extends Clock {
  /** Moves the time and runs what is due, in order. */
  advance(byMs: number): void
  /** Timers that were set and neither ran nor were cleared. */
  readonly pending: number
}

export function makeFakeClock(): FakeClock {
  let nowMs = 0
  const timers = new Map<TimerHandle, { readonly atMs: number; readonly run: () => void }>()
  return {
    now: () => nowMs,
    wallTime: () => nowMs,
    setTimeout(run, delayMs) {
      const handle: TimerHandle = {}
      timers.set(handle, { atMs: nowMs + delayMs, run })
      return handle
    },
    clearTimeout: (timer) => void timers.delete(timer),
    advance(byMs) {
      nowMs += byMs
      const due = [...timers].filter(([, { atMs }]) => atMs <= nowMs).sort(([, a], [, b]) => a.atMs - b.atMs)
      for (const [handle, { run }] of due) if (timers.delete(handle)) run()
    },
    get pending() {
      return timers.size
    },
  }
}
