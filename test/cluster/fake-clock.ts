/** A clock that moves when told to; timers due are run in order of their time. */
import type { Clock, TimerHandle } from '../../lib/powers.js'

export interface FakeClock extends Clock {
  advance(ms: number): void
  /** Timers that wait. */
  waiting(): number
}

export function fakeClock(): FakeClock {
  let time = 1000
  const timers = new Map<TimerHandle, { readonly due: number; readonly run: () => void }>()
  return {
    now: () => time,
    wallTime: () => time,
    setTimeout: (run, delayMs) => {
      const handle: TimerHandle = {}
      timers.set(handle, { due: time + delayMs, run })
      return handle
    },
    clearTimeout: (timer) => void timers.delete(timer),
    waiting: () => timers.size,
    advance: (ms) => {
      const end = time + ms
      for (;;) {
        const next = [...timers].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due)[0]
        if (next === undefined) break
        timers.delete(next[0])
        time = Math.max(time, next[1].due)
        next[1].run()
      }
      time = end
    },
  }
}
