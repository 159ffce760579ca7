// cp of a plugin makes the tree that cp of Node makes, fails where that fails with the same code, and copies nothing
// that the plugin may not read to nowhere that it may not write.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as hostFs from 'node:fs'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { fileThread, grantOf, makeWorld, outcome, SECRET, usual } from './fs-world.js'

/** Over `at(name)`, a path in a directory that furnish laid out; each of them once, in a directory of its own. */
const CASES: readonly string[] = [
  "fs.cpSync(at('a.txt'), at('new.txt'))",
  "fs.cpSync(at('a.txt'), at('deep/er/new.txt'))",
  "fs.cpSync(at('a.txt'), at('b.txt'))",
  "fs.cpSync(at('a.txt'), at('b.txt'), { force: false })",
  "fs.cpSync(at('a.txt'), at('b.txt'), { force: false, errorOnExist: true })",
  "fs.cpSync(at('tree'), at('copy'))",
  "fs.cpSync(at('tree'), at('copy'), { recursive: true })",
  "fs.cpSync(at('tree'), at('other'), { recursive: true })",
  "fs.cpSync(at('tree'), at('other'), { recursive: true, force: false })",
  "fs.cpSync(at('tree'), at('a.txt'), { recursive: true })",
  "fs.cpSync(at('a.txt'), at('tree'))",
  "fs.cpSync(at('tree'), at('tree/sub/in'), { recursive: true })",
  "fs.cpSync(at('tree'), at('copy'), { recursive: true, filter: (from) => !from.endsWith('skip.txt') })",
  "fs.cpSync(at('tree'), at('copy'), { recursive: true, preserveTimestamps: true })",
  "fs.cpSync(at('missing'), at('copy'))",
  "fs.promises.cp(at('tree'), at('copy'), { recursive: true, filter: async (from) => !from.includes('sub') })",
  "new Promise((done, fail) => fs.cp(at('tree'), at('copy'), { recursive: true }, (error) => (error ? fail(error) : done())))",
]

function furnish(dir: string): void {
  mkdirSync(join(dir, 'tree/sub'), { recursive: true })
  mkdirSync(join(dir, 'other'))
  for (const [name, text] of Object.entries({
    'a.txt': 'a',
    'b.txt': 'b',
    'tree/one.txt': 'one',
    'tree/skip.txt': 'skip',
    'tree/sub/two.txt': 'x'.repeat(100_000),
    'other/one.txt': 'other',
  })) {
    writeFileSync(join(dir, name), text)
  }
  symlinkSync('a.txt', join(dir, 'link'))
}

/** Every file below with its content. */
function tree(dir: string, prefix = ''): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) return [`${prefix}${entry.name}/`, ...tree(path, `${prefix}${entry.name}/`)]
      return [`${prefix}${entry.name} ${readFileSync(path, 'utf8').slice(0, 10)} ${statSync(path).size}`]
    })
}

t.test('cp does what cp of Node does', async (t) => {
  const world = makeWorld(t)
  const thread = await fileThread(t, grantOf(world, usual(world)))
  for (const [index, expression] of CASES.entries()) {
    const theirs = join(world.root, `theirs-${index}`)
    const ours = join(world.data, `ours-${index}`)
    for (const dir of [theirs, ours]) {
      mkdirSync(dir)
      furnish(dir)
    }
    const run = runInThisContext(`(async (fs, at) => ${expression})`) as (
      fs: unknown,
      at: unknown,
    ) => Promise<unknown>
    const wanted = await run(hostFs, (name: string) => join(theirs, name)).then(
      () => 'done',
      (error: { readonly code?: unknown }) => error.code,
    )
    const got = await outcome(
      thread,
      `(async () => { const at = (name) => '/data/ours-${index}/' + name; await (${expression}); return 'done' })()`,
    )
    t.equal(typeof got === 'string' ? got : (got as { readonly code: unknown }).code, wanted, expression)
    t.same(tree(ours), tree(theirs), `${expression}: the same tree`)
  }
})

t.test('with dereference a link is copied as what it leads to', async (t) => {
  // cpSync of Node 22 to 26 takes a link to a file for a directory here, so this is not compared with it.
  const world = makeWorld(t)
  const thread = await fileThread(t, grantOf(world, usual(world)))
  furnish(world.data)
  await outcome(thread, `fs.cpSync('/data/link', '/data/copy.txt', { dereference: true })`)
  t.ok(lstatSync(join(world.data, 'copy.txt')).isFile())
  t.equal(readFileSync(join(world.data, 'copy.txt'), 'utf8'), 'a')
})

t.test('what is not granted is not copied, and no link is made', async (t) => {
  const world = makeWorld(t)
  const thread = await fileThread(t, grantOf(world, usual(world)))
  mkdirSync(join(world.data, 'tree'))
  symlinkSync(world.secret, join(world.data, 'tree/link'))
  symlinkSync(world.outside, join(world.data, 'out'))
  for (const expression of [
    `fs.cpSync('${world.outside}', '/data/copy', { recursive: true })`,
    `fs.cpSync('${world.secret}', '/data/copy.txt')`,
    `fs.cpSync('/data/tree', '/data/copy', { recursive: true })`,
    `fs.cpSync('/data/tree', '/data/copy', { recursive: true, dereference: true })`,
    `fs.cpSync('/plugin/words.txt', '${world.outside}/words.txt')`,
    `fs.cpSync('/plugin/words.txt', '/data/out/words.txt')`,
    `fs.cpSync('/plugin/sub', '/data/out/sub', { recursive: true })`,
  ]) {
    t.match(await outcome(thread, expression), { code: 'EACCES' }, expression)
  }
  t.same(readdirSync(world.outside), ['secret.txt'])
  t.notOk(JSON.stringify(tree(join(world.data, 'copy'))).includes(SECRET))
  t.match(
    await outcome(
      thread,
      `fs.cpSync('/plugin/sub', '/data/x', { recursive: true, filter: async () => true })`,
    ),
    { code: 'ERR_INVALID_RETURN_VALUE' },
    'a promise is no answer now',
  )
})
