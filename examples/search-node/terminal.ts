/**
 * Writing for people: colours only where a terminal shows them, progress on one line
 * that is rewritten there and on a few lines elsewhere, nothing wider than 100 columns.
 */
import { clip, textTable, type Column } from './text-table.js'

export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
}

export interface Terminal {
  readonly paint: Paint
  readonly line: (text?: string) => void
  /** A numbered step of the show. */
  readonly step: (title: string) => void
  readonly table: (columns: readonly Column[], rows: readonly (readonly string[])[]) => void
  /** Says how far something is; the last call has `done === total`. */
  readonly progress: (label: string, done: number, total: number) => void
}

/** The part of a `tty.WriteStream` this needs. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const MAX_WIDTH = 100
const BAR_CELLS = 24
const INDENT = '   '

/** @param noColor - the variable NO_COLOR: any text but the empty one turns colours off (no-color.org) */
export function makeTerminal(output: Output, noColor: string | undefined): Terminal {
  const isTerminal = output.isTTY === true
  const width = Math.min(MAX_WIDTH, output.columns ?? MAX_WIDTH)
  const painted = isTerminal && (noColor ?? '') === ''
  const colour = (code: number) => (text: string) => (painted ? `\u001b[${code}m${text}\u001b[0m` : text)
  const paint: Paint = {
    bold: colour(1),
    dim: colour(2),
    good: colour(32),
    bad: colour(31),
    warn: colour(33),
  }
  const line = (text = ''): void => {
    output.write(`${clip(text, width)}\n`)
  }
  let steps = 0
  let quarter = -1

  return {
    paint,
    line: (text = '') => {
      line(text === '' ? '' : INDENT + text)
    },
    step(title) {
      steps += 1
      line()
      line(paint.bold(`${steps}  ${title}`))
    },
    table(columns, rows) {
      const [titles = '', ...others] = textTable(columns, rows)
      line(INDENT + paint.dim(titles))
      for (const row of others) line(INDENT + row)
    },
    progress(label, done, total) {
      const share = total === 0 ? 1 : done / total
      const count = `${withCommas(done)} of ${withCommas(total)} ${label}`
      if (isTerminal) {
        const full = Math.round(share * BAR_CELLS)
        const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full)
        output.write(`\r${INDENT}${bar} ${count}${done === total ? '\n' : ''}`)
        return
      }
      const reached = Math.floor(share * 4)
      if (reached === quarter) return
      quarter = done === total ? -1 : reached
      if (reached > 0) line(`${INDENT}${String(reached * 25).padStart(3)} %  ${count}`)
    },
  }
}

export function withCommas(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Milliseconds as people read them: `0.84 ms`, `12 ms`, `1.25 s`. */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(ms >= 1 ? 1 : 2)} ms`
}
