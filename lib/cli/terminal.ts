/**
 * Where a command writes: standard output for its result, standard error for
 * everything beside it. Colours only where a person looks and has not refused them.
 * Text of a plugin goes through `plain` before it gets here.
 */
import process from 'node:process'
import { plainJson } from './plain.js'

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
  process.stdout.write(`${plainJson(value)}\n`)
}
