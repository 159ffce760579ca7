// A table of Java permissions is read as a whole or refused with the place that is wrong;
// the shipped one covers what real policies name.
import t from 'tap'
import {
  findClass,
  findCodeBase,
  findTarget,
  readPermissionTable,
} from '../../../lib/policy/java/permission-table.js'
import { readShipped } from '../support.js'
import { table } from './translate-support.js'

const FATE = { outcome: 'refused', reason: 'No.' }
const CLASS = { about: 'Something.', otherwise: FATE }

function withClass(entry: object): object {
  return { tableVersion: 1, properties: {}, codeBases: [], classes: { 'a.B': entry } }
}

function withTargets(...targets: readonly unknown[]): object {
  return withClass({ ...CLASS, targets })
}

t.test('a table that says little is a table', async (t) => {
  for (const good of [
    withClass(CLASS),
    withClass({ about: 'Files.', rule: 'file', examples: [{ outcome: 'mapped', becomes: ['env A'] }] }),
    withTargets(
      { target: 'x', ...FATE, suggestion: 'y', needsPerson: true },
      { target: 'env.*', rule: 'env' },
    ),
  ]) {
    t.same(readPermissionTable(good), good)
  }
})

t.test('a broken table is refused with the place', async (t) => {
  const base = { tableVersion: 1, properties: {}, codeBases: [], classes: {} }
  const cases: readonly (readonly [string, unknown])[] = [
    ['', null],
    ['', []],
    ['/more', { ...base, more: 1 }],
    ['/tableVersion', { ...base, tableVersion: 2 }],
    ['/properties', { ...base, properties: 'x' }],
    ['/properties/a/reason', { ...base, properties: { a: { value: '/' } } }],
    ['/properties/a/outcome', { ...base, properties: { a: { reason: 'No.', outcome: 'mapped' } } }],
    ['/codeBases', { ...base, codeBases: {} }],
    ['/codeBases/0/codeBase', { ...base, codeBases: [{ reason: 'No.' }] }],
    ['/classes', { ...base, classes: undefined }],
    ['/classes/a.B', withClass({ about: 'Nothing else.' })],
    ['/classes/a.B', withClass({ ...CLASS, rule: 'file' })],
    ['/classes/a.B', withClass({ about: 'Files.', rule: 'file', targets: [] })],
    ['/classes/a.B/about', withClass({ otherwise: FATE })],
    ['/classes/a.B/rule', withClass({ about: 'x', rule: 'folder' })],
    ['/classes/a.B/otherwise/outcome', withClass({ about: 'x', otherwise: { ...FATE, outcome: 'mapped' } })],
    ['/classes/a.B/otherwise/reason', withClass({ about: 'x', otherwise: { ...FATE, reason: ' ' } })],
    ['/classes/a.B/otherwise/target', withClass({ about: 'x', otherwise: { ...FATE, target: 'y' } })],
    ['/classes/a.B/targets/0/target', withTargets(FATE)],
    ['/classes/a.B/targets/0/target', withTargets(null)],
    ['/classes/a.B/targets/1', withTargets({ target: 'x', ...FATE }, { target: 'x', ...FATE })],
    ['/classes/a.B/targets/0/reason', withTargets({ target: 'x', rule: 'env', reason: 'no' })],
    ['/classes/a.B/targets/0/suggestion', withTargets({ target: 'x', ...FATE, suggestion: 3 })],
    ['/classes/a.B/targets/0/needsPerson', withTargets({ target: 'x', ...FATE, needsPerson: 'yes' })],
    ['/classes/a.B/examples/0/becomes', withClass({ ...CLASS, examples: [{ outcome: 'mapped' }] })],
    ['/classes/a.B/examples/0/outcome', withClass({ ...CLASS, examples: [{ outcome: 'x', becomes: [] }] })],
    [
      '/classes/a.B/examples/0/target',
      withClass({ ...CLASS, examples: [{ target: 1, outcome: 'mapped', becomes: [] }] }),
    ],
  ]
  for (const [option, broken] of cases) {
    t.throws(
      () => readPermissionTable(broken),
      { code: 'CONFIG_INVALID', detail: { option } },
      JSON.stringify(broken),
    )
  }
})

t.test('the nearest entry speaks: an exact one, then the longest that covers the name', async (t) => {
  const read = readPermissionTable({
    tableVersion: 1,
    properties: {},
    codeBases: [{ codeBase: 'jrt:/*', reason: 'No.' }],
    classes: {
      'org.*': { about: 'any', otherwise: FATE },
      'org.a.*': { about: 'a', otherwise: FATE },
      'org.a.B': {
        about: 'B',
        otherwise: FATE,
        targets: ['*', 'x.y.*', 'x.*', 'x.y.z'].map((target) => ({
          target,
          outcome: 'refused',
          reason: target,
        })),
      },
    },
  })
  t.equal(findClass(read, 'org.a.B')?.about, 'B')
  t.equal(findClass(read, 'org.a.C')?.about, 'a')
  t.equal(findClass(read, 'org.b.C')?.about, 'any')
  for (const name of ['com.B', 'org', 'constructor', '__proto__'])
    t.equal(findClass(read, name), undefined, name)
  const entry = findClass(read, 'org.a.B')
  const reasonFor = (target: string): unknown =>
    entry === undefined || 'rule' in entry
      ? 'no targets'
      : Reflect.get(findTarget(entry, target) ?? {}, 'reason')
  t.equal(reasonFor('x.y.z'), 'x.y.z')
  t.equal(reasonFor('x.y.w'), 'x.y.*')
  t.equal(reasonFor('x.*'), 'x.*')
  t.equal(reasonFor('*'), '*')
  t.equal(reasonFor('other'), undefined, "'*' as an entry is the target '*', not every target")
  t.equal(findCodeBase(read, 'jrt:/jdk.compiler'), 'No.')
  t.equal(findCodeBase(read, 'file:/jrt:/'), undefined)
})

t.test(
  'the shipped table knows classes of the JDK, OpenSearch, Elasticsearch, OSGi and Tomcat',
  async (t) => {
    t.same(readPermissionTable(readShipped('java-permissions.json')), table)
    for (const name of [
      'java.security.AllPermission',
      'java.io.FilePermission',
      'java.net.SocketPermission',
      'java.net.URLPermission',
      'java.lang.RuntimePermission',
      'java.util.PropertyPermission',
      'javax.security.auth.PrivateCredentialPermission',
      'jdk.net.NetworkPermission',
      'org.opensearch.secure_sm.ThreadContextPermission',
      'org.elasticsearch.SpecialPermission',
      'org.osgi.framework.AdminPermission',
      'org.apache.catalina.security.DeployXmlPermission',
    ]) {
      t.ok(findClass(table, name), name)
    }
  },
)

t.test('sentences of the shipped table are sentences', async (t) => {
  const sentences = JSON.stringify(table, (key, value: unknown) =>
    typeof value === 'string' && key !== 'about' && key !== 'reason' ? undefined : value,
  ).matchAll(/"(?:about|reason)":"((?:[^"\\]|\\.)*)"/g)
  for (const [, sentence = ''] of sentences) t.match(sentence, /^[A-Z].*\.$/)
})
