/**
 * What the linter says: a code, where it stands, what is wrong and what to write
 * instead. Rules make hits; lint.ts gives them their severity and their order.
 */
import type { LintCode, LintSeverity } from './codes.js'

/** A JSON pointer in a JSON document, or line and column (both from 1) in a Java policy. */
export type Place =
  | { readonly file: string; readonly pointer: string; readonly line: null; readonly column: null }
  | { readonly file: string; readonly pointer: null; readonly line: number; readonly column: number }

export interface Hit {
  readonly code: LintCode
  readonly place: Place
  /** What is wrong, one sentence. */
  readonly message: string
  /** What to write instead, one sentence. */
  readonly fix: string
}

export interface Finding {
  readonly code: LintCode
  readonly severity: LintSeverity
  readonly file: string
  /** JSON pointer in a JSON document, otherwise `null`. */
  readonly pointer: string | null
  /** Both from 1 in a Java policy, otherwise `null`. */
  readonly line: number | null
  readonly column: number | null
  readonly message: string
  readonly fix: string
}

export function placeInJson(file: string, pointer: string): Place {
  return { file, pointer, line: null, column: null }
}

export function placeInJava(file: string, at: { readonly line: number; readonly column: number }): Place {
  return { file, pointer: null, line: at.line, column: at.column }
}

/** Text of a document as a message may show it: short, and without characters a terminal obeys. */
export function quote(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
  return `'${cut.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')}'`
}

const MAX_QUOTED = 80
