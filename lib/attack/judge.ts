/** Whether an attack was contained, and what speaks against it. Pure: a function of what was measured. */
import type { AttackCase } from './attack-case.js'
import {
  latencyOf,
  median,
  SPANS,
  type Happened,
  type Latency,
  type Measure,
  type Outcome,
  type Span,
} from './measure.js'

/** What a busy machine is given beyond the limit of a case, ms. */
export interface Room {
  /** Added to the limit for the median of the runs. */
  readonly medianMs: number
  /** Added to it for each single run. */
  readonly mostMs: number
  /** The node counts as touched when a search took longer. What is normal is a hundredth of it. */
  readonly silenceMs: number
}

export const ROOM: Room = { medianMs: 250, mostMs: 1000, silenceMs: 1000 }

/** Resident memory that an attack may leave in the node. */
const MOST_GROWTH_BYTES = 50 * 1_048_576

export interface Verdict {
  readonly case: AttackCase
  readonly contained: boolean
  /** The node or another plugin felt it. */
  readonly touched: boolean
  /** What speaks against it; empty when it was contained. */
  readonly why: readonly string[]
  /** What happened to the plugin in each run. */
  readonly runs: readonly Happened[]
  readonly tookMs: { readonly median: number; readonly most: number }
  readonly search: { readonly [span in Span]: Latency }
  readonly rssGrowthBytes: number
  readonly rssPeakBytes: number
}

export function judge(attack: AttackCase, measures: readonly Measure[], room: Room = ROOM): Verdict {
  const runs = measures.flatMap((measure) => measure.runs)
  const took = runs.map(({ tookMs }) => tookMs)
  const tookMs = { median: median(took), most: Math.max(...took) }
  const search = Object.fromEntries(
    SPANS.map((span) => [span, latencyOf(measures.flatMap(({ searches }) => searches[span]))]),
  ) as { readonly [span in Span]: Latency }
  const growth = Math.max(...measures.map(({ rssGrowthBytes }) => rssGrowthBytes))
  const plugin = [...unexpected(attack, runs), ...late(attack, tookMs, room)]
  const node = [
    ...silent(search, room),
    ...(growth < MOST_GROWTH_BYTES ? [] : [`the node's memory grew by ${mebibytes(growth)} MiB`]),
    ...unique(measures.flatMap(({ leftovers }) => leftovers)).map((what) => `left over: ${what}`),
    ...unique(measures.flatMap(({ harm }) => harm)),
    ...(runs.some(({ outcome }) => outcome.kind === 'node-ended') ? ['the node ended'] : []),
  ]
  return {
    case: attack,
    contained: plugin.length === 0 && node.length === 0,
    touched: node.length > 0,
    why: [...plugin, ...node],
    runs,
    tookMs,
    search,
    rssGrowthBytes: growth,
    rssPeakBytes: Math.max(...measures.map(({ rssPeakBytes }) => rssPeakBytes)),
  }
}

/** `ended PLUGIN_BLOCKED` */
export function textOf(outcome: Outcome): string {
  return outcome.kind === 'bounded' ? 'bounded' : `${outcome.kind} ${outcome.code}`
}

function unexpected({ expect }: AttackCase, runs: readonly Happened[]): readonly string[] {
  const allowed = new Set(expect.map(textOf))
  const others = runs.map(({ outcome }) => textOf(outcome)).filter((text) => !allowed.has(text))
  if (others.length === 0) return []
  return [`${unique(others).join(', ')} instead of ${[...allowed].join(' or ')}`]
}

function late(
  { withinMs }: AttackCase,
  took: Verdict['tookMs'],
  { medianMs, mostMs }: Room,
): readonly string[] {
  if (took.median > withinMs + medianMs)
    return [`it took ${Math.round(took.median)} ms, limit ${withinMs} ms`]
  if (took.most > withinMs + mostMs) return [`one run took ${Math.round(took.most)} ms, limit ${withinMs} ms`]
  return []
}

function silent(search: Verdict['search'], { silenceMs }: Room): readonly string[] {
  const unanswered = SPANS.reduce((sum, span) => sum + search[span].unanswered, 0)
  const longest = Math.max(...SPANS.map((span) => search[span].maxMs))
  return [
    ...(unanswered === 0 ? [] : [`${unanswered} searches of the node got no answer`]),
    ...(longest <= silenceMs ? [] : [`the node was silent for ${Math.round(longest)} ms`]),
  ]
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}
