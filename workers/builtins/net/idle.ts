/** The timer of `socket.setTimeout`. Activity costs a reading of the clock, not a new timer. */
import { netError, wrongType } from './errors.js'

/** Longest delay of a timer, milliseconds. */
const MAX_DELAY_MS = 2_147_483_647

/** @throws TypeError for no number, RangeError for one that is no time */
export function delayIn(delayMs: unknown): number {
  if (typeof delayMs !== 'number') throw wrongType('msecs', 'of type number')
  if (!(delayMs >= 0 && delayMs < Infinity)) {
    throw netError('ERR_OUT_OF_RANGE', 'The value of "msecs" is out of range', RangeError)
  }
  return Math.min(Math.trunc(delayMs), MAX_DELAY_MS)
}

export interface Idle {
  /** Starts over with this many milliseconds; 0 ends it. */
  set(delayMs: number): void
  /** Something happened: from now on it takes the whole time again, also when it has fired. */
  touch(): void
}

export function makeIdle(fire: () => void): Idle {
  let delay = 0
  let last = 0
  let timer: unknown
  const arm = (ms: number): void => {
    timer = setTimeout(check, ms)
  }
  const check = (): void => {
    timer = undefined
    const left = last + delay - performance.now()
    if (left > 0) arm(left)
    else fire()
  }
  return {
    set(ms) {
      clearTimeout(timer as Parameters<typeof clearTimeout>[0])
      timer = undefined
      delay = ms
      last = performance.now()
      if (ms > 0) arm(ms)
    },
    touch() {
      if (delay === 0) return
      last = performance.now()
      if (timer === undefined) arm(delay)
    },
  }
}
