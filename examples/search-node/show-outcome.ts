/** One misbehaviour and what came of it, as lines and as a row of the last table. Pure. */
import type { ChaosOutcome } from './chaos-run.js'
import type { LatencySummary } from './latency.js'
import { duration, type Paint } from './terminal.js'
import type { Column } from './text-table.js'

const INDENT = ' '.repeat(14)

export function outcomeLines(outcome: ChaosOutcome, paint: Paint): readonly string[] {
  const { answer, answeredMs, backMs, containedMs, latency, status, transitions } = outcome
  const stayed = transitions.length === 0
  const quarantined = transitions.at(-1)?.to === 'quarantined'
  return [
    fact('the caller', `${status} after ${duration(answeredMs)}: ${answer}`),
    ...transitions.map(({ afterMs, reason, to }, position) =>
      fact(
        position === 0 ? 'the plugin' : '',
        `${duration(afterMs).padStart(7)}  → ${to.padEnd(11)} ${paint.dim(reason)}`,
      ),
    ),
    ...(stayed ? [fact('the plugin', 'kept running')] : []),
    fact(
      'contained',
      paint.good(
        `in ${duration(containedMs)}` +
          (backMs !== undefined
            ? `, running again after ${duration(backMs)}`
            : quarantined
              ? ', quarantined'
              : ''),
      ),
    ),
    fact('searches', latencyLine(latency, paint)),
  ]
}

function fact(name: string, text: string): string {
  return `${INDENT}${name.padEnd(11)}  ${text}`
}

function latencyLine({ answered, searches, p50Ms, p99Ms, maxMs }: LatencySummary, paint: Paint): string {
  const count = `${answered} of ${searches} answered`
  return `${answered === searches ? count : paint.bad(count)}; p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}, worst ${duration(maxMs)}`
}

export const SUMMARY_COLUMNS: readonly Column[] = [
  { title: 'case' },
  { title: 'the caller got', maxWidth: 28 },
  { title: 'contained', align: 'right' },
  { title: 'back', align: 'right' },
  { title: 'answered', align: 'right' },
  { title: 'p50', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'worst', align: 'right' },
]

export function summaryRow(name: string, latency: LatencySummary, outcome?: ChaosOutcome): readonly string[] {
  return [
    name,
    outcome === undefined ? '' : shortAnswer(outcome),
    outcome === undefined ? '' : duration(outcome.containedMs),
    outcome?.backMs === undefined ? '' : duration(outcome.backMs),
    `${latency.answered}/${latency.searches}`,
    duration(latency.p50Ms),
    duration(latency.p99Ms),
    duration(latency.maxMs),
  ]
}

/** The code of an error, or the status. */
function shortAnswer({ answer, status }: ChaosOutcome): string {
  return status < 400 ? String(status) : `${status} ${/^[A-Z_]+/.exec(answer)?.[0] ?? ''}`.trim()
}
