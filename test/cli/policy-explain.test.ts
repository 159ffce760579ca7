// `bulkhead policy explain` says whether a plugin may do something, by which rule in which line, and what to write so that it may; `diff` and `schema` beside it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { answerTo } from '../../lib/cli/policy/answer.js'
import { readSubject, type Subject } from '../../lib/cli/policy/subject.js'
import { capabilityOf } from '../../lib/cli/policy/target.js'
import { makeTerminal } from '../../lib/cli/terminal.js'
import { bulkhead, directoryOf, ROOT, type Ended } from './command.js'
import { unwrapped } from './demo-plugin.js'

const POLICY = `{
  "policyVersion": 1,
  "extends": ["s3-client"],
  "grant": {
    "fs": { "read": ["\${plugin.home}/**", "/opt/data/*.csv"] },
    "env": ["HOME"],
    "extensionPoints": ["rest:/_demo/**"]
  },
  "packages": {
    "undici": { "net": { "connect": ["api.example.org:443"] } }
  }
}
`
const ANSWER = {
  narrow: { net: { connect: ['s3.eu-west-1.amazonaws.com:443', 'api.example.org:443'] } },
  add: [
    { grant: { env: ['OLD'] }, reason: 'was needed', expires: '2020-01-31' },
    { grant: { env: ['NEW'] }, reason: 'is needed' },
  ],
}

/** A node with one plugin, installed; its approval has the answer from line 1 on. */
async function node(t: Test): Promise<string> {
  const root = await directoryOf(t, {
    'demo/plugin.json': JSON.stringify({
      name: 'demo',
      version: '1.0.0',
      description: 'is explained',
      main: 'index.ts',
      searchNode: '*',
    }),
    'demo/policy.json': POLICY,
    'demo/index.ts': 'throw new Error("it ran")\nexport default {}\n',
  })
  await bulkhead(['install', 'demo', '--yes'], { cwd: root })
  const file = join(root, 'policies/demo.json')
  const approval = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(file, JSON.stringify({ ...ANSWER, ...approval }, null, 2))
  return root
}

/** As the command answers, without a process and a bundle for each question. */
function answer(subject: Subject, root: string, [capability = '', ...rest]: readonly string[]): Ended {
  const target = rest[0]?.startsWith('--') === true ? undefined : rest[0]
  const at = rest.indexOf('--package')
  const { yes, lines } = answerTo(subject, {
    capability: capabilityOf(capability),
    target,
    dataDir: join(root, 'data'),
    package: at === -1 ? undefined : rest[at + 1],
  })
  const nowhere = { columns: 100, write: () => undefined }
  const out = lines(makeTerminal(nowhere, nowhere)).join('\n').replaceAll(`${root}/`, '')
  return { code: yes ? 0 : 1, out, err: '' }
}

function subjectIn(root: string): Promise<Subject> {
  return readSubject('demo', {
    pluginsDir: join(root, 'plugins'),
    policiesDir: join(root, 'policies'),
    dataDir: join(root, 'data'),
    nodeVersion: '3.2.0',
  })
}

function explain(root: string, ...args: readonly string[]): Promise<Ended> {
  return bulkhead(['policy', 'explain', 'demo', ...args], { cwd: root })
}

t.test('every answer names its rule, file and line, and what to write', async (t) => {
  const root = await node(t)
  const cases: readonly (readonly [args: readonly string[], code: 0 | 1, says: readonly RegExp[]])[] = [
    [['env', 'HOME'], 0, [/^allowed demo may read/, /asked "HOME" plugins\/demo\/policy\.json:6:13/]],
    [['env', 'NEW'], 0, [/added "NEW" policies\/demo\.json:23:11/]],
    [
      ['net.connect', 'S3.eu-west-1.amazonaws.com:443'],
      0,
      [/asked "s3\.\*\.amazonaws\.com:443" preset s3-client:10:9/, /narrowed to "s3\.eu-west-1.*:5:9/],
    ],
    [
      ['net.connect', 's3.us-east-1.amazonaws.com:443'],
      1,
      [/^denied/, /the approval narrows net\.connect/, /preset s3-client:10:9/, /"narrow":.*"s3\.us-east-1/],
    ],
    [
      ['env', 'OLD'],
      1,
      [/until 2020-01-31, and that day has come/, /expired "OLD" policies\/demo\.json:14:11/],
    ],
    [
      ['env', 'OTHER'],
      1,
      [
        /Nothing grants it/,
        /policies\/demo\.json \{ "add": \[\{ "grant": \{ "env": \["OTHER"\] \}, "reason": "why this node needs it" \}\] \}/,
        /plugins\/demo\/policy\.json \{ "grant": \{ "env": \["OTHER"\] \} \}/,
      ],
    ],
    [
      ['net.connect', 'api.example.org:443'],
      1,
      [/granted to the code of undici only/, /policy\.json:10:\d+/],
    ],
    [['net.connect', 'api.example.org:443', '--package', 'undici'], 0, [/^allowed/]],
    [['fs.read', join(root, 'policies/demo.json')], 1, [/is closed to this plugin, whatever a policy says/]],
    [['fs.read', '${plugin.home}/index.ts'], 0, [/plugins\/demo\/index\.ts/, /policy\.json:5:22/]],
    [
      ['fs.read', '/opt/data/x.txt'],
      1,
      [/The second wall, Node's permission flags, is wider here/, /"read": \["\/opt\/data\/x\.txt"\]/],
    ],
    [['extensionPoints', 'rest:/_other/{id}'], 1, [/"extensionPoints": \["rest:\/_other\/\*"\]/]],
    [['env'], 0, [/asked "HOME".*asked "AWS_REGION" preset s3-client.*expired "OLD".*until 2020-01-31/]],
    [['settings', 'other.key'], 1, [/Nothing grants it/]],
    [['clusterState.read'], 1, [/clusterState\.read: nothing/]],
  ]
  const subject = await subjectIn(root)
  for (const [args, code, says] of cases) {
    const ended = answer(subject, root, args)
    t.equal(ended.code, code, args.join(' '))
    for (const pattern of says) t.match(unwrapped(ended.out), pattern, args.join(' '))
    t.notMatch(ended.out, /\$\{plugin\.data\}/)
  }
  const command = await explain(root, 'env', 'HOME')
  t.equal(command.code, 0)
  t.match(command.out, /^allowed  demo may read/)
  t.match(command.out, /asked  "HOME"  plugins\/demo\/policy\.json:6:13/, 'paths are short where they can be')
})

t.test('with --json the same is data', async (t) => {
  const root = await node(t)
  const { code, out } = await explain(root, 'env', 'OLD', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(out), {
    plugin: 'demo',
    capability: 'env',
    target: 'OLD',
    allowed: false,
    why: 'expired',
    loads: true,
    rules: [
      { document: 'approval', file: join(root, 'policies/demo.json'), line: 14, column: 11, pattern: 'OLD' },
    ],
    fixes: [{ json: { add: [{ reason: 'was needed' }] } }],
  })
})

t.test('a plugin that is not approved is explained as it asks, and said not to load', async (t) => {
  const root = await node(t)
  const missing = await explain(root, 'env', 'HOME', '--policies', 'none')
  t.equal(missing.code, 1)
  t.match(unwrapped(missing.out), /denied.*The rules allow it, but the plugin does not load\./)
  t.match(unwrapped(missing.out), /no approval grants them.*bulkhead install plugins\/demo/)

  await writeFile(join(root, 'plugins/demo/index.ts'), 'export default { }\n')
  const outdated = await explain(root, 'env', 'HOME', '--json')
  t.equal(outdated.code, 1)
  t.match(JSON.parse(outdated.out), {
    allowed: false,
    why: 'allowed',
    loads: false,
    error: { code: 'APPROVAL_MISMATCH' },
  })
})

t.test('what cannot be asked is refused with what to write', async (t) => {
  const root = await node(t)
  const subject = await subjectIn(root)
  for (const [args, remedy] of [
    [['net.connect', 'a:99999'], /a host and a port/],
    [['net.connect', '[zz]:1'], /a host and a port/],
    [['settings', 'a..b'], /such as s3\.client/],
  ] as const) {
    t.throws(() => answer(subject, root, args), { code: 'CONFIG_INVALID', message: remedy }, args.join(' '))
  }
  for (const [args, says] of [
    [['demo', 'net.conect', 'a:1'], /did you mean 'net\.connect'/],
    [['demo', 'net.connect', 'example.org'], /a host and a port/],
    [['dmeo', 'env', 'A'], /did you mean 'demo'/],
    [['./nowhere', 'env', 'A'], /there is no such plugin/],
  ] as const) {
    const { code, err } = await bulkhead(['policy', 'explain', ...args], { cwd: root })
    t.equal(code, 2, args.join(' '))
    t.match(unwrapped(err), says)
  }
})

t.test('diff says what is asked for beyond, and exits with 1 for more only', async (t) => {
  const root = await directoryOf(t, {
    'old.json': JSON.stringify({ policyVersion: 1, grant: { env: ['HOME'] } }),
    'new.json': JSON.stringify({ policyVersion: 1, grant: { fs: { read: ['/**'] }, env: ['USER'] } }),
    'plugin/plugin.json': '{}',
    'empty/x': '',
    'bad.json': '{ "policyVersion": 1, "grant": { "ent": [] } }',
  })
  const diff = (...args: readonly string[]): Promise<Ended> =>
    bulkhead(['policy', 'diff', ...args], { cwd: root })
  const more = await diff('old.json', 'new.json')
  t.equal(more.code, 1)
  t.match(more.out, /It asks for more, to\n +high +\+ read every file of this machine\n +medium +\+ .*USER/)
  t.match(more.out, /no longer asks to\n +medium +- .*HOME/)
  t.match(more.out, /more: 2 \(1 high, 1 medium\), less: 1 \(1 medium\)/)
  t.match(JSON.parse((await diff('old.json', 'new.json', '--json')).out), {
    ok: false,
    more: [{ risk: 'high' }, {}],
  })
  const less = await diff('old.json', 'plugin')
  t.equal(less.code, 0, 'a plugin without a policy asks for nothing')
  t.match((await diff('old.json', 'old.json')).out, /Both ask for the same/)
  t.equal((await diff('old.json', 'nowhere.json')).code, 2)
  t.equal((await diff('empty', 'old.json')).code, 2)
  const bad = await diff('old.json', 'bad.json')
  t.equal(bad.code, 3)
  t.match(bad.err, /did you mean 'env'/)
})

t.test('schemas are those that ship', async (t) => {
  for (const name of ['policy', 'approval', 'plugin']) {
    const { code, out } = await bulkhead(['policy', 'schema', name])
    t.equal(code, 0)
    t.same(JSON.parse(out), JSON.parse(await readFile(join(ROOT, `policies/${name}.schema.json`), 'utf8')))
  }
})
