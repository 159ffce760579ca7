/**
 * The entries of a policy file that say where keys are: `keystore`,
 * `keystorePasswordURL`, and the `domain` of a keystore configuration, which is read
 * by the same parser of the JDK and is no policy. OpenSearch 3 knows none of them.
 */
import { expandProperties } from './expand.js'
import { advance, tokenText, WORD } from './lexer.js'
import type { JavaKeystore } from './policy.js'
import {
  atPlain,
  placeOf,
  refuse,
  takeIfPlain,
  takePlain,
  takeString,
  type Place,
  type Reading,
} from './reading.js'

/** As in the file; `url` and `passwordURL` are expanded at the end only. */
export interface KeystoreEntries {
  keystore: Omit<JavaKeystore, 'passwordURL'> | null
  keystorePlace: Place
  passwordURL: string | null
  passwordPlace: Place
}

export function makeKeystoreEntries(): KeystoreEntries {
  const nowhere = { line: 1, column: 1 }
  return { keystore: null, keystorePlace: nowhere, passwordURL: null, passwordPlace: nowhere }
}

export function readKeystore(reading: Reading, entries: KeystoreEntries): void {
  entries.keystorePlace = placeOf(reading.lexer)
  advance(reading.lexer)
  const url = takeString(reading, 'the URL of the keystore', 'double')
  const type = readOptional(reading, 'the type of the keystore')
  const provider = type === null ? null : readOptional(reading, 'the provider of the keystore')
  entries.keystore = { url, type, provider }
}

function readOptional(reading: Reading, expected: string): string | null {
  if (!takeIfPlain(reading, ',')) return null
  return takeString(reading, expected, 'double')
}

export function readPasswordURL(reading: Reading, entries: KeystoreEntries): void {
  entries.passwordPlace = placeOf(reading.lexer)
  advance(reading.lexer)
  entries.passwordURL = takeString(reading, 'the URL of the keystore password', 'double')
}

/**
 * An empty URL counts as an entry but not as a URL, and one with an unset property is
 * none, as the JDK has it; the latter is told.
 */
export function expandKeystore(reading: Reading, entries: KeystoreEntries): JavaKeystore | null {
  if (entries.keystore === null) return null
  const { type, provider } = entries.keystore
  const url = expandURL(reading, entries.keystore.url, entries.keystorePlace)
  const passwordURL = expandURL(reading, entries.passwordURL, entries.passwordPlace)
  const empty = url === null && type === null && provider === null && passwordURL === null
  return empty ? null : { url, type, provider, passwordURL }
}

function expandURL(reading: Reading, url: string | null, place: Place): string | null {
  if (url === null || url === '') return null
  if (reading.properties === undefined) return url
  const expansion = expandProperties(url, reading.properties, true)
  if ('value' in expansion) return expansion.value
  reading.diagnostics.push({
    severity: 'warning',
    ...place,
    message: `the property '${expansion.unset}' in the URL of this entry is not set`,
    jdk: 'reads the file as if the entry had no URL',
    opensearch3: 'knows no keystore',
    remedy: 'give the property, or write its value',
  })
  return null
}

/** Read for its syntax only; nothing of it is kept but the name, which must be new. */
export function readDomain(reading: Reading, names: Set<string>): void {
  const { lexer } = reading
  advance(lexer)
  const name = takeName(reading, 'the name of the domain')
  if (!atPlain(reading, '{')) readAssignments(reading, '{')
  advance(lexer)
  const keystores = new Set<string>()
  while (!atPlain(reading, '}')) {
    takePlain(reading, 'keystore', "write 'keystore NAME …;', or '}' to end the domain")
    const keystore = takeName(reading, 'the name of the keystore')
    if (!atPlain(reading, '}')) readAssignments(reading, ';')
    takePlain(reading, ';', "end the keystore with ';'")
    if (keystores.has(keystore)) refuseSecond(reading, 'keystore')
    keystores.add(keystore)
  }
  advance(lexer)
  if (names.has(name)) refuseSecond(reading, 'domain')
  names.add(name)
}

function readAssignments(reading: Reading, end: string): void {
  while (!atPlain(reading, end)) {
    takeName(reading, `the name of a property, or '${end}'`)
    takePlain(reading, '=', 'write \'name="value"\'')
    const value = takeString(reading, 'the value of the property', 'double')
    if (reading.properties === undefined) continue
    const expansion = expandProperties(value, reading.properties, false)
    if ('unset' in expansion)
      refuse(reading, 'a property that is set', 'give the property, or write its value')
  }
}

function takeName(reading: Reading, expected: string): string {
  const { lexer } = reading
  if (lexer.kind !== WORD) refuse(reading, expected, 'write a word')
  const name = tokenText(lexer)
  advance(lexer)
  return name
}

function refuseSecond(reading: Reading, what: string): never {
  refuse(
    reading,
    `another ${what}`,
    'rename one of the two',
    `a ${what} of this name stands here a second time`,
  )
}
