/**
 * A circuit breaker for one extension point of one plugin as a pure state machine:
 * closed, open after failures in a row, half-open for one call that tries it again.
 * Time comes in with each event; which errors are failures is outcome.ts's question,
 * who keeps the state is guard.ts's.
 */
export interface BreakerPolicy {
  /** So many failures in a row open it. */
  readonly failures: number
  /** How long it stays open the first time, ms; doubles with each try that fails, up to `maxWaitMs`. */
  readonly waitMs: number
  readonly maxWaitMs: number
  /** Whether an error that the plugin throws is a failure too, and not an answer. */
  readonly pluginErrors: boolean
}

/**
 * The wait is longer than it takes to crash in a loop: a processor that kills its plugin
 * each time is tried too seldom for quarantine (five crashes within 60 s), so the plugin's other
 * extension points go on.
 */
export const DEFAULT_BREAKER_POLICY: BreakerPolicy = {
  failures: 3,
  waitMs: 30_000,
  maxWaitMs: 300_000,
  pluginErrors: false,
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface ClosedBreaker {
  readonly state: 'closed'
  readonly failures: number
  /** When the last of them was known, ms of the clock. */
  readonly failedMs: number
}

export interface OpenBreaker {
  readonly state: 'open' | 'half-open'
  readonly sinceMs: number
  /** From then on one call is let through. */
  readonly retryMs: number
  /** Tries that failed since it was last closed. */
  readonly trips: number
  /** Whether that one call is under way. */
  readonly probing: boolean
}

export type Breaker = ClosedBreaker | OpenBreaker

export const CLOSED: ClosedBreaker = { state: 'closed', failures: 0, failedMs: -Infinity }

export type Admission =
  /** A `probe` decides whether the breaker closes. */
  | { readonly admitted: true; readonly next: Breaker; readonly probe: boolean }
  | { readonly admitted: false; readonly breaker: OpenBreaker }

/** Whether a call may begin now. */
export function admit(breaker: Breaker, nowMs: number): Admission {
  if (breaker.state === 'closed') return { admitted: true, next: breaker, probe: false }
  if (breaker.probing || nowMs < breaker.retryMs) return { admitted: false, breaker }
  return { admitted: true, next: { ...breaker, state: 'half-open', probing: true }, probe: true }
}

export interface Ending {
  /** `neither`: the call says nothing of the plugin, as when its caller gave it up. */
  readonly outcome: 'answered' | 'failed' | 'neither'
  readonly probe: boolean
  readonly beganMs: number
  readonly atMs: number
}

/** What the end of a call that was admitted makes of the breaker. */
export function ended(breaker: Breaker, ending: Ending, policy: BreakerPolicy): Breaker {
  const { outcome, probe, beganMs, atMs } = ending
  if (breaker.state !== 'closed') {
    // Calls that began before it opened are old news.
    if (!probe || !breaker.probing) return breaker
    if (outcome === 'answered') return CLOSED
    return outcome === 'failed' ? opened(breaker.trips + 1, atMs, policy) : { ...breaker, probing: false } // the next call tries again
  }
  if (outcome === 'answered') return breaker.failures === 0 ? breaker : CLOSED
  // Calls that were under way together fail together, and say one thing: a crash with 60 calls in it is one failure.
  if (outcome === 'neither' || beganMs < breaker.failedMs) return breaker
  const failures = breaker.failures + 1
  return failures < policy.failures ? { state: 'closed', failures, failedMs: atMs } : opened(0, atMs, policy)
}

function opened(trips: number, atMs: number, { waitMs, maxWaitMs }: BreakerPolicy): OpenBreaker {
  const wait = Math.min(maxWaitMs, waitMs * 2 ** trips)
  return { state: 'open', sinceMs: atMs, retryMs: atMs + wait, trips, probing: false }
}
