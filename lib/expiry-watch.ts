/** Tells when additions of a plugin's grant expire while it runs. */
import { nextExpiry, withoutExpired } from './policy/expiry.js'
import type { Grant } from './policy/grant.js'
import type { Clock, TimerHandle } from './powers.js'

/** The clock of the system may be set meanwhile, and timers hold no month: looked at again at least this often. */
const LONGEST_WAIT_MS = 60_000

/**
 * @param onExpired - called with the grant that is left, each time one gets smaller
 * @returns ends the watch
 */
export function watchExpiry(grant: Grant, clock: Clock, onExpired: (left: Grant) => void): () => void {
  let current = grant
  let timer: TimerHandle | undefined
  const arm = (): void => {
    const wallTime = clock.wallTime()
    const end = nextExpiry(current, wallTime)
    if (end === null) return
    timer = clock.setTimeout(look, Math.min(end - wallTime, LONGEST_WAIT_MS))
  }
  const look = (): void => {
    const left = withoutExpired(current, clock.wallTime())
    const smaller = left !== current
    current = left
    arm()
    if (smaller) onExpired(left)
  }
  arm()
  return () => {
    if (timer !== undefined) clock.clearTimeout(timer)
  }
}
