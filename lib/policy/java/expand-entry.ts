/**
 * Expansion inside a grant, and what becomes of an entry whose property is not set:
 * the JDK drops the permission, or the grant if it stands in the grant's own clauses.
 * A drop is always told; a policy that grants less than it seems to is hard to debug.
 */
import { expandOpenSearch3Name, expandProperties, type Expansion } from './expand.js'
import { advance, END, tokenText } from './lexer.js'
import type { JavaPermission } from './policy.js'
import { refuse, showText, type Place, type Reading } from './reading.js'

type Clause = 'codeBase' | 'signedBy' | 'principal'

/** @returns `null` when the grant is dropped for it */
export function expandClause(reading: Reading, clause: Clause, text: string, place: Place): string | null {
  const { properties } = reading
  if (properties === undefined) return text
  const expansion = expandProperties(text, properties, clause === 'codeBase')
  if ('value' in expansion) return expansion.value
  tellUnset(reading, expansion.unset, place, {
    where: `the ${clause} of this grant`,
    jdk: 'drops the grant',
    opensearch3: clause === 'codeBase' ? 'drops the grant' : 'refuses the whole file',
  })
  return null
}

/** @returns `null` when the permission is dropped for it */
export function expandPermissionText(
  reading: Reading,
  permission: JavaPermission,
  part: 'target' | 'actions' | 'signedBy',
  text: string,
): string | null {
  if (!text.includes('${')) return text
  const { properties, dialect } = reading
  if (part === 'target' && text.includes('${{')) tellDoubleBraces(reading, permission, text)
  if (properties === undefined) return text
  const there = part === 'target' ? expandOpenSearch3Name(text, properties) : { value: text }
  const expansion = dialect === 'opensearch3' ? there : expandProperties(text, properties, false)
  if (dialect === 'opensearch3' && 'unset' in there) {
    refuse(
      reading,
      `the property ${there.unset}`,
      'give it, as every JVM does',
      'OpenSearch 3 fails without it',
    )
  }
  if ('value' in expansion) {
    if (dialect === undefined) tellOtherExpansion(reading, permission, part, expansion.value, there)
    return expansion.value
  }
  tellUnset(reading, expansion.unset, permission, {
    where: `the ${part} of this ${showText(permission.class)}`,
    jdk: 'drops the permission',
    opensearch3: 'unset' in there ? 'refuses the whole file' : `reads '${showText(there.value)}'`,
  })
  return null
}

/** Leaves the `;` of a dropped permission: up to there the JDK no longer looks at what it reads. */
export function skipToSemicolon(reading: Reading): void {
  const { lexer } = reading
  while (lexer.kind !== SEMICOLON) {
    if (lexer.kind === END) refuse(reading, "';'", "end the permission with ';'")
    advance(lexer)
  }
}

const SEMICOLON = 0x3b

/** OpenSearch 3 drops a grant unread: from its next `{` to the `}` of the same depth, both also in quotes. */
export function skipGrant(reading: Reading): void {
  const { lexer } = reading
  while (lexer.kind !== END && tokenText(lexer) !== '{') advance(lexer)
  for (let depth = 0; lexer.kind !== END;) {
    const text = tokenText(lexer)
    if (text === '{') depth += 1
    if (text === '}') depth -= 1
    advance(lexer)
    if (depth === 0) return
  }
}

interface Consequence {
  readonly where: string
  readonly jdk: string
  readonly opensearch3: string
}

function tellUnset(reading: Reading, name: string, place: Place, { where, ...told }: Consequence): void {
  const remedy = 'give the property, or write its value'
  if (name === '')
    refuse(reading, 'the name of a property', "write '${name}'", `'\${}' in ${where} names no property`)
  const { line, column } = place
  const message = `the property '${showText(name)}' in ${where} is not set`
  reading.diagnostics.push({ severity: 'warning', line, column, message, ...told, remedy })
}

function tellOtherExpansion(
  reading: Reading,
  permission: JavaPermission,
  part: string,
  value: string,
  there: Expansion,
): void {
  if ('value' in there && there.value === value) return
  reading.diagnostics.push({
    severity: 'info',
    line: permission.line,
    column: permission.column,
    message: `a property stands in the ${part} of this ${showText(permission.class)}`,
    jdk: `reads '${showText(value)}'`,
    opensearch3: 'value' in there ? `reads '${showText(there.value)}'` : 'refuses the whole file',
    remedy: 'write the value itself if OpenSearch 3 reads this file as well',
  })
}

/** The parser keeps the text; this tells what the policy made of it will do. */
function tellDoubleBraces(reading: Reading, { line, column }: JavaPermission, target: string): void {
  const inner = target.slice(target.indexOf('${{') + 3)
  const prefix = (/^[^:}]{0,6}/.exec(inner)?.[0] ?? '').toLowerCase()
  const told = {
    self: 'puts each principal of the running code here, and grants nothing to code without one',
    alias: 'puts the subject of that certificate in the keystore here, and drops the permission without one',
  }
  reading.diagnostics.push({
    severity: prefix === 'self' ? 'info' : 'warning',
    line,
    column,
    message: `'\${{' stands in the target of this permission`,
    jdk:
      prefix === 'self' || prefix === 'alias'
        ? told[prefix]
        : 'drops the permission: it knows self and alias only',
    opensearch3: 'puts the property of that name here, if it is set',
    remedy: 'write the value itself',
  })
}
