/** One timer for everything in a channel that waits for its rate: armed for the earliest who asked. */
import type { Clock, TimerHandle } from '../powers.js'

export interface Waker {
  /** `run` runs in `delayMs` at the latest; whoever finds that it is still too early asks again. */
  wakeIn(delayMs: number): void
  close(): void
}

/** Timers count whole milliseconds; asking for less would spin. */
const LEAST_MS = 1

export function makeWaker(clock: Clock, run: () => void): Waker {
  let timer: TimerHandle | undefined
  let dueAt = Infinity

  function fire(): void {
    timer = undefined
    dueAt = Infinity
    run()
  }

  return {
    wakeIn(delayMs) {
      const delay = Math.max(LEAST_MS, Math.ceil(delayMs))
      const at = clock.now() + delay
      if (at >= dueAt) return
      if (timer !== undefined) clock.clearTimeout(timer)
      dueAt = at
      timer = clock.setTimeout(fire, delay)
    },
    close() {
      if (timer !== undefined) clock.clearTimeout(timer)
      timer = undefined
      dueAt = 0 // nobody is woken any more
    },
  }
}
