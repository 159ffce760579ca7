/** The principal clause of a grant, as the JDK keeps it. OpenSearch 3 has none. */
import { expandClause } from './expand-entry.js'
import { QUOTE, WORD } from './lexer.js'
import type { JavaPrincipal } from './policy.js'
import { placeOf, refuse, takeIfPlain, takeString, takeText, type Reading } from './reading.js'
import { normalizeX500Name } from './x500-name.js'

const ANY_CLASS = 'WILDCARD_PRINCIPAL_CLASS'
const ANY_NAME = 'WILDCARD_PRINCIPAL_NAME'
const CLASS_OF_ALIAS = 'PolicyParser.REPLACE_NAME'
const X500_PRINCIPAL = 'javax.security.auth.x500.X500Principal'

/** Behind the word `principal`. @returns `null` when the grant is dropped for an unset property */
export function readPrincipal(reading: Reading): JavaPrincipal | null {
  const { lexer } = reading
  const place = placeOf(lexer)
  const className = lexer.kind === QUOTE ? CLASS_OF_ALIAS : readClass(reading)
  const wildcard = className !== CLASS_OF_ALIAS && takeIfPlain(reading, '*')
  const written = wildcard ? ANY_NAME : takeString(reading, 'the name of the principal', 'double')
  // The JDK compares by value, so that a class of this very name counts as the wildcard.
  if (className === ANY_CLASS && written !== ANY_NAME) {
    refuse(
      reading,
      "'*'",
      "write 'principal * *', or name the class",
      'a principal of any class with a name stands here',
    )
  }
  const name = expandClause(reading, 'principal', written, place)
  if (name === null) return null
  if (className !== X500_PRINCIPAL || name === ANY_NAME) return [className, name]
  const normal = normalizeX500Name(name)
  if (normal === null) {
    refuse(
      reading,
      'a distinguished name',
      'write it as in RFC 2253',
      'the name of this X500Principal is none that the JDK can read',
    )
  }
  return [className, normal]
}

function readClass(reading: Reading): string {
  const { lexer } = reading
  if (takeIfPlain(reading, '*')) return ANY_CLASS
  if (lexer.kind === WORD) return takeText(reading)
  return refuse(reading, 'the class of the principal, its alias, or *', 'write a class name, a string or *')
}
