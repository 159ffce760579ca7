/** The last lines that a plugin logged, bounded by count and characters. Pure data. */
export interface TailLine {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly level: string
  readonly text: string
}

export interface LogTail {
  readonly lines: readonly TailLine[]
  readonly chars: number
}

export const NO_LINES: LogTail = { lines: [], chars: 0 }

const MOST_LINES = 50
const MOST_CHARS = 16_384
const MOST_LINE_CHARS = 1000

export function addLine(tail: LogTail, line: TailLine): LogTail {
  const added = { ...line, text: line.text.slice(0, MOST_LINE_CHARS) }
  const lines = [...tail.lines, added]
  let chars = tail.chars + added.text.length
  let gone = 0
  while (lines.length - gone > MOST_LINES || chars > MOST_CHARS) chars -= lines[gone++]?.text.length ?? 0
  return { lines: lines.slice(gone), chars }
}
