/**
 * Reads the text of a Java `security.policy` file: `jdk` as the parser of JDK 17 does,
 * `opensearch3` as that of OpenSearch 3 does, and without a dialect whatever either of
 * them reads, with diagnostics where they differ. Linear in the text, without recursion.
 * What the permissions mean is for permission.ts and translate.ts.
 */
import { PluginError } from '../../errors.js'
import { EMPTY_ENTRY, KEYSTORE_ENTRY, MISSING_SEMICOLON } from './deviations.js'
import type { Properties } from './expand.js'
import { advance, END, makeLexer } from './lexer.js'
import type { JavaDialect, JavaGrant, JavaKeystore, JavaPolicy } from './policy.js'
import { readGrant } from './read-grant.js'
import {
  expandKeystore,
  makeKeystoreEntries,
  readDomain,
  readKeystore,
  readPasswordURL,
  type KeystoreEntries,
} from './read-keystore.js'
import { at, atPlain, deviate, Refusal, refuse, takeIf, takePlain, type Reading } from './reading.js'

export interface JavaPolicyOptions {
  readonly dialect?: JavaDialect
  /** What `${name}` stands for; without properties nothing is expanded and nothing dropped. */
  readonly properties?: Properties
}

/**
 * @param text - of a file read as UTF-8; a byte order mark is refused, as by both parsers
 * @throws PluginError `JAVA_POLICY_INVALID` when the dialect refuses the file; without a
 *   dialect when both do. `detail` has `line` and `column` of what was `found`, what was
 *   `expected`, what `jdk` and `opensearch3` do with the file, and a `remedy`.
 */
export function parseJavaPolicy(text: string, options: JavaPolicyOptions = {}): JavaPolicy {
  const { dialect, properties } = options
  try {
    return readPolicy(text, dialect, properties)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { message, expected, remedy } = error.facts
    throw new PluginError('JAVA_POLICY_INVALID', {
      message,
      dialect: dialect ?? 'either',
      ...error.place,
      expected,
      found: error.found,
      jdk: verdict(text, 'jdk', properties),
      opensearch3: verdict(text, 'opensearch3', properties),
      remedy,
    })
  }
}

/** What one of the parsers does with the whole file, as a predicate. */
function verdict(text: string, dialect: JavaDialect, properties: Properties | undefined): string {
  try {
    readPolicy(text, dialect, properties)
    return 'reads the file'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { line, column } = error.place
    const what = error.facts.endless ? 'never ends reading the file, from' : 'refuses the file at'
    return `${what} line ${line} column ${column}`
  }
}

interface Entries {
  readonly grants: JavaGrant[]
  readonly keystores: KeystoreEntries
  readonly domains: Set<string>
  /** A grant was read last that is kept: behind it the JDK reads no domain. */
  behindGrant: boolean
}

function readPolicy(
  text: string,
  dialect: JavaDialect | undefined,
  properties: Properties | undefined,
): JavaPolicy {
  const reading: Reading = { lexer: makeLexer(text), dialect, properties, diagnostics: [] }
  const { lexer, diagnostics } = reading
  const entries: Entries = {
    grants: [],
    keystores: makeKeystoreEntries(),
    domains: new Set(),
    behindGrant: false,
  }
  advance(lexer)
  while (lexer.kind !== END) {
    if (at(reading, 'grant')) readGrantEntry(reading, entries)
    else readOtherEntry(reading, entries)
  }
  const keystore = finishKeystore(reading, entries.keystores)
  if (lexer.openComment > 0) tellOpenComment(reading)
  return { keystore, grants: entries.grants, diagnostics }
}

function readGrantEntry(reading: Reading, entries: Entries): void {
  const grant = readGrant(reading)
  if (grant !== null) entries.grants.push(grant)
  entries.behindGrant = grant !== null
  if (takeIf(reading, ';')) return
  const { endLine, endColumn } = reading.lexer
  deviate(reading, MISSING_SEMICOLON, { line: endLine, column: endColumn })
}

/** What OpenSearch 3 does not know, which it meets with a loop that takes no token away. */
function readOtherEntry(reading: Reading, { keystores, domains, behindGrant }: Entries): void {
  if (atPlain(reading, ';')) {
    deviate(reading, EMPTY_ENTRY)
  } else if (atPlain(reading, 'keystore') && keystores.keystore === null) {
    deviate(reading, KEYSTORE_ENTRY)
    readKeystore(reading, keystores)
  } else if (atPlain(reading, 'keystorepasswordurl') && keystores.passwordURL === null) {
    deviate(reading, KEYSTORE_ENTRY)
    readPasswordURL(reading, keystores)
  } else if (atPlain(reading, 'domain') && !behindGrant && !hasKeystore(keystores)) {
    deviate(reading, KEYSTORE_ENTRY)
    readDomain(reading, domains)
  } else {
    refuseEntry(reading)
  }
  takePlain(reading, ';', "end the entry with ';'")
}

function hasKeystore({ keystore, passwordURL }: KeystoreEntries): boolean {
  return keystore !== null || passwordURL !== null
}

function refuseEntry(reading: Reading): never {
  const { lexer, dialect } = reading
  const endless = dialect === 'opensearch3'
  const expected = endless ? "'grant'" : "'grant', 'keystore' or ';'"
  if (lexer.from === 0 && lexer.text.startsWith('\ufeff')) {
    const remedy = 'save the file as UTF-8 without a byte order mark'
    refuse(reading, expected, remedy, 'the file begins with a byte order mark', endless)
  }
  if (atPlain(reading, 'keystore') || atPlain(reading, 'keystorepasswordurl')) {
    refuse(reading, expected, 'keep one of the entries', 'this entry stands here a second time', endless)
  }
  if (atPlain(reading, 'domain')) {
    const message = 'a domain stands here behind a grant or a keystore'
    refuse(reading, expected, 'write keystore domains in a file of their own', message, endless)
  }
  refuse(reading, expected, "begin an entry with 'grant'", 'no entry begins like this', endless)
}

function finishKeystore(reading: Reading, keystores: KeystoreEntries): JavaKeystore | null {
  if (keystores.passwordURL !== null && keystores.keystore === null) {
    const message = 'there is a keystorePasswordURL and no keystore'
    refuse(reading, "'keystore'", 'write \'keystore "URL";\' as well, or remove the entry', message)
  }
  return expandKeystore(reading, keystores)
}

function tellOpenComment({ lexer, diagnostics }: Reading): void {
  diagnostics.push({
    severity: 'warning',
    line: lexer.openComment,
    column: lexer.openCommentColumn,
    message: 'this comment has no end',
    jdk: 'reads nothing behind it',
    opensearch3: 'reads nothing behind it',
    remedy: "end it with '*/'",
  })
}
