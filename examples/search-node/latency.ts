/** Samples of a probe, and what they say about a span of time. Pure. */
export interface ProbeSample {
  /** When the search was sent, ms since 1970. */
  readonly atMs: number
  /** From then to the last byte of the answer. */
  readonly tookMs: number
  /** HTTP status; 0 when no answer came. */
  readonly status: number
}

export interface LatencySummary {
  readonly searches: number
  readonly answered: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Samples sent in `[fromMs, toMs)`. */
export function summarise(
  samples: readonly ProbeSample[],
  fromMs: number = -Infinity,
  toMs: number = Infinity,
): LatencySummary {
  const chosen = samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const sorted = chosen.map(({ tookMs }) => tookMs).sort((one, other) => one - other)
  return {
    searches: chosen.length,
    answered: chosen.filter(({ status }) => status === 200).length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
  }
}

/** Nearest rank: the smallest sample that at least `share` of all do not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
