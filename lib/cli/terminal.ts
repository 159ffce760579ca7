/**
 * Where a command writes: standard output for its result, standard error for
 * everything beside it. Colours only where a person looks and has not refused them.
 * Text of a plugin goes through `plain` before it gets here.
 */
import process from 'node:process'

export type Paint = (text: string) => string

export interface Terminal {
  /** One line of the result. */
  readonly line: (text?: string) => void
  /** One line beside the result: progress, logs, warnings. */
  readonly note: (text?: string) => void
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  /** Columns that a line may take. */
  readonly width: number
}

/** The output of people who pipe it, and the least that tables are made for. */
const DEFAULT_WIDTH = 100
const LEAST_WIDTH = 60

export interface TerminalStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * @param noColor - the variable NO_COLOR; any text but the empty one refuses colours (no-color.org)
 */
export function makeTerminal(out: TerminalStream, beside: TerminalStream, noColor?: string): Terminal {
  const coloured = out.isTTY === true && beside.isTTY === true && (noColor === undefined || noColor === '')
  const paint = (code: number): Paint =>
    coloured ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text
  return {
    line: (text = '') => void out.write(`${text}\n`),
    note: (text = '') => void beside.write(`${text}\n`),
    bold: paint(1),
    dim: paint(2),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
    width: Math.max(LEAST_WIDTH, Math.min(out.columns ?? DEFAULT_WIDTH, 140)),
  }
}

export function processTerminal(): Terminal {
  return makeTerminal(process.stdout, process.stderr, process.env['NO_COLOR'])
}

/** The same terminal with its result lines moved beside, for a command whose one result is a JSON document. */
export function besideOnly(terminal: Terminal): Terminal {
  return { ...terminal, line: terminal.note }
}

/** The one JSON document of a command. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`)
}

/** What JSON leaves as it is and a terminal obeys: DEL, C1, and what changes a line's direction. */
// oxlint-disable-next-line no-control-regex -- these are the characters that must not get through
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Indented; the same data for who parses it, and harmless for who looks at it. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    UNSAFE_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
