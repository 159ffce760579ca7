/**
 * A grant: for which code, signer and principals, and its permissions. The grammar is
 * that of the JDK, with what only OpenSearch 3 reads as deviations from it.
 */
import {
  BARE_CODEBASE,
  COMMA_AFTER_ACTIONS,
  GRANT_TO_PRINCIPAL,
  MARK_AS_TEXT,
  MISSING_COMMA,
  SIGNED_GRANT,
  SIGNED_PERMISSION,
} from './deviations.js'
import { expandClause, expandPermissionText, skipGrant, skipToSemicolon } from './expand-entry.js'
import { meetJurisdiction } from './jurisdiction.js'
import { advance, isString, WORD } from './lexer.js'
import type { JavaGrant, JavaPermission, JavaPrincipal } from './policy.js'
import { readPrincipal } from './read-principal.js'
import {
  at,
  atPlain,
  deviate,
  placeOf,
  refuse,
  take,
  takeIf,
  takeIfPlain,
  takeString,
  takeText,
  type Place,
  type Reading,
} from './reading.js'

interface Clauses {
  codeBase: string | null
  signedBy: string | null
  readonly principals: JavaPrincipal[]
  /** For an unset property in a principal; the rest is read for its syntax. */
  dropped: boolean
}

/** At the word `grant`. @returns `null` for a grant that is dropped for an unset property */
export function readGrant(reading: Reading): JavaGrant | null {
  const place = placeOf(reading.lexer)
  takeIf(reading, 'grant')
  const clauses: Clauses = { codeBase: null, signedBy: null, principals: [], dropped: false }
  while (!at(reading, '{')) {
    if (!readClause(reading, clauses, place)) return null
  }
  takeIf(reading, '{')
  const permissions = readPermissions(reading)
  const expanded = expandClauses(reading, clauses, place)
  if (expanded === null) return null
  // Written out: spreading the objects together here took half of the time of the whole reading.
  const { codeBase, signedBy } = expanded
  return {
    codeBase,
    signedBy,
    principals: clauses.principals,
    permissions,
    line: place.line,
    column: place.column,
  }
}

/** @returns false when OpenSearch 3 has skipped the grant */
function readClause(reading: Reading, clauses: Clauses, place: Place): boolean {
  if (at(reading, 'codebase')) {
    if (clauses.codeBase !== null) refuseSecond(reading, 'codeBase')
    takeIf(reading, 'codebase')
    clauses.codeBase = readCodeBase(reading)
    if (reading.dialect === 'opensearch3') {
      clauses.codeBase = expandClause(reading, 'codeBase', clauses.codeBase, place)
      if (clauses.codeBase === null) {
        skipGrant(reading)
        return false
      }
    }
    takeIf(reading, ',')
  } else if (atPlain(reading, 'signedby')) {
    if (clauses.signedBy !== null) refuseSecond(reading, 'signedBy')
    deviate(reading, SIGNED_GRANT)
    advance(reading.lexer)
    clauses.signedBy = readSigners(reading)
    takeIfPlain(reading, ',')
  } else if (atPlain(reading, 'principal')) {
    deviate(reading, GRANT_TO_PRINCIPAL)
    advance(reading.lexer)
    const principal = readPrincipal(reading)
    if (principal === null) clauses.dropped = true
    else clauses.principals.push(principal)
    takeIfPlain(reading, ',')
  } else {
    refuse(
      reading,
      reading.dialect === 'opensearch3' ? "codeBase or '{'" : "codeBase, signedBy, principal or '{'",
      "open the permissions of the grant with '{'",
    )
  }
  return true
}

/** The JDK expands these at the end of the grant, OpenSearch 3 the code base where it reads it. */
function expandClauses(
  reading: Reading,
  { signedBy, codeBase, dropped }: Clauses,
  place: Place,
): Pick<JavaGrant, 'codeBase' | 'signedBy'> | null {
  if (reading.dialect === 'opensearch3') return { codeBase, signedBy }
  const signers = signedBy === null ? null : expandClause(reading, 'signedBy', signedBy, place)
  if (signers === null && signedBy !== null) return null
  const url = codeBase === null ? null : expandClause(reading, 'codeBase', codeBase, place)
  if (url === null && codeBase !== null) return null
  return dropped ? null : { codeBase: url, signedBy: signers }
}

function refuseSecond(reading: Reading, clause: string): never {
  refuse(reading, `one ${clause}`, 'write a grant for each', `a second ${clause} stands in this grant`)
}

function readCodeBase(reading: Reading): string {
  const { lexer } = reading
  if (lexer.kind === WORD) {
    deviate(reading, BARE_CODEBASE)
    return takeText(reading)
  }
  return takeMark(reading) ?? takeString(reading, 'the URL of the codeBase', 'any')
}

/** Where OpenSearch 3 expects a text it takes the marks of its grammar as well. */
function takeMark(reading: Reading): string | null {
  if (!['{', '}', ';', ','].some((mark) => atPlain(reading, mark))) return null
  deviate(reading, MARK_AS_TEXT)
  return takeText(reading)
}

/** Between the commas must stand more aliases than there are commas; the JDK counts only. */
function readSigners(reading: Reading): string {
  const text = takeString(reading, 'the aliases of the signers', 'double')
  const parts = text.split(',')
  const empty = (part: string): boolean => !/[^\0- ]/.test(part)
  if (parts.some(empty)) {
    refuse(reading, 'an alias', 'write the alias between the commas', 'signedBy has an empty alias')
  }
  return text
}

function readPermissions(reading: Reading): readonly JavaPermission[] {
  const permissions: JavaPermission[] = []
  while (!takeIf(reading, '}')) {
    if (!at(reading, 'permission')) {
      refuse(reading, "permission or '}'", 'write \'permission CLASS "target", "actions";\'')
    }
    const permission = readPermission(reading)
    if (permission !== null) permissions.push(permission)
  }
  return permissions
}

/** @returns `null` for a permission that is dropped for an unset property */
function readPermission(reading: Reading): JavaPermission | null {
  const { line, column } = reading.lexer
  takeIf(reading, 'permission')
  const className = readClass(reading)
  const draft: Draft = { class: className, target: null, actions: null, signedBy: null, line, column }
  const permission = readTexts(reading, draft)
  if (permission === null && reading.dialect !== 'opensearch3') skipToSemicolon(reading)
  meetJurisdiction(reading, draft)
  take(reading, ';', "end the permission with ';'")
  return permission
}

/** A class name, also in quotes. */
function readClass(reading: Reading): string {
  if (reading.lexer.kind === WORD) return takeText(reading)
  return takeMark(reading) ?? takeString(reading, 'the class of the permission', 'any')
}

interface Draft extends Omit<JavaPermission, 'target' | 'actions' | 'signedBy'> {
  target: string | null
  actions: string | null
  signedBy: string | null
}

function readTexts(reading: Reading, draft: Draft): JavaPermission | null {
  const { lexer } = reading
  if (isString(lexer) && !readText(reading, draft, 'target')) return null
  if (!takeComma(reading)) return draft
  if (isString(lexer)) {
    if (!readText(reading, draft, 'actions')) return null
    if (!atPlain(reading, ',')) return draft
    deviate(reading, COMMA_AFTER_ACTIONS)
    advance(lexer)
  }
  if (atPlain(reading, 'signedby')) {
    deviate(reading, SIGNED_PERMISSION)
    advance(lexer)
    if (!readText(reading, draft, 'signedBy')) return null
  }
  return draft
}

function readText(reading: Reading, draft: Draft, part: 'target' | 'actions' | 'signedBy'): boolean {
  const text = takeString(reading, 'a text of the permission', part === 'signedBy' ? 'double' : 'any')
  draft[part] = expandPermissionText(reading, draft, part, text)
  return draft[part] !== null
}

/** Whether actions or a signer may follow. */
function takeComma(reading: Reading): boolean {
  if (takeIf(reading, ',')) return true
  if (!isString(reading.lexer)) return false
  deviate(reading, MISSING_COMMA)
  return true
}
