// `bulkhead policy check` finds what is wrong, with its line, and `policy translate` says what became of every line of a Java policy; neither runs a plugin.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bulkhead, directoryOf, startNode, type Ended } from './command.js'
import { unwrapped } from './demo-plugin.js'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

const JAVA = `grant {
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.io.FilePermission "/etc/hosts", "read";
  permission java.net.SocketPermission "*", "connect";
};
grant codeBase "\${codebase.netty-common}" {
  permission java.io.FilePermission "/proc/cpuinfo", "read";
};
`

const PLUGIN = {
  'demo/plugin.json': JSON.stringify({
    name: 'demo',
    version: '1.0.0',
    description: 'is checked',
    main: 'index.ts',
    searchNode: '*',
  }),
  'demo/index.ts': "import { lookup } from 'node:dns'\nthrow new Error(String(lookup))\nexport default {}\n",
  'demo/policy.json': `{
  "policyVersion": 1,
  "grant": {
    "env": ["HOME"],
    "net": { "connect": ["10.0.0.0/8:9200"] }
  }
}`,
}

const check = (root: string, ...args: readonly string[]): Promise<Ended> =>
  bulkhead(['policy', 'check', ...args], { cwd: root })

t.test('a plugin is checked with its code, and each finding has its line', async (t) => {
  const root = await directoryOf(t, { ...PLUGIN, 'demo/security.policy': JAVA })
  const { code, out, err } = await check(root, 'demo')
  t.equal(code, 1)
  t.equal(err, '')
  t.match(out, /^demo\/policy\.json:4:12 warning unused-capability .*process.*; remove the rules$/m)
  t.match(out, /^demo\/policy\.json:5:26 warning private-network .*; .+$/m)
  t.match(out, /^demo\/security\.policy warning misplaced-file /m)
  t.match(out, /\n1 checked: 3 warnings\n$/)
  const json = await check(root, 'demo', '--json')
  t.match(JSON.parse(json.out), {
    ok: false,
    findings: [
      { file: join(root, 'demo/policy.json'), line: 4, column: 12 },
      { line: 5 },
      { code: 'misplaced-file', line: null },
    ],
  })
})

t.test('faults of every kind of document stand at their place', async (t) => {
  const root = await directoryOf(t, {
    'keys.json': '{ "policyVersion": 1,\n  "grant": { "ent": ["A"],\n    "net": { "connect": ["foo"] } } }',
    'text.json': '{ "policyVersion": 1,,\n}',
    'approval.json': '{ "plugin": "demo",\n  "approves": { "request": "x", "acceptUpdates": "none" } }',
    'open.policy': 'grant {\n  permission java.io.FilePermission "a"',
    'lenient.policy': 'grant { permission java.net.SocketPermission "a.example.org:80" "connect"; };',
    'sick/plugin.json': '{ "name": "sick",\n  "version": "x" }',
    'broken/plugin.json': PLUGIN['demo/plugin.json'].replace('"demo"', '"broken"'),
    'broken/index.ts': 'export default {}\nimport "./missing.js"\n',
  })
  const { code, out } = await check(root, '.')
  t.equal(code, 1)
  for (const line of [
    /^keys\.json:2:21 error POLICY_INVALID .*'ent'.*; did you mean 'env'\?$/m,
    /^keys\.json:3:26 error POLICY_INVALID 'foo' names no port/m,
    /^text\.json:1:22 error POLICY_INVALID a key in double quotes is expected here; /m,
    /^approval\.json:2:28 error APPROVAL_INVALID /m,
    /^open\.policy:2:\d+ error JAVA_POLICY_INVALID .*the JDK refuses.*OpenSearch 3 refuses/m,
    /^lenient\.policy:1:\d+ warning java-dialect .*the JDK refuses the whole file, OpenSearch 3 reads it/m,
    /^sick\/plugin\.json:2:14 error DESCRIPTOR_INVALID /m,
    /^broken\/index\.ts:2:\d+ error BUNDLE_FAILED /m,
  ])
    t.match(out, line)
})

t.test('what is shown and what makes it fail goes by severity', async (t) => {
  const root = await directoryOf(t, {
    'fine.json': '{ "policyVersion": 1, "grant": {} }',
    'info.json': '{ "policyVersion": 1, "grant": { "env": ["API_TOKEN"] } }',
    'warned.json': '{ "policyVersion": 1, "grant": { "clusterState": { "read": ["**"] } } }',
    'empty/x': '',
  })
  for (const [args, code, says] of [
    [['fine.json'], 0, /^1 checked: nothing found\n$/],
    [['info.json'], 0, /info secret-env.*1 checked: 1 info/s],
    [['info.json', '--severity', 'warning'], 0, /^1 checked: nothing found/],
    [['warned.json'], 1, /warning whole-cluster-state/],
    [['warned.json', '--severity', 'error'], 0, /nothing found/],
    [['fine.json', 'warned.json'], 1, /2 checked: 1 warning\n/],
  ] as const) {
    const ended = await check(root, ...args)
    t.equal(ended.code, code, args.join(' '))
    t.match(ended.out, says)
  }
  for (const path of ['nowhere', 'empty']) t.equal((await check(root, path)).code, 2, path)
})

t.test('a translation is the policy on standard output and the fate of every line beside it', async (t) => {
  const root = await directoryOf(t, { 'a.policy': JAVA })
  const translate = (...args: readonly string[]): Promise<Ended> =>
    bulkhead(['policy', 'translate', ...args], { cwd: root })
  const { code, out, err } = await translate('a.policy')
  t.equal(code, 1, 'a line needs a person')
  t.match(JSON.parse(out), { policyVersion: 1, grant: { fs: { read: ['/etc/hosts'] } } })
  t.match(err, /^no counterpart in Node \(1\)\n {2}a\.policy:2 {2}RuntimePermission "getClassLoader"$/m)
  t.match(err, /^mapped \(1\)\n {2}a\.policy:3 .*\n {4}→ fs\.read "\/etc\/hosts"$/m)
  t.match(err, /needs a person \(2\)/)
  t.match(err, /4 lines: 2 mapped, 1 without counterpart, 1 refused; 2 need a person\n$/)

  const packaged = await translate('a.policy', '--package', 'netty-common=undici')
  t.match(JSON.parse(packaged.out), { packages: { undici: { fs: { read: ['/proc/cpuinfo'] } } } })
  t.match(packaged.err, /→ fs\.read "\/proc\/cpuinfo" for undici only/)

  const written = await translate('a.policy', '--out', 'policy.json')
  t.equal(written.err, '')
  t.match(written.out, /4 lines: .*\nWritten to policy\.json\n$/)
  t.equal(await readFile(join(root, 'policy.json'), 'utf8'), out)
  const again = await translate('a.policy', '--out', 'policy.json', '--package', 'netty-common=undici')
  t.equal(again.code, 2)
  t.equal(await readFile(join(root, 'policy.json'), 'utf8'), out, 'nothing is written over')
  t.equal((await translate('a.policy', '--out', 'policy.json', '--force')).code, 1)
  const checked = await check(root, 'policy.json', '--json')
  t.notMatch(checked.out, /POLICY_INVALID/, 'what it writes is a policy')
  t.match(JSON.parse(checked.out), { checked: [{ kind: 'document' }] })

  const json = await translate('a.policy', '--json')
  t.equal(json.err, '')
  t.match(JSON.parse(json.out), {
    policy: JSON.parse(out) as object,
    report: { counts: { lines: 4 } },
    diagnostics: [],
    findings: [{ file: 'a.policy' }],
  })
})

t.test('a translation without anything to decide exits with 0; one that cannot be read with 3', async (t) => {
  const root = await directoryOf(t, {
    'fine.policy': 'grant { permission java.io.FilePermission "/etc/hosts", "read"; };',
    'all.policy': 'grant { permission java.security.AllPermission; };',
    'lenient.policy': 'grant { permission java.io.FilePermission "/etc/hosts" "read"; };',
    'property.policy': 'grant { permission java.io.FilePermission "${app.dir}/x", "read"; };',
  })
  for (const [args, code, says] of [
    [['fine.policy'], 0, /"\/etc\/hosts"/],
    [['all.policy'], 1, /"grant": \{\}/],
    [['all.policy', '--accept-all', 'it is our own'], 1, /AllPermission accepted: it is our own/],
    [['lenient.policy', '--dialect', 'opensearch3'], 0, /"\/etc\/hosts"/],
    [
      ['lenient.policy', '--dialect', 'jdk'],
      3,
      /lenient\.policy:1:\d+.*expected: .*jdk: refuses.*opensearch3: reads/,
    ],
    [['property.policy', '--property', 'app.dir=/opt/app'], 0, /"\/opt\/app\/x"/],
    [['nowhere.policy'], 2, /there is no such file/],
    [['fine.policy', '--property', 'x'], 2, /write name=value/],
  ] as const) {
    const { code: ended, out, err } = await bulkhead(['policy', 'translate', ...args], { cwd: root })
    t.equal(ended, code, args.join(' '))
    t.match(unwrapped(out + err), says)
  }
  const script = `process.stdout.write(${JSON.stringify(JAVA)})`
  const piped = await startNode(['-e', `${PIPE}\npipe(${JSON.stringify(script)}, ${JSON.stringify(MAIN)})`], {
    cwd: root,
  }).ended
  t.match(JSON.parse(piped.out), { grant: { fs: { read: ['/etc/hosts'] } } }, 'from standard input')
  t.match(piped.err, /<standard input>:3/)
})

t.test('an entitlement policy is translated by its ending or by --format, and not checked', async (t) => {
  const entitlements = 'ALL-UNNAMED:\n  - files: [{ path: /etc/hosts, mode: read }]\n'
  const inModule = `${entitlements}com.example.client: [outbound_network]\n`
  const root = await directoryOf(t, {
    'entitlement-policy.yaml': entitlements,
    'b.yml': inModule,
    'c.txt': entitlements,
    'broken.yaml': 'ALL-UNNAMED: &a []',
    'd.yaml': 'grant { permission java.io.FilePermission "/etc/hosts", "read"; };',
  })
  for (const [args, code, says] of [
    [
      ['entitlement-policy.yaml'],
      0,
      /"\/etc\/hosts\/\*\*".*yaml:2 files "\/etc\/hosts", "read".*1 line: 1 mapped/,
    ],
    [['b.yml'], 1, /b\.yml:3 outbound_network.*com\.example\.client only/],
    [['b.yml', '--package', 'com.example.client=undici'], 1, /net\.connect "\*\*:1-65535" for undici only/],
    [['c.txt', '--format', 'entitlement'], 0, /Translated from c\.txt/],
    [['c.txt'], 3, /JAVA_POLICY_INVALID/],
    [['d.yaml', '--format', 'java'], 0, /"\/etc\/hosts"/],
    [['d.yaml'], 3, /ENTITLEMENT_POLICY_INVALID.*d\.yaml:1:/],
    [['broken.yaml'], 3, /ENTITLEMENT_POLICY_INVALID.*anchors.*broken\.yaml:1:17.*remove '&a'/],
    [['b.yml', '--dialect', 'jdk'], 2, /it is for a Java policy.*--dialect/],
    [['b.yml', '--property', 'a=b'], 2, /--property/],
    [['b.yml', '--accept-all', 'it is ours'], 2, /--accept-all/],
  ] as const) {
    const ended = await bulkhead(['policy', 'translate', ...args], { cwd: root })
    t.equal(ended.code, code, args.join(' '))
    t.match(unwrapped(ended.out + ended.err), says)
  }
  const json = await bulkhead(['policy', 'translate', 'b.yml', '--json'], { cwd: root })
  t.match(JSON.parse(json.out), { report: { counts: { lines: 2 } }, diagnostics: [], findings: [] })
  const checked = await check(root, 'entitlement-policy.yaml')
  t.equal(checked.code, 2)
  t.match(unwrapped(checked.out + checked.err), /translated, not checked.*bulkhead policy translate/)
})

const PIPE = `function pipe(script, main) {
  const { spawnSync } = require('node:child_process')
  const { stdout: input } = spawnSync(process.execPath, ['-e', script])
  spawnSync(process.execPath, [main, 'policy', 'translate', '-'], { input, stdio: ['pipe', 'inherit', 'inherit'] })
}`
