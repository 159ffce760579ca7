// A grant allows exactly what the request allows and the narrowing leaves, or an addition
// allows; every answer names its rule; what cannot be read is refused.
import t from 'tap'
import fc from 'fast-check'
import { decide, type AccessRequest } from '../../lib/policy/decide.js'
import { freezeGrant, makeGrant, type Grant } from '../../lib/policy/grant.js'
import { asking, context, grantOf } from './support.js'
import { naiveMatch } from './reference.js'

const segment = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2 })
const segments = fc.array(segment, { minLength: 1, maxLength: 4 })
const globs = fc.uniqueArray(
  fc
    .array(fc.oneof(segment, fc.constantFrom('*', 'a*', '*b', '**')), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/')),
  { maxLength: 3 },
)
const days = fc.constantFrom<readonly [string | undefined, boolean]>(
  [undefined, true],
  ['2026-06-16', true],
  ['2027-01-01', true],
  ['2026-06-15', false],
  ['2020-01-01', false],
)
const world = fc.record({
  request: globs,
  narrow: fc.option(globs, { nil: undefined }),
  add: fc.array(fc.record({ list: globs, day: days }), { maxLength: 2 }),
  target: segments,
})

t.test('the grant allows exactly what the three lists mean, for paths, settings and routes', (t) => {
  const seen = { yes: 0, no: 0 }
  const oracle = (lists: readonly string[], target: readonly string[], below: boolean): boolean =>
    lists.some((glob) => naiveMatch([...glob.split('/'), ...(below ? ['**'] : [])], target))
  const kinds = [
    {
      below: false,
      rules: (list: readonly string[]) => ({ fs: { read: list.map((glob) => `/${glob}`) } }),
      ask: (parts: readonly string[]): AccessRequest => ({ kind: 'fs.read', path: `/${parts.join('/')}` }),
    },
    {
      below: true,
      rules: (list: readonly string[]) => ({ settings: list.map((glob) => glob.replaceAll('/', '.')) }),
      ask: (parts: readonly string[]): AccessRequest => ({ kind: 'settings', key: parts.join('.') }),
    },
    {
      below: false,
      rules: (list: readonly string[]) => ({ extensionPoints: list.map((glob) => `rest:/${glob}`) }),
      ask: (parts: readonly string[]): AccessRequest => ({
        kind: 'extensionPoint',
        point: `rest:/${parts.join('/')}`,
      }),
    },
  ]
  for (const { below, rules, ask } of kinds) {
    fc.assert(
      fc.property(world, ({ request, narrow, add, target }) => {
        const grant = grantOf(rules(request), {
          ...(narrow === undefined ? {} : { narrow: rules(narrow) }),
          add: add.map(({ list, day }) => ({
            grant: rules(list),
            reason: 'test',
            ...(day[0] === undefined ? {} : { expires: day[0] }),
          })),
        })
        const expected =
          (oracle(request, target, below) && (narrow === undefined || oracle(narrow, target, below))) ||
          add.some(({ list, day }) => day[1] && oracle(list, target, below))
        seen[expected ? 'yes' : 'no'] += 1
        return decide(grant, ask(target)).allowed === expected
      }),
      { numRuns: 3_000, seed: 5 },
    )
  }
  t.ok(seen.yes > 300 && seen.no > 300, `compared ${seen.yes} times yes, ${seen.no} times no`)
  t.end()
})

t.test('each answer names the rule that decided', (t) => {
  const grant = grantOf(
    {
      env: ['AWS_REGION', 'HOME'],
      fs: { read: ['/opt/**'] },
      net: { connect: ['*.test:443'], listen: ['127.0.0.1:0'] },
      plugins: { call: ['jobs'] },
    },
    {
      narrow: { env: ['HOME'], net: { connect: ['a.test:443'] } },
      add: [
        { grant: { env: ['OLD'] }, reason: 'gone', expires: '2026-06-15' },
        { grant: { env: ['AWS_PROFILE'] }, reason: 'profile' },
      ],
    },
  )
  const cases: readonly [AccessRequest, boolean, string][] = [
    [{ kind: 'env', name: 'HOME' }, true, 'request.grant.env[1] "HOME", narrow.env[0] "HOME"'],
    [
      { kind: 'env', name: 'AWS_REGION' },
      false,
      'narrow.env leaves it out of request.grant.env[0] "AWS_REGION"',
    ],
    [{ kind: 'env', name: 'AWS_PROFILE' }, true, 'approval.add[1].grant.env[0] "AWS_PROFILE"'],
    [{ kind: 'env', name: 'OLD' }, false, 'nothing grants it'],
    [{ kind: 'env', name: 'home' }, false, 'nothing grants it'],
    [{ kind: 'fs.read', path: '/opt/x' }, true, 'request.grant.fs.read[0] "/opt/**"'],
    [{ kind: 'fs.write', path: '/opt/x' }, false, 'nothing grants it'],
    [{ kind: 'fs.read', path: '/opt/../etc/passwd' }, false, 'the path is not absolute and normalised'],
    [{ kind: 'fs.read', path: '/etc/node/policies/demo.json' }, false, 'denied /etc/node/policies'],
    [
      { kind: 'net.connect', host: 'a.test', port: 443 },
      true,
      'request.grant.net.connect[0] "*.test:443", narrow.net.connect[0] "a.test:443"',
    ],
    [
      { kind: 'net.connect', host: 'b.test', port: 443 },
      false,
      'narrow.net.connect leaves it out of request.grant.net.connect[0] "*.test:443"',
    ],
    [{ kind: 'net.connect', host: '127.1', port: 443 }, false, 'the host or port is not in its plain form'],
    [{ kind: 'net.listen', host: '127.0.0.1', port: 0 }, true, 'request.grant.net.listen[0] "127.0.0.1:0"'],
    [{ kind: 'net.connect', host: '127.0.0.1', port: 0 }, false, 'nothing grants it'],
    [{ kind: 'plugins.call', plugin: 'jobs' }, true, 'request.grant.plugins.call[0] "jobs"'],
    [{ kind: 'settings', key: 'a' }, false, 'nothing grants it'],
  ]
  for (const [request, allowed, rule] of cases) {
    const decision = decide(grant, request)
    t.same([decision.allowed, decision.rule], [allowed, rule], JSON.stringify(request))
  }
  t.end()
})

t.test(
  'rules of a package count for the code of that package only, and are narrowed like all others',
  (t) => {
    const S3 = '@aws-sdk/client-s3'
    const host = (name: string) => ({ kind: 'net.connect', host: name, port: 443 }) as const
    const grant = freezeGrant({
      ...grantOf(
        { net: { connect: ['*.both.test:443'] } },
        {
          narrow: { net: { connect: ['a.both.test:443', 'a.s3.test:443'] } },
          add: [{ grant: { net: { connect: ['added.test:443'] } }, reason: 'test' }],
        },
      ),
      packages: {
        [S3]: { net: { connect: ['*.s3.test:443', '**.test:443'] } },
        other: { env: ['HOME'], fs: { read: ['/opt/**'] } },
      },
    })
    const asked = (pointer: string, pattern: string) => ({ document: 'policy', pointer, pattern })
    const answered = (pointer: string, pattern: string) => ({ document: 'approval', pointer, pattern })
    const ofS3 = asked('/packages/@aws-sdk~1client-s3/net/connect/0', '*.s3.test:443')
    const left = answered('/narrow/net/connect/1', 'a.s3.test:443')
    const label = 'request.packages["@aws-sdk/client-s3"].net.connect[0] "*.s3.test:443"'
    const cases: readonly [AccessRequest, boolean, string, readonly object[]][] = [
      [
        { ...host('a.s3.test'), package: S3 },
        true,
        `${label}, narrow.net.connect[1] "a.s3.test:443"`,
        [ofS3, left],
      ],
      [{ ...host('b.s3.test'), package: S3 }, false, `narrow.net.connect leaves it out of ${label}`, [ofS3]],
      [host('a.s3.test'), false, 'nothing grants it', []],
      [{ ...host('a.s3.test'), package: 'other' }, false, 'nothing grants it', []],
      [
        { ...host('a.both.test'), package: S3 },
        true,
        'request.grant.net.connect[0] "*.both.test:443", narrow.net.connect[0] "a.both.test:443"',
        [
          asked('/grant/net/connect/0', '*.both.test:443'),
          answered('/narrow/net/connect/0', 'a.both.test:443'),
        ],
      ],
      [
        { ...host('added.test'), package: S3 },
        true,
        'approval.add[0].grant.net.connect[0] "added.test:443"',
        [answered('/add/0/grant/net/connect/0', 'added.test:443')],
      ],
      [
        { kind: 'env', name: 'HOME', package: 'other' },
        true,
        'request.packages["other"].env[0] "HOME"',
        [asked('/packages/other/env/0', 'HOME')],
      ],
      [{ kind: 'env', name: 'HOME' }, false, 'nothing grants it', []],
      [
        { kind: 'fs.read', path: '/opt/x', package: 'other' },
        true,
        'request.packages["other"].fs.read[0] "/opt/**"',
        [asked('/packages/other/fs/read/0', '/opt/**')],
      ],
    ]
    for (const [request, allowed, rule, rules] of cases)
      t.same(decide(grant, request), { allowed, rule, rules }, JSON.stringify(request))
    const odd: readonly unknown[] = [
      '__proto__',
      'constructor',
      'toString',
      '',
      null,
      7,
      ['other'],
      { toString: () => 'other' },
    ]
    for (const from of odd) {
      const request = { kind: 'env', name: 'HOME', package: from } as AccessRequest
      t.equal(decide(grant, request).allowed, false, `package ${JSON.stringify(from)}`)
    }
    t.end()
  },
)

t.test('without a policy nothing is allowed, whatever is asked', (t) => {
  const grant = makeGrant(null, null, context)
  const requests: readonly AccessRequest[] = [
    { kind: 'fs.read', path: context.home },
    { kind: 'fs.write', path: `${context.data}/x` },
    { kind: 'net.connect', host: 'a.test', port: 443 },
    { kind: 'net.listen', host: '127.0.0.1', port: 0 },
    { kind: 'env', name: 'HOME' },
    { kind: 'settings', key: 'cluster.name' },
    { kind: 'clusterState.read', path: [] },
    { kind: 'clusterState.read', path: ['nodes'] },
    { kind: 'extensionPoint', point: 'rest:/_plugins/_demo' },
    { kind: 'plugins.call', plugin: 'demo' },
  ]
  for (const request of requests)
    t.same(decide(grant, request), { allowed: false, rule: 'nothing grants it', rules: [] }, request.kind)
  t.end()
})

t.test('an empty narrowing leaves nothing, a narrowing of something else leaves all', (t) => {
  const rules = { env: ['A'], settings: ['s'] }
  t.equal(decide(grantOf(rules, { narrow: { env: [] } }), { kind: 'env', name: 'A' }).allowed, false)
  t.equal(decide(grantOf(rules, { narrow: { env: [] } }), { kind: 'settings', key: 's' }).allowed, true)
  t.equal(decide(grantOf(rules, { narrow: { fs: {} } }), { kind: 'env', name: 'A' }).allowed, true)
  t.end()
})

t.test('a host may be resolved exactly when some port of it may be connected to', (t) => {
  const PORTS = [1, 2, 3, 4, 5, 6]
  const hosts = fc.constantFrom('a.test', 'b.test', '*.test', '10.0.0.1', '10.0.0.0/8', '0.0.0.0/0')
  const range = fc.tuple(fc.constantFrom(...PORTS), fc.nat(2))
  const rule = fc.tuple(hosts, range).map(([host, [from, more]]) => `${host}:${from}-${from + more}`)
  const rules = fc.uniqueArray(rule, { maxLength: 4 })
  const worlds = fc.record({
    request: rules,
    narrow: fc.option(rules, { nil: undefined }),
    added: rules,
    packaged: rules,
    host: fc.constantFrom('a.test', 'b.test', '10.0.0.1', '10.0.0.2', '8.8.8.8'),
    from: fc.constantFrom({}, { package: 'pkg' }, { package: 'other' }),
  })
  const seen = { yes: 0, no: 0 }
  fc.assert(
    fc.property(worlds, ({ request, narrow, added, packaged, host, from }) => {
      const approved = grantOf(
        { net: { connect: request } },
        {
          ...(narrow === undefined ? {} : { narrow: { net: { connect: narrow } } }),
          add: [{ grant: { net: { connect: added } }, reason: 'test' }],
        },
      )
      const grant = freezeGrant({ ...approved, packages: { pkg: { net: { connect: packaged } } } })
      const answers = [1, 2, 3, 4, 5, 6, 7, 8].map((port) =>
        decide(grant, { kind: 'net.connect', host, port, ...from }),
      )
      const expected = answers.some(({ allowed }) => allowed)
      seen[expected ? 'yes' : 'no'] += 1
      const answer = decide(grant, { kind: 'net.resolve', host, ...from })
      return answer.allowed === expected && (!expected || answers.some(({ rule: by }) => by === answer.rule))
    }),
    { numRuns: 3_000, seed: 5 },
  )
  t.ok(seen.yes > 300 && seen.no > 300, `compared ${seen.yes} times yes, ${seen.no} times no`)
  t.end()
})

t.test('a refused name is told which rule asked for it and what left it out', (t) => {
  const grant = grantOf(
    { net: { connect: ['x.test:9', 'a.test:443-445'] } },
    { narrow: { net: { connect: ['a.test:1-442', 'x.test:10'] } } },
  )
  const cases: readonly [string, string][] = [
    ['a.test', 'narrow.net.connect leaves it out of request.grant.net.connect[1] "a.test:443-445"'],
    ['c.test', 'nothing grants it'],
    ['127.1', 'the host is not in its plain form'],
    ['a..test', 'the host is not in its plain form'],
  ]
  for (const [host, rule] of cases)
    t.match(decide(grant, { kind: 'net.resolve', host }), { allowed: false, rule }, host)
  t.end()
})

t.test('values of other types than the types say are refused, never matched or thrown at', (t) => {
  const grant = grantOf({
    fs: { read: ['/opt/**'] },
    net: { connect: ['**:1-65535'] },
    env: ['A'],
    clusterState: { read: ['**'] },
    extensionPoints: ['rest'],
  })
  const shifty = { toString: () => '/opt/x', startsWith: () => true }
  for (const odd of [undefined, null, true, {}, ['A'], shifty, Buffer.from('/opt/x')]) {
    const requests: readonly object[] = [
      { kind: 'fs.read', path: odd },
      { kind: 'net.connect', host: odd, port: 443 },
      { kind: 'net.connect', host: 'a.test', port: odd },
      { kind: 'net.resolve', host: odd },
      { kind: 'env', name: odd },
      { kind: 'plugins.call', plugin: odd },
      { kind: 'clusterState.read', path: [odd] },
      { kind: 'extensionPoint', point: odd },
      { kind: odd },
    ]
    for (const request of requests)
      t.equal(decide(grant, request as AccessRequest).allowed, false, JSON.stringify(request))
  }
  t.end()
})

t.test('a grant that crossed as JSON decides the same and is frozen again', (t) => {
  const grant = grantOf({ fs: { read: ['${plugin.home}/**'] } }, { narrow: { fs: { read: ['/srv/**'] } } })
  const copy = freezeGrant(JSON.parse(JSON.stringify(grant)) as Grant)
  const request: AccessRequest = { kind: 'fs.read', path: `${context.home}/a` }
  t.same(decide(copy, request), decide(grant, request))
  t.equal(decide(copy, request).allowed, true)
  t.ok(Object.isFrozen(copy.request.fs?.read))
  t.end()
})

t.test('a grant that is not frozen is never answered from an older reading', (t) => {
  const frozen = makeGrant(asking({}), null, context)
  const loose = { ...frozen, request: { env: ['A'] } as { env: readonly string[] } }
  t.equal(decide(loose, { kind: 'env', name: 'A' }).allowed, true)
  loose.request.env = []
  t.equal(decide(loose, { kind: 'env', name: 'A' }).allowed, false)
  t.end()
})
