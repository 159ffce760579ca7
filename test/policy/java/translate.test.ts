// A Java policy becomes a request that is exact or narrower, in one fixed form, and every
// line of it is told of once.
import t from 'tap'
import type { JavaGrant } from '../../../lib/policy/java/policy.js'
import { translate } from '../../../lib/policy/java/translate.js'
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import {
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

type Outcome = 'mapped' | 'no-counterpart' | 'refused'
interface Case {
  readonly lines: readonly Line[]
  /** Of the first line. */
  readonly outcome: Outcome
  readonly needsPerson?: boolean
  readonly rules: readonly string[]
  readonly reason?: RegExp
  readonly suggestion?: string | null
}

function check(cases: Readonly<Record<string, Case>>): void {
  for (const [name, { lines, outcome, needsPerson = false, rules, reason, suggestion }] of Object.entries(
    cases,
  )) {
    t.test(name, async (t) => {
      const translation = translated(lines)
      const [line] = translation.report.lines
      t.equal(line?.outcome, outcome)
      t.same(rulesIn(translation), rules)
      t.equal(line?.needsPerson, needsPerson, line?.reason ?? '')
      if (reason !== undefined) t.match(line?.reason, reason)
      if (suggestion !== undefined) t.equal(line?.suggestion, suggestion)
      t.notMatch(shippedPolicyParser().parsePolicy(translation.policy, 'policy.json'), { faults: [] })
    })
  }
}

const BOTH = 'read,write,delete'

check({
  'a file is the same file': {
    lines: [[FILE, '/etc/hosts', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /etc/hosts'],
  },
  'a path is normalised as Java does it': {
    lines: [[FILE, '/a/./b/..//c/', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/c'],
  },
  'the root alone is the root alone': {
    lines: [[FILE, '/', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /'],
  },
  'one level below is not the directory itself': {
    lines: [[FILE, '/a/*', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/*'],
  },
  'all below is not the directory itself': {
    lines: [[FILE, '/a/-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/*/**'],
  },
  'all below the root leaves devices and processes out, and says so': {
    lines: [[FILE, '/-', 'read']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /*/**'],
    reason: /\/proc and \/dev/,
  },
  'all files are all but devices and processes': {
    lines: [[FILE, '<<ALL FILES>>', BOTH]],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /**', 'fs.write /**'],
    reason: /\/proc and \/dev/,
  },
  'a wildcard below /proc would grant nothing, so a person names the files': {
    lines: [[FILE, '/proc/-', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a file below /proc is named': {
    lines: [[FILE, '/proc/sys/net/core/somaxconn', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /proc/sys/net/core/somaxconn'],
  },
  "below a named process '-' works": {
    lines: [[FILE, '/proc/self/-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /proc/self/*/**'],
  },
  'a relative path needs a person': {
    lines: [[FILE, 'config/*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.home}/config/*"',
  },
  "the JVM's working directory needs a person": {
    lines: [[FILE, '*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "${plugin.home}/*"',
  },
  "a '*' inside a Java name is no wildcard": {
    lines: [[FILE, '/a/*/b', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /character of the name/,
  },
  "a '*' behind other characters is no wildcard": {
    lines: [[FILE, '/a/b*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /character of the name/,
  },
  'characters that no pattern has': {
    lines: [[FILE, '/a/b(1)', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /stands for nothing/,
  },
  'separators of Java are put in': {
    lines: [[FILE, '/a${/}b${file.separator}-', 'read']],
    outcome: 'mapped',
    rules: ['fs.read /a/b/*/**'],
  },
  'any other property needs a person': {
    lines: [[FILE, '${user.home}/.aws/*', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /user\.home/,
  },
  'a property with the name of our own placeholder is still one of Java': {
    lines: [[FILE, '${plugin.home}/a', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a property with the name of a built-in is still none': {
    lines: [[FILE, '${constructor}/a', 'read']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'reading links comes with reading': {
    lines: [[FILE, '/a', 'read,readlink']],
    outcome: 'mapped',
    rules: ['fs.read /a'],
  },
  'reading links alone is not reading': {
    lines: [[FILE, '/a', 'readlink']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.read "/a"',
  },
  'programs are not started': {
    lines: [[FILE, '/bin/ls', 'execute']],
    outcome: 'refused',
    rules: [],
    suggestion: null,
  },
  'programs are not started, and the rest is granted': {
    lines: [[FILE, '/bin/ls', 'read,execute']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /bin/ls'],
    reason: /starts no programs/,
  },
  'writing without deleting is not fs.write': {
    lines: [[FILE, '/a/-', 'write']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'fs.write "/a/*/**"',
  },
  'reading is granted where writing is not': {
    lines: [[FILE, '/a/-', 'read,write']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /a/*/**'],
    reason: /writing alone/,
    suggestion: 'fs.write "/a/*/**"',
  },
  'writing and deleting may stand on two lines': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a/-', 'delete'],
    ],
    outcome: 'mapped',
    rules: ['fs.write /a/*/**', 'fs.write /a/*/**'],
  },
  'the narrower of two lines is what both grant': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a/b/*', 'read,delete'],
      [FILE, '/c', 'delete'],
    ],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.write /a/b/*', 'fs.read /a/b/*', 'fs.write /a/b/*'],
    reason: /some of these paths/,
  },
  'lines beside each other lend each other nothing': {
    lines: [
      [FILE, '/a/-', 'write'],
      [FILE, '/a', 'delete'],
    ],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'a line that the JDK refuses is refused': {
    lines: [[FILE, '/a', 'read,chmod']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /JDK refuses.*chmod/,
  },
})

check({
  'a name is the same name in lower case': {
    lines: [[SOCKET, 'API.example.org:443', 'connect,resolve']],
    outcome: 'mapped',
    rules: ['net.connect api.example.org:443'],
  },
  'no port is any port': {
    lines: [[SOCKET, 'my_host', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect my_host:1-65535'],
  },
  'a range open above': {
    lines: [[SOCKET, 'a.test:1024-', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:1024-65535'],
  },
  'a range open below starts at 1': {
    lines: [[SOCKET, 'a.test:-80', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:1-80'],
  },
  'a range that ends where no port is': {
    lines: [[SOCKET, 'a.test:65000-70000', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:65000-65535'],
  },
  'no connection goes to port 0': { lines: [[SOCKET, 'a.test:0', 'connect']], outcome: 'refused', rules: [] },
  'no connection goes above the last port': {
    lines: [[SOCKET, 'a.test:70000', 'connect']],
    outcome: 'refused',
    rules: [],
  },
  'a domain is every name below it and not itself': {
    lines: [[SOCKET, '*.Example.com:443', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect *.**.example.com:443'],
  },
  'any host is any name and any public address, and says so': {
    lines: [[SOCKET, '*', 'connect,resolve']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect **:1-65535', 'net.connect 0.0.0.0/0:1-65535', 'net.connect [::/0]:1-65535'],
    reason: /private/,
  },
  'addresses in short and odd spellings are written out': {
    lines: [
      [SOCKET, '127.1:80', 'connect'],
      [SOCKET, '[2001:DB8:0:0:0:0:0:1]:80', 'connect'],
      [SOCKET, '::1:2:3:4:5:6:7:80', 'connect'],
      [SOCKET, '[::ffff:10.0.0.1]', 'connect'],
    ],
    outcome: 'mapped',
    rules: ['net.connect 127.0.0.1:80', 'net.connect [2001:db8::1]:80', 'net.connect 10.0.0.1:1-65535'],
  },
  'localhost is a name here, and its addresses have to be named': {
    lines: [[SOCKET, 'localhost:9600', 'connect,resolve']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect localhost:9600'],
    suggestion: 'net.connect "127.0.0.1:9600", "[::1]:9600"',
  },
  'international names are refused': {
    lines: [[SOCKET, 'bücher.example:443', 'connect']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /no host name has/,
  },
  'letters that become ASCII when lowered are refused': {
    lines: [[SOCKET, '\u{212a}.example:443', 'connect']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'looking up needs no rule': { lines: [[SOCKET, '*', 'resolve']], outcome: 'no-counterpart', rules: [] },
  'accepting needs no rule': { lines: [[SOCKET, '*', 'accept']], outcome: 'no-counterpart', rules: [] },
  'listening without accepting is not net.listen': {
    lines: [[SOCKET, 'localhost:0', 'listen,resolve']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'net.listen "127.0.0.1:0"',
  },
  'listening on localhost lets in what localhost may be accepted from': {
    lines: [[SOCKET, 'localhost', 'accept,listen']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.listen localhost:0-65535'],
  },
  'accepting may stand on another line': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen'],
      [SOCKET, '127.0.0.1', 'accept'],
    ],
    outcome: 'mapped',
    rules: ['net.listen 127.0.0.1:9600'],
  },
  'a peer has any port, so accepting some ports is not enough': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen'],
      [SOCKET, '127.0.0.1:1024-', 'accept'],
    ],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'listening everywhere becomes listening on loopback': {
    lines: [[SOCKET, '*:9600', 'listen,accept,connect']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect **:9600', 'net.connect 0.0.0.0/0:9600', 'net.connect [::/0]:9600'],
  },
  'listening anywhere with any peer': {
    lines: [[SOCKET, '*', 'listen,accept']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.listen localhost:0-65535', 'net.listen 127.0.0.1:0-65535', 'net.listen [::1]:0-65535'],
  },
  'listening on another host means nothing in Java': {
    lines: [[SOCKET, 'example.com:80', 'listen,accept']],
    outcome: 'no-counterpart',
    rules: [],
  },
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
  t.match(report.lines[0]?.reason, /a test node without data/)
  t.match(report.lines[1], { outcome: 'refused', needsPerson: true })
  t.match(shippedPolicyParser().parsePolicy(policy, 'policy.json'), { request: policy })
})

t.test('options that say nothing or too much are refused', async (t) => {
  const all: readonly Line[] = [['java.security.AllPermission']]
  t.throws(() => translated(all, { acceptAll: ' ' }), {
    code: 'CONFIG_INVALID',
    detail: { option: 'acceptAll' },
  })
  t.throws(() => translated(all, { comment: 'x'.repeat(4097) }), {
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
    t.match(shippedPolicyParser().parsePolicy(named, 'policy.json'), { request: named })
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
