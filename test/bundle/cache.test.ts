// A finished bundle is used again only while every file it was made of is the same,
// everything that was looked for and not there is still not there, and it is whole itself.
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundleOf, place, run, write, type Place } from './plugin-dir.js'

const FILES = {
  'main.ts': "import { a } from './a'; import b from 'b'; export default [a, b]",
  'a/index.ts': 'export const a = 1',
  'node_modules/b/index.js': 'module.exports = 1',
}

function entryOf({ cacheDir }: Place): string {
  const [name, ...more] = readdirSync(cacheDir)
  if (name === undefined || more.length > 0) throw new Error(`one entry expected, not ${more.length + 1}`)
  return join(cacheDir, name)
}
/** An entry is written by rename, so a new one is another file. */
const identity = (where: Place): number => statSync(entryOf(where)).ino

t.test('nothing changed: the entry is used and not written again', async (t) => {
  const where = place(t, FILES)
  const first = await bundleOf(where, 'main.ts')
  const before = identity(where)
  const second = await bundleOf(where, 'main.ts')
  t.same(second, first)
  t.equal(identity(where), before)
  t.equal(statSync(entryOf(where)).mode & 0o077, 0)
})

const CHANGES: readonly {
  readonly what: string
  readonly change: (where: Place) => void
  readonly gives: readonly number[]
}[] = [
  {
    what: 'a file says something else',
    change: ({ dir }) => write(join(dir, 'a/index.ts'), 'export const a = 2'),
    gives: [2, 1],
  },
  {
    what: 'a file appears that goes before',
    change: ({ dir }) => write(join(dir, 'a.ts'), 'export const a = 3'),
    gives: [3, 1],
  },
  {
    what: 'a package.json appears that names another entry',
    change: ({ dir }) => {
      write(join(dir, 'node_modules/b/package.json'), '{ "main": "other.js" }')
      write(join(dir, 'node_modules/b/other.js'), 'module.exports = 4')
    },
    gives: [1, 4],
  },
  {
    what: 'a file becomes a link to another',
    change: ({ dir }) => {
      write(join(dir, 'twin/index.ts'), 'export const a = 5')
      rmSync(join(dir, 'a'), { recursive: true })
      symlinkSync('twin', join(dir, 'a'))
    },
    gives: [5, 1],
  },
  {
    what: 'a directory becomes a link to its twin, so that its files have other names',
    change: ({ dir }) => {
      write(join(dir, 'twin/index.ts'), FILES['a/index.ts'])
      rmSync(join(dir, 'a'), { recursive: true })
      symlinkSync('twin', join(dir, 'a'))
    },
    gives: [1, 1],
  },
  {
    what: 'the entry lost its end',
    change: (where) => writeFileSync(entryOf(where), readFileSync(entryOf(where)).subarray(0, -10)),
    gives: [1, 1],
  },
  {
    what: 'one digit of the cached script is another',
    change: (where) =>
      writeFileSync(entryOf(where), readFileSync(entryOf(where), 'utf8').replace('a = 1', 'a = 6')),
    gives: [1, 1],
  },
  { what: 'the entry is empty', change: (where) => writeFileSync(entryOf(where), ''), gives: [1, 1] },
]
for (const { what, change, gives } of CHANGES) {
  t.test(`${what}: it is made again`, async (t) => {
    const where = place(t, FILES)
    await bundleOf(where, 'main.ts')
    const before = identity(where)
    change(where)
    t.same(run(await bundleOf(where, 'main.ts'))['default'], gives)
    t.not(identity(where), before)
    const after = identity(where)
    await bundleOf(where, 'main.ts')
    t.equal(identity(where), after)
  })
}

t.test('a file that became a link out of the directory is not taken from the cache', async (t) => {
  const where = place(t, FILES)
  await bundleOf(where, 'main.ts')
  write(join(where.outside, 'index.ts'), FILES['a/index.ts'])
  rmSync(join(where.dir, 'a/index.ts'))
  symlinkSync(join(where.outside, 'index.ts'), join(where.dir, 'a/index.ts'))
  await t.rejects(bundleOf(where, 'main.ts'), { code: 'BUNDLE_FAILED' })
})

t.test('smaller limits do not use what larger ones allowed', async (t) => {
  const where = place(t, FILES)
  await bundleOf(where, 'main.ts')
  await t.rejects(bundleOf(where, 'main.ts', { limits: { files: 1 } }), { code: 'BUNDLE_FAILED' })
})

t.test('two at once write one whole entry', async (t) => {
  const where = place(t, FILES)
  const [one, two] = await Promise.all([bundleOf(where, 'main.ts'), bundleOf(where, 'main.ts')])
  t.equal(one.sha256, two.sha256)
  const before = identity(where)
  t.same(await bundleOf(where, 'main.ts'), one)
  t.equal(identity(where), before)
})

t.test('a cache that cannot be written does not stop the plugin', async (t) => {
  const where = place(t, FILES)
  write(where.cacheDir, 'a file in its place')
  t.same(run(await bundleOf(where, 'main.ts'))['default'], [1, 1])
})
