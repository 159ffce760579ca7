// `bulkhead create` writes a plugin that works at once, and never over anything.
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { bulkhead, directoryOf, ROOT, startNode } from './command.js'

/** A directory in which `bulkhead` resolves, as after an install. */
async function workspace(t: Test): Promise<string> {
  const root = await directoryOf(t, {})
  await mkdir(join(root, 'node_modules'))
  await symlink(ROOT, join(root, 'node_modules/bulkhead'), 'junction')
  // What `npm install` in the new plugin brings for its editor.
  await symlink(join(ROOT, 'node_modules/@types'), join(root, 'node_modules/@types'), 'junction')
  return root
}

t.test('a created plugin passes its own test, its types check, and it runs', async (t) => {
  const root = await workspace(t)
  const created = await bulkhead(['create', 'geo-enrich', '--json'], { cwd: root })
  t.equal(created.code, 0)
  const { dir, files } = JSON.parse(created.out) as { dir: string; files: readonly string[] }
  t.equal(dir, join(root, 'geo-enrich'))
  t.same([...files].sort(), [
    '.gitignore',
    'README.md',
    'index.ts',
    'package.json',
    'plugin.json',
    'policy.json',
    'test/geo-enrich.test.js',
    'tsconfig.json',
  ])

  const tested = await startNode(['--test', '--test-reporter=tap'], { cwd: dir }).ended
  t.equal(tested.code, 0, tested.out)
  t.match(tested.out, /# pass 3\n# fail 0/)

  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const checked = await startNode([tsc, '-p', dir], { cwd: dir }).ended
  t.equal(checked.code, 0, checked.out)

  const run = await bulkhead(['run', '.', '--once', '--trust', '--json'], { cwd: dir })
  t.equal(run.code, 0)
  t.match(JSON.parse(run.out), { ok: true, plugins: [{ name: 'geo-enrich', state: 'running' }] })

  const listed = await bulkhead(['list', dir, '--json'])
  t.match(JSON.parse(listed.out), { plugins: [{ approval: 'missing' }] }, 'on a node it has to be approved')
})

t.test('nothing is written over', async (t) => {
  const root = await directoryOf(t, { 'mine/index.ts': 'precious\n' })
  const { code, err } = await bulkhead(['create', 'mine'], { cwd: root })
  t.equal(code, 2)
  t.match(err, /nothing is written over/)
  t.equal(await readFile(join(root, 'mine/index.ts'), 'utf8'), 'precious\n')
  t.same(await readdir(join(root, 'mine')), ['index.ts'])
})

t.test('a file in the place of the directory is left alone too', async (t) => {
  const root = await directoryOf(t, { mine: 'precious\n' })
  t.equal((await bulkhead(['create', 'mine'], { cwd: root })).code, 2)
  t.equal(await readFile(join(root, 'mine'), 'utf8'), 'precious\n')
})

t.test('--dir is made when it is not there', async (t) => {
  const root = await directoryOf(t, {})
  t.equal((await bulkhead(['create', 'ab', '--dir', 'a/b'], { cwd: root })).code, 0)
  t.ok((await readdir(join(root, 'a/b/ab'))).includes('plugin.json'))
})

t.test('names that no plugin can have are refused, and nothing is made', async (t) => {
  const root = await directoryOf(t, {})
  const names = [
    'Upper',
    'under_score',
    'a',
    '1st',
    'a--b',
    'a-',
    '../out',
    'a/b',
    'a b',
    `a${'b'.repeat(64)}`,
    '',
  ]
  for (const name of names) {
    const { code, err } = await bulkhead(['create', '--', name], { cwd: root })
    t.equal(code, 2, JSON.stringify(name))
    t.match(err.replaceAll(/\s+/g, ' '), /no name for a plugin.*lower-case/)
  }
  t.same(await readdir(root), [])
})
