// `bulkhead install` refuses what is no plugin and what would write over something, and points out policies that nothing reads.
import { mkdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { findMisplaced } from '../../lib/cli/misplaced.js'
import { bulkhead, directoryOf } from './command.js'
import { approvalIn, demo, install, treeOf, unwrapped } from './demo-plugin.js'

t.test('a directory that holds no plugin, or not one, gets told what to give', async (t) => {
  const root = await directoryOf(t, {
    ...demo(),
    'near/demo/plugin.json': '{}',
    'more/a/plugin.json': '{}',
    'more/b/plugin.json': '{}',
    'empty/x': '',
  })
  await symlink('demo', join(root, 'link'))
  for (const [dir, says] of [
    ['nowhere', /does not exist/],
    ['demo/plugin.json', /not a directory.*unpack/],
    ['empty', /holds no plugin: there is no plugin\.json/],
    ['near', /one directory deeper.*give near\/demo/],
    ['more', /holds 2 plugins \(a, b\).*such as more\/a/],
  ] as const) {
    const { code, err } = await bulkhead(['install', dir, '--yes'], { cwd: root })
    t.equal(code, 2, dir)
    t.match(unwrapped(err), says)
  }
  const linked = await bulkhead(['install', 'link', '--yes'], { cwd: root })
  t.equal(linked.code, 0, 'a link to a plugin is the plugin')
})

t.test('what is in the way is not written over', async (t) => {
  const root = await directoryOf(t, {
    ...demo(),
    'taken/demo/precious.txt': 'x',
    'twin/other/plugin.json': demo()['demo/plugin.json'] ?? '',
    'twin/other/index.ts': '',
    'faulty/demo.json': '{ "plugin": "demo" }',
    'swapped/demo.json': '{ "policyVersion": 1, "grant": {} }',
    'foreign/demo.json': JSON.stringify({
      plugin: 'other',
      approves: { request: `sha256-${'A'.repeat(43)}=`, acceptUpdates: 'code' },
    }),
  })
  const before = await treeOf(root)
  for (const [option, dir, code, says] of [
    ['--plugins', 'demo', 2, /lie in each other/],
    ['--plugins', 'demo/plugins', 2, /lie in each other/],
    ['--plugins', 'taken', 2, /something here that is no plugin.*taken\/demo/],
    ['--plugins', 'twin', 2, /holds a plugin demo too.*twin\/other/],
    ['--policies', 'demo/policies', 2, /approvals would lie in the directory of a plugin/],
    ['--policies', 'plugins/demo/policies', 2, /approvals would lie in the directory of a plugin/],
    ['--policies', 'faulty', 3, /APPROVAL_INVALID.*approves/],
    ['--policies', 'swapped', 3, /this is a policy, which is what a plugin asks for/],
    ['--policies', 'foreign', 3, /for the plugin 'other'/],
  ] as const) {
    const ended = await install(root, '--yes', option, dir)
    t.equal(ended.code, code, dir)
    t.match(unwrapped(ended.err), says)
  }
  t.same(await treeOf(root), before)
})

t.test('a plugin in its place already is approved there', async (t) => {
  const root = await directoryOf(t, demo())
  await mkdir(join(root, 'plugins'))
  await rename(join(root, 'demo'), join(root, 'plugins/demo'))
  const before = await treeOf(join(root, 'plugins'))
  const { code } = await bulkhead(['install', 'plugins/demo', '--yes'], { cwd: root })
  t.equal(code, 0)
  t.match(await approvalIn(root), { plugin: 'demo' })
  t.same(await treeOf(join(root, 'plugins')), before)
})

t.test('a policy that lies where nothing reads it is pointed out', async (t) => {
  const { 'demo/policy.json': policy = '', ...rest } = demo()
  const approval = JSON.stringify({ plugin: 'demo', approves: { request: '', acceptUpdates: 'code' } })
  for (const [path, text, message, remedy] of [
    ['plugin-security.policy', '', /a Java policy/, /bulkhead policy translate plugin-security\.policy/],
    ['src/main/plugin-metadata/security.policy', '', /a Java policy/, /translate src\/main/],
    ['config/policy.json', policy, /nothing reads it there/, /beside plugin\.json/],
    ['META-INF/policy.json', policy, /nothing reads it there/, /beside plugin\.json/],
    ['policies.json', policy, /nothing reads it there/, /the file is policy\.json/],
    ['demo.json', approval, /an approval/, /operator/],
    ['policies/demo.json', approval, /policies directory of the node/, /remove it/],
    ['entitlement-policy.yaml', '', /entitlement/, /bulkhead policy translate entitlement-policy/],
  ] as const) {
    const root = await directoryOf(t, { ...rest, [`demo/${path}`]: text })
    t.match(await findMisplaced(join(root, 'demo')), [{ path, message, remedy }], path)
  }
  const fine = { ...demo(), 'demo/node_modules/x/java.policy': '', 'demo/config/policy.json': policy }
  t.same(await findMisplaced(join(await directoryOf(t, fine), 'demo')), [], 'packages and copies')

  const root = await directoryOf(t, { ...rest, 'demo/security.policy': '' })
  const shown = await install(root, '--dry-run')
  t.match(shown.out, /It asks for nothing/)
  t.match(unwrapped(shown.out), /Look at ! security\.policy: a Java policy.*translate it/)
})

t.test('an approval in the place of the policy is told apart', async (t) => {
  const approval = JSON.stringify({ plugin: 'demo', approves: { request: '', acceptUpdates: 'code' } })
  const root = await directoryOf(t, { ...demo(), 'demo/policy.json': approval })
  const { code, err } = await install(root, '--yes')
  t.equal(code, 3)
  t.match(unwrapped(err), /this is an approval, which is the operator's answer/)
})
