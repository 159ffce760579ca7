// TypeScript, ES modules, CommonJS, JSON, text and npm packages become one script
// that runs without a file system, and that says which built-ins it asks for.
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { bundleOf, faultsOf, place, run } from './plugin-dir.js'

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

t.test('one plugin of many kinds of modules runs as one script', async (t) => {
  const where = place(t, {
    'src/main.ts': `#!/usr/bin/env node
      import { definePlugin } from 'bulkhead/plugin'
      import type { Gone } from './types-only.js'
      import { shout } from './shout.js'
      import settings from './settings.json' with { type: 'json' }
      import words from './words.txt'
      import legacy from './legacy.cjs'
      import { readFileSync } from 'node:fs'
      const lazy = async (): Promise<string> => (await import('./lazy.mjs')).default
      export default definePlugin({ shout, settings, words, legacy, lazy, readFileSync, url: import.meta.url, env: process.env.NODE_ENV } as never)`,
    'src/shout.ts': 'export const shout = (text: string): string => text.toUpperCase()',
    'src/settings.json': '{ "size": 3 }',
    'src/words.txt': 'one two',
    'src/legacy.cjs': "const { join } = require('path'); module.exports = { join, file: __filename }",
    'src/lazy.mjs': "export default 'later'",
  })
  const bundle = await bundleOf(where, 'src/main.ts')
  const readFileSync = (): string => 'read'
  const plugin = run(bundle, { fs: { readFileSync }, path: { join: 'joined' } })['default'] as {
    readonly [key: string]: unknown
    readonly shout: (text: string) => string
    readonly lazy: () => Promise<string>
  }
  t.equal(plugin.shout('a'), 'A')
  t.same(plugin['settings'], { size: 3 })
  t.equal(plugin['words'], 'one two')
  t.same(plugin['legacy'], { join: 'joined', file: '/plugin/demo.js' })
  t.equal(plugin['readFileSync'], readFileSync)
  t.equal(plugin['url'], 'file:///plugin/demo.js')
  t.equal(plugin['env'], 'production')
  t.equal(await plugin.lazy(), 'later')
  t.same(bundle.modules, [
    { name: 'fs', importer: 'src/main.ts:8' },
    { name: 'path', importer: 'src/legacy.cjs:1' },
  ])
  const map = JSON.parse(bundle.map) as {
    readonly sources: readonly string[]
    readonly sourcesContent?: unknown
  }
  t.same(map.sources.toSorted(), [
    'bulkhead/plugin',
    'src/lazy.mjs',
    'src/legacy.cjs',
    'src/main.ts',
    'src/settings.json',
    'src/shout.ts',
    'src/words.txt',
  ])
  t.equal(map.sourcesContent, undefined)
})

t.test('a built-in of code that was left out is not listed', async (t) => {
  const where = place(t, {
    'main.js': "import { used } from './lib.js'; export default used",
    'lib.js': "export { used } from './used.js'; export { unused } from './unused.js'",
    'used.js': 'export const used = 1',
    'unused.js': "import { connect } from 'node:net'; export const unused = () => connect(1)",
    'package.json': '{ "sideEffects": false }',
  })
  const bundle = await bundleOf(where, 'main.js')
  t.same(bundle.modules, [])
  t.equal(run(bundle)['default'], 1)
})

t.test('real packages from node_modules are bundled and run', async (t) => {
  const where = place(t, {
    'main.js': `import MiniSearch from 'minisearch'
      import { z } from 'zod'
      import lunr from 'lunr'
      const index = new MiniSearch({ fields: ['text'] })
      index.addAll([{ id: 7, text: 'sea water' }, { id: 8, text: 'dry land' }])
      export const found = index.search('water').map(({ id }) => id)
      export const parsed = z.object({ a: z.number() }).safeParse({ a: 'x' }).success
      export const stem = typeof lunr.stemmer`,
  })
  mkdirSync(join(where.dir, 'node_modules'))
  for (const name of ['minisearch', 'zod', 'lunr']) {
    cpSync(join(MODULES, name), join(where.dir, 'node_modules', name), { recursive: true })
  }
  const exports = run(await bundleOf(where, 'main.js'))
  t.same([exports['found'], exports['parsed'], exports['stem']], [[7], false, 'function'])
})

t.test('package.json decides as in Node', async (t) => {
  const where = place(t, {
    'package.json':
      '{ "name": "self", "imports": { "#own/*": "./own/*.js" }, "exports": { "./me": "./own/me.js" } }',
    'main.mjs': `import conditional from 'conditional'
      import sub from 'conditional/sub/deep'
      import mained from 'mained'
      import own from '#own/a'
      import me from 'self/me'
      import nested from 'outer'
      import interop from 'flagged'
      import scoped from '@scope/pkg/file'
      import { createRequire } from 'node:module'
      export default { conditional, sub, mained, own, me, nested, interop, scoped }`,
    'own/a.js': 'module.exports = "own"',
    'own/me.js': 'module.exports = "me"',
    'node_modules/conditional/package.json': JSON.stringify({
      browser: './browser.js',
      exports: {
        '.': { browser: './browser.js', import: './import.mjs', require: './require.cjs' },
        './sub/*': './lib/*.js',
        './sub/private/*': null,
      },
    }),
    'node_modules/conditional/import.mjs': 'export default "import"',
    'node_modules/conditional/browser.js': 'export default "browser"',
    'node_modules/conditional/require.cjs': 'module.exports = "require"',
    'node_modules/conditional/lib/deep.js': 'module.exports = "deep"',
    'node_modules/mained/package.json': '{ "main": "./lib", "module": "./esm.js", "browser": "./b.js" }',
    'node_modules/mained/lib/index.js': 'module.exports = "main"',
    'node_modules/outer/index.js': 'module.exports = require("inner") + require("conditional")',
    'node_modules/outer/node_modules/inner/index.js': 'module.exports = "inner+"',
    'node_modules/inner/index.js': 'module.exports = "wrong"',
    'node_modules/flagged/index.js': 'exports.__esModule = true; exports.default = 1',
    'node_modules/@scope/pkg/file.js': 'module.exports = "scoped"',
  })
  const bundle = await bundleOf(where, 'main.mjs')
  t.same(run(bundle, { module: {} })['default'], {
    conditional: 'import',
    sub: 'deep',
    mained: 'main',
    own: 'own',
    me: 'me',
    nested: 'inner+require',
    interop: { __esModule: true, default: 1 },
    scoped: 'scoped',
  })
  const closed = place(t, {
    'main.js': "import 'conditional/sub/private/x'",
    'node_modules/conditional/package.json':
      '{ "exports": { "./sub/*": "./*.js", "./sub/private/*": null } }',
    'node_modules/conditional/private/x.js': '',
  })
  t.match((await faultsOf(bundleOf(closed, 'main.js'))).text, /main\.js:1:8: .*conditional\/sub\/private\/x/)
})

t.test(
  'a default import of CommonJS is what it is in Node: babel’s mark counts outside ES modules only',
  async (t) => {
    const files = {
      'main.js': "import flagged from './flagged.cjs'; export default flagged",
      'flagged.cjs': 'exports.__esModule = true; exports.default = 1',
    }
    const loose = place(t, files)
    t.equal(run(await bundleOf(loose, 'main.js'))['default'], 1)
    const strict = place(t, { ...files, 'package.json': '{ "type": "module" }' })
    const bundle = await bundleOf(strict, 'main.js')
    t.same(run(bundle)['default'], { __esModule: true, default: 1 })
    t.same((JSON.parse(bundle.map) as { readonly sources: readonly string[] }).sources, [
      'flagged.cjs',
      'main.js',
    ])
  },
)

t.test('links inside the plugin directory are followed, as pnpm lays packages out', async (t) => {
  const where = place(t, {
    'main.js': "export { default } from 'a'",
    'node_modules/.pnpm/a/node_modules/a/index.mjs': "export { default } from 'b'",
    'node_modules/.pnpm/a/node_modules/a/package.json': '{ "exports": "./index.mjs" }',
    'node_modules/.pnpm/b/node_modules/b/index.mjs': 'export default "b"',
    'node_modules/.pnpm/b/node_modules/b/package.json': '{ "exports": "./index.mjs" }',
  })
  symlinkSync('.pnpm/a/node_modules/a', join(where.dir, 'node_modules/a'))
  symlinkSync('../../b/node_modules/b', join(where.dir, 'node_modules/.pnpm/a/node_modules/b'))
  t.equal(run(await bundleOf(where, 'main.js'))['default'], 'b')
})

t.test('what a package only tries is missing when it is asked for, not before', async (t) => {
  const where = place(t, {
    'main.js': "export { default } from 'tries'",
    'node_modules/tries/index.js': `const tried = []
      for (const load of [() => require('gone'), () => require('./addon.node'), () => require('./locale/' + tried.length)]) {
        try { load() } catch (error) { tried.push(error.code ?? error.message) }
      }
      module.exports = tried`,
    'node_modules/tries/addon.node': 'binary',
    'node_modules/tries/locale/2.js': 'module.exports = 1',
  })
  t.same(run(await bundleOf(where, 'main.js'))['default'], [
    'MODULE_NOT_FOUND',
    'MODULE_NOT_FOUND',
    'no module ./locale/2',
  ])
})

t.test('the script holds no text that a compartment refuses, and strings keep their meaning', async (t) => {
  const where = place(t, {
    'main.js': `export const text = "import('x') <!-- --> eval(1) import (y) import/* z */"
      export const template = \`import(\${1}) <!-- \${2} -->\`
      export const regex = /import (a)|x-->|<!--/u.test('import a')
      export const object = { import(x) { return x } }
      export const called = [object.import(1), (0, eval)('3')]
      export const countdown = (n) => { let c = 0; while (n --> 0) c += 1; return c }
      //# sourceMappingURL=main.js.map
      export const link = '//# sourceMappingURL=x'
      export const loads = () => import('./other.js')`,
    'other.js': 'export default 9',
  })
  const bundle = await bundleOf(where, 'main.js')
  const code = Buffer.from(bundle.code).toString('utf8')
  // The patterns of SES 2: HTML comments and import expressions.
  t.notMatch(code, /(?:<!--|-->)/)
  t.notMatch(code, /(^|[^.]|\.\.\.)\bimport(\s*(?:\(|\/[/*]))/)
  t.notMatch(code, /^\/\/# sourceMappingURL/m)
  const { text, template, regex, called, countdown, link, loads } = run(bundle) as {
    readonly [key: string]: unknown
    readonly countdown: (n: number) => number
    readonly loads: () => Promise<{ readonly default: number }>
  }
  t.equal(text, "import('x') <!-- --> eval(1) import (y) import/* z */")
  t.equal(template, 'import(1) <!-- 2 -->')
  t.equal(regex, true)
  t.same(called, [1, 3])
  t.equal(countdown(3), 3)
  t.equal(link, '//# sourceMappingURL=x')
  t.equal((await loads()).default, 9)
})

t.test('the same files give the same script wherever they lie', async (t) => {
  const files = { 'main.ts': "import './a.js'; export default 1", 'a.ts': 'console.log(1)' }
  const [one, two] = [place(t, files), place(t, files)]
  t.equal((await bundleOf(one, 'main.ts')).sha256, (await bundleOf(two, 'main.ts')).sha256)
})

const MISTAKES: readonly {
  readonly what: string
  readonly files: { readonly [path: string]: string }
  readonly at: string
  readonly message: RegExp
  readonly remedy: RegExp
}[] = [
  {
    what: 'a syntax error',
    files: { 'main.ts': 'let a = 1\nlet b = = 2' },
    at: 'main.ts:2:9',
    message: /Unexpected/,
    remedy: /./,
  },
  {
    what: 'a missing file',
    files: { 'main.ts': "import './gone.js'" },
    at: 'main.ts:1:8',
    message: /"\.\/gone\.js"/,
    remedy: /path/,
  },
  {
    what: 'a missing package',
    files: { 'main.ts': "\nimport 'gone'" },
    at: 'main.ts:2:8',
    message: /"gone"/,
    remedy: /install/,
  },
  {
    what: 'a missing main',
    files: { 'other.ts': '' },
    at: 'plugin.json',
    message: /"main\.ts"/,
    remedy: /main/,
  },
  {
    what: 'a wrong part of bulkhead',
    files: { 'main.ts': "import 'bulkhead'" },
    at: 'main.ts:1:8',
    message: /"bulkhead"/,
    remedy: /bulkhead\/plugin/,
  },
  {
    what: 'a kind of file',
    files: { 'main.ts': "import './a.css'", 'a.css': '' },
    at: 'main.ts:1:8',
    message: /a\.css/,
    remedy: /\.json/,
  },
  {
    what: 'broken JSON',
    files: { 'main.ts': "import './a.json'", 'a.json': '{' },
    at: 'a.json:1:2',
    message: /./,
    remedy: /./,
  },
  {
    what: 'a broken package.json',
    files: { 'main.ts': '', 'package.json': '{' },
    at: 'package.json',
    message: /package\.json/,
    remedy: /mend/,
  },
]
for (const { what, files, at, message, remedy } of MISTAKES) {
  t.test(`${what} is reported where it is`, async (t) => {
    const { faults } = await faultsOf(bundleOf(place(t, files), 'main.ts'))
    t.equal(faults.length, 1)
    t.equal(faults[0]?.file, at)
    t.match(faults[0]?.message, message)
    t.match(faults[0]?.remedy, remedy)
  })
}
