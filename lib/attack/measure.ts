/** What is measured of an attack, as plain data: made by run-case.ts, judged by judge.ts, shown by table.ts. */
import type { Fate } from './attack-case.js'

/** One search as the probe saw it. */
export interface SearchSample {
  /** When it was sent, ms since 1970. */
  readonly atMs: number
  /** From then to the last byte of the answer. */
  readonly tookMs: number
  readonly answered: boolean
}

/** Before the attack, from a provocation until it was contained, and the plugin's return after it. */
export type Span = 'before' | 'during' | 'after'
export const SPANS: readonly Span[] = ['before', 'during', 'after']

/**
 * What became of the plugin, and what can become of it beside the fates that count as
 * contained: `unanswering`, it goes on and answers nothing; `none`, it did not run at
 * all; `node-ended`, the node went with it.
 */
export type Outcome = Fate | { readonly kind: 'unanswering' | 'none' | 'node-ended'; readonly code: string }

/** What happened to the plugin in one run. */
export interface Happened {
  readonly outcome: Outcome
  /** From the provocation to the outcome. */
  readonly tookMs: number
  /** What the caller or the operator was told; for people. */
  readonly said: string
}

/** One attack, once or several times in a row. */
export interface Measure {
  readonly runs: readonly Happened[]
  /** Each search of the node's own, by span. */
  readonly searches: { readonly [span in Span]: readonly SearchSample[] }
  /** Resident memory of the node, after minus before, both after a garbage collection. */
  readonly rssGrowthBytes: number
  /** The same at its highest. */
  readonly rssPeakBytes: number
  /** What was left of the attack: processes, threads, descriptors. */
  readonly leftovers: readonly string[]
  /** What happened to other plugins of the node. */
  readonly harm: readonly string[]
}

export interface Latency {
  readonly searches: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The slowest search: the node was silent for so long. */
  readonly maxMs: number
  readonly unanswered: number
}

export function latencyOf(samples: readonly SearchSample[]): Latency {
  const sorted = samples.map(({ tookMs }) => tookMs).toSorted((one, other) => one - other)
  return {
    searches: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
    unanswered: samples.filter(({ answered }) => !answered).length,
  }
}

/** Nearest rank: the smallest sample that at least `share` of all do not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((one, other) => one - other),
    0.5,
  )
}
