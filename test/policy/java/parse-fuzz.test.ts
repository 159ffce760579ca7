// Whatever the text, reading it ends in a policy or in JAVA_POLICY_INVALID, looks at
// each character a bounded number of times, and agrees between the three dialects.
import t from 'tap'
import { PluginError } from '../../../lib/errors.js'
import { parseJavaPolicy } from '../../../lib/policy/java/parse.js'
import type { JavaDialect, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { CLAUSES } from './cases/clauses.js'
import { ENTRIES } from './cases/entries.js'
import { PERMISSIONS } from './cases/permissions.js'
import { TOKENS } from './cases/tokens.js'

const CASES = [ENTRIES, CLAUSES, PERMISSIONS, TOKENS].flat()
const TEXTS = CASES.map(({ text }) => text)
/** What at least one parser reads: these joined are the texts that are mostly read. */
const READABLE = CASES.filter(({ jdk, opensearch3 }) => jdk !== 'refuses' || typeof opensearch3 !== 'string')
const DIALECTS = ['jdk', 'opensearch3', undefined] as const
const PROPERTIES = { p: '/x', 'codebase.a': 'file:/a b' }

const MARKS = '{ } ; , = * " \' \\ / # - $ // /* */ \\7 ${p} ${q} ${ ${{self}} ${{ }} \u00a0 \ufeff'.split(
  ' ',
)
MARKS.push('\n', '\r', '\\\n', '\0', '\x80', '\uffff', '\ud800')
const KEYWORDS = 'grant permission codeBase signedBy principal keystore keystorePasswordURL domain'
const WORDS = `${KEYWORDS} A a.B "t" 's' "\${p}" "\${q}" "{" "," "a,,b" * 128`.split(' ')

/** Numbers of a fixed sequence, from 0 up to but not including `below` (xorshift32). */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
const random = makeRandom(7)

function pick<T>(from: readonly T[]): T {
  const item = from[random(from.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function several(most: number, make: () => string, between: string): string {
  return Array.from({ length: random(most + 1) }, make).join(between)
}

function randomText(): string {
  switch (random(5)) {
    case 0:
      return several(20, () => pick(MARKS), '')
    case 1:
      return several(20, () => pick(random(3) === 0 ? MARKS : WORDS), ' ')
    case 2:
      return several(8, () => String.fromCharCode(random(0x10000)), '')
    case 3:
      return `${pick(READABLE).text}\n${pick(READABLE).text}`
    default:
      return mutate(`${pick(TEXTS)}\n${pick(TEXTS)}`, 1 + random(3))
  }
}

function mutate(text: string, edits: number): string {
  let now = text
  for (let edit = 0; edit < edits; edit += 1) {
    const at = random(now.length + 1)
    now = now.slice(0, at) + pick(random(2) === 0 ? MARKS : WORDS) + now.slice(at + random(5))
  }
  return now
}

function read(text: string, dialect: JavaDialect | undefined, expand = false): JavaPolicy | null {
  try {
    const properties = expand ? { properties: PROPERTIES } : {}
    return parseJavaPolicy(text, { ...(dialect === undefined ? {} : { dialect }), ...properties })
  } catch (error) {
    if (error instanceof PluginError && error.code === 'JAVA_POLICY_INVALID') return null
    throw error
  }
}

t.test('100,000 random and mutated texts end in a policy or in the coded error', (t) => {
  const counts = { read: 0, refused: 0 }
  for (let run = 0; run < 100_000; run += 1) {
    counts[read(randomText(), DIALECTS[random(3)], random(2) === 0) === null ? 'refused' : 'read'] += 1
  }
  t.ok(counts.read > 10_000 && counts.refused > 10_000, `both happened often: ${JSON.stringify(counts)}`)
  t.end()
})

t.test('without a dialect the JDK is right where it reads a text, else OpenSearch 3', (t) => {
  const counts = { jdk: 0, opensearch3: 0 }
  for (let run = 0; run < 20_000; run += 1) {
    const text = randomText()
    const jdk = read(text, 'jdk')
    const expected = jdk ?? read(text, 'opensearch3')
    if (expected === null) continue
    counts[jdk === null ? 'opensearch3' : 'jdk'] += 1
    const either = read(text, undefined)
    if (
      JSON.stringify([either?.grants, either?.keystore]) ===
      JSON.stringify([expected.grants, expected.keystore])
    )
      continue
    t.fail(`they differ on ${JSON.stringify(text)}`)
  }
  t.ok(counts.jdk > 500 && counts.opensearch3 > 500, `both happened: ${JSON.stringify(counts)}`)
  t.end()
})

/** A string that counts how many of its characters are looked at or cut out. */
function countingText(text: string): { readonly text: string; readonly steps: () => number } {
  let steps = 0
  const counting = {
    length: text.length,
    charCodeAt: (at: number): number => {
      steps += 1
      return text.charCodeAt(at)
    },
    slice: (from: number, to: number): string => {
      steps += to - from
      return text.slice(from, to)
    },
    startsWith: (prefix: string): boolean => text.startsWith(prefix),
  }
  return { text: counting as unknown as string, steps: () => steps }
}

/** One reading looks at a character up to 3 times; a refusal reads two times more. */
const MOST_STEPS = 10

t.test('no text makes reading look at its characters more than a fixed number of times', (t) => {
  const units = [
    '/*',
    '/**/',
    '//\n',
    '"',
    "'",
    '"\\',
    '\\"',
    '"a\n',
    ';',
    '{',
    'x',
    '\0',
    '\ud800',
    '\r',
    'grant ',
    '"grant"',
    'grant { };',
    'grant{}',
    'grant codeBase "${',
    'grant codeBase "${x}" { "{" ',
    'keystore "${{',
    'grant { permission A "${x}" {',
  ]
  const prefixes = ['', 'grant { permission A "', 'grant { ', 'grant codeBase "${x}" ', '/*']
  for (const prefix of prefixes) {
    for (const unit of units) {
      for (const dialect of DIALECTS) {
        const perCharacter = [20_000, 40_000].map((length) => {
          const source = prefix + unit.repeat(length / unit.length)
          const { text, steps } = countingText(source)
          read(text, dialect, true)
          return steps() / source.length
        })
        t.ok(
          perCharacter.every((steps) => steps <= MOST_STEPS),
          `${JSON.stringify(prefix + unit)} ${dialect ?? 'either'}: ${perCharacter.join(', ')}`,
        )
      }
    }
  }
  t.end()
})

t.test('ten megabytes of one thing end as quickly as their length asks', (t) => {
  for (const unit of ['/*', '"', "'", '\\', '\n', 'x', '{', '"\\"', 'grant{', 'grant codeBase "${${']) {
    const text = unit.repeat(10_000_000 / unit.length)
    t.doesNotThrow(() => read(text, undefined, true), encodeURI(unit))
  }
  t.end()
})
