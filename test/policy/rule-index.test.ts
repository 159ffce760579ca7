// The index answers what a scan of the list from the top answers, for every capability and
// every mixture of lists; it looks at few rules out of thousands, and when it cannot, at
// no more than the scan.
import t from 'tap'
import fc from 'fast-check'
import {
  CAPABILITIES,
  patternsOf,
  PATTERN_KINDS,
  pointerOf,
  rulesFrom,
  type Capability,
} from '../../lib/policy/capability.js'
import { decide, type AccessRequest, type RulePlace } from '../../lib/policy/decide.js'
import type { GrantRules } from '../../lib/policy/document.js'
import type { Steps } from '../../lib/policy/glob.js'
import { freezeGrant, type Grant } from '../../lib/policy/grant.js'
import {
  compilePattern,
  readEndpoint,
  readKey,
  readPath,
  readPoint,
  type Pattern,
  type PatternKind,
} from '../../lib/policy/match.js'
import { makeRuleIndex } from '../../lib/policy/rule-index.js'
import { grantOf } from './support.js'

const part = fc.constantFrom('a', 'b', 'ab', 'aab', 'ba', 'abc')
const wild = fc.constantFrom('*', '**', '**', 'a*', '*b', 'a*b', '*a*')
const parts = fc.array(fc.oneof(part, part, wild), { minLength: 1, maxLength: 4 })
const plain = fc.array(part, { minLength: 1, maxLength: 4 })
const port = fc.constantFrom(1, 79, 80, 89, 90, 443, 8080, 8081, 9999, 10_000)
const ports = fc
  .tuple(port, port)
  .map(([a, b]) => (a === b ? String(a) : `${Math.min(a, b)}-${Math.max(a, b)}`))
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.128.0.1', '8.8.8.8', '8.8.4.4', '127.0.0.1')
const address6 = fc.constantFrom('::1', 'fd00::1', '2606:4700::1', '2606:4701::1', '2606:4700:0:1::')
const network = fc.constantFrom(
  '10.0.0.0/8',
  '10.128.0.0/9',
  '10.0.0.0/30',
  '8.8.0.0/16',
  '8.8.8.8/31',
  '0.0.0.0/0',
  '10.0.0.1/32',
)
const network6 = fc.constantFrom('::/0', 'fd00::/8', '2606:4700::/31', '2606:4700::/32', '::1/128')

/** Patterns of each kind, few enough in letters that they overlap. */
const patterns: { readonly [K in PatternKind]: fc.Arbitrary<string> } = {
  path: fc.oneof(
    parts.map((list) => `/${list.join('/')}`),
    fc.constantFrom('/', '/proc/a', '/proc/*', '/dev/**', '/*/a'),
  ),
  endpoint: fc
    .tuple(
      fc.oneof(
        parts.map((list) => list.join('.')),
        parts.map((list) => `${list.join('.')}.localhost`),
        address,
        network,
        address6.map((text) => `[${text}]`),
        network6.map((text) => `[${text}]`),
      ),
      ports,
    )
    .map(([host, range]) => `${host}:${range}`),
  name: part,
  dotted: parts.map((list) => list.join('.')),
  point: fc.oneof(
    fc.constantFrom('rest', 'ingest'),
    parts.map((list) => `rest:/${list.join('/')}`),
    parts.map((list) => `ingest:${list.join('/')}`),
  ),
}

const host = fc.oneof(
  plain.map((list) => list.join('.')),
  plain.map((list) => `${list.join('.').toUpperCase()}.localhost.`),
  address,
  address6,
  address.map((text) => `::ffff:${text}`),
)
const point = fc.oneof(
  fc.constantFrom('rest', 'ingest', 'rest:/', 'rest:/a/{id}', 'ingest:{x}'),
  plain.map((list) => `rest:/${list.join('/')}`),
  plain.map((list) => `ingest:${list.join('/')}`),
)
const path = fc.oneof(
  plain.map((list) => `/${list.join('/')}`),
  fc.constantFrom('/', '/proc/a', '/dev/a', '/a/proc'),
)

/** What can be asked about each capability, with the target that its patterns are matched with. */
const asks: { readonly [C in Capability]: fc.Arbitrary<readonly [AccessRequest, unknown]> } = {
  'fs.read': path.map((text) => [{ kind: 'fs.read', path: text }, readPath(text)]),
  'fs.write': path.map((text) => [{ kind: 'fs.write', path: text }, readPath(text)]),
  'net.connect': fc
    .tuple(host, port)
    .map(([text, n]) => [{ kind: 'net.connect', host: text, port: n }, readEndpoint(text, n)]),
  'net.listen': fc
    .tuple(host, port)
    .map(([text, n]) => [{ kind: 'net.listen', host: text, port: n }, readEndpoint(text, n)]),
  env: part.map((name) => [{ kind: 'env', name }, name]),
  settings: plain.map((keys) => [{ kind: 'settings', key: keys.join('.') }, readKey(keys.join('.'))]),
  'clusterState.read': fc
    .array(fc.oneof(part, fc.constantFrom('a.b', '')), { maxLength: 4 })
    .map((keys) => [{ kind: 'clusterState.read', path: keys }, keys]),
  extensionPoints: point.map((text) => [{ kind: 'extensionPoint', point: text }, readPoint(text)]),
  'plugins.call': part.map((plugin) => [{ kind: 'plugins.call', plugin }, plugin]),
}

const PACKAGES = ['x', '@s/y~z'] as const
const empty = grantOf({})

for (const capability of CAPABILITIES) {
  const kind = PATTERN_KINDS[capability]
  const inPackages = ['fs', 'net', 'env'].includes(capability.split('.')[0] ?? '')
  t.test(`${capability}: the same answer by the same rule as a scan of the lists`, (t) => {
    const lists = fc.array(patterns[kind], { maxLength: 60 })
    const few = fc.array(patterns[kind], { maxLength: 8 })
    const world = fc.record({
      request: fc.oneof(lists, few),
      packages: fc.tuple(few, few),
      narrow: fc.option(lists, { nil: null }),
      add: fc.tuple(few, few),
      from: fc.constantFrom(undefined, ...PACKAGES, 'other'),
      asked: fc.array(asks[capability], { minLength: 8, maxLength: 8 }),
    })
    const seen = { allowed: 0, refused: 0, narrowed: 0, added: 0, package: 0 }
    fc.assert(
      fc.property(world, ({ request, packages, narrow, add, from, asked }) => {
        const rules = (list: readonly string[]): GrantRules => rulesOf(capability, list)
        const grant = freezeGrant({
          ...empty,
          request: rules(request),
          packages: inPackages
            ? Object.fromEntries(PACKAGES.map((name, index) => [name, rules(packages[index] ?? [])]))
            : {},
          narrow: narrow === null ? null : rules(narrow),
          add: add.map((list) => ({ grant: rules(list), reason: 'test' })),
        })
        return asked.every(([ask, target]) => {
          const decision = decide(
            grant,
            from === undefined ? ask : ({ ...ask, package: from } as AccessRequest),
          )
          const expected = scan(grant, capability, target, inPackages ? from : undefined)
          seen[expected.allowed ? 'allowed' : 'refused'] += 1
          if (!expected.allowed && expected.rules.length > 0) seen.narrowed += 1
          if (expected.rules[0]?.pointer.startsWith('/add') === true) seen.added += 1
          if (expected.rules[0]?.pointer.startsWith('/packages') === true) seen.package += 1
          return (
            decision.allowed === expected.allowed &&
            JSON.stringify(decision.rules) === JSON.stringify(expected.rules)
          )
        })
      }),
      { numRuns: 300, seed: 17 },
    )
    const expected = inPackages ? seen : { ...seen, package: 1_000 }
    t.ok(Math.min(...Object.values(expected)) > 20, JSON.stringify(seen))
    t.end()
  })
}

const MANY = 5_000
/** The number of the first target that no rule grants. */
const BEYOND = 6_000
const DOWN = Array.from('zyxwvutsrqponm', (letter) => letter.repeat(30))

/** Thousands of rules of one shape, and what the rule with this number grants. */
const shapes: readonly {
  readonly name: string
  readonly kind: PatternKind
  readonly rule: (n: number) => string
  readonly target: (n: number) => unknown
  /** How many rules an answer may look at; ranges that cross a power of ten start alike. */
  readonly most?: number
}[] = [
  {
    name: 'files',
    kind: 'path',
    rule: (n) => `/srv/data/file-${n}`,
    target: (n) => readPath(`/srv/data/file-${n}`),
  },
  {
    name: 'directories',
    kind: 'path',
    rule: (n) => `/srv/${n}/data/**`,
    target: (n) => readPath(`/srv/${n}/data/a/b`),
  },
  {
    name: 'files anywhere',
    kind: 'path',
    rule: (n) => `/**/lib${n}.so`,
    target: (n) => readPath(`/a/b/lib${n}.so`),
  },
  {
    name: 'ends of names in one directory',
    kind: 'path',
    rule: (n) => `/logs/*-${n}.log`,
    target: (n) => readPath(`/logs/a-${n}.log`),
  },
  {
    name: 'paths in a deep directory',
    kind: 'path',
    rule: (n) => `/${DOWN.join('/')}/${n}/*`,
    target: (n) => readPath(`/${DOWN.join('/')}/${n}/a`),
  },
  {
    name: 'hosts',
    kind: 'endpoint',
    rule: (n) => `n${n}.a.test:9200`,
    target: (n) => readEndpoint(`n${n}.a.test`, 9200),
  },
  {
    name: 'domains',
    kind: 'endpoint',
    rule: (n) => `**.c${n}.a.test:80-90`,
    target: (n) => readEndpoint(`x.y.c${n}.a.test`, 85),
  },
  {
    name: 'hosts in front of a wildcard',
    kind: 'endpoint',
    rule: (n) => `s${n}.*.a.test:443`,
    target: (n) => readEndpoint(`s${n}.eu.a.test`, 443),
  },
  {
    name: 'ports of one host',
    kind: 'endpoint',
    rule: (n) => `a.test:${n + 1}`,
    target: (n) => readEndpoint('a.test', n + 1),
  },
  {
    name: 'ports of any host',
    kind: 'endpoint',
    rule: (n) => `**:${n + 1}`,
    target: (n) => readEndpoint('a.test', n + 1),
  },
  {
    name: 'port ranges of one host',
    kind: 'endpoint',
    rule: (n) => `a.test:${n * 10 + 5}-${n * 10 + 13}`,
    target: (n) => readEndpoint('a.test', n < MANY ? n * 10 + 9 : 55_000 + (n % 1_000)),
    most: 40,
  },
  {
    name: 'hosts with several ports each',
    kind: 'endpoint',
    rule: (n) => `h${n % 70}.test:${9_000 + Math.floor(n / 70)}`,
    target: (n) => readEndpoint(`h${n % 70}.test`, 9_000 + Math.floor(n / 70)),
  },
  {
    name: 'addresses',
    kind: 'endpoint',
    rule: (n) => `10.1.${n >> 8}.${n & 255}:9300`,
    target: (n) => readEndpoint(`10.1.${n >> 8}.${n & 255}`, 9300),
  },
  {
    name: 'networks',
    kind: 'endpoint',
    rule: (n) => `100.${n >> 8}.${n & 255}.0/24:443`,
    target: (n) => readEndpoint(`100.${n >> 8}.${n & 255}.7`, 443),
  },
  {
    name: 'IPv6 networks',
    kind: 'endpoint',
    rule: (n) => `[2606:${n.toString(16)}::/32]:443`,
    target: (n) => readEndpoint(`2606:${n.toString(16)}::1`, 443),
  },
  { name: 'names', kind: 'name', rule: (n) => `VAR_${n}`, target: (n) => `VAR_${n}` },
  {
    name: 'keys',
    kind: 'dotted',
    rule: (n) => `s3.client.c${n}`,
    target: (n) => readKey(`s3.client.c${n}.endpoint`),
  },
  {
    name: 'index patterns',
    kind: 'dotted',
    rule: (n) => `metadata.indices.logs-${n}-*`,
    target: (n) => readKey(`metadata.indices.logs-${n}-a.settings`),
  },
  {
    name: 'routes',
    kind: 'point',
    rule: (n) => `rest:/_plugins/_p${n}/**`,
    target: (n) => readPoint(`rest:/_plugins/_p${n}/{id}`),
  },
  {
    name: 'processors',
    kind: 'point',
    rule: (n) => `ingest:p${n}`,
    target: (n) => readPoint(`ingest:p${n}`),
  },
]

t.test('of five thousand rules an answer looks at few, whether it is yes or no', (t) => {
  for (const { name, kind, rule, target, most: limit = 6 } of shapes) {
    const { first, looks } = counting(
      kind,
      Array.from({ length: MANY }, (_, n) => rule(n)),
    )
    const wrong: number[] = []
    let most = 0
    for (let n = 0; n < MANY; n += 7) {
      if (first(target(n)) !== n) wrong.push(n)
      most = Math.max(most, looks())
      if (first(target(BEYOND + n)) !== -1) wrong.push(n)
      most = Math.max(most, looks())
    }
    t.same(wrong, [], `${name}: the right rule`)
    t.ok(most <= limit, `${name}: at most ${most} of ${MANY} rules`)
  }
  t.end()
})

t.test('when literals tell nothing apart, a rule is looked at once, as in a scan', (t) => {
  const lists: readonly (readonly [PatternKind, (n: number) => string, unknown])[] = [
    ['path', (n) => `/**/*${n}*/**`, readPath('/a/b')],
    ['path', (n) => `/**/ab*${n}*/**`, readPath('/abc/abd/ab/abcd')],
    ['endpoint', (n) => `*${n}*:1-65535`, readEndpoint('a-b', 80)],
    ['dotted', (n) => `*${n}*`, readKey('a.b')],
    ['path', (n) => `/${'a'.repeat(n % 500)}*b`, readPath(`/${'a'.repeat(500)}`)],
  ]
  for (const [kind, rule, target] of lists) {
    const { first, looks } = counting(
      kind,
      Array.from({ length: MANY }, (_, n) => rule(n)),
    )
    t.equal(first(target), -1)
    t.ok(looks() <= MANY)
  }
  t.end()
})

/** A scan in the order of the document, in the plainest words. */
function scan(
  grant: Grant,
  capability: Capability,
  target: unknown,
  from: string | undefined,
): { readonly allowed: boolean; readonly rules: readonly RulePlace[] } {
  const find = (rules: GrantRules, document: RulePlace['document'], base: string): RulePlace[] => {
    const list = patternsOf(rules, capability) ?? []
    const index = list.findIndex(
      (text) =>
        target !== undefined && compilePattern(PATTERN_KINDS[capability], text).matches(target as never),
    )
    const pointer = `${base}${pointerOf(capability)}/${index}`
    return index === -1 ? [] : [{ document, pointer, pattern: list[index] ?? '' }]
  }
  const ofPackage = Object.entries(grant.packages).find(([name]) => name === from)
  const asked = [
    ...find(grant.request, 'policy', '/grant'),
    ...(ofPackage === undefined
      ? []
      : find(
          ofPackage[1],
          'policy',
          `/packages/${ofPackage[0].replaceAll('~', '~0').replaceAll('/', '~1')}`,
        )),
  ].slice(0, 1)
  const narrows = grant.narrow !== null && patternsOf(grant.narrow, capability) !== undefined
  const left = grant.narrow === null ? [] : find(grant.narrow, 'approval', '/narrow')
  if (asked.length > 0 && (!narrows || left.length > 0)) return { allowed: true, rules: [...asked, ...left] }
  const added = grant.add.flatMap((addition, index) =>
    find(addition.grant, 'approval', `/add/${index}/grant`),
  )
  return added.length > 0 ? { allowed: true, rules: added.slice(0, 1) } : { allowed: false, rules: asked }
}

function rulesOf(capability: Capability, list: readonly string[]): GrantRules {
  return rulesFrom((one) => (one === capability ? list : undefined))
}

/** An index whose matchers are counted; `looks` says how many since it was last asked. */
function counting(
  kind: PatternKind,
  texts: readonly string[],
): { first: (target: unknown) => number; looks: () => number } {
  let count = 0
  const rules = texts.map((text, number) => {
    const pattern = compilePattern(kind, text) as Pattern<unknown>
    const matches = (target: unknown, steps?: Steps): boolean => {
      count += 1
      return pattern.matches(target, steps)
    }
    return { ...pattern, number, matches }
  })
  const index = makeRuleIndex(kind, rules)
  return {
    first: (target) => index.first(target as never)?.number ?? -1,
    looks: () => {
      const seen = count
      count = 0
      return seen
    },
  }
}
