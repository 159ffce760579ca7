/**
 * One reading of one file: where the lexer stands, for whom is read, and what is to
 * be told. Here a deviation becomes a refusal or a diagnostic; which tokens may follow
 * which is for the grammar in parse.ts, read-grant.ts and read-keystore.ts.
 */
import type { Deviation } from './deviations.js'
import { QUOTED_KEYWORD, SINGLE_QUOTES } from './deviations.js'
import type { Properties } from './expand.js'
import { advance, APOSTROPHE, END, isString, QUOTE, spells, tokenText, WORD, type Lexer } from './lexer.js'
import type { JavaDiagnostic, JavaDialect } from './policy.js'

export interface Reading {
  readonly lexer: Lexer
  /** `undefined` reads what either parser reads, and tells the difference. */
  readonly dialect: JavaDialect | undefined
  /** `undefined` expands nothing. */
  readonly properties: Properties | undefined
  readonly diagnostics: JavaDiagnostic[]
}

export interface Place {
  readonly line: number
  readonly column: number
}

interface RefusalFacts {
  readonly expected: string
  readonly remedy: string
  readonly message: string
  /** The parser does not even refuse the file: it waits here for ever. */
  readonly endless: boolean
}

/**
 * Why a file cannot be read; parse.ts makes the `PluginError` of it. It is thrown and is
 * no `Error`: it never leaves parse.ts, and its stack would cost more than the reading.
 */
export class Refusal {
  readonly place: Place
  readonly found: string
  readonly facts: RefusalFacts
  constructor(place: Place, found: string, facts: RefusalFacts) {
    this.place = place
    this.found = found
    this.facts = facts
  }
}

export function placeOf({ line, column }: Lexer): Place {
  return { line, column }
}

export function refuse(
  reading: Reading,
  expected: string,
  remedy: string,
  message: string = `${expected} is expected here`,
  endless: boolean = false,
): never {
  const { lexer } = reading
  const comment =
    lexer.openComment > 0 ? `; the comment that begins in line ${lexer.openComment} has no end` : ''
  throw new Refusal(placeOf(lexer), describeToken(lexer), {
    expected,
    remedy,
    message: message + comment,
    endless,
  })
}

/** Reads on past something that only one of the parsers reads, or refuses it for the other. */
export function deviate(reading: Reading, deviation: Deviation, place: Place = placeOf(reading.lexer)): void {
  const { refusedBy, endless, expected, message, jdk, opensearch3, remedy } = deviation
  if (reading.dialect === refusedBy)
    throw new Refusal(place, describeToken(reading.lexer), { expected, remedy, message, endless })
  if (reading.dialect === undefined)
    reading.diagnostics.push({ severity: 'warning', ...place, message, jdk, opensearch3, remedy })
}

/** Whether the token is this mark or keyword (in small letters) for both parsers. */
export function atPlain({ lexer }: Reading, what: string): boolean {
  return lexer.kind === WORD ? spells(lexer, what) : lexer.kind === what.charCodeAt(0) && !isString(lexer)
}

/** The same, or quoted: OpenSearch 3 compares a token by its text alone. */
export function at(reading: Reading, what: string): boolean {
  return isString(reading.lexer) ? spells(reading.lexer, what) : atPlain(reading, what)
}

/** Reads over a mark or keyword, if it stands here. */
export function takeIf(reading: Reading, what: string): boolean {
  if (!at(reading, what)) return false
  if (isString(reading.lexer)) deviate(reading, QUOTED_KEYWORD)
  advance(reading.lexer)
  return true
}

export function take(reading: Reading, what: string, remedy: string): void {
  if (!takeIf(reading, what)) refuse(reading, `'${what}'`, remedy)
}

/** The same where OpenSearch 3 reads nothing, so that quotes change what is meant. */
export function takePlain(reading: Reading, what: string, remedy: string): void {
  if (!takeIfPlain(reading, what)) refuse(reading, `'${what}'`, remedy)
}

export function takeIfPlain(reading: Reading, what: string): boolean {
  if (!atPlain(reading, what)) return false
  advance(reading.lexer)
  return true
}

/** A string in double quotes; in single quotes only where OpenSearch 3 reads strings at all. */
export function takeString(reading: Reading, expected: string, quotes: 'double' | 'any'): string {
  const { lexer } = reading
  if (lexer.kind === APOSTROPHE && quotes === 'any') deviate(reading, SINGLE_QUOTES)
  else if (lexer.kind !== QUOTE) refuse(reading, expected, 'write it as a string in double quotes')
  return takeText(reading)
}

export function takeText(reading: Reading): string {
  const { lexer } = reading
  const text = tokenText(lexer)
  if (!lexer.closed && isString(lexer)) tellOpenString(reading)
  advance(lexer)
  return text
}

function tellOpenString({ diagnostics, lexer }: Reading): void {
  diagnostics.push({
    severity: 'warning',
    ...placeOf(lexer),
    message: 'this string has no closing quote on its line',
    jdk: 'ends the string at the end of the line',
    opensearch3: 'ends the string at the end of the line',
    remedy: 'close the quotes',
  })
}

/** Text of a file may be long, and its control characters could steer a terminal. */
const MOST_FOUND = 60

function describeToken(lexer: Lexer): string {
  if (lexer.kind === END) return 'the end of the file'
  const clipped = lexer.text.slice(lexer.from, Math.min(lexer.to, lexer.from + MOST_FOUND))
  const shown = showText(clipped) + (lexer.to - lexer.from > MOST_FOUND ? '…' : '')
  if (lexer.kind === WORD) return shown
  if (isString(lexer)) {
    const quote = String.fromCharCode(lexer.kind)
    return quote + shown + quote
  }
  return `'${shown}'`
}

const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

export function showText(text: string): string {
  return text.replace(UNSHOWN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}
