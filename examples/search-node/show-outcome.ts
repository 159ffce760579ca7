/** One misbehaviour and what came of it, as lines and as a row of the last table. Pure. */
import type { ChaosOutcome } from './chaos-run.js'
import type { LatencySummary } from './latency.js'
import { duration, withCommas, type Paint } from './terminal.js'
import { wrap, type Column } from './text-table.js'

const LABEL_WIDTH = 10
/** What is left of 100 columns after the terminal's margin and the label. */
const TEXT_WIDTH = 85
const MAX_FAILURES = 3

export function outcomeLines(outcome: ChaosOutcome, paint: Paint): readonly string[] {
  const { answer, answeredMs, failures, latency, logLines, status, transitions } = outcome
  return [
    ...fact('caller', `${status} after ${duration(answeredMs)}  ${answer}`),
    ...transitions.flatMap(({ afterMs, reason, to }, position) =>
      fact(
        position === 0 ? 'plugin' : '',
        `${duration(afterMs).padStart(7)}  ${to.padEnd(10)}  ${reason}`,
        HANGING,
      ),
    ),
    ...(transitions.length === 0 ? fact('plugin', 'kept running') : []),
    ...failures.slice(0, MAX_FAILURES).flatMap((failure) => fact('noted', failure)),
    ...(logLines > 0 ? fact('log', `${withCommas(logLines)} lines kept, the rest counted and dropped`) : []),
    ...fact('contained', containedLine(outcome), paint.good),
    ...fact('searches', latencyLine(latency), latency.answered === latency.searches ? paint.good : paint.bad),
  ]
}

/** Columns before the reason of a transition. */
const HANGING = 21

/** A label and a text, on as many lines as it takes; the others start `hanging` columns further in. */
export function fact(label: string, text: string, more: Painter | number = plain): readonly string[] {
  const hanging = typeof more === 'number' ? more : 0
  const colour = typeof more === 'number' ? plain : more
  const [first = '', ...others] = wrap(text, TEXT_WIDTH)
  const rest = others.length === 0 ? [] : wrap(others.join(' '), TEXT_WIDTH - hanging)
  return [
    `  ${label.padEnd(LABEL_WIDTH)}${colour(first)}`,
    ...rest.map((line) => ' '.repeat(2 + LABEL_WIDTH + hanging) + colour(line)),
  ]
}

type Painter = (text: string) => string
const plain: Painter = (text) => text

function containedLine({ backMs, containedMs, transitions }: ChaosOutcome): string {
  const within = `in ${duration(containedMs)}`
  if (transitions.at(-1)?.to === 'quarantined') return `${within}, quarantined: it crashes again and again`
  return backMs === undefined ? within : `${within}, running again after ${duration(backMs)}`
}

function latencyLine({ answered, searches, p50Ms, p99Ms, maxMs }: LatencySummary): string {
  return `${answered} of ${searches} answered; p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}, worst ${duration(maxMs)}`
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
