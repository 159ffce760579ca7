// Nothing outside a plugin's directory gets into its script, its source map, an error
// text or the cache, whatever its files ask for; and nothing it holds keeps the host waiting.
// Each attempt is judged by its effect: a secret lies where it reaches for, and must not come back.
import { execFileSync, spawn } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { BundleLimits } from '../../lib/bundle/limits.js'
import { bundleOf, faultsOf, place, run, write, type Place } from './plugin-dir.js'

const SECRET = 'canary-7f3a91'

/** A place whose outside is full of secrets under the names that the attempts use. */
function hostilePlace(
  t: { readonly teardown: (run: () => void) => unknown },
  files: { readonly [path: string]: string },
): Place {
  const where = place(t, files)
  for (const name of ['secret.json', `data/${SECRET}.json`, 'node_modules/outer/secret.json']) {
    write(join(where.outside, name), JSON.stringify({ secret: SECRET }))
  }
  for (const name of ['secret.js', 'node_modules/outer/index.js', 'lib/secret.js']) {
    write(join(where.outside, name), `module.exports = '${SECRET}'`)
  }
  write(join(where.outside, 'secret.txt'), SECRET)
  write(
    join(where.outside, 'package.json'),
    JSON.stringify({ name: SECRET, type: SECRET, imports: { '#x': './secret.js' } }),
  )
  write(
    join(where.outside, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { jsxFactory: SECRET, paths: { x: ['./secret.js'] } } }),
  )
  write(
    join(where.outside, 'secret.map'),
    JSON.stringify({ version: 3, sources: [SECRET], names: [SECRET], mappings: 'AAAA' }),
  )
  return where
}

/** Everything the cache holds. */
function cached({ cacheDir }: Place): string {
  try {
    return readdirSync(cacheDir)
      .map((name) => readFileSync(join(cacheDir, name), 'utf8'))
      .join('\n')
  } catch {
    return ''
  }
}

const REFUSED: readonly {
  readonly what: string
  readonly files?: { readonly [path: string]: string }
  /** Text of main.js; OUTSIDE stands for the directory above the plugin's. */
  readonly main?: string
  readonly entry?: string
  readonly setUp?: (where: Place) => void
  readonly message: RegExp
}[] = [
  {
    what: 'a relative path upward',
    main: "import s from '../secret.json'; console.log(s)",
    message: /leaves the plugin directory/,
  },
  {
    what: 'a path upward to nothing (which must not sound different)',
    main: "require('../nothing.json')",
    message: /leaves the plugin directory/,
  },
  { what: 'a path that goes down and up', main: "require('./a/../../secret.json')", message: /leaves/ },
  {
    what: 'a package name that climbs',
    main: "require('pkg/../../../secret.json')",
    message: /leaves|not in the plugin/,
  },
  { what: 'a relative path in a dynamic import', main: "import('../secret.js')", message: /leaves/ },
  {
    what: 'an absolute path',
    main: "import s from 'OUTSIDE/secret.json'; console.log(s)",
    message: /absolute/,
  },
  {
    what: 'an absolute path behind a dot',
    main: "require('./OUTSIDE/secret.json')",
    message: /does not exist/,
  },
  { what: 'a file URL', main: "import s from 'file://OUTSIDE/secret.json'; console.log(s)", message: /URL/ },
  {
    what: 'a data URL',
    main: "import s from 'data:text/javascript,export default 1'; console.log(s)",
    message: /URL/,
  },
  { what: 'a backslash', main: String.raw`require('..\\secret.json')`, message: /foreign/ },
  {
    what: 'a query that asks for another loader',
    main: "require('./blob.bin?raw')",
    message: /does not exist/,
    files: { 'blob.bin': 'x' },
  },
  {
    what: 'a loader attribute',
    main: "import s from './blob.bin' with { type: 'text' }; console.log(s)",
    message: /attribute|not a kind/,
    files: { 'blob.bin': 'x' },
  },
  {
    what: 'a loader attribute on code',
    main: "import s from './a.js' with { type: 'json' }; console.log(s)",
    message: /attribute/,
    files: { 'a.js': '1' },
  },
  {
    what: 'a link to a file outside',
    main: "require('./link.json')",
    setUp: ({ dir, outside }) => symlinkSync(join(outside, 'secret.json'), join(dir, 'link.json')),
    message: /link\.json.*symbolic link/,
  },
  {
    what: 'a link to a directory outside',
    main: "require('./linked/secret.js')",
    setUp: ({ dir, outside }) => symlinkSync(join(outside, 'lib'), join(dir, 'linked')),
    message: /symbolic link/,
  },
  {
    what: 'a chain of links',
    main: "require('./one.json')",
    setUp: ({ dir, outside }) => {
      symlinkSync('two.json', join(dir, 'one.json'))
      symlinkSync(join('..', 'secret.json'), join(dir, 'two.json'))
      void outside
    },
    message: /symbolic link/,
  },
  {
    what: 'node_modules that is a link outside',
    main: "require('outer')",
    setUp: ({ dir, outside }) => symlinkSync(join(outside, 'node_modules'), join(dir, 'node_modules')),
    message: /symbolic link/,
  },
  { what: 'a package installed above', main: "require('outer')", message: /not in the plugin/ },
  {
    what: 'a package whose main leaves',
    main: "import 'pkg'",
    files: { 'node_modules/pkg/package.json': '{ "main": "../../../secret.js" }' },
    message: /leaves/,
  },
  {
    what: 'a package whose exports leave',
    main: "import 'pkg'",
    files: { 'node_modules/pkg/package.json': '{ "exports": "./../../../secret.js" }' },
    message: /not in the plugin/,
  },
  {
    what: 'an exports pattern filled with dots',
    main: "import 'pkg/../../../secret'",
    files: { 'node_modules/pkg/package.json': '{ "exports": { "./*": "./lib/*.js" } }' },
    message: /leaves|not in the plugin/,
  },
  { what: 'the imports of a package.json above', main: "import '#x'", message: /"#x"/ },
  { what: 'an entry outside', entry: '../secret.js', message: /leaves/ },
  { what: 'an absolute entry', entry: '/etc/passwd', message: /leaves|does not exist/ },
  {
    what: 'an entry that is a link outside',
    entry: 'linked.js',
    setUp: ({ dir, outside }) => symlinkSync(join(outside, 'secret.js'), join(dir, 'linked.js')),
    message: /symbolic link/,
  },
  {
    what: 'a package.json that is a link outside',
    main: '1',
    setUp: ({ dir, outside }) => symlinkSync(join(outside, 'package.json'), join(dir, 'package.json')),
    message: /symbolic link/,
  },
  {
    what: 'a pattern in require',
    main: "const n = process.argv[2]; require('../data/' + n + '.json')",
    message: /put together/,
  },
  { what: 'a pattern in import', main: 'const n = 1; import(`../data/${n}.json`)', message: /put together/ },
  {
    what: 'a pattern inside the directory',
    main: "const n = 1; require('./data/' + n)",
    message: /put together/,
  },
  {
    what: 'a pattern behind a comment',
    main: "const n = 1; require(/* x */ '../data/' + n)",
    message: /put together/,
  },
  {
    what: 'a pattern behind an escape',
    main: String.raw`const n = 1; r\u0065quire('../data/' + n)`,
    message: /put together/,
  },
  {
    what: 'a pattern in a condition',
    main: "const n = 1; require(n ? '../data/' + n : './a')",
    message: /put together/,
  },
  {
    what: 'broken JSON outside',
    main: "require('../broken.json')",
    setUp: ({ outside }) => write(join(outside, 'broken.json'), SECRET),
    message: /leaves/,
  },
  {
    what: 'a package.json inside that is broken by a secret of its own',
    main: '1',
    files: { 'package.json': 'not json' },
    message: /not a JSON object/,
  },
]

for (const { what, files = {}, main = '', entry = 'main.js', setUp, message } of REFUSED) {
  t.test(`${what} is refused and gives nothing away`, async (t) => {
    const where = hostilePlace(t, files)
    write(join(where.dir, 'main.js'), main.replaceAll('OUTSIDE', where.outside))
    setUp?.(where)
    const { faults, text } = await faultsOf(bundleOf(where, entry))
    t.match(faults.map((fault) => fault.message).join('\n'), message)
    t.notMatch(text, SECRET)
    const said = faults.map((fault) => `${fault.file} ${fault.message} ${fault.remedy}`).join('\n')
    // The author's own import may stand in a message; the host adds no path to it.
    t.notMatch(main.includes('OUTSIDE') ? '' : said, where.outside)
    t.notMatch(cached(where), SECRET)
  })
}

const HARMLESS: typeof REFUSED = [
  {
    what: 'a tsconfig that extends outside',
    files: { 'tsconfig.json': '{ "extends": "../tsconfig.json" }', 'm.ts': 'export const a: number = 1' },
    main: "export { a } from './m.ts'",
    message: /./,
  },
  { what: 'a package.json above', main: 'export const a = 1', message: /./ },
  {
    what: 'a link to a source map outside',
    main: 'export const a = 1\n//# sourceMappingURL=../secret.map',
    message: /./,
  },
  {
    what: 'an absolute link to a source map',
    main: 'export const a = 1\n//@ sourceMappingURL=OUTSIDE/secret.map',
    message: /./,
  },
  {
    what: 'a source map of its own with foreign names',
    main: `export const a = 1\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(
      JSON.stringify({
        version: 3,
        sources: [`/${SECRET}`],
        names: [],
        mappings: 'AAAA',
        sourcesContent: [SECRET],
      }),
    ).toString('base64')}`,
    message: /./,
  },
  {
    what: 'a style of import by reference',
    main: '/// <reference path="../secret.js" />\nexport const a = 1',
    message: /./,
  },
]
for (const { what, files = {}, main = '' } of HARMLESS) {
  t.test(`${what} changes nothing and gives nothing away`, async (t) => {
    const where = hostilePlace(t, files)
    write(join(where.dir, 'main.js'), main.replaceAll('OUTSIDE', where.outside))
    const bundle = await bundleOf(where, 'main.js')
    t.equal(run(bundle)['a'], 1)
    const script = Buffer.from(bundle.code)
      .toString('utf8')
      .replaceAll(/sourceMappingURL=data:\S+/g, '')
    t.notMatch(script, SECRET)
    t.notMatch(bundle.map, SECRET)
    t.notMatch(script + bundle.map, where.outside)
    t.ok(
      (JSON.parse(bundle.map) as { readonly sources: readonly string[] }).sources.every((source) =>
        /^[a-z]+\.[jt]s$/.test(source),
      ),
    )
  })
}

const CAPPED: readonly {
  readonly what: string
  readonly limits: Partial<BundleLimits>
  readonly fill: (dir: string) => string
  readonly message: RegExp
}[] = [
  {
    what: 'a file above the cap',
    limits: { bytes: 10_000 },
    fill: (dir) => {
      writeFileSync(join(dir, 'big.txt'), 'x'.repeat(20_000))
      return "import './big.txt'"
    },
    message: /20000 bytes.*10000/,
  },
  {
    what: 'small files that are too much together',
    limits: { bytes: 10_000 },
    fill: (dir) => {
      for (let index = 0; index < 5; index += 1)
        writeFileSync(join(dir, `${index}.txt`), `${index}`.repeat(3000))
      return "import './0.txt'; import './1.txt'; import './2.txt'; import './3.txt'; import './4.txt'"
    },
    message: /10000 bytes/,
  },
  {
    what: 'too many files',
    limits: { files: 3 },
    fill: (dir) => {
      for (let index = 0; index < 4; index += 1) writeFileSync(join(dir, `${index}.js`), '1')
      return "import './0.js'; import './1.js'; import './2.js'; import './3.js'"
    },
    message: /more than 3 files/,
  },
]
for (const { what, limits, fill, message } of CAPPED) {
  t.test(`${what}: bundling fails and says which`, async (t) => {
    const where = place(t, {})
    write(join(where.dir, 'main.js'), fill(where.dir))
    const { faults } = await faultsOf(bundleOf(where, 'main.js', { limits }))
    t.match(faults.map((fault) => fault.message).join(), message)
    const enough = await bundleOf(where, 'main.js', { limits: { bytes: 100_000, files: 10 } })
    t.match(enough.sha256, /^sha256-/)
  })
}

const IRREGULAR: readonly {
  readonly what: string
  readonly name: string
  readonly main: string
  readonly entry?: string
}[] = [
  { what: 'a pipe as code', name: 'pipe.js', main: "import './pipe.js'" },
  { what: 'a pipe as the entry', name: 'pipe.js', main: '', entry: 'pipe.js' },
  { what: 'a pipe as text', name: 'pipe.txt', main: "import './pipe.txt'" },
  { what: 'a pipe found by adding an ending', name: 'pipe.js', main: "import './pipe'" },
]
for (const { what, name, main, entry = 'main.js' } of IRREGULAR) {
  t.test(
    `${what} is refused without waiting for a writer`,
    { skip: process.platform === 'win32' },
    async (t) => {
      const where = place(t, { 'main.js': main })
      execFileSync('mkfifo', [join(where.dir, name)])
      const { text } = await faultsOf(bundleOf(where, entry, { limits: { timeMs: 10_000 } }))
      t.match(text, /not a regular file/)
    },
  )
}

t.test('the child gets nothing of this process: no variables, no options', async (t) => {
  const where = place(t, { 'main.js': 'export const a = 1' })
  const before = process.env['NODE_OPTIONS']
  process.env['NODE_OPTIONS'] = '--import=file:///nowhere/at-all.mjs'
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS']
    else process.env['NODE_OPTIONS'] = before
  })
  t.equal(run(await bundleOf(where, 'main.js'))['a'], 1)
})

t.test('a directory with the name of a module is not read as one', async (t) => {
  const where = place(t, { 'main.js': "import './dir.js'", 'dir.js/secret.txt': 'x' })
  t.match((await faultsOf(bundleOf(where, 'main.js'))).text, /does not exist/)
})

t.test('a choice between whole paths is no pattern', async (t) => {
  const where = place(t, {
    'main.js': "exports.a = require(1 > 0 ? './a.js' : './b.js')",
    'a.js': 'module.exports = 1',
    'b.js': 'module.exports = 2',
  })
  t.equal(run(await bundleOf(where, 'main.js'))['a'], 1)
})

const PATTERNS = [
  "require('../trap/' + n)",
  'import(`../trap/${n}.js`)',
  String.raw`r\u0065quire('../trap/' + n)`,
  "require(/* x */ '../trap/' + n)",
]
for (const pattern of PATTERNS) {
  t.test(`${pattern} is refused before any directory is listed`, async (t) => {
    const where = place(t, { 'main.js': `export const f = (n) => ${pattern}` })
    const temporary = useTemporary(t, where)
    // esbuild would look from its own working directory, which is a fresh one below the temporary one.
    const trap = join(temporary, 'trap')
    const control = join(temporary, 'control')
    for (const dir of [trap, control]) {
      mkdirSync(dir)
      utimesSync(dir, 1, 1)
    }
    readdirSync(control)
    if (statSync(control).atimeMs === 1000) {
      t.comment('this file system keeps no access times')
      return
    }
    t.match((await faultsOf(bundleOf(where, 'main.js'))).text, /put together/)
    t.equal(statSync(trap).atimeMs, 1000)
  })
}

t.test(
  'code that parses for ever ends at the limit, and every process with it',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const where = place(t, { 'main.ts': `x = ${'f<'.repeat(60_000)}` })
    const temporary = useTemporary(t, where)
    const started = performance.now()
    const bundling = faultsOf(bundleOf(where, 'main.ts', { limits: { timeMs: 1500 } }))
    await until(() => workingUnder(where.outside) >= 2) // the child and its esbuild
    const { text } = await bundling
    t.match(text, /longer than 1500 ms/)
    t.ok(performance.now() - started < 6000)
    await until(() => workingUnder(where.outside) === 0)
    t.same(readdirSync(temporary), [])
  },
)

t.test(
  'a host that dies in the middle leaves no process behind',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const where = place(t, { 'main.ts': `x = ${'f<'.repeat(60_000)}` })
    const temporary = useTemporary(t, where)
    const module = new URL('../../lib/bundle/bundle.js', import.meta.url).href
    const options = JSON.stringify({
      dir: where.dir,
      main: 'main.ts',
      name: 'demo',
      cacheDir: where.cacheDir,
    })
    const host = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { bundlePlugin } from '${module}'; await bundlePlugin(${options})`,
      ],
      { env: { TMPDIR: temporary }, stdio: 'ignore' },
    )
    t.teardown(() => host.kill('SIGKILL'))
    await until(() => workingUnder(where.outside) >= 2)
    host.kill('SIGKILL')
    await until(() => workingUnder(where.outside) === 0)
    t.pass()
  },
)

/** A temporary directory of this test's own: what works in it was started by it. */
function useTemporary(t: { readonly teardown: (run: () => void) => unknown }, { outside }: Place): string {
  const temporary = join(outside, 'tmp')
  mkdirSync(temporary)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = temporary
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
  return temporary
}

/** Live processes whose working directory is below this one. */
function workingUnder(dir: string): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        // `cwd` of a process that has ended but was not collected cannot be read.
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(dir)
      } catch {
        return false
      }
    }).length
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come true in 5 s')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
