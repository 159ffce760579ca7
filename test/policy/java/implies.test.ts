// A Java permission covers here exactly what it covers on JDK 17, what the JDK refuses is refused
// with a remedy, and no text makes it fail in another way or take more than linear time.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import fc from 'fast-check'
import { PluginError } from '../../../lib/errors.js'
import { implies } from '../../../lib/policy/java/implies.js'
import type { JavaPermissionText } from '../../../lib/policy/java/policy.js'
import { JDK_17 } from './jdk17.js'

const FILE = 'java.io.FilePermission'
const SOCKET = 'java.net.SocketPermission'
const PROPERTY = 'java.util.PropertyPermission'
const RUNTIME = 'java.lang.RuntimePermission'
const ALL = { class: 'java.security.AllPermission', target: null, actions: null }
const classes = Object.keys(JDK_17)

function permission(className: string, target: string | null, actions: string | null): JavaPermissionText {
  return { class: className, target, actions }
}

/** The answer, or `refused`; anything but the one error fails the test that asks. */
function verdict(granted: JavaPermissionText, asked: JavaPermissionText): boolean | 'refused' {
  try {
    return implies(granted, asked)
  } catch (error) {
    if (error instanceof PluginError && error.code === 'JAVA_PERMISSION_INVALID') return 'refused'
    throw error
  }
}

for (const [className, rows] of Object.entries(JDK_17)) {
  t.test(`${className} answers as JDK 17 does`, (t) => {
    for (const [grantedTarget, grantedActions, askedTarget, askedActions, expected] of rows) {
      const granted = permission(className, grantedTarget, grantedActions)
      const asked = permission(className, askedTarget, askedActions)
      t.equal(verdict(granted, asked), expected, JSON.stringify([granted, asked]))
    }
    t.end()
  })
}

const corpus = process.env['BULKHEAD_POLICY_CORPUS']
const rowsFile = corpus === undefined ? '' : join(corpus, 'jdk17-implies.jsonl')
const skip = existsSync(rowsFile) ? false : 'BULKHEAD_POLICY_CORPUS names no folder with jdk17-implies.jsonl'
t.test('all rows of the policy corpus are answered as JDK 17 answered them', { skip }, (t) => {
  type Row = readonly [string, string | null, string | null, string | null, string | null, boolean | string]
  const rows = readFileSync(rowsFile, 'utf8').trimEnd().split('\n')
  const wrong = rows.filter((line) => {
    const [className, target, actions, askedTarget, askedActions, expected] = JSON.parse(line) as Row
    const granted = permission(className, target, actions)
    const answer = verdict(granted, permission(className, askedTarget, askedActions))
    return answer !== (expected === 'invalid-grant' ? 'refused' : expected)
  })
  t.ok(rows.length > 0, `${rows.length} rows`)
  t.same(wrong, [])
  t.end()
})

t.test('a refusal names the permission, what is wrong with it and what to write', (t) => {
  const fine = permission(FILE, '/a', 'read')
  const cases: readonly [JavaPermissionText, message: RegExp, remedy: RegExp][] = [
    [permission(FILE, '/a', 'reed'), /'reed' is no action/, /read, write/],
    [permission(FILE, '/a', null), /actions are missing/, /read, write/],
    [permission(FILE, '/a', ''), /actions are missing/, /read, write/],
    [permission(FILE, null, 'read'), /path is missing/, /ALL FILES/],
    [permission(SOCKET, 'a:http', 'connect'), /no port/, /443/],
    [permission(SOCKET, '::1', 'connect'), /port starts/, /brackets/],
    [permission(SOCKET, 'a.*', 'connect'), /'\*'/, /front/],
    [permission(RUNTIME, '', null), /name is missing/, /everything/],
    [permission('java.util.logging.LoggingPermission', 'x', null), /no such name/, /control/],
    [permission('java.util.logging.LoggingPermission', 'control', 'x'), /no actions/, /leave/],
  ]
  for (const [refused, message, remedy] of cases) {
    for (const pair of [[refused, fine] as const, [fine, refused] as const]) {
      t.throws(() => implies(...pair), {
        code: 'JAVA_PERMISSION_INVALID',
        detail: { ...refused, message, remedy },
      })
    }
  }
  t.throws(() => implies(permission(FILE, '/a', 'x'), permission(FILE, '/a', 'y')), {
    code: 'JAVA_PERMISSION_INVALID',
    detail: { actions: 'x' },
  })
  t.throws(() => implies(ALL, permission(FILE, '/a', '')), { code: 'JAVA_PERMISSION_INVALID' })
  t.end()
})

t.test('an unknown class takes anything and covers nothing', (t) => {
  for (const name of [
    'org.example.MyPermission',
    'toString',
    '__proto__',
    '',
    'javax.management.MBeanPermission',
  ]) {
    const unknown = permission(name, null, null)
    t.equal(implies(unknown, unknown), false, name)
    t.equal(implies(unknown, permission(RUNTIME, 'x', null)), false, name)
    t.equal(implies(permission(RUNTIME, '*', null), unknown), false, name)
    t.equal(implies(ALL, unknown), true, name)
  }
  t.end()
})

const files = ['', 'a', 'b', '..', 'a/b', '../a', '/', '/a', '/b', '/a/b', '/a/b/c', '/../a', '/A', '/a/-/b']
const samples: readonly { readonly name: string; readonly texts: readonly JavaPermissionText[] }[] = [
  {
    name: FILE,
    texts: [...files.flatMap((path) => [path, `${path}/-`, `${path}/*`]), '-', '*', '<<ALL FILES>>'].flatMap(
      (path) => ['read', 'write', 'READ, write'].map((actions) => permission(FILE, path, actions)),
    ),
  },
  {
    name: SOCKET,
    texts: [
      '*',
      '*.com',
      '*.a.com',
      'A.com',
      'b.a.com',
      'localhost',
      '127.1',
      '10.0.0.1',
      '[::1]',
      '*.1',
    ].flatMap((host) =>
      ['', ':80', ':80-90', ':85-'].flatMap((port) =>
        ['resolve', 'connect', 'connect,accept'].map((actions) => permission(SOCKET, host + port, actions)),
      ),
    ),
  },
  {
    name: PROPERTY,
    texts: ['*', 'a', 'a.*', 'a.b', 'a.b.*', 'exitVM', 'exitVM.1'].flatMap((name) =>
      ['read', 'write', 'read,write'].map((actions) => permission(PROPERTY, name, actions)),
    ),
  },
  {
    name: RUNTIME,
    texts: ['*', 'a', 'a*', 'a.', 'a.*', 'a.b', 'a.b.*', 'a.b.c', 'exitVM', 'exitVM.1', 'exitVM.*'].map(
      (name) => permission(RUNTIME, name, 'ignored'),
    ),
  },
]
for (const { name, texts } of samples) {
  t.test(`covering is an order among permissions of ${name}`, (t) => {
    const covers = texts.map((granted) => texts.map((asked) => implies(granted, asked)))
    const broken: string[] = []
    let chains = 0
    for (const [a, row] of covers.entries()) {
      if (row[a] !== true) broken.push(`${JSON.stringify(texts[a])} does not cover itself`)
      for (const [b, first] of row.entries()) {
        if (!first) continue
        for (const [c, second] of (covers[b] ?? []).entries()) {
          if (!second) continue
          chains += 1
          if (row[c] !== true) broken.push([a, b, c].map((at) => JSON.stringify(texts[at])).join(' > '))
        }
      }
    }
    t.ok(chains > texts.length, `${chains} chains`)
    t.same(broken, [])
    t.end()
  })
}

t.test('AllPermission covers every class, nothing else covers it, and other classes never meet', (t) => {
  const one = samples.map(({ texts }) => texts[0] ?? ALL)
  for (const granted of one) {
    t.equal(implies(ALL, granted), true)
    t.equal(implies(granted, ALL), false)
    for (const asked of one) t.equal(implies(granted, asked), granted === asked)
  }
  t.end()
})

t.test('any two texts of any class are an answer or the one error', (t) => {
  const pieces = [
    '*',
    '.',
    '..',
    '/',
    '-',
    ':',
    '[',
    ']',
    '%',
    ',',
    '"',
    ' ',
    '\t',
    '\0',
    '\ud800',
    'İ',
    'a',
    '1',
    '::1',
  ]
  const words = [
    'read',
    'connect',
    'initiate',
    'createMBeanServer',
    'localhost',
    'http://',
    'GET',
    '<<ALL FILES>>',
  ]
  const text = fc.option(
    fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 8 }).map((list) => list.join('')),
  )
  const actions = fc.oneof(fc.constantFrom(null, 'read', 'connect', 'initiate', 'GET'), text)
  const seen = { answers: 0, refused: 0 }
  fc.assert(
    fc.property(
      fc.constantFrom(...classes),
      text,
      actions,
      text,
      actions,
      (name, target, by, askedTarget, askedBy) => {
        const answer = verdict(permission(name, target, by), permission(name, askedTarget, askedBy))
        seen[answer === 'refused' ? 'refused' : 'answers'] += 1
        return true
      },
    ),
    { numRuns: 20_000, seed: 3 },
  )
  t.ok(Math.min(seen.answers, seen.refused) > 500, JSON.stringify(seen))
  t.end()
})

// Two hundred thousand characters of each: a reader that is quadratic in any of them runs into the time limit of the file.
t.test('no length of target or actions takes more than linear time', (t) => {
  const long = (unit: string): string => unit.repeat(Math.ceil(200_000 / unit.length))
  // prettier-ignore
  const units = [
    'a', '/', 'a/', '../', 'a/../', './', '-', '*', '.', ':', '1:', '1.', '0', '[', '%', '@', ' ', '" ', ',', 'İ',
    'p.P "n" ', 'createMBeanServer,',
  ]
  const words = ['read,', ' read', 'connect,', 'GET,', 'POST,GET,', 'a:', ' ', '\t', ',']
  const accepted: readonly (readonly [className: string, actions: string | null])[] = [
    [FILE, 'read'],
    [SOCKET, 'connect'],
    [PROPERTY, 'read'],
    [RUNTIME, null],
    ['java.net.URLPermission', 'GET'],
    ['javax.management.MBeanServerPermission', null],
    ['javax.security.auth.PrivateCredentialPermission', 'read'],
    ['javax.security.auth.kerberos.DelegationPermission', null],
    ['javax.security.auth.kerberos.ServicePermission', 'accept'],
    ['javax.smartcardio.CardPermission', 'reset'],
  ]
  for (const [name, actions] of accepted) {
    for (const unit of units) {
      for (const target of [long(unit), `x${long(unit)}x`, `a.B ${long(unit)}`, `http://a/${long(unit)}`]) {
        const text = permission(name, target, actions)
        verdict(text, text)
      }
    }
    for (const list of words.flatMap((unit) => [long(unit), `${long(unit)}x`, `read${long(unit)}read`])) {
      const text = permission(name, 'http://a/', list)
      verdict(text, text)
    }
  }
  t.pass('all of them ended')
  t.end()
})
