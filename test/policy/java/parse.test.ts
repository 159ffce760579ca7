// A policy file is to us what it is to the JDK or to OpenSearch 3, whichever we read
// it for; without a dialect we read what either reads, and say where they differ.
import t from 'tap'
import { PluginError } from '../../../lib/errors.js'
import { parseJavaPolicy } from '../../../lib/policy/java/parse.js'
import type { JavaDialect, JavaPolicy } from '../../../lib/policy/java/policy.js'
import type { Case, GrantRow } from './cases/case.js'
import { CLAUSES } from './cases/clauses.js'
import { ENTRIES } from './cases/entries.js'
import { PERMISSIONS } from './cases/permissions.js'
import { TOKENS } from './cases/tokens.js'

const TABLES = { ENTRIES, CLAUSES, PERMISSIONS, TOKENS }

/** A policy in the form of the tables; 'refuses' and 'never ends' as `detail` says it. */
function read(text: string, dialect?: JavaDialect): Case['jdk'] | Case['opensearch3'] {
  try {
    return rows(parseJavaPolicy(text, dialect === undefined ? {} : { dialect }))
  } catch (error) {
    const told = detailOf(error)[dialect ?? 'jdk']
    return String(told).startsWith('never ends') ? 'never ends' : 'refuses'
  }
}

function rows({ grants }: JavaPolicy): readonly GrantRow[] {
  return grants.map(({ codeBase, signedBy, principals, permissions }) => ({
    ...(codeBase === null ? {} : { codeBase }),
    ...(signedBy === null ? {} : { signedBy }),
    ...(principals.length === 0 ? {} : { principals }),
    permissions: permissions.map((permission) => {
      const texts = [permission.target, permission.actions, permission.signedBy]
      while (texts.length > 0 && texts.at(-1) === null) texts.pop()
      return [permission.class, ...texts] as const
    }),
  }))
}

function detailOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof PluginError) || error.code !== 'JAVA_POLICY_INVALID') throw error
  return error.detail
}

function refusal(text: string, dialect?: JavaDialect): Readonly<Record<string, unknown>> {
  try {
    parseJavaPolicy(text, dialect === undefined ? {} : { dialect })
  } catch (error) {
    return detailOf(error)
  }
  throw new Error(`read: ${text}`)
}

for (const [name, cases] of Object.entries(TABLES)) {
  t.test(`${name.toLowerCase()} are read as by each parser, and without a dialect as by either`, (t) => {
    for (const { says, text, jdk, opensearch3, keystore } of cases) {
      const there = opensearch3 === 'the same' ? jdk : opensearch3
      t.strictSame(read(text, 'jdk'), jdk, `JDK: ${says}`)
      t.strictSame(read(text, 'opensearch3'), there, `OpenSearch 3: ${says}`)
      t.strictSame(
        read(text),
        jdk === 'refuses' && typeof there !== 'string' ? there : jdk,
        `either: ${says}`,
      )
      if (jdk === 'refuses') continue
      t.strictSame(parseJavaPolicy(text, { dialect: 'jdk' }).keystore, keystore ?? null, `keystore: ${says}`)
    }
    t.end()
  })
}

t.test('a diagnostic says what the other parser does, exactly where it does something else', (t) => {
  for (const { says, text, jdk, opensearch3 } of Object.values(TABLES).flat()) {
    const refused = jdk === 'refuses' && typeof opensearch3 === 'string'
    if (refused) continue
    const { diagnostics } = parseJavaPolicy(text)
    const told = (of: 'jdk' | 'opensearch3', what: RegExp): boolean =>
      diagnostics.some((diagnostic) => what.test(diagnostic[of]))
    t.equal(told('jdk', /^refuses the whole file/), jdk === 'refuses', `JDK: ${says}`)
    t.equal(
      told('opensearch3', /^(?:refuses the whole file|never ends)/),
      typeof opensearch3 === 'string' && opensearch3 !== 'the same',
      `OpenSearch 3: ${says}`,
    )
  }
  t.end()
})

t.test('a refusal says what both parsers do with the whole file', (t) => {
  for (const { says, text, jdk, opensearch3 } of Object.values(TABLES).flat()) {
    if (jdk !== 'refuses') continue
    const detail = refusal(text, 'jdk')
    t.match(detail['jdk'], /^refuses the file at line \d+ column \d+$/, says)
    const there =
      opensearch3 === 'refuses' ? /^refuses/ : opensearch3 === 'never ends' ? /^never ends/ : /^reads/
    t.match(detail['opensearch3'], there, says)
  }
  t.end()
})

t.test('a refusal carries everything that mends the file', (t) => {
  t.same(refusal('grant {\r\n  permission A "x" "y";\r\n};', 'jdk'), {
    message: 'there is no comma between the name of this permission and its actions',
    dialect: 'jdk',
    line: 2,
    column: 20,
    expected: "',' or ';'",
    found: '"y"',
    jdk: 'refuses the file at line 2 column 20',
    opensearch3: 'reads the file',
    remedy: "write ',' between the two strings",
  })
  t.match(refusal('keystore "k";\n/* x */ keystore "k";'), {
    dialect: 'either',
    line: 2,
    column: 9,
    found: 'keystore',
    opensearch3: 'never ends reading the file, from line 1 column 1',
  })
  t.match(refusal('grant { permission A;\n/* ...', 'jdk'), {
    found: 'the end of the file',
    message: /the comment that begins in line 2 has no end/,
  })
  t.match(refusal('\ufeffgrant { };'), { message: /byte order mark/, found: '\\u{feff}grant' })
  t.match(refusal('grant { permission javax.crypto.CryptoPermission "AES", 128; };', 'jdk'), {
    message: /JCE jurisdiction file/,
    found: '128',
  })
  t.match(refusal(`grant { ${'x'.repeat(5000)}\u001b[2J`), { found: `${'x'.repeat(60)}…` })
  t.match(refusal('grant { "\u001b[2J\u202e\ud800" };'), { found: '"\\u{1b}[2J\\u{202e}\\u{d800}"' })
  t.end()
})

t.test('LF, CR and CR LF each end one line, in space, comments and strings', (t) => {
  const cases = [
    ['\n grant { };', 2, 2],
    ['\r grant { };', 2, 2],
    ['\r\n grant { };', 2, 2],
    ['\n\r\n\r\r grant { };', 5, 2],
    ['// \u2028\u0085\r\n\tgrant { };', 2, 2],
    ['/* \n\r\n\r \n*/grant { };', 5, 3],
    ['/*\r\n*/ /*\r*/grant { };', 3, 3],
    ['grant { permission A "x\n; }; grant { };', 2, 6],
    ['grant { permission A "x\\\ny"; }; grant { };', 2, 8],
    ['grant { permission A "x\\\r\n; }; grant { };', 2, 6],
    ['grant { permission A "x\\\ry"; }; grant { };', 2, 8],
    ['grant { permission A "\u{1f600}\\\\"; }; grant { };', 1, 33],
  ] as const
  for (const [text, line, column] of cases) {
    const grant = parseJavaPolicy(text).grants.at(-1)
    t.same([grant?.line, grant?.column], [line, column], encodeURI(text))
  }
  t.end()
})

t.test('a grant and a permission know their place, and a missing semicolon where it belongs', (t) => {
  const policy = parseJavaPolicy('\n  grant {\n\tpermission A;\n} // end\n\n')
  t.match(policy, {
    grants: [{ line: 2, column: 3, permissions: [{ line: 3, column: 2 }] }],
    diagnostics: [{ severity: 'warning', line: 4, column: 2, remedy: "write '};'" }],
  })
  t.end()
})

t.test('what both parsers read but few authors mean is told in every dialect', (t) => {
  const cases = [
    ['grant { permission A "t\n; };', 1, 22, /no closing quote/],
    ['grant { };\n /* the rest', 2, 2, /comment has no end/],
    ['grant { permission javax.crypto.CryptoAllPermission; };', 1, 9, /JCE jurisdiction/],
    ['grant { permission A "${{self}}"; };', 1, 9, /'\$\{\{'/],
  ] as const
  for (const [text, line, column, message] of cases) {
    for (const dialect of ['jdk', 'opensearch3', undefined] as const) {
      const { diagnostics } = parseJavaPolicy(text, dialect === undefined ? {} : { dialect })
      t.match(diagnostics, [{ line, column, message }], `${dialect ?? 'either'}: ${text}`)
      t.equal(diagnostics.length, 1)
    }
  }
  t.end()
})
