// No grant, however wide, lets a plugin approve itself, change what runs, reach its
// neighbours or the process that holds it; and the paths for Node's own permission flags
// never open what is denied.
import t from 'tap'
import fc from 'fast-check'
import { decide } from '../../lib/policy/decide.js'
import { freezeGrant, selfApprovalDenials, type SelfApprovalOptions } from '../../lib/policy/grant.js'
import { permissionPaths } from '../../lib/policy/permission-paths.js'
import { DATA, grantOf, HOME } from './support.js'

const everything = [
  '/**',
  '/srv/**',
  '/etc/node/policies/*',
  '/srv/plugins/other/**',
  '/proc/4242/**',
  '/var/data/**',
  '${plugin.home}/**',
]
const wide = { fs: { read: everything, write: everything } }
const grants = [
  grantOf(wide),
  grantOf({}, { add: [{ grant: wide, reason: 'test' }] }),
  grantOf(wide, { narrow: wide }),
]

const cases: readonly [path: string, read: boolean, write: boolean][] = [
  ['/etc/node/policies', false, false],
  ['/etc/node/policies/demo.json', false, false],
  ['/etc/node/policies-old/x', true, true],
  ['/etc/hosts', true, true],
  ['/srv/plugins', false, false],
  ['/srv/plugins/other', false, false],
  ['/srv/plugins/other/policy.json', false, false],
  ['/srv/plugins/demo2/policy.json', false, false],
  ['/srv/plugins/demo', true, false],
  ['/srv/plugins/demo/policy.json', true, false],
  ['/var/data', false, false],
  ['/var/data/demo', true, true],
  ['/var/data/demo/x', true, true],
  ['/var/data/demo-2/x', false, false],
  ['/var/data/other/x', false, false],
  ['/var/cache/bulkhead/demo.js', true, false],
  ['/opt/node_modules/bulkhead/dist/lib/index.js', true, false],
  ['/proc/4242', false, false],
  ['/proc/4242/environ', false, false],
  ['/proc/4200/mem', false, false],
  ['/proc/4201/mem', false, false],
  ['/proc/self/environ', false, false],
  ['/proc', false, false],
  ['/dev/mem', false, false],
]

t.test('what is always denied stays denied under the widest grants', (t) => {
  for (const grant of grants) {
    for (const [path, read, write] of cases) {
      t.equal(decide(grant, { kind: 'fs.read', path }).allowed, read, `read ${path}`)
      t.equal(decide(grant, { kind: 'fs.write', path }).allowed, write, `write ${path}`)
    }
  }
  t.end()
})

t.test('a data directory that holds or is the plugins directory opens no neighbour', (t) => {
  const options: SelfApprovalOptions = {
    policiesDir: '/n/policies',
    pluginsDir: '/n/plugins',
    cacheDir: '/n/cache',
    ownDir: '/opt/bulkhead',
    dataDir: '/n',
    plugin: 'plugins',
    home: '/n/plugins/plugins',
    data: '/n/plugins',
  }
  const grant = grantOf(
    wide,
    {},
    { home: options.home, data: options.data, denied: selfApprovalDenials(options) },
  )
  const may = (kind: 'fs.read' | 'fs.write', path: string): boolean => decide(grant, { kind, path }).allowed
  t.equal(may('fs.read', '/n/plugins/other/secret'), false)
  t.equal(may('fs.write', '/n/plugins/other/plugin.json'), false)
  t.equal(may('fs.read', '/n/plugins/plugins/a'), true)
  t.equal(may('fs.read', '/n/policies/x.json'), false)
  t.equal(may('fs.read', '/n/x'), false)
  t.end()
})

t.test('a plugins directory that is one plugin is readable by it, and still not writable', (t) => {
  const options: SelfApprovalOptions = {
    policiesDir: '/n/policies',
    pluginsDir: '/n/plugin',
    cacheDir: '/n/data/.cache',
    ownDir: '/opt/bulkhead',
    dataDir: '/n/data',
    plugin: 'x',
    home: '/n/plugin',
    data: '/n/data/x',
  }
  const grant = grantOf(
    wide,
    {},
    { home: options.home, data: options.data, denied: selfApprovalDenials(options) },
  )
  const may = (kind: 'fs.read' | 'fs.write', path: string): boolean => decide(grant, { kind, path }).allowed
  t.equal(may('fs.read', '/n/plugin/a'), true)
  t.equal(may('fs.write', '/n/plugin/a'), false)
  t.equal(may('fs.read', '/n/data/other/a'), false)
  t.end()
})

t.test('the audit log is out of reach, and so is what rotation makes of it', (t) => {
  const options: SelfApprovalOptions = {
    policiesDir: '/n/policies',
    pluginsDir: '/n/plugins',
    cacheDir: '/n/data/.cache',
    ownDir: '/opt/bulkhead',
    dataDir: '/n/data',
    plugin: 'x',
    home: '/n/plugins/x',
    data: '/n/data/x',
    auditLog: '/var/log/node/audit.log',
  }
  const rules = [
    '/**',
    '/var/log/**',
    '/var/log/node/*',
    '/var/log/node/audit.log',
    '/var/log/node/audit.log.1',
  ]
  const grant = grantOf(
    { fs: { read: rules, write: rules } },
    {},
    { home: options.home, data: options.data, denied: selfApprovalDenials(options) },
  )
  const thread = freezeGrant(JSON.parse(JSON.stringify(grant)) as typeof grant)
  for (const [path, may] of [
    ['/var/log/node/audit.log', false],
    ['/var/log/node/audit.log.1', false],
    ['/var/log/node/audit.log-20260301.gz', false],
    ['/var/log/node/audit', true],
    ['/var/log/node/other.log', true],
    ['/var/log/syslog', true],
  ] as const) {
    for (const kind of ['fs.read', 'fs.write'] as const) {
      const answer = decide(thread, { kind, path })
      t.equal(answer.allowed, may, `${kind} ${path}`)
      if (!may) t.equal(answer.rule, 'denied /var/log/node/audit.log')
    }
  }
  for (const access of ['read', 'write'] as const) {
    t.same(permissionPaths(grant, access), [], 'no flag opens a directory that holds it')
  }
  t.end()
})

t.test('denials on paths that are not real paths are refused', (t) => {
  for (const option of [
    'policiesDir',
    'pluginsDir',
    'cacheDir',
    'ownDir',
    'dataDir',
    'home',
    'data',
    'auditLog',
  ]) {
    const options: SelfApprovalOptions = {
      policiesDir: '/a',
      pluginsDir: '/b',
      cacheDir: '/c',
      ownDir: '/d',
      dataDir: '/e',
      plugin: 'x',
      home: '/b/x',
      data: '/e/x',
      [option]: './x',
    }
    t.throws(() => selfApprovalDenials(options), { code: 'CONFIG_INVALID', detail: { option } }, option)
  }
  t.end()
})

const flags: readonly {
  readonly name: string
  readonly read: readonly string[]
  readonly narrow?: readonly string[]
  readonly add?: readonly string[]
  readonly paths: readonly string[]
}[] = [
  { name: 'a tree is its directory', read: ['${plugin.home}/**'], paths: [HOME] },
  {
    name: 'a star is cut at its directory',
    read: ['/opt/lib/*.so', '/opt/x*/y'],
    paths: ['/opt'],
  },
  {
    name: 'a plain path is itself',
    read: ['/etc/hosts', '/proc/cpuinfo'],
    paths: ['/etc/hosts', '/proc/cpuinfo'],
  },
  { name: 'the whole machine opens nothing', read: ['/**', '/*/x', '/'], paths: [] },
  {
    name: 'processes and devices open nothing unless named',
    read: ['/proc/**', '/dev/*', '/proc/sys/**'],
    paths: ['/proc/sys'],
  },
  {
    name: 'what holds a denied directory is left out',
    read: ['/srv/**', '/etc/**', '/var/*', '/etc/node'],
    paths: [],
  },
  {
    name: 'what lies in a denied directory is left out',
    read: ['/etc/node/policies/a', '/srv/plugins/other/**', '/srv/plugins/*'],
    paths: [],
  },
  {
    name: 'narrowing takes the inner of two',
    read: ['/opt/**', '/etc/hosts'],
    narrow: ['/opt/a/**', '/opt/b'],
    paths: ['/opt/a', '/opt/b'],
  },
  { name: 'a wider narrowing changes nothing', read: ['/opt/a/**'], narrow: ['/**'], paths: ['/opt/a'] },
  { name: 'a narrowing beside it leaves nothing', read: ['/opt/a/**'], narrow: ['/opt/b/**'], paths: [] },
  { name: 'additions count without narrowing', read: [], narrow: [], add: ['/opt/c/**'], paths: ['/opt/c'] },
  {
    name: 'a directory of which only itself is left covers nothing below it',
    read: ['/opt/**', '/opt/a'],
    narrow: ['/opt', '/opt/a'],
    paths: ['/opt', '/opt/a'],
  },
  {
    name: 'what another tree covers is not said twice',
    read: ['/opt/**', '/opt/a/**', '/opt/b'],
    paths: ['/opt'],
  },
]
for (const { name, read, narrow, add, paths } of flags) {
  t.test(`permission paths: ${name}`, (t) => {
    const grant = grantOf(
      { fs: { read } },
      {
        ...(narrow === undefined ? {} : { narrow: { fs: { read: narrow } } }),
        ...(add === undefined ? {} : { add: [{ grant: { fs: { read: add } }, reason: 'test' }] }),
      },
    )
    t.same(permissionPaths(grant, 'read'), paths)
    t.end()
  })
}

t.test('permission paths: what packages may read is open to the whole thread, as far as it is left', (t) => {
  const packages = {
    a: { fs: { read: ['/opt/a/**', '/etc/node/policies/x'] } },
    b: { fs: { read: ['/opt/b'] } },
  }
  const rules = { fs: { read: ['/opt/c'] } }
  const all = freezeGrant({ ...grantOf(rules), packages })
  t.same(permissionPaths(all, 'read'), ['/opt/a', '/opt/b', '/opt/c'])
  const narrow = { fs: { read: ['/opt/a/in', '/opt/c'] } }
  t.same(permissionPaths(freezeGrant({ ...grantOf(rules, { narrow }), packages }), 'read'), [
    '/opt/a/in',
    '/opt/c',
  ])
  t.end()
})

t.test('permission paths for writing leave out what only writing is denied', (t) => {
  const grant = grantOf({
    fs: {
      write: ['${plugin.home}/**', '${plugin.data}/**', '/var/cache/**', '/opt/node_modules/bulkhead/x'],
    },
  })
  t.same(permissionPaths(grant, 'write'), [DATA])
  t.end()
})

t.test('permission paths hold what decide allows away from denied places, and never a denied one', (t) => {
  const denied = { read: ['/a/b'], write: [], shared: [{ below: '/c', except: ['/c/a'] }] }
  const place = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(place, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
  // The first segment is spelled out: what is cut at the root opens nothing, as the table says.
  const pattern = fc
    .tuple(place, fc.array(fc.oneof(place, fc.constantFrom('*', '**', 'a*')), { maxLength: 3 }))
    .map(([first, rest]) => `/${[first, ...rest].join('/')}`)
  const lists = fc.uniqueArray(pattern, { maxLength: 4 })
  const seen = { allowed: 0, denied: 0, open: 0 }
  fc.assert(
    fc.property(lists, fc.option(lists, { nil: undefined }), path, (read, narrow, target) => {
      const grant = grantOf(
        { fs: { read } },
        narrow === undefined ? {} : { narrow: { fs: { read: narrow } } },
        { denied },
      )
      const open = permissionPaths(grant, 'read').some(
        (root) => target === root || target.startsWith(`${root}/`),
      )
      const { allowed, rule } = decide(grant, { kind: 'fs.read', path: target })
      if (rule.startsWith('denied')) seen.denied += 1
      if (open) seen.open += 1
      if (rule.startsWith('denied') && open) return false
      if (!allowed || !target.startsWith('/b')) return true
      seen.allowed += 1
      return open
    }),
    { numRuns: 20_000, seed: 9 },
  )
  t.ok(Math.min(seen.allowed, seen.denied, seen.open) > 100, JSON.stringify(seen))
  t.end()
})
