/** One thing wrong or worth knowing, as compilers print it: place, severity, code, what, and what to write. */
import type { Fault } from '../../errors.js'
import type { Finding } from '../../policy/lint/lint.js'
import { shortPath } from '../describe-error.js'
import { placed } from '../lint-plugin.js'
import { plainLine } from '../plain.js'
import type { Terminal } from '../terminal.js'

export type Severity = Finding['severity']

export interface CheckLine {
  readonly file: string
  /** Both from 1; `null` when the whole file is meant. */
  readonly line: number | null
  readonly column: number | null
  readonly severity: Severity
  readonly code: string
  readonly message: string
  readonly fix: string
}

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info']

/** @param text - of the file the fault is in, when it is at hand */
export function lineOfFault(fault: Fault, text: string | undefined): CheckLine {
  const { code, message, remedy } = fault
  // A syntax error says its place in words, for it has no pointer to it.
  const [said = '', line, column] = /, at line (\d+) column (\d+)$/.exec(message) ?? []
  const near = placed({ pointer: fault.pointer }, text)
  return {
    file: fault.file,
    line: line === undefined ? (near.line ?? null) : Number(line),
    column: column === undefined ? (near.column ?? null) : Number(column),
    severity: 'error',
    code,
    message: message.slice(0, message.length - said.length),
    fix: remedy,
  }
}

/** The bundler's faults name `file:line:column`, relative to the plugin. */
export function lineOfBundleFault({ code, file, message, remedy }: Fault, dir: string): CheckLine {
  const [, path = file, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(file) ?? []
  return {
    file: `${dir}/${path}`,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
    severity: 'error',
    code,
    message,
    fix: remedy,
  }
}

export function lineOfFinding({ file, line, column, severity, code, message, fix }: Finding): CheckLine {
  return { file, line, column, severity, code, message, fix }
}

export function textOf(
  { file, line, column, severity, code, message, fix }: CheckLine,
  { bold, dim, red, yellow }: Terminal,
): string {
  const paint = { error: red, warning: yellow, info: dim }[severity]
  const place = [shortPath(file), ...(line === null ? [] : [line, column ?? 1])].join(':')
  return `${bold(plainLine(place))} ${paint(severity)} ${code} ${plainLine(message)}; ${plainLine(fix)}`
}

/** As they stand in their files, one file after the other. */
export function inOrder(lines: readonly CheckLine[]): readonly CheckLine[] {
  return lines.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}

/** `1 error, 2 warnings`; '' for none. */
export function countText(lines: readonly CheckLine[]): string {
  return SEVERITIES.map((severity) => ({
    severity,
    count: lines.filter((line) => line.severity === severity).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`)
    .join(', ')
}
