/** Verdicts as rows and sentences for people, and as plain data for programs. Pure. */
import { mebibytes, textOf, type Verdict } from './judge.js'
import { SPANS, type Latency } from './measure.js'

export const TITLES: readonly string[] = [
  'case',
  'the plugin',
  'contained in',
  'search p50/p99 before',
  'during',
  'after, ms',
  'node RSS',
]

/** One row of the table; the last cell says what is wrong, if anything is. */
export function rowOf(verdict: Verdict): readonly string[] {
  const { tookMs, search, rssGrowthBytes, rssPeakBytes } = verdict
  return [
    verdict.case.name,
    outcomesOf(verdict),
    `${Math.round(tookMs.median)} ms`,
    ...SPANS.map((span) => latencyText(search[span])),
    `${signed(mebibytes(rssGrowthBytes))} MiB (peak ${signed(mebibytes(rssPeakBytes))})`,
  ]
}

/** What happened to the plugin; each thing once. */
function outcomesOf({ runs }: Verdict): string {
  return [...new Set(runs.map(({ outcome }) => textOf(outcome)))].join(', ')
}

function latencyText({ searches, p50Ms, p99Ms }: Latency): string {
  return searches === 0 ? '-' : `${rounded(p50Ms)}/${rounded(p99Ms)}`
}

function rounded(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value)
}

/** The last line: what the whole run says. */
export function summaryOf(verdicts: readonly Verdict[]): string {
  const open = verdicts.filter(({ contained }) => !contained).length
  const touched = verdicts.filter((verdict) => verdict.touched).length
  const longest = Math.max(0, ...verdicts.flatMap(({ search }) => SPANS.map((span) => search[span].maxMs)))
  const growth = Math.max(0, ...verdicts.map(({ rssGrowthBytes }) => mebibytes(rssGrowthBytes)))
  const searches = verdicts.reduce(
    (sum, { search }) => sum + SPANS.reduce((all, span) => all + search[span].searches, 0),
    0,
  )
  return (
    `${verdicts.length} attack${verdicts.length === 1 ? '' : 's'}, ${open === 0 ? 'all contained' : `${open} not contained`}; ` +
    `${touched === 0 ? 'the node felt none' : `the node felt ${touched}`}: ${searches} searches, ` +
    `the slowest ${longest.toFixed(0)} ms, memory grew by ${growth} MiB at most`
  )
}

/** The verdict as the document of `--json` has it: numbers in ms and bytes. */
export function toJson(verdict: Verdict): object {
  const { case: attack, tookMs, search, runs, ...facts } = verdict
  const round = (value: number): number => Math.round(value * 100) / 100
  const latency = (span: Latency): object => ({
    ...span,
    p50Ms: round(span.p50Ms),
    p99Ms: round(span.p99Ms),
    maxMs: round(span.maxMs),
  })
  return {
    case: attack.name,
    chapter: attack.chapter,
    contained: facts.contained,
    touched: facts.touched,
    why: facts.why,
    expected: attack.expect.map(textOf),
    runs: runs.map(({ outcome, tookMs: ms, said }) => ({
      outcome: textOf(outcome),
      tookMs: round(ms),
      said,
    })),
    withinMs: attack.withinMs,
    tookMs: { median: round(tookMs.median), most: round(tookMs.most) },
    search: { before: latency(search.before), during: latency(search.during), after: latency(search.after) },
    rssGrowthBytes: facts.rssGrowthBytes,
    rssPeakBytes: facts.rssPeakBytes,
  }
}
