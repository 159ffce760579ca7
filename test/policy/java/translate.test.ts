// A Java policy becomes a request that is exact or narrower, in one fixed form, and every
// line of it is told of once.
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import t from 'tap'
import type { JavaGrant } from '../../../lib/policy/java/policy.js'
import { translate } from '../../../lib/policy/java/translate.js'
import {
  check,
  FILE,
  grantWith,
  policyWith,
  RUNTIME,
  rulesIn,
  SOCKET,
  table,
  translated,
  type Line,
} from './translate-support.js'

const parser = shippedPolicyParser()

check(t, {
  'an environment variable is named': {
    lines: [[RUNTIME, 'getenv.AWS_REGION']],
    outcome: 'mapped',
    rules: ['env AWS_REGION'],
  },
  'all environment variables need a person': {
    lines: [[RUNTIME, 'getenv.*']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'env "NAME" for each variable the plugin reads',
  },
  'variables in parentheses are none': {
    lines: [[RUNTIME, 'getenv.(HOME)']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'every runtime permission is refused, whatever stands where actions would': {
    lines: [[RUNTIME, '*', 'setContextClassLoader']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a runtime target nobody knows needs a person': {
    lines: [[RUNTIME, 'getenvironment']],
    outcome: 'no-counterpart',
    needsPerson: true,
    rules: [],
  },
  'a class nobody knows needs a person and is named': {
    lines: [['com.example.MyPermission', 'x', 'read']],
    outcome: 'no-counterpart',
    needsPerson: true,
    rules: [],
    reason: /com\.example\.MyPermission/,
  },
  'a class whose name is a built-in of JavaScript is not known': {
    lines: [['constructor', 'x']],
    outcome: 'no-counterpart',
    needsPerson: true,
    rules: [],
  },
  'everything is refused': {
    lines: [['java.security.AllPermission']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
})

t.test('what the table says about its rules is what they do', async (t) => {
  const examples = Object.entries(table.classes).flatMap(([name, { examples = [] }]) =>
    examples.map((example) => ({ name, ...example })),
  )
  t.ok(examples.length > 20)
  for (const { name, target, actions, outcome, becomes } of examples) {
    const translation = translated([[name, target ?? null, actions ?? null]])
    t.same(rulesIn(translation), becomes, `${name} ${target}`)
    t.equal(translation.report.lines[0]?.outcome, outcome, `${name} ${target}`)
  }
})

t.test('AllPermission becomes rules when somebody says why, and the reason stays', async (t) => {
  const { policy, report } = translated(
    [
      ['java.security.AllPermission', 'x', 'y'],
      [RUNTIME, '*'],
    ],
    {
      acceptAll: 'a test node without data',
      comment: 'translated from demo.policy',
    },
  )
  t.same(policy, {
    $comment: 'translated from demo.policy; AllPermission accepted: a test node without data',
    policyVersion: 1,
    grant: {
      fs: { read: ['/**'], write: ['/**'] },
      net: {
        connect: ['**:1-65535', '0.0.0.0/0:1-65535', '[::/0]:1-65535'],
        listen: ['127.0.0.1:0-65535', '[::1]:0-65535', 'localhost:0-65535'],
      },
    },
  })
  t.same(translated([[FILE, '/a', 'read']], { acceptAll: 'not needed' }).policy, {
    policyVersion: 1,
    grant: { fs: { read: ['/a'] } },
  })
  t.match(report.lines[0]?.reason, /a test node without data/)
  t.match(report.lines[1], {
    outcome: 'no-counterpart',
    needsPerson: true,
    reason: /a test node without data/,
  })
  t.same(translated([[RUNTIME, '*']], { acceptAll: 'a test node' }).policy.grant, {}, 'which has no rules')
  for (const line of translated([['java.security.AllPermission'], [RUNTIME, '*', 'setContextClassLoader']])
    .report.lines)
    t.match(line, { outcome: 'refused', needsPerson: true, grants: [] })
  t.match(parser.parsePolicy(policy, 'policy.json'), { request: policy })
})

t.test('given properties are put in once, and a line with any other is kept for a person', async (t) => {
  const lines: readonly Line[] = [
    [FILE, '${app.dir}/x', 'read'],
    [FILE, '${app.dir}/${app.name}', 'read'],
    [FILE, '${constructor}/x', 'read'],
  ]
  const { policy, report } = translated(lines, {
    properties: { 'app.dir': '/opt/app', 'app.name': '${app.dir}' },
  })
  t.same(policy.grant, { fs: { read: ['/opt/app/x'] } })
  t.same(
    report.lines.map(({ outcome, needsPerson }) => [outcome, needsPerson]),
    [
      ['mapped', false],
      ['refused', true],
      ['refused', true],
    ],
  )
  t.equal(report.lines[0]?.permission.target, '${app.dir}/x', 'the report has the line as it is written')
})

t.test('options that say nothing or too much are refused', async (t) => {
  const all: readonly Line[] = [['java.security.AllPermission']]
  t.throws(() => translated(all, { acceptAll: ' ' }), {
    code: 'CONFIG_INVALID',
    detail: { option: 'acceptAll' },
  })
  t.throws(() => translated(all, { comment: 'x'.repeat(4000) }), {
    code: 'CONFIG_INVALID',
    detail: { option: 'comment' },
  })
  const inJar = policyWith(grantWith([[FILE, '/a', 'read']], { codeBase: '${codebase.x}' }))
  t.throws(() => translate(inJar, { table, packages: { x: '../up' } }), { code: 'CONFIG_INVALID' })
})

t.test('a grant to some code is a rule of the package that is named for it, or nothing', async (t) => {
  const lines: readonly Line[] = [
    [SOCKET, '*:443', 'connect'],
    [RUNTIME, 'accessDeclaredMembers'],
  ]
  const inJar = (codeBase: string): JavaGrant => grantWith(lines, { codeBase })
  const policy = policyWith(inJar('${codebase.netty-common}'))
  const refused = translate(policy, { table })
  t.same(refused.policy, { policyVersion: 1, grant: {} })
  t.match(refused.report.lines, [
    {
      outcome: 'refused',
      needsPerson: true,
      suggestion: /^in packages\[npm package\]: net\.connect "\*\*:443"/,
    },
    { outcome: 'no-counterpart', needsPerson: false },
  ])
  for (const key of ['netty-common', '${codebase.netty-common}']) {
    const { policy: named } = translate(policy, { table, packages: { [key]: '@node/undici' } })
    t.same(named, {
      policyVersion: 1,
      grant: {},
      packages: { '@node/undici': { net: { connect: ['**:443', '0.0.0.0/0:443', '[::/0]:443'] } } },
    })
    t.same(parser.parsePolicy(named, 'policy.json'), { request: named, extends: [] })
  }
  t.match(translate(policyWith(inJar('${codebase.constructor}')), { table, packages: {} }).report.counts, {
    mapped: 0,
  })
  t.match(translate(policyWith(inJar('jrt:/jdk.attach')), { table }).report.counts, {
    noCounterpart: 2,
    needPerson: 0,
  })
  t.match(translate(policyWith(inJar('file:/opt/-')), { table, packages: { opt: 'x' } }).policy, {
    grant: {},
  })
})

t.test('what depends on a signer or a principal is never granted without', async (t) => {
  const lines: readonly Line[] = [[FILE, '/a/-', 'read,write,delete']]
  const principals = [['com.example.User', 'sam']] as const
  for (const more of [
    { signedBy: 'duke' },
    { principals },
    { signedBy: 'duke', codeBase: '${codebase.x}' },
  ]) {
    const grant = grantWith(lines, more)
    const { policy, report } = translate(policyWith(grant), { table, packages: { x: 'undici' } })
    t.same(policy, { policyVersion: 1, grant: {} })
    t.match(report.lines, [{ outcome: 'refused', needsPerson: true, suggestion: /fs\.write "\/a/ }])
  }
  const alone = grantWith(
    [
      [SOCKET, 'localhost:9600', 'listen,accept,resolve'],
      [SOCKET, 'localhost', 'listen,accept'],
    ],
    {
      signedBy: 'duke',
    },
  )
  const unsigned = grantWith([[SOCKET, 'localhost', 'accept']])
  t.match(translate(policyWith(alone, unsigned), { table }).report.lines, [
    { outcome: 'refused', suggestion: 'net.listen "127.0.0.1:9600"' },
    { outcome: 'refused', suggestion: 'net.listen "localhost:0-65535", "127.0.0.1:0-65535"' },
    { outcome: 'no-counterpart' },
  ])
  const [signed] = grantWith([[FILE, '/a', 'delete']]).permissions
  const beside = grantWith([[FILE, '/a', 'write']])
  const { policy } = translate(
    policyWith({
      ...beside,
      permissions: [
        ...beside.permissions,
        ...(signed === undefined ? [] : [{ ...signed, signedBy: 'duke' }]),
      ],
    }),
    { table },
  )
  t.same(policy.grant, {}, 'nor lends it anything to the lines beside it')
})

t.test('lines of the plugin and of a package complete each other for the package only', async (t) => {
  const policy = policyWith(
    grantWith([[FILE, '/a/-', 'write']]),
    grantWith([[FILE, '/a/b', 'delete']], { codeBase: '${codebase.x}' }),
    grantWith([[FILE, '/a/c', 'delete']], { codeBase: '${codebase.y}' }),
  )
  t.same(translate(policy, { table, packages: { x: 'x', y: 'y' } }).policy, {
    policyVersion: 1,
    grant: {},
    packages: { x: { fs: { write: ['/a/b'] } }, y: { fs: { write: ['/a/c'] } } },
  })
})

t.test('the policy has one form: sorted, without duplicates, the same each time', async (t) => {
  const lines: readonly Line[] = [
    [RUNTIME, 'getenv.ZONE'],
    [SOCKET, 'b.test:443', 'connect'],
    [FILE, '/b', 'read'],
    [RUNTIME, 'getenv.HOME'],
    [FILE, '/a', 'read'],
    [SOCKET, 'a.test:443', 'connect'],
  ]
  const expected = JSON.stringify({
    policyVersion: 1,
    grant: {
      fs: { read: ['/a', '/b'] },
      net: { connect: ['a.test:443', 'b.test:443'] },
      env: ['HOME', 'ZONE'],
    },
  })
  for (const order of [lines, lines.toReversed(), [...lines, ...lines]]) {
    t.equal(JSON.stringify(translated(order).policy), expected)
  }
  t.same(translated(lines), translated(lines))
})

t.test('a keystore is left out with a note', async (t) => {
  const keystore = { url: 'x.jks', type: null, provider: null, passwordURL: null }
  const { report } = translate({ keystore, grants: [], diagnostics: [] }, { table })
  t.match(report.notes, [/keystore/])
  t.same(report.counts, { lines: 0, mapped: 0, noCounterpart: 0, refused: 0, needPerson: 0 })
})
