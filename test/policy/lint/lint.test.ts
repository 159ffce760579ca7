// Every code of the linter finds what it is for and leaves alone what only looks like
// it; the list leads back to the text, is ordered and bounded, and nothing breaks it.
import t from 'tap'
import type { JavaGrant } from '../../../lib/policy/java/policy.js'
import { LINT_CODES, lint, type LintCode, type LintInput } from '../../../lib/policy/lint/lint.js'
import { JAVA_CASES } from './cases-java.js'
import { PLACE_CASES } from './cases-places.js'
import { REST_CASES } from './cases-rest.js'
import {
  ALL,
  answers,
  asks,
  codesOf,
  connect,
  FILE,
  java,
  javaPolicy,
  NOW,
  placeOf,
  RUNTIME,
  SOCKET,
  type Case,
} from './support.js'

const codes = Object.keys(LINT_CODES) as LintCode[]
const cases: { readonly [Code in LintCode]?: Case } = { ...PLACE_CASES, ...JAVA_CASES, ...REST_CASES }

for (const code of codes) {
  t.test(`${code} is found where it should be, and not in what looks much like it`, (t) => {
    const { hits, misses } = cases[code] ?? { hits: [], misses: [] }
    t.ok(hits.length > 0 && misses.length > 0, 'there is a hit and a near miss')
    for (const input of hits) t.ok(codesOf(input).includes(code), `found in ${show(input)}`)
    for (const input of misses) t.notOk(codesOf(input).includes(code), `not found in ${show(input)}`)
    t.end()
  })
}

t.test('a finding is one sentence about what is wrong and one about what to write', (t) => {
  const inputs = Object.values(cases).flatMap(({ hits, misses }) => [...hits, ...misses])
  for (const finding of inputs.flatMap((input) => lint(input).slice(0, 20))) {
    const { code, severity, message, fix, file, pointer, line } = finding
    const sound =
      severity === LINT_CODES[code].severity &&
      file !== '' &&
      message.length > 10 &&
      fix.length > 5 &&
      !/undefined|null|\.$/.test(`${message}${fix}`) &&
      (pointer === null) !== (line === null)
    if (!sound) t.fail(JSON.stringify(finding))
  }
  for (const code of codes) t.match(LINT_CODES[code].why, /\.$/, `${code} says why`)
  t.end()
})

t.test('the trap of actions on a name is told on its line, with what it really grants', (t) => {
  const findings = lint(java([RUNTIME, 'getClassLoader'], [RUNTIME, '*', 'setContextClassLoader']))
  t.same(
    findings.filter(({ line }) => line === 3).map(({ code, severity }) => [code, severity]),
    [
      ['java-any-runtime', 'error'],
      ['java-ignored-actions', 'error'],
    ],
  )
  t.match(findings.map(({ message }) => message).join('\n'), /ignores 'setContextClassLoader'/)
  t.end()
})

t.test('places lead back to the text', (t) => {
  const policy = asks(
    { net: { connect: ['a.dev:443', '**:25'] } },
    { packages: { '@a/b~c': { env: ['X_TOKEN'] } } },
  )
  t.same(lint(policy).map(placeOf), ['/grant/net/connect/1', '/packages/@a~1b~0c/env/0'])
  const add = [
    { grant: { env: ['A'] }, reason: 'x' },
    { grant: { fs: { write: ['/etc/x'] } }, reason: 'x' },
  ]
  t.same(lint(answers({ add })).map(placeOf), ['/add/1', '/add/1/grant/fs/write/0'])
  const grants = javaPolicy({ permissions: [[RUNTIME, 'x']] }, { codeBase: 'file:/a', permissions: [[ALL]] })
  t.same(lint(grants).map(placeOf), [4])
  t.end()
})

t.test('findings are sorted by file and place, each once, and the same for the same input', (t) => {
  const env = Array.from({ length: 12 }, (_, index) => `A${index}_TOKEN`)
  const input: LintInput = {
    ...asks({ env, net: { connect: ['**:25'] } }),
    ...answers({ add: [{ grant: { net: { connect: ['**:25'] } }, reason: 'x' }] }),
    ...java([RUNTIME, '*'], [ALL]),
    packages: [],
    modules: ['vm'],
    wallTime: NOW,
  }
  const findings = lint(input)
  t.same(lint(structuredClone(input)), findings)
  t.same(
    [...new Set(findings.map(({ file }) => file))],
    ['approval.json', 'plugin-security.policy', 'policy.json'],
  )
  t.same(
    findings.filter(({ code }) => code === 'secret-env').map(placeOf),
    env.map((_, index) => `/grant/env/${index}`),
    'item 10 comes after item 9',
  )
  t.equal(new Set(findings.map((finding) => JSON.stringify(finding))).size, findings.length)
  t.end()
})

t.test('of rules that say the same the later one is told, and a place twice is told once', (t) => {
  const told = (input: LintInput): readonly unknown[] =>
    lint(input)
      .filter(({ code }) => code === 'duplicate-rule' || code === 'covered-rule')
      .map(placeOf)
  t.same(told(asks({ env: ['A', 'B', 'A'] })), ['/grant/env/2'])
  t.same(told(connect('A.dev:443', 'a.dev:443-443')), ['/grant/net/connect/1'])
  t.same(told(java([RUNTIME, 'a'], [RUNTIME, 'b'], [RUNTIME, 'a'])), [4])
  t.same(told(java([RUNTIME, 'a', 'x'], [RUNTIME, 'a', 'y'])), [3])
  const { permissions = [], ...grant } = java([ALL]).java?.policy.grants[0] ?? {}
  const twice = { ...grant, permissions: [...permissions, ...permissions] }
  const policy = { keystore: null, diagnostics: [], grants: [twice as JavaGrant] }
  t.equal(lint({ java: { file: 'a.policy', policy } }).length, 1)
  t.end()
})

t.test('where only the first lines are compared, nothing is said about the rest', (t) => {
  const lines = Array.from({ length: 600 }, (_, index) => [RUNTIME, `x.${index}`] as const)
  const wide = { permissions: [[RUNTIME, 'x.*'] as const] }
  const grant = { codeBase: 'file:/a.jar', permissions: [...lines, [RUNTIME, 'z'] as const] }
  const told = lint(javaPolicy(wide, grant))
  t.notOk(told.some(({ code }) => code === 'java-covered-grant'))
  t.equal(told.length, 399, 'each of the first 400 lines but the wide one')
  t.end()
})

t.test('a line for signed classes covers lines for the same signer only', (t) => {
  const signed = (first: string | null, second: string | null): LintInput => {
    const { java: input } = java([RUNTIME, 'x.*'], [RUNTIME, 'x.y'])
    const grants = (input?.policy.grants ?? []).map((grant) => ({
      ...grant,
      permissions: grant.permissions.map((line, at) => ({ ...line, signedBy: at === 0 ? first : second })),
    }))
    return { java: { file: 'a.policy', policy: { keystore: null, diagnostics: [], grants } } }
  }
  t.same(codesOf(signed('a', null)), [])
  t.same(codesOf(signed('a', 'b')), [])
  t.same(codesOf(signed('a', 'a')), ['covered-rule'])
  t.same(codesOf(signed(null, 'a')), ['covered-rule'])
  t.end()
})

t.test('a hostile document gives a bounded list of harmless text', (t) => {
  const env = Array.from({ length: 20_000 }, (_, index) => `A${index}_TOKEN`)
  const findings = lint(asks({ env }))
  t.equal(findings.length, 1001)
  t.match(findings.at(-1), { code: 'findings-left-out', message: '19000 more findings are left out' })
  const permissions = Array.from({ length: 20_000 }, (_, index) => [RUNTIME, `a${index}.*`] as const)
  t.same(codesOf(java(...permissions)), [])
  const odd = lint(java([RUNTIME, 'x', `\u001b[2J${'y'.repeat(10_000)}`], [RUNTIME, 'x', '\u202e']))
  t.equal(odd.length, 3)
  for (const { message } of odd) t.notMatch(message, /\p{Cc}|\u202e|y{100}/u)
  t.end()
})

t.test('patterns that no parser would let through are passed over', (t) => {
  const broken = ['', ':', '[', 'a', 'a:b', '[::', 'a:99999', '/', '**', '${', '1.2.3.4/99:1', '${{']
  const rules = {
    fs: { read: broken },
    net: { connect: broken },
    settings: broken,
    extensionPoints: broken,
  }
  t.doesNotThrow(() =>
    lint({ ...asks(rules), ...answers({ narrow: rules, add: [{ grant: rules, reason: 'x' }] }) }),
  )
  const lines = broken.flatMap((text) => [[FILE, text, text] as const, [SOCKET, text, 'connect'] as const])
  t.doesNotThrow(() => lint(java(...lines)))
  t.same(lint({}), [])
  t.end()
})

function show(input: LintInput): string {
  return JSON.stringify(input.java?.policy.grants ?? [input.policy?.request, input.approval?.approval]).slice(
    0,
    200,
  )
}
