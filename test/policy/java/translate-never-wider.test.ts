// Whatever decide allows under a translated policy, approved as it stands, the Java policy
// allowed as the JDK's `implies` has it.
import t from 'tap'
import fc from 'fast-check'
import { decide, type AccessRequest } from '../../../lib/policy/decide.js'
import type { Grant } from '../../../lib/policy/grant.js'
import { implies } from '../../../lib/policy/java/implies.js'
import type { JavaGrant, JavaPermissionText, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { translate } from '../../../lib/policy/java/translate.js'
import { grantOf, shippedParser } from '../support.js'
import type { GrantRules, PolicyRequest } from '../../../lib/policy/document.js'
import { FILE, grantWith, policyWith, RUNTIME, SOCKET, table, type Line } from './translate-support.js'

// Java: few names, so that targets overlap and requests stand at the edge of them.
const name = fc.constantFrom('a', 'b', 'proc', 'dev', '.c')
const segments = fc.array(name, { maxLength: 3 })
const path = segments.map((parts) => `/${parts.join('/')}`)
const ending = fc.constantFrom('', '', '/', '/*', '/-', '/..', '//*', '/*/', '*')
const fileTarget = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(path, ending).map(([start, end]) => start + end) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('<<ALL FILES>>', '*', '-', 'a/b', '${/}a${/}-', '${user.home}/a', '/a/*/b'),
  },
)
const some = (words: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...words], { minLength: 1 }).map((list) => list.join(','))
const fileActions = some(['read', 'write', 'delete', 'execute', 'readlink'])
const fileLine = fc.tuple(fc.constant(FILE), fileTarget, fileActions)

const HOSTS = [
  'a.test',
  'b.a.test',
  'c.b.a.test',
  'xa.test',
  'test',
  'localhost',
  'x.localhost',
  '127.0.0.1',
  '127.0.0.2',
  '10.0.0.1',
  '8.8.8.8',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[fe80::1]',
  '[2001:db8::1]',
  '[2606:4700::1]',
] as const
const socketHost = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '*',
      '*.a.test',
      '*.test',
      '*.localhost',
      '*.0.0.1',
      'A.Test',
      '127.1',
      '',
      '[::ffff:10.0.0.1]',
    ),
  },
)
const port = fc.constantFrom(0, 1, 79, 80, 81, 443, 40000, 65534, 65535)
const ports = fc.oneof(
  fc.constantFrom('', ':*', ':0', ':-80', ':80-', ':1024-', ':70000', ':0-'),
  port.map((one) => `:${one}`),
  fc.tuple(port, port).map(([from, to]) => `:${Math.min(from, to)}-${Math.max(from, to)}`),
)
const socketLine = fc.tuple(
  fc.constant(SOCKET),
  fc.tuple(socketHost, ports).map((parts) => parts.join('')),
  some(['connect', 'listen', 'accept', 'resolve']),
)
const listenLine = fc.tuple(
  fc.constant(SOCKET),
  fc.constantFrom('localhost', 'localhost:80', 'localhost:0', 'localhost:80-443', '127.0.0.1', '[::1]', '*'),
  fc.constantFrom('listen', 'accept', 'accept,listen'),
)
const envLine = fc.tuple(
  fc.constant(RUNTIME),
  fc.constantFrom(
    'getenv.HOME',
    'getenv.PATH',
    'getenv.*',
    'getenv.HO*',
    '*',
    'getenv.',
    'getenv.home',
    'exitVM',
  ),
)
const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 5, arbitrary: fileLine },
  { weight: 5, arbitrary: socketLine },
  { weight: 3, arbitrary: listenLine },
  { weight: 2, arbitrary: envLine },
)
const packages: Readonly<Record<string, string>> = { x: 'left-pad', y: '@scope/y', z: 'left-pad' }
const codeBase = fc.constantFrom(
  null,
  null,
  null,
  ...['x', 'y', 'z', 'unknown'].map((one) => `\${codebase.${one}}`),
)
const condition = fc.constantFrom<Partial<JavaGrant>>(
  {},
  {},
  {},
  {},
  { signedBy: 'duke' },
  { principals: [['p.P', 'sam']] },
)
const grant = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 6 }), codeBase, condition)
  .map(([lines, base, more]) => grantWith(lines, { codeBase: base, ...more }))
const javaPolicy = fc.array(grant, { minLength: 1, maxLength: 3 }).map((grants) => policyWith(...grants))

// Ours: what a plugin may ask, in the form that decide reads.
const askedPath = fc.array(name, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
const request: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ kind: fc.constantFrom('fs.read', 'fs.write'), path: askedPath }),
  fc.record({
    kind: fc.constantFrom('net.connect', 'net.listen'),
    host: fc.constantFrom(...HOSTS),
    port,
  }),
  fc.record({ kind: fc.constant('env'), name: fc.constantFrom('HOME', 'PATH', 'HO', 'home') }),
)

/** What Java has words for. */
type Asked = Exclude<AccessRequest, { readonly kind: Uncontrolled }>
type Uncontrolled = 'settings' | 'clusterState.read' | 'extensionPoint' | 'plugins.call'

/** The Java checks that stand for one request; all have to be granted. */
function javaChecks(asked: Asked): readonly JavaPermissionText[] {
  switch (asked.kind) {
    case 'fs.read':
      return [{ class: FILE, target: asked.path, actions: 'read' }]
    case 'fs.write':
      return ['write', 'delete'].map((actions) => ({ class: FILE, target: asked.path, actions }))
    case 'net.connect':
      return [{ class: SOCKET, target: `${asked.host}:${asked.port}`, actions: 'connect' }]
    case 'net.listen':
      return [
        { class: SOCKET, target: `localhost:${asked.port}`, actions: 'listen' },
        { class: SOCKET, target: `${asked.host}:1-65535`, actions: 'accept' },
      ]
    case 'env':
      return [{ class: RUNTIME, target: `getenv.${asked.name}`, actions: null }]
  }
}

/** Whether Java allows it to the code of a package, or to the plugin's own. */
function javaAllows(policy: JavaPolicy, asked: Asked, packageName: string | null): boolean {
  const held = policy.grants.filter(applies).flatMap(({ permissions }) => permissions.map(filled))
  return javaChecks(asked).every((check) => held.some((granted) => covers(granted, check)))

  function applies({ codeBase: base, signedBy, principals }: JavaGrant): boolean {
    if (signedBy !== null || principals.length > 0) return false // nobody signs, nobody logs in
    return base === null || packageOf(base) === packageName
  }
}

function packageOf(base: string): string | undefined {
  return packages[base.slice('${codebase.'.length, -1)]
}

function filled(permission: JavaPermissionText): JavaPermissionText {
  const { class: className, target, actions } = permission
  return { class: className, target: target?.replaceAll('${/}', '/') ?? null, actions }
}

function covers(granted: JavaPermissionText, asked: JavaPermissionText): boolean {
  if (granted.target?.includes('${') === true) return false // the JDK leaves such a line out
  return granted.class === asked.class && implies(granted, asked)
}

/** The grant of one package: what the plugin has and what the package has besides. */
function grantFor({ grant: rules, packages: more }: PolicyRequest, packageName: string | null): Grant {
  const own = packageName === null ? {} : (more?.[packageName] ?? {})
  return grantOf(joined(rules, own), {}, { denied: { read: [], write: [] } })
}

function joined(a: GrantRules, b: GrantRules): GrantRules {
  const both = (x: readonly string[] = [], y: readonly string[] = []): readonly string[] => [
    ...new Set([...x, ...y]),
  ]
  return {
    fs: { read: both(a.fs?.read, b.fs?.read), write: both(a.fs?.write, b.fs?.write) },
    net: { connect: both(a.net?.connect, b.net?.connect), listen: both(a.net?.listen, b.net?.listen) },
    env: both(a.env, b.env),
  }
}

/** Requests by kind that both allow, that only Java allows, that neither allows, and that only ours would. */
type Counts = Record<string, { both: number; java: number; neither: number; wider: number }>

interface Example {
  readonly policy: JavaPolicy
  readonly requests: readonly Asked[]
  readonly packageName: string | null
}
const example: fc.Arbitrary<Example> = fc
  .record({
    policy: javaPolicy,
    anywhere: fc.array(request, { minLength: 15, maxLength: 15 }),
    picks: fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
    packageName: fc.constantFrom(null, 'left-pad', '@scope/y'),
  })
  .map(({ policy, anywhere, picks, packageName }) => {
    const lines = policy.grants.flatMap(({ permissions }) => permissions)
    const edges = lines.map(requestsAtTheEdge)
    const near = picks.flatMap((pick) => {
      const choice = edges[pick % edges.length] ?? []
      return choice.length === 0 ? [] : [choice[Math.trunc(pick / edges.length) % choice.length]]
    })
    return { policy, requests: [...anywhere, ...near].filter((one) => one !== undefined), packageName }
  })

/** Requests just inside and just outside of what one line grants. */
function requestsAtTheEdge({ class: className, target }: JavaPermissionText): readonly Asked[] {
  if (target === null) return []
  if (className === RUNTIME) return [{ kind: 'env', name: target.replace('getenv.', '') }]
  if (className === FILE) {
    const place = target.replace(/\/[*-]?$/, '')
    const up = place.slice(0, Math.max(place.lastIndexOf('/'), 0))
    return [place, `${place}/a`, `${place}/a/b`, `${place}x`, up, `${up}/z`].flatMap((one) =>
      (['fs.read', 'fs.write'] as const).map((kind) => ({ kind, path: one === '' ? '/' : one })),
    )
  }
  const [, host = '', from = '80', to = from] = /^(\[.*\]|[^:]*):?(\d*)-?(\d*)$/.exec(target) ?? []
  const hosts = [host, host.replace('*.', ''), host.replace('*.', 'x.y.'), host.replace('*', '8.8.8.8')]
  const edge = [Number(from) - 1, Number(from), Number(to), Number(to) + 1].filter(
    (one) => one >= 0 && one < 65_536,
  )
  return hosts.flatMap((one) =>
    edge.flatMap((at) =>
      (['net.connect', 'net.listen'] as const).map((kind) => ({ kind, host: one, port: at })),
    ),
  )
}

const RUNS = Number(process.env['BULKHEAD_TEST_RUNS'] ?? 1500)

function compare(
  toOurs: (policy: JavaPolicy) => PolicyRequest,
  counts: Counts,
  { policy, requests, packageName }: Example,
): boolean {
  const granted = grantFor(toOurs(policy), packageName)
  let held = true
  for (const asked of requests) {
    const java = javaAllows(policy, asked, packageName)
    const { allowed } = decide(granted, asked)
    const count = (counts[asked.kind] ??= { both: 0, java: 0, neither: 0, wider: 0 })
    count[allowed ? (java ? 'both' : 'wider') : java ? 'java' : 'neither'] += 1
    held &&= java || !allowed
  }
  return held
}

const ours = (policy: JavaPolicy): PolicyRequest => translate(policy, { table, packages }).policy

t.test('never wider than Java, and both answers are common', async (t) => {
  const counts: Counts = {}
  fc.assert(
    fc.property(example, (one) => compare(ours, counts, one)),
    { numRuns: RUNS },
  )
  t.comment(JSON.stringify(counts))
  for (const [kind, { both, neither, wider }] of Object.entries(counts)) {
    t.equal(wider, 0, kind)
    t.ok(both >= RUNS / 10, `${kind}: ${both} allowed by both`)
    t.ok(neither >= RUNS / 10, `${kind}: ${neither} refused by both`)
  }
  t.equal(Object.keys(counts).length, 5)
})

const WIDENED: Readonly<Record<string, (policy: PolicyRequest) => PolicyRequest>> = {
  'a directory with what is below it': (policy) =>
    mapped(policy, (text) => text.replace(/\/\*\/\*\*$/, '/**')),
  'one level as all levels': (policy) => mapped(policy, (text) => text.replace(/\/\*$/, '/**')),
  'a domain with the names below it': (policy) => mapped(policy, (text) => text.replace('*.**.', '**.')),
  'one port more': (policy) => mapped(policy, (text) => text.replace(/:80$/, ':80-81')),
  'what is read is written': (policy) => ({
    ...policy,
    grant: { ...policy.grant, fs: { ...policy.grant.fs, write: policy.grant.fs?.read ?? [] } },
  }),
  'where it connects it listens': (policy) => ({
    ...policy,
    grant: { ...policy.grant, net: { ...policy.grant.net, listen: policy.grant.net?.connect ?? [] } },
  }),
  'rules of a package for the whole plugin': (policy) => ({
    ...policy,
    grant: Object.values(policy.packages ?? {}).reduce<GrantRules>(joined, policy.grant),
  }),
}

for (const [widening, widen] of Object.entries(WIDENED)) {
  t.test(`the property sees: ${widening}`, async (t) => {
    const property = fc.property(example, (one) => compare((policy) => widen(ours(policy)), {}, one))
    const { errorInstance } = fc.check(property, { numRuns: RUNS, endOnFailure: true })
    t.match(errorInstance, { message: /returning false/ }) // and not a pattern that does not compile
  })
}

t.test('every translated policy is one that the shipped parser takes', async () => {
  const parser = shippedParser()
  fc.assert(
    fc.property(javaPolicy, (policy) => {
      const { policy: request, report } = translate(policy, { table, packages })
      const parsed = parser.parsePolicy(JSON.stringify(request), 'policy.json')
      if ('faults' in parsed) return false
      const { lines, mapped: done, noCounterpart, refused } = report.counts
      return (
        lines === policy.grants.flatMap((one) => one.permissions).length &&
        done + noCounterpart + refused === lines
      )
    }),
    { numRuns: 200 },
  )
})

t.test('lines told twice change nothing', async () => {
  fc.assert(
    fc.property(javaPolicy, (policy) => {
      const twice = { ...policy, grants: [...policy.grants, ...policy.grants.toReversed()] }
      return JSON.stringify(ours(twice)) === JSON.stringify(ours(policy))
    }),
    { numRuns: 300 },
  )
})

function mapped(policy: PolicyRequest, change: (text: string) => string): PolicyRequest {
  return JSON.parse(JSON.stringify(policy), (_key, value: unknown) =>
    typeof value === 'string' ? change(value) : value,
  ) as PolicyRequest
}
