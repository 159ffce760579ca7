// Whatever decide allows under a translated policy, approved as it stands, the Java policy
// allowed as the JDK's `implies` has it.
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import t from 'tap'
import fc from 'fast-check'
import { decide } from '../../../lib/policy/decide.js'
import type { Grant } from '../../../lib/policy/grant.js'
import { implies } from '../../../lib/policy/java/implies.js'
import type { JavaGrant, JavaPermissionText, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { translate } from '../../../lib/policy/java/translate.js'
import { grantOf } from '../support.js'
import type { GrantRules, PolicyRequest } from '../../../lib/policy/document.js'
import { example, javaPolicy, packages, type Asked, type Example } from './java-policies.js'
import { FILE, RUNTIME, SOCKET, table } from './translate-support.js'

/** The Java checks that stand for one request; all have to be granted. */
function javaChecks(asked: Asked): readonly JavaPermissionText[] {
  switch (asked.kind) {
    case 'fs.read':
      return [{ class: FILE, target: asked.path, actions: 'read' }]
    case 'fs.write':
      return ['write', 'delete'].map((actions) => ({ class: FILE, target: asked.path, actions }))
    case 'net.connect':
      return [{ class: SOCKET, target: `${asked.host}:${asked.port}`, actions: 'connect' }]
    case 'net.resolve':
      return [{ class: SOCKET, target: asked.host, actions: 'resolve' }]
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

const RUNS = Number(process.env['BULKHEAD_TEST_RUNS'] ?? 800)

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
  t.equal(Object.keys(counts).length, 6)
})

const WIDENED: Readonly<Record<string, (policy: PolicyRequest) => PolicyRequest>> = {
  'a directory with what is below it': (policy) =>
    mapped(policy, (text) => text.replace(/\/\*\/\*\*$/, '/**')),
  'one level as all levels': (policy) => mapped(policy, (text) => text.replace(/\/\*$/, '/**')),
  'a domain with the names below it': (policy) => mapped(policy, (text) => text.replace('*.**.', '**.')),
  'one port more': (policy) =>
    mapped(policy, (text) =>
      text.replace(/:(\d+)$/, (_, port: string) => `:${port}-${Math.min(Number(port) + 1, 65_535)}`),
    ),
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
    const { errorInstance } = fc.check(property, { numRuns: 20 * RUNS, endOnFailure: true })
    t.match(errorInstance, { message: /returning false/ }) // and not a pattern that does not compile
  })
}

t.test('every translated policy is one that the shipped parser takes', async () => {
  const parser = shippedPolicyParser()
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
