/**
 * How long one subscriber has been behind: the age of the oldest state that it has
 * not acknowledged. Progress counts: a subscriber that is always a little late is
 * not late for ever. Warns once an episode; an episode ends when it has caught up.
 */
import type { Clock, Milliseconds, TimerHandle } from '../powers.js'

export interface LagWatch {
  /** A newer state was published. */
  published(): void
  /** The newest state is under way to the subscriber. */
  sent(): void
  /** The subscriber has what was sent last; `caughtUp` says whether that is the newest. */
  acknowledged(caughtUp: boolean): void
  /** Milliseconds; 0 when it is not behind. */
  ms(): Milliseconds
  stop(): void
}

/** @param warn - called once an episode with the age in ms, at least `warningMs` */
export function makeLagWatch(
  clock: Clock,
  warningMs: Milliseconds,
  warn: (ms: Milliseconds) => void,
): LagWatch {
  /** When the oldest state it has not acknowledged was published. */
  let behindSince: Milliseconds | undefined
  /** The same for states newer than the one under way. */
  let waitingSince: Milliseconds | undefined
  let timer: TimerHandle | undefined
  let warned = false

  const ms = (): Milliseconds => (behindSince === undefined ? 0 : Math.max(0, clock.now() - behindSince))

  const check = (): void => {
    timer = undefined
    if (behindSince === undefined || warned) return
    const age = ms()
    if (age < warningMs) {
      timer = clock.setTimeout(check, warningMs - age)
      return
    }
    warned = true
    warn(age)
  }

  const stop = (): void => {
    if (timer !== undefined) clock.clearTimeout(timer)
    timer = undefined
  }

  return {
    ms,
    stop,
    published: () => {
      waitingSince ??= clock.now()
      behindSince ??= waitingSince
      if (timer === undefined && !warned) timer = clock.setTimeout(check, warningMs)
    },
    sent: () => {
      waitingSince = undefined
    },
    acknowledged: (caughtUp) => {
      behindSince = caughtUp ? undefined : (waitingSince ?? behindSince)
      if (!caughtUp) return
      waitingSince = undefined
      warned = false
      stop()
    },
  }
}
