/**
 * Judges one plugin from what the host itself observed: a pure function, so each
 * rule is tested with a made-up observation. What a child says of itself is never
 * in here.
 */
import type { ErrorCode } from '../errors.js'

export interface Observation {
  /** How long the oldest unanswered ping has been out, in time the host's own loop was awake for; `null`: none is. */
  readonly unansweredMs: number | null
  readonly blockedMs: number
  /** Resident bytes now, and the most this child may have; `null` where the system cannot say. */
  readonly rssBytes: number | null
  readonly rssLimitBytes: number | null
  /** Given-up calls that the plugin never answered, and for how long their number has filled its window. */
  readonly stuckMs: number
  readonly stuckLimitMs: number
}

export type Verdict =
  | { readonly kind: 'fine' }
  /** Half of the patience is gone. */
  | { readonly kind: 'late' }
  | {
      readonly kind: 'end'
      readonly code: ErrorCode
      readonly detail: Readonly<Record<string, number | string>>
    }

export function judge(seen: Observation): Verdict {
  if (seen.rssBytes !== null && seen.rssLimitBytes !== null && seen.rssBytes > seen.rssLimitBytes) {
    return {
      kind: 'end',
      code: 'PLUGIN_OUT_OF_MEMORY',
      detail: {
        rssMb: mebibytes(seen.rssBytes),
        limitMb: mebibytes(seen.rssLimitBytes),
        limits: 'heapMb + youngMb + externalMb',
      },
    }
  }
  if (seen.unansweredMs !== null && seen.unansweredMs >= seen.blockedMs) {
    return { kind: 'end', code: 'PLUGIN_BLOCKED', detail: { blockedMs: seen.blockedMs } }
  }
  if (seen.stuckMs >= seen.stuckLimitMs) {
    return {
      kind: 'end',
      code: 'PLUGIN_BLOCKED',
      detail: { message: 'every call slot is held by calls it never answered' },
    }
  }
  if (seen.unansweredMs !== null && seen.unansweredMs * 2 >= seen.blockedMs) return { kind: 'late' }
  return { kind: 'fine' }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}

/**
 * Adds one tick to the age of a ping. A tick that came late says the host's own loop
 * stood still (or the clock jumped), and the answer may sit unread: such a tick
 * counts as two at most.
 */
export function ageOf(unansweredMs: number, sinceLastTickMs: number, tickMs: number): number {
  return unansweredMs + Math.min(sinceLastTickMs, tickMs * 2)
}
