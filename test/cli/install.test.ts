// `bulkhead install` shows what a plugin asks for, installs and approves it after a yes and changes nothing without one, and runs no line of it.
import { execFileSync } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bulkhead, directoryOf } from './command.js'
import { approvalIn, CANARY, demo, GRANT, install, put, treeOf, unwrapped } from './demo-plugin.js'
import { answering, NO_TERMINAL } from './pseudo-terminal.js'

t.test(
  'with --yes the plugin is copied and approved, so that a node loads it, and nothing ran',
  async (t) => {
    const root = await directoryOf(t, demo())
    const { code, out, err } = await install(root, '--yes')
    t.equal(code, 0)
    t.equal(err, '')
    t.match(out, /high +read the environment variable AWS_SECRET_KEY, which looks like a secret/)
    t.match(out, /medium +connect to s3\.example\.org on port 443/)
    t.ok(out.indexOf('AWS_SECRET_KEY') < out.indexOf('s3.example.org'), 'the riskiest first')
    t.match(out, /Installed demo 1\.0\.0/)
    t.equal(await readFile(join(root, 'plugins/demo/index.ts'), 'utf8'), CANARY)
    const listed = await bulkhead(['list', 'plugins', '--policies', 'policies', '--json'], { cwd: root })
    t.equal(listed.code, 0, 'the bundle that is approved is that of the copy')
    t.match(JSON.parse(listed.out), { plugins: [{ name: 'demo', approval: 'approved' }] })
    t.match(await approvalIn(root), { approves: { acceptUpdates: 'none' }, asked: { grant: GRANT } })
    t.notOk(
      (await treeOf(root)).some((line) => line.includes('/canary')),
      'no code and no npm script ran',
    )
    t.same((await readdir(join(root, 'plugins'))).concat(await readdir(join(root, 'policies'))), [
      'demo',
      'demo.json',
    ])
    t.equal((await lstat(join(root, 'plugins/demo'))).mode & 0o777, 0o755, 'the node may be another user')
  },
)

t.test('where nobody can be asked nothing is changed', async (t) => {
  const root = await directoryOf(t, demo())
  const before = await treeOf(root)
  const { code, out } = await install(root)
  t.equal(code, 1)
  t.match(out, /connect to s3\.example\.org on port 443/, 'what would be asked is said')
  t.match(out, /Not installed.*--yes/)
  t.same(await treeOf(root), before)

  const json = await install(root, '--json')
  t.equal(json.code, 1)
  t.match(JSON.parse(json.out), { ok: false, outcome: 'not asked', asks: [{ risk: 'high' }, {}] })
  t.same(await treeOf(root), before)

  const dry = await install(root, '--dry-run')
  t.equal(dry.code, 0)
  t.match(dry.out, /Nothing is changed\. It would go to plugins\/demo/)
  t.same(await treeOf(root), before)
})

t.test('on a terminal only a yes installs', { skip: NO_TERMINAL }, async (t) => {
  for (const [key, answer] of [
    ['n', 'no'],
    ['\r', 'the default'],
    ['\u0003', 'Ctrl-C'],
    ['\u001b', 'Escape'],
  ] as const) {
    const root = await directoryOf(t, demo())
    const before = await treeOf(root)
    const { code, out } = await answering(key, ['install', 'demo'], root)
    t.equal(code, 1, answer)
    t.match(out, /Install demo 1\.0\.0 and approve what it asks for \([\d a-z,]+\)\?/)
    t.match(out, /Not installed; nothing is changed\./)
    t.same(await treeOf(root), before, answer)
  }
  const root = await directoryOf(t, demo())
  const { code, out } = await answering('y', ['install', 'demo'], root)
  t.equal(code, 0)
  t.ok(out.includes('\u001b[31mhigh\u001b[0m'), 'risks have colours')
  t.match(await approvalIn(root), { plugin: 'demo' })
})

t.test('an update shows what changes, asks again, and keeps what the operator said', async (t) => {
  const root = await directoryOf(t, demo())
  await install(root, '--yes')
  const said = {
    $comment: 'reviewed by ops',
    narrow: { net: { connect: ['s3.example.org:443'] } },
    add: [{ grant: { env: ['AWS_PROFILE'] }, reason: 'profiles' }],
    limits: { heapMb: 256 },
  }
  const first = await approvalIn(root)
  const approves = { ...first.approves, acceptUpdates: 'code' }
  await writeFile(join(root, 'policies/demo.json'), JSON.stringify({ ...first, ...said, approves }))
  await put(root, {
    ...demo({ version: '1.1.0', source: 'export default {}\n', grant: { env: ['HOME'], net: GRANT.net } }),
    'demo/new.txt': 'new',
  })
  await writeFile(join(root, 'plugins/demo/old.txt'), 'old')

  const shown = await install(root)
  t.equal(shown.code, 1)
  t.match(shown.out, /In place of 1\.0\.0\n/)
  t.match(shown.out, /its code has changed/)
  t.match(shown.out, /It asks for more, to\n +medium +\+ read the environment variable HOME/)
  t.match(shown.out, /It no longer asks to\n +high +- read the environment variable AWS_SECRET_KEY/)
  t.match(shown.out, /It still asks to\n +medium +connect to s3\.example\.org/)
  t.match(
    unwrapped(shown.out),
    /kept from the approval: narrowing of net, 1 addition, 1 limit, updates of code/,
  )
  t.equal(await readFile(join(root, 'plugins/demo/index.ts'), 'utf8'), CANARY, 'the old one stands')

  t.match((await install(root, '--yes')).out, /Updated demo 1\.1\.0/)
  const approval = await approvalIn(root)
  t.match(approval, said)
  t.equal(approval.approves.acceptUpdates, 'code')
  t.not(approval.approves.bundle, first.approves.bundle)
  t.same(approval.asked?.grant, { env: ['HOME'], net: GRANT.net })
  t.same((await readdir(join(root, 'plugins/demo'))).toSorted(), [
    'index.ts',
    'new.txt',
    'package.json',
    'plugin.json',
    'policy.json',
  ])
  t.same(await readdir(join(root, 'plugins')), ['demo'], 'nothing of the old one is left')

  const again = await install(root, '--yes', '--json', '--accept-updates', 'none')
  t.match(JSON.parse(again.out), {
    outcome: 'updated',
    update: { version: '1.1.0', code: 'same', more: [], less: [] },
    approval: { approves: { acceptUpdates: 'none' }, limits: said.limits },
  })
})

t.test('an update that fails leaves the old plugin and the old approval', async (t) => {
  const root = await directoryOf(t, demo())
  await install(root, '--yes')
  await put(root, demo({ version: '2.0.0', source: 'export default { }\n' }))
  // Where a file stands no directory for approvals can be made: the last step of all fails.
  await writeFile(join(root, 'file'), '')
  const before = await treeOf(root)
  const failed = await bulkhead(['install', 'demo', '--yes', '--policies', 'file/policies'], { cwd: root })
  t.equal(failed.code, 3)
  t.match(failed.err, /COMMAND_FAILED.*ENOTDIR/)
  t.same(await treeOf(root), before)
})

t.test('what a killed install left is mended by the next one', async (t) => {
  const root = await directoryOf(t, demo())
  await install(root, '--yes')
  const plugins = join(root, 'plugins')
  const before = await treeOf(plugins)
  await rename(join(plugins, 'demo'), join(plugins, '.demo.old'))
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim()
  await mkdir(join(plugins, `.demo.new-${dead}-abcdef`))
  t.equal((await install(root)).code, 1, 'nobody said yes')
  t.same(await treeOf(plugins), before, 'the old one is back and the half copy gone')
})

t.test('two installs of one plugin do not meet, and a lock of the dead holds nobody up', async (t) => {
  const root = await directoryOf(t, demo())
  await mkdir(join(root, 'plugins'))
  const lock = join(root, 'plugins/.demo.lock')
  await writeFile(lock, String(process.pid))
  const before = await treeOf(root)
  const held = await install(root, '--yes')
  t.equal(held.code, 3)
  t.match(unwrapped(held.err), new RegExp(`process ${process.pid} is installing demo there`))
  t.same(await treeOf(root), before)

  await writeFile(lock, '999999999')
  t.equal((await install(root, '--yes')).code, 0)
  t.same(await readdir(join(root, 'plugins')), ['demo'])
})

t.test('a plugin that somebody put there by hand is nothing that was approved', async (t) => {
  const root = await directoryOf(t, demo())
  await mkdir(join(root, 'plugins'))
  await rename(join(root, 'demo'), join(root, 'plugins/demo'))
  const { out } = await bulkhead(['install', 'plugins/demo'], { cwd: root })
  t.match(out, /high +read the environment variable AWS_SECRET_KEY/)
  t.notMatch(out, /the same as before/)
})

t.test('links that lead out, history and devices are not copied', async (t) => {
  const root = await directoryOf(t, {
    ...demo(),
    'demo/.git/config': 'secret',
    'demo/lib/tool.sh': '#!/bin/sh\n',
    'outside.txt': 'secret',
  })
  const dir = join(root, 'demo')
  await chmod(join(dir, 'lib/tool.sh'), 0o4777)
  await symlink('lib/tool.sh', join(dir, 'tool'))
  await symlink(join(dir, 'lib'), join(dir, 'absolute'))
  await symlink('../outside.txt', join(dir, 'leak'))
  await symlink('/etc', join(dir, 'etc'))
  await symlink('nowhere', join(dir, 'dangling'))
  const { code, out } = await install(root, '--yes')
  t.equal(code, 0)
  const copy = join(root, 'plugins/demo')
  t.same((await readdir(copy)).toSorted(), [
    'absolute',
    'index.ts',
    'lib',
    'package.json',
    'plugin.json',
    'policy.json',
    'tool',
  ])
  t.equal(await readlink(join(copy, 'absolute')), 'lib', 'it leads to the copy')
  t.equal((await lstat(join(copy, 'lib/tool.sh'))).mode & 0o7777, 0o755)
  for (const name of ['leak', 'etc', 'dangling'])
    t.match(unwrapped(out), `not copied, for it leads out of the directory: ${name} ->`)

  execFileSync('mkfifo', [join(dir, 'pipe')])
  const before = await treeOf(join(root, 'plugins'))
  const refused = await install(root, '--yes')
  t.equal(refused.code, 3)
  t.match(refused.err, /pipe is neither a file, a directory nor a link/)
  t.same(await treeOf(join(root, 'plugins')), before)
})

t.test('a policy behind a link that leads out is not what is installed, so nothing is', async (t) => {
  const root = await directoryOf(t, demo())
  await rename(join(root, 'demo/policy.json'), join(root, 'policy.json'))
  await symlink('../policy.json', join(root, 'demo/policy.json'))
  const { code, err } = await install(root, '--yes')
  t.equal(code, 3)
  t.match(unwrapped(err), /the copy is not what was shown: policy\.json differs; nothing is changed/)
  t.match(err, /put the files themselves/)
  t.same(await readdir(join(root, 'plugins')), [])
})
