/** Tells when additions of a plugin's grant expire while it runs. */
import { nextExpiry, withoutExpired } from './policy/expiry.js'
import type { Grant } from './policy/grant.js'
import type { Clock, TimerHandle } from './powers.js'

/** The clock of the system may be set meanwhile, and timers hold no month: looked at again at least this often. */
const LONGEST_WAIT_MS = 60_000

/**
 * @param grant - as it was made, perhaps a while ago: what has expired since then is told at once
 * @param onExpired - called with the grant that is left, each time one gets smaller
 * @returns ends the watch
 */
export function watchExpiry(grant: Grant, clock: Clock, onExpired: (left: Grant) => void): () => void {
  let current = grant
  let timer: TimerHandle | undefined
  const look = (): void => {
    const wallTime = clock.wallTime() // read once: what expired between two readings would be seen by neither
    const left = withoutExpired(current, wallTime)
    const smaller = left !== current
    current = left
    const end = nextExpiry(current, wallTime)
    timer = end === null ? undefined : clock.setTimeout(look, Math.min(end - wallTime, LONGEST_WAIT_MS))
    if (smaller) onExpired(left)
  }
  look()
  return () => {
    if (timer !== undefined) clock.clearTimeout(timer)
  }
}
