/** How much log text of one plugin the host keeps a second; the rest is counted and dropped. Pure data. */
export interface LogBudget {
  readonly windowStartMs: number
  readonly usedBytes: number
  /** Lines dropped since the last kept one. */
  readonly dropped: number
}

export const NEW_LOG_BUDGET: LogBudget = { windowStartMs: 0, usedBytes: 0, dropped: 0 }

/** @returns the next budget, and whether this line is kept */
export function takeLog(
  budget: LogBudget,
  bytes: number,
  nowMs: number,
  bytesPerSecond: number,
): { readonly next: LogBudget; readonly kept: boolean } {
  const fresh = nowMs - budget.windowStartMs >= 1000
  const usedBytes = fresh ? 0 : budget.usedBytes
  const windowStartMs = fresh ? nowMs : budget.windowStartMs
  if (usedBytes + bytes > bytesPerSecond) {
    return { next: { windowStartMs, usedBytes, dropped: budget.dropped + 1 }, kept: false }
  }
  return { next: { windowStartMs, usedBytes: usedBytes + bytes, dropped: 0 }, kept: true }
}
