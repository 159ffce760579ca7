// A grant comes only from a request and an approval for exactly that request and that
// code; the same request has one hash everywhere; a grant cannot be changed.
import t from 'tap'
import fc from 'fast-check'
import { nextExpiry, withoutExpired } from '../../lib/policy/expiry.js'
import { PluginError } from '../../lib/errors.js'
import { DEFAULT_LIMITS, type Approval, type PolicyRequest } from '../../lib/policy/document.js'
import { approvalFor, makeGrant, requestHash, type GrantContext } from '../../lib/policy/grant.js'
import { asking, context, DATA, grantOf, HOME, sha256 } from './support.js'
import { shippedPolicyParser } from '../../lib/shipped-policies.js'

const request = asking({ fs: { read: ['${plugin.home}/**'], write: ['${plugin.data}/**'] }, env: ['B', 'A'] })

t.test('without an approval the error holds the document that would approve this, and it does', (t) => {
  const error = caught(() => makeGrant(request, null, context))
  t.equal(error.code, 'APPROVAL_MISSING')
  const text = String(error.detail['approval'])
  t.match(error.message, text)
  const parsed = shippedPolicyParser().parseApproval(text, 'policies/demo.json')
  t.notOk('faults' in parsed)
  if ('approval' in parsed) t.same(makeGrant(request, parsed.approval, context).request.env, ['B', 'A'])
  t.end()
})

t.test('what changed since the approval is named, and nothing is granted', (t) => {
  const approval = approvalFor(request, context)
  const more = asking({ ...request.grant, env: ['A', 'B', 'C'] })
  const other = { ...context, bundleHash: sha256('other code') }
  const cases: readonly [PolicyRequest, Approval, GrantContext, readonly string[]][] = [
    [more, approval, context, ['request']],
    [request, approval, other, ['bundle']],
    [more, approval, other, ['request', 'bundle']],
    [{ ...request, limits: { heapMb: 256 } }, approval, context, ['request']],
    [request, { ...approval, plugin: 'other' }, context, ['plugin']],
    [
      request,
      { ...approval, approves: { request: approval.approves.request, acceptUpdates: 'none' } },
      context,
      ['bundle'],
    ],
    [more, { ...approval, approves: { ...approval.approves, acceptUpdates: 'code' } }, other, ['request']],
  ]
  for (const [asked, answer, now, changed] of cases) {
    const error = caught(() => makeGrant(asked, answer, now))
    t.equal(error.code, 'APPROVAL_MISMATCH')
    t.same(error.detail['changed'], changed)
  }
  const code: Approval = { ...approval, approves: { ...approval.approves, acceptUpdates: 'code' } }
  t.doesNotThrow(() => makeGrant(request, code, other), 'new code alone is fine where the operator said so')
  t.end()
})

t.test('a request that asks for less than was approved loads, one that asks for more says what', (t) => {
  const packages = { pg: { net: { connect: ['db.test:5432'] } } }
  const before: PolicyRequest = { ...request, packages, limits: { heapMb: 256, timers: 2000 } }
  const approval = approvalFor(before, context)
  const less: readonly (PolicyRequest | null)[] = [
    asking({ env: ['A'] }),
    { ...before, packages: {} },
    { ...before, limits: { heapMb: 200 } },
    null,
  ]
  for (const asked of less) t.doesNotThrow(() => makeGrant(asked, approval, context), JSON.stringify(asked))
  const more: readonly [PolicyRequest, readonly string[], readonly string[]][] = [
    [
      asking({ env: ['A', 'C'], fs: { read: ['/etc/**'] } }),
      ['read /etc and everything below', 'read the environment variable C'],
      [
        'read the environment variable B',
        'connect to db.test on port 5432 (pg only)',
        'read its own directory and everything below',
        'create, change and remove its data directory and everything below',
        'take less than before of heapMb: 128 instead of 256',
        'take less than before of timers: 1000 instead of 2000',
      ],
    ],
    [
      { ...before, grant: { ...before.grant, net: packages.pg.net } },
      ['connect to db.test on port 5432'],
      [],
    ],
    [
      { ...before, packages: { ...packages, ws: packages.pg } },
      ['connect to db.test on port 5432 (ws only)'],
      [],
    ],
    [
      { ...before, limits: { heapMb: 257 } },
      ['take more than before of heapMb: 257 instead of 256'],
      ['take less than before of timers: 1000 instead of 2000'],
    ],
  ]
  const frugal: PolicyRequest = { policyVersion: 1, grant: {}, limits: { heapMb: 32 } }
  t.match(
    caught(() => makeGrant(asking({}), approvalFor(frugal, context), context)).detail['more'],
    ['take more than before of heapMb: 128 instead of 32'],
    'a limit that was approved below the default and is left out now is raised',
  )
  for (const [asked, moreTexts, lessTexts] of more) {
    const { code, detail } = caught(() => makeGrant(asked, approval, context))
    t.equal(code, 'APPROVAL_MISMATCH')
    t.same(detail['more'], moreTexts)
    t.same(detail['less'], lessTexts)
  }
  t.end()
})

t.test('an approval without what it approved is held to the hash alone', (t) => {
  const { asked: _asked, ...approval } = approvalFor(request, context)
  t.doesNotThrow(() => makeGrant(request, approval, context))
  for (const other of [asking({}), null]) {
    const { code, detail } = caught(() => makeGrant(other, approval, context))
    t.equal(code, 'APPROVAL_MISMATCH')
    t.same(detail['asksFor'], '{"grant":{},"policyVersion":1}')
  }
  t.end()
})

t.test('an approval cannot widen itself by what it says was asked', (t) => {
  const wide = asking({ fs: { read: ['/**'] }, env: ['A', 'B'] })
  const forged = { ...approvalFor(request, context), asked: wide }
  const error = caught(() => makeGrant(wide, forged, context))
  t.equal(error.code, 'APPROVAL_INVALID')
  t.match(error.detail['faults'], [{ pointer: '/asked' }])
  t.end()
})

t.test('rules of a package are asked for, hashed, expanded and frozen like the others', (t) => {
  const asked: PolicyRequest = {
    policyVersion: 1,
    grant: {},
    packages: { pg: { fs: { read: ['${plugin.home}/pg/**'] }, env: ['PGHOST'] }, none: {} },
  }
  t.equal(caught(() => makeGrant(asked, null, context)).code, 'APPROVAL_MISSING')
  const grant = makeGrant(asked, approvalFor(asked, context), context)
  t.same(grant.packages['pg'], { fs: { read: [`${HOME}/pg/**`] }, env: ['PGHOST'] })
  t.ok(Object.isFrozen(grant.packages['pg']?.env))
  t.equal(
    requestHash({ ...asked, packages: { pg: asked.packages?.['pg'] ?? {} } }, sha256),
    requestHash(asked, sha256),
  )
  t.not(requestHash(asking({}), sha256), requestHash(asked, sha256))
  t.equal(requestHash({ ...asked, $comment: 'x' }, sha256), requestHash(asked, sha256))
  const bad: PolicyRequest = { policyVersion: 1, grant: {}, packages: { 'a/b': { env: ['A*'] } } }
  const error = caught(() => makeGrant(bad, approvalFor(bad, context), context))
  t.match(error.detail['faults'], [{ pointer: '/packages/a~1b/env/0' }])
  const open: PolicyRequest = { policyVersion: 1, extends: ['http-client'], grant: {} }
  t.match(
    caught(() => makeGrant(open, null, context)),
    { code: 'POLICY_INVALID' },
    'presets are put in before',
  )
  t.end()
})

t.test('a mismatch keeps the narrowing in the document it proposes', (t) => {
  const approval = { ...approvalFor(request, context), narrow: { env: ['A'] } }
  const error = caught(() => makeGrant(asking({ env: ['A', 'Z'] }), approval, context))
  const proposed = JSON.parse(String(error.detail['approval'])) as Approval
  t.same(proposed.narrow, { env: ['A'] })
  t.doesNotThrow(() => makeGrant(asking({ env: ['A', 'Z'] }), proposed, context))
  t.end()
})

t.test('without a policy there is a grant of nothing but compute', (t) => {
  const grant = makeGrant(null, null, context)
  t.same(grant.request, {})
  t.equal(grant.narrow, null)
  t.same(grant.limits, DEFAULT_LIMITS)
  t.doesNotThrow(
    () => makeGrant({ policyVersion: 1, grant: { env: [] }, limits: { heapMb: 64 } }, null, context),
    'asking for less needs nobody',
  )
  t.equal(
    caught(() => makeGrant({ policyVersion: 1, grant: {}, limits: { heapMb: 129 } }, null, context)).code,
    'APPROVAL_MISSING',
  )
  t.end()
})

t.test('the hash is the same for every way to write the same request, and on every machine', (t) => {
  const names = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { maxLength: 4 })
  fc.assert(
    fc.property(names, names, fc.nat(), (env, settings, seed) => {
      const one = requestHash(
        { policyVersion: 1, grant: { env, settings }, limits: { heapMb: 64, timers: 5 } },
        sha256,
      )
      const turned = env.toSorted(() => (seed % 2 === 0 ? 1 : -1)).toReversed()
      const two = requestHash(
        {
          $schema: 'x',
          limits: { timers: 5, heapMb: 64 },
          grant: { fs: { read: [] }, settings, env: turned },
          policyVersion: 1,
        },
        sha256,
      )
      return one === two
    }),
    { seed: 3 },
  )
  const elsewhere = { ...context, home: '/elsewhere/demo', data: '/elsewhere/data' }
  t.doesNotThrow(() => makeGrant(request, approvalFor(request, context), elsewhere))
  t.not(
    requestHash(asking({ fs: { read: [`${HOME}/**`] } }), sha256),
    requestHash(asking({ fs: { read: ['${plugin.home}/**'] } }), sha256),
  )
  t.not(
    requestHash(asking({ fs: { read: ['/a'] } }), sha256),
    requestHash(asking({ fs: { write: ['/a'] } }), sha256),
  )
  t.equal(
    requestHash(asking({}), sha256),
    sha256('{"grant":{},"policyVersion":1}'),
    'the form that is hashed',
  )
  t.end()
})

t.test('placeholders become the real directories, in all three documents', (t) => {
  const rules = { fs: { read: ['${plugin.home}/**', '${plugin.data}'] } }
  const grant = grantOf(rules, { narrow: rules, add: [{ grant: rules, reason: 'x' }] })
  const expanded = { fs: { read: [`${HOME}/**`, DATA] } }
  t.same([grant.request, grant.narrow, grant.add[0]?.grant], [expanded, expanded, expanded])
  t.end()
})

t.test('a directory that would act as a pattern is refused', (t) => {
  for (const odd of ['/srv/*/demo', '/srv/**', 'srv/demo', '/srv/../demo', '/srv/demo/', '/', '']) {
    for (const option of ['home', 'data']) {
      const error = caught(() => makeGrant(null, null, { ...context, [option]: odd }))
      t.same([error.code, error.detail['option']], ['CONFIG_INVALID', option], `${option} ${odd}`)
    }
  }
  t.end()
})

t.test('an addition grants nothing from its last day on, and keeps its place', (t) => {
  const add = [
    { grant: { env: ['X'] }, reason: 'test', expires: '2026-06-16' },
    { grant: { env: ['Y'] }, reason: 'test', expires: '2027-01-01' },
  ]
  const at = (wallTime: number): readonly unknown[] =>
    grantOf({}, { add }, { wallTime }).add.map(({ grant }) => grant.env)
  t.same(at(Date.UTC(2026, 5, 16) - 1), [['X'], ['Y']])
  t.same(at(Date.UTC(2026, 5, 16)), [undefined, ['Y']])
  t.same(at(Number.NaN), [undefined, undefined], 'a clock that is broken grants nothing')
  t.same(grantOf({}, { add: [{ grant: { env: ['X'] }, reason: 'test', expires: 'soon' }] }).add[0]?.grant, {})
  t.equal(nextExpiry(grantOf({}, { add }), context.wallTime), Date.UTC(2026, 5, 16))
  t.equal(nextExpiry(grantOf({}), context.wallTime), null)

  const grant = grantOf({}, { add })
  t.equal(withoutExpired(grant, Date.UTC(2026, 5, 16) - 1), grant, 'nothing to leave out, no new grant')
  const left = withoutExpired(grant, Date.UTC(2026, 5, 16))
  t.same(left, grantOf({}, { add }, { wallTime: Date.UTC(2026, 5, 16) }), 'the same as made on that day')
  t.ok(Object.isFrozen(left.add[1]))
  t.equal(withoutExpired(left, Date.UTC(2026, 5, 16)), left)
  t.same(grant.add[0]?.grant, { env: ['X'] }, 'the grant before is as it was')
  t.end()
})

t.test('limits are the defaults, then the request, then the approval', (t) => {
  const asked: PolicyRequest = { policyVersion: 1, grant: {}, limits: { heapMb: 256, timers: 5 } }
  const grant = makeGrant(asked, approvalFor(asked, context, { limits: { heapMb: 64 } }), context)
  t.same(grant.limits, { ...DEFAULT_LIMITS, heapMb: 64, timers: 5 })
  t.end()
})

t.test('patterns that no parser has seen are refused with their place', (t) => {
  const bad = asking({ env: ['A', '*'] })
  const error = caught(() => makeGrant(bad, approvalFor(bad, context), context))
  t.equal(error.code, 'POLICY_INVALID')
  t.match(error.detail, { faults: [{ pointer: '/grant/env/1' }] })
  const answer = { ...approvalFor(request, context), narrow: { fs: { read: ['x'] } } }
  t.match(
    caught(() => makeGrant(request, answer, context)),
    { code: 'APPROVAL_INVALID', detail: { faults: [{ pointer: '/narrow/fs/read/0' }] } },
  )
  t.end()
})

t.test('nothing in a grant can be changed, and it shares nothing with the documents', (t) => {
  const asked = { policyVersion: 1 as const, grant: { env: ['A'], fs: { read: ['/opt/**'] } } }
  const narrow = { env: ['A'] }
  const grant = makeGrant(asked, approvalFor(asked, context, { narrow }), context)
  const open: string[] = []
  walk(grant, 'grant', (value, path) => Object.isFrozen(value) || open.push(path))
  t.same(open, [])
  asked.grant.env.push('B')
  narrow.env.push('B')
  t.same([grant.request.env, grant.narrow?.env], [['A'], ['A']])
  t.notOk(Object.isFrozen(asked.grant.env))
  t.end()
})

function walk(value: unknown, path: string, visit: (value: object, path: string) => unknown): void {
  if (typeof value !== 'object' || value === null) return
  visit(value, path)
  for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`, visit)
}

function caught(run: () => unknown): PluginError {
  try {
    run()
  } catch (error) {
    if (error instanceof PluginError) return error
    throw error
  }
  throw new Error('it did not throw')
}
