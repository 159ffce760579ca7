// A page that is wrong is found out: each way in which a block can be false has its fault.
import t from 'tap'
import { check, faultOf, place, type PageRun } from './check-block.js'
import { parsePage } from './pages.js'
import { World } from './world.js'

const world = new World()
t.teardown(() => world.remove())

const page = (mark: string, language: string, text: string) =>
  parsePage('docs/made-up.md', `# Made up\n\n${mark}\n\`\`\`${language}\n${text}\n\`\`\`\n`)
const marked = (kind: string, language: string, text: string) =>
  page(`<!-- block: ${kind} -->`, language, text)

const UNCHECKABLE: readonly (readonly [string, string, string, RegExp])[] = [
  ['', 'ts', 'nothing says how', /nothing says how this block is checked/],
  ['<!-- block:sh -->', 'sh', 'npm test', /nothing says how/],
  ['<!-- a remark -->', 'sh', 'npm test', /nothing says how/],
  ['<!-- block: run -->', 'sh', 'npm test', /no kind "run"/],
  ['<!-- block: constructor -->', 'sh', 'npm test', /no kind "constructor"/],
  ['<!-- block: host main.ts -->', 'sh', 'npm test', /a host block is ts or js, not "sh"/],
  ['<!-- block: drawing -->', 'ts', 'no picture', /a drawing block is text/],
  ['<!-- block: file -->', 'ts', 'export {}', /names its file/],
  ['<!-- block: now -->', 'json', '{}', /names its file/],
]
for (const [mark, language, text, fault] of UNCHECKABLE) {
  t.test(`uncheckable: ${mark} ${language}`, async (t) => {
    const [block] = page(mark, language, text).blocks
    t.match(block && faultOf(block), fault)
  })
}

t.test('the language says how a block without a comment is checked, where it can', async (t) => {
  const kinds: readonly (readonly [string, string, string])[] = [
    ['js', "import { runPlugin } from 'bulkhead/testing'", 'host'],
    ['js', "import { PluginsService } from 'bulkhead'", 'host'],
    ['js', "import { definePlugin } from 'bulkhead/plugin'", 'inside'],
    ['hex', '00', 'kept'],
    ['ts', "import { runPlugin } from 'bulkhead/testing'", ''],
    ['', 'anything', ''],
  ]
  for (const [language, text, kind] of kinds) t.equal(page('', language, text).blocks[0]?.kind, kind, text)
})

t.test('a block that never ends is an error', async (t) => {
  t.throws(() => parsePage('docs/made-up.md', '<!-- block: sh -->\n```sh\nnpm test\n'), /never ends/)
})

const APPROVAL = `{ "plugin": "a", "approves": { "request": "sha256-1", "acceptUpdates": "code" } }`
const FALSE: readonly (readonly [string, string, string, RegExp])[] = [
  ['file plugins/a/plugin.json', 'json', '{ "name": "a" }', /version/],
  ['file plugins/a/policy.json', 'json', '{ "policyVersion": 1, "grant": { "fs": { "raed": [] } } }', /read/],
  ['file policies/a.json', 'json', APPROVAL, /request/],
  ['now policies/a.json', 'json', APPROVAL, /request/],
  ['json policy', 'json', '{ "policyVersion": 2, "grant": {} }', /policyVersion/],
  ['json recipe', 'json', '{}', /no schema "recipe"/],
  ['host throws.ts', 'ts', "throw new Error('not this way')", /not this way/],
  ['host exits.ts', 'ts', 'process.exit(3)', /exit code 3, not 0/],
  ['test empty.test.ts', 'ts', 'export {}', /it has no test/],
  [
    'test fails.test.ts',
    'ts',
    "import { test } from 'node:test'\ntest('no', () => { throw new Error('it fails') })",
    /it fails/,
  ],
  ['inside', 'js', "throw new Error('in a plugin')", /in a plugin/],
  [
    'inside',
    'js',
    "setTimeout(() => { throw new Error('later') })\nexport default { start: () => new Promise((r) => setTimeout(r, 20)) }",
    /later/,
  ],
  ['sh', 'sh', 'npm run polish', /no script "polish"/],
  ['sh', 'sh', 'npm install left-pad', /install/],
  ['sh', 'sh', 'node dist/test/docs/absent.js', /no such file/],
  ['sh', 'sh', 'npx absent', /no such tool/],
  ['sh', 'sh', 'cd absent', /no such directory/],
  ['sh', 'sh', 'curl example.org', /nobody knows/],
  ['sh', 'sh', 'bulkhead lsit .', /exit code 2/],
  ['sh', 'sh', 'bulkhead list absent', /exit code/],
  ['sh exit=1', 'sh', 'bulkhead list --help', /exit code 0, not 1/],
  ['output', 'text', 'one\nthree', /it printed\none\ntwo/],
  ['output', 'text', 'one', /it printed/],
  ['output', 'text', 'on.\ntwo', /it printed/],
  ['kept test/docs/absent.test.ts', 'hex', '00', /no test/],
  ['kept test/docs/errors.test.ts', 'hex', '00', /does not name docs\/made-up\.md/],
]
for (const [kind, language, text, fault] of FALSE) {
  t.test(`false: ${kind}, ${text.split('\n')[0]?.slice(0, 60)}`, async (t) => {
    const run: PageRun = { world, directory: 'made-up', printed: 'one\ntwo\n' }
    world.write('made-up/.keep', '')
    const [block] = marked(kind, language, text).blocks
    if (block === undefined) throw new Error('no block')
    t.equal(faultOf(block), '')
    place(block, run)
    const found = await check(block, run).catch((error: unknown) => String(error))
    t.match(found, fault)
    t.not(found, '')
  })
}

t.test('any text where the page says so, and nowhere else', async (t) => {
  const run: PageRun = { world, directory: 'made-up', printed: 'took 12 ms\na\nb\nend\n' }
  const [block] = marked('output', 'text', 'took … ms\n…\nend').blocks
  t.equal(block && (await check(block, run)), '')
})

t.test('a type that does not fit is found', async (t) => {
  const [block] = marked('types types.ts', 'ts', "const port: number = 'nine'\nexport { port }").blocks
  if (block !== undefined) place(block, { world, directory: 'made-up', printed: '' })
  t.match(await world.typeCheck(), { code: 2, stdout: /types\.ts.*TS2322/ })
})
