// An author sees where in their own files an error came from, and nobody sees a path of the host.
import fc from 'fast-check'
import t from 'tap'
import { mapStack } from '../../lib/bundle/map-stack.js'
import { bundleOf, place, run } from './plugin-dir.js'

t.test('frames of the script become places in the author’s files', async (t) => {
  const where = place(t, {
    'main.ts': "import { fail } from './lib/fail.js'\nexport const start = (): void => {\n  fail()\n}\n",
    'lib/fail.ts':
      "interface Unused { readonly a: 1 }\n\nexport function fail(): never {\n  throw new TypeError('no')\n}\n",
  })
  const bundle = await bundleOf(where, 'main.ts')
  const { start } = run(bundle) as unknown as { readonly start: () => void }
  try {
    start()
    t.fail('it did not throw')
  } catch (error) {
    const mapped = mapStack((error as Error).stack ?? '', bundle.map, 'demo')
    t.equal(mapped, 'TypeError: no\n    at fail (lib/fail.ts:4:9)\n    at start (main.ts:3:3)')
  }
})

const MAP = JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: ';;AACA' })
const CASES: readonly {
  readonly what: string
  readonly stack: string
  readonly offset?: number
  readonly gives: string
}[] = [
  { what: 'a frame', stack: 'E: m\n    at f (bulkhead-plugin/x.js:3:1)', gives: 'E: m\n    at f (a.ts:2:1)' },
  {
    what: 'a frame without a name',
    stack: 'E: m\n    at bulkhead-plugin/x.js:3:1',
    gives: 'E: m\n    at a.ts:2:1',
  },
  {
    what: 'an async frame',
    stack: 'E\n    at async f (bulkhead-plugin/x.js:3:1)',
    gives: 'E\n    at async f (a.ts:2:1)',
  },
  {
    what: 'lines of a wrapper',
    stack: 'E\n    at f (bulkhead-plugin/x.js:5:1)',
    offset: 2,
    gives: 'E\n    at f (a.ts:2:1)',
  },
  { what: 'a frame of the host', stack: 'E\n    at h (/opt/host/secret.js:3:1)', gives: 'E' },
  { what: 'a frame of another plugin', stack: 'E\n    at h (bulkhead-plugin/y.js:3:1)', gives: 'E' },
  { what: 'a line the map does not know', stack: 'E\n    at f (bulkhead-plugin/x.js:2:1)', gives: 'E' },
  { what: 'a line behind the mapped ones', stack: 'E\n    at f (bulkhead-plugin/x.js:99:1)', gives: 'E' },
  {
    what: 'a message of two lines',
    stack: 'E: m\nsecond\n    at f (bulkhead-plugin/x.js:3:1)',
    gives: 'E: m\nsecond\n    at f (a.ts:2:1)',
  },
  {
    what: 'a line between frames that is none',
    stack: 'E\n    at f (bulkhead-plugin/x.js:3:1)\nnote bulkhead-plugin/x.js:3:1',
    gives: 'E\n    at f (a.ts:2:1)',
  },
  { what: 'no frame at all', stack: 'E: m', gives: 'E: m' },
]
for (const { what, stack, offset, gives } of CASES) {
  t.test(`${what} is told right`, async (t) => {
    t.equal(mapStack(stack, MAP, 'x', offset), gives)
  })
}

t.test('a flood is cut', async (t) => {
  const frame = '\n    at f (bulkhead-plugin/x.js:3:1)'
  t.equal(mapStack(`E${frame.repeat(200)}`, MAP, 'x').split('\n').length, 51)
  t.ok(mapStack('x'.repeat(1_000_000), MAP, 'x').length <= 16_384)
})

t.test('garbage never throws', async (t) => {
  const maps = [
    '',
    '{',
    'null',
    '[]',
    '{"version":3}',
    '{"version":3,"sources":[5],"mappings":"AAAA"}',
    '{"version":3,"mappings":"!!"}',
  ]
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(...maps, MAP),
      fc.string(),
      fc.integer(),
      (text, map, name, offset) => {
        const stack = `${text}\n at ${text} (bulkhead-plugin/${name}.js:1:1)\n at bulkhead-plugin/${name}.js:${text}`
        return typeof mapStack(stack, map, name, offset) === 'string'
      },
    ),
  )
  t.pass()
})
