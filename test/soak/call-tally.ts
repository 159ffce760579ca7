/**
 * Counts calls by how they end, and finds those that do not: a call that has no end by
 * its deadline and some slack is hung. Pure but for the clock that is handed in.
 */
export type Ending = 'result' | 'error' | 'broken'

export interface Outcome {
  /** `error`: refused or failed with a code, as promised; `broken`: ended in a way nobody promised. */
  readonly ending: Ending
  /** The code, or what happened. */
  readonly label: string
}

export interface CallCounts {
  readonly started: number
  readonly ended: number
  readonly broken: number
  /** Ended too late, or still without an end though it is too late. */
  readonly hung: number
  readonly longestMs: number
  /** By `kind: label`. */
  readonly outcomes: Readonly<Record<string, number>>
}

export interface CallTally {
  /** @returns to be called once, with how it ended */
  begin(kind: string, deadlineMs: number): (outcome: Outcome) => void
  counts(): CallCounts
}

/** What a busy machine may add to a deadline, ms. */
export const SLACK_MS = 3000

export function makeCallTally(now: () => number): CallTally {
  const open = new Set<{ readonly dueAt: number }>()
  const outcomes = new Map<string, number>()
  let started = 0
  let ended = 0
  let broken = 0
  let late = 0
  let longestMs = 0
  return {
    begin(kind, deadlineMs) {
      const startedAt = now()
      const call = { dueAt: startedAt + deadlineMs + SLACK_MS }
      open.add(call)
      started += 1
      return ({ ending, label }) => {
        if (!open.delete(call)) throw new Error(`a ${kind} call ended twice`)
        ended += 1
        longestMs = Math.max(longestMs, now() - startedAt)
        if (now() > call.dueAt) late += 1
        if (ending === 'broken') broken += 1
        const key = `${kind}: ${label}`
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
      }
    },
    counts: () => ({
      started,
      ended,
      broken,
      hung: late + [...open].filter(({ dueAt }) => now() > dueAt).length,
      longestMs: Math.round(longestMs),
      outcomes: Object.fromEntries([...outcomes].toSorted(([, one], [, other]) => other - one)),
    }),
  }
}
