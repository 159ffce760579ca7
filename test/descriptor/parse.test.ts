// A plugin.json is taken only when every part of it is right, and each thing wrong
// with it comes back with the file, the place, the word at fault and what to write instead.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ErrorCode } from '../../lib/errors.js'
import { parseDescriptor } from '../../lib/descriptor/load.js'
import { PLUGIN_SCHEMA } from '../../lib/descriptor/schema.js'

const FILE = 'plugins/demo/plugin.json'
const GOOD = {
  name: 'demo',
  version: '1.0.0',
  description: 'Shows how.',
  main: 'src/main.ts',
  searchNode: '^3.0.0',
}
const withKeys = (more: object): string => JSON.stringify({ ...GOOD, ...more })

function faultsOf(
  text: string,
): readonly { code: ErrorCode; file: string; pointer: string; message: string; remedy: string }[] {
  const result = parseDescriptor(text, FILE)
  return 'faults' in result ? result.faults : []
}

t.test('a full plugin.json becomes a descriptor with every default filled in', async (t) => {
  const text = withKeys({
    $schema: '../plugin.schema.json',
    main: './src/main.ts',
    extendedPlugins: ['job-scheduler', { name: 'geo', optional: true }, { name: 'knn' }],
    provides: [
      'rest:/_plugins/_demo/**',
      'rest:/_demo/{id}',
      'ingest:user-agent',
      'ingest:*',
      'clusterStateListener',
    ],
  })
  t.strictSame(parseDescriptor(text, FILE), {
    descriptor: {
      ...GOOD,
      extendedPlugins: [
        { name: 'job-scheduler', optional: false },
        { name: 'geo', optional: true },
        { name: 'knn', optional: false },
      ],
      provides: [
        'rest:/_plugins/_demo/**',
        'rest:/_demo/{id}',
        'ingest:user-agent',
        'ingest:*',
        'clusterStateListener',
      ],
    },
  })
  t.strictSame(parseDescriptor(JSON.stringify(GOOD), FILE), {
    descriptor: { ...GOOD, extendedPlugins: [], provides: [] },
  })
})

const { main: _main, ...withoutMain } = GOOD
const BAD: readonly {
  readonly what: string
  readonly text: string
  readonly pointer: string
  readonly message: RegExp
  readonly remedy: RegExp
}[] = [
  {
    what: 'an empty file',
    text: '',
    pointer: '',
    message: /line 1 column 1$/,
    remedy: /text in double quotes/,
  },
  {
    what: 'a trailing comma',
    text: '{\n  "name": "demo",\n}',
    pointer: '',
    message: /line 2 column 17$/,
    remedy: /remove the ','/,
  },
  {
    what: 'a comment',
    text: '{ // hi\n}',
    pointer: '',
    message: /line 1 column 3$/,
    remedy: /double quotes|comment/,
  },
  {
    what: 'text behind the end',
    text: `${JSON.stringify(GOOD)} x`,
    pointer: '',
    message: /line 1 column 105$/,
    remedy: /remove/,
  },
  {
    what: 'a list instead of an object',
    text: '[]',
    pointer: '',
    message: /list.*object/,
    remedy: /plugin/i,
  },
  { what: 'null', text: 'null', pointer: '', message: /null/, remedy: /plugin/i },
  { what: 'deep nesting', text: '['.repeat(100_000), pointer: '/0'.repeat(65), message: /64/, remedy: /./ },
  {
    what: 'a key written twice',
    text: `{"name":"other",${JSON.stringify(GOOD).slice(1)}`,
    pointer: '/name',
    message: /'name'.*second time/,
    remedy: /one|remove/,
  },
  {
    what: 'an unknown key',
    text: withKeys({ descripton: 'x' }),
    pointer: '/descripton',
    message: /"descripton"/,
    remedy: /"description"/,
  },
  {
    what: 'a wholly unknown key',
    text: withKeys({ zebra: 1 }),
    pointer: '/zebra',
    message: /"zebra"/,
    remedy: /known keys are.*searchNode/,
  },
  {
    what: 'a __proto__ key',
    text: `{"__proto__":1,${JSON.stringify(GOOD).slice(1)}`,
    pointer: '/__proto__',
    message: /__proto__/,
    remedy: /./,
  },
  {
    what: 'no main',
    text: JSON.stringify(withoutMain),
    pointer: '/main',
    message: /"main"/,
    remedy: /src\/main\.ts/,
  },
  {
    what: 'a number as name',
    text: withKeys({ name: 5 }),
    pointer: '/name',
    message: /5 is a number, not a string/,
    remedy: /repository-s3/,
  },
  {
    what: 'capitals in the name',
    text: withKeys({ name: 'Demo' }),
    pointer: '/name',
    message: /"Demo"/,
    remedy: /repository-s3/,
  },
  {
    what: 'a name that climbs',
    text: withKeys({ name: '../x' }),
    pointer: '/name',
    message: /"\.\.\/x"/,
    remedy: /repository-s3/,
  },
  {
    what: 'a name of one letter',
    text: withKeys({ name: 'd' }),
    pointer: '/name',
    message: /"d".*2 characters/,
    remedy: /2 to 64/,
  },
  {
    what: 'a name of 65 letters',
    text: withKeys({ name: 'd'.repeat(65) }),
    pointer: '/name',
    message: /64 characters/,
    remedy: /2 to 64/,
  },
  {
    what: 'a version of two parts',
    text: withKeys({ version: '1.0' }),
    pointer: '/version',
    message: /"1\.0"/,
    remedy: /1\.4\.0/,
  },
  {
    what: 'a version with a v',
    text: withKeys({ version: 'v1.0.0' }),
    pointer: '/version',
    message: /"v1\.0\.0"/,
    remedy: /1\.4\.0/,
  },
  {
    what: 'an empty description',
    text: withKeys({ description: '' }),
    pointer: '/description',
    message: /1 characters/,
    remedy: /sentences/,
  },
  {
    what: 'a range that is none',
    text: withKeys({ searchNode: 'three' }),
    pointer: '/searchNode',
    message: /"three"/,
    remedy: /\^3\.2\.0/,
  },
  {
    what: 'a blank range',
    text: withKeys({ searchNode: ' ' }),
    pointer: '/searchNode',
    message: /" "/,
    remedy: /\^3\.2\.0/,
  },
  {
    what: 'a main that climbs',
    text: withKeys({ main: '../evil.js' }),
    pointer: '/main',
    message: /"\.\.\/evil\.js"/,
    remedy: /inside the plugin/,
  },
  {
    what: 'a main that climbs later',
    text: withKeys({ main: 'a/../../evil.js' }),
    pointer: '/main',
    message: /evil/,
    remedy: /inside/,
  },
  {
    what: 'an absolute main',
    text: withKeys({ main: '/etc/evil.js' }),
    pointer: '/main',
    message: /"\/etc\/evil\.js"/,
    remedy: /inside/,
  },
  {
    what: 'a main of another system',
    text: withKeys({ main: 'C:\\evil.js' }),
    pointer: '/main',
    message: /evil/,
    remedy: /inside/,
  },
  {
    what: 'a main that is no code',
    text: withKeys({ main: 'a.node' }),
    pointer: '/main',
    message: /"a\.node"/,
    remedy: /\.mts/,
  },
  {
    what: 'a string for a list',
    text: withKeys({ provides: 'ingest:x' }),
    pointer: '/provides',
    message: /string, not a list/,
    remedy: /\[/,
  },
  {
    what: 'an unknown point',
    text: withKeys({ provides: ['rest:/a', 'ingst:x'] }),
    pointer: '/provides/1',
    message: /"ingst:x"/,
    remedy: /ingest/,
  },
  {
    what: 'a route that climbs',
    text: withKeys({ provides: ['rest:/a/../b'] }),
    pointer: '/provides/0',
    message: /\.\./,
    remedy: /rest/,
  },
  {
    what: 'a point that cannot cross',
    text: withKeys({ provides: ['engine'] }),
    pointer: '/provides/0',
    message: /engine works inside/,
    remedy: /remove/,
  },
  {
    what: 'a point named twice',
    text: withKeys({ provides: ['ingest:a', 'ingest:a'] }),
    pointer: '/provides/1',
    message: /"ingest:a"/,
    remedy: /one/,
  },
  {
    what: 'a plugin extended twice',
    text: withKeys({ extendedPlugins: ['geo', { name: 'geo' }] }),
    pointer: '/extendedPlugins/1',
    message: /"geo"/,
    remedy: /one/,
  },
  {
    what: 'a plugin that extends itself',
    text: withKeys({ extendedPlugins: ['demo'] }),
    pointer: '/extendedPlugins/0',
    message: /"demo".*itself/,
    remedy: /remove/,
  },
  {
    what: 'a misspelt optional',
    text: withKeys({ extendedPlugins: [{ name: 'geo', optionl: true }] }),
    pointer: '/extendedPlugins/0/optionl',
    message: /"optionl"/,
    remedy: /"optional"/,
  },
  {
    what: 'a word for optional',
    text: withKeys({ extendedPlugins: [{ name: 'geo', optional: 'yes' }] }),
    pointer: '/extendedPlugins/0/optional',
    message: /"yes" is a string, not true or false/,
    remedy: /true/,
  },
]

for (const { what, text, pointer, message, remedy } of BAD) {
  t.test(`${what} is refused at its place`, async (t) => {
    const faults = faultsOf(text)
    t.equal(faults.length, 1, JSON.stringify(faults))
    const [fault] = faults
    t.equal(fault?.code, 'DESCRIPTOR_INVALID')
    t.equal(fault?.file, FILE)
    t.equal(fault?.pointer, pointer)
    t.match(fault?.message, message)
    t.match(fault?.remedy, remedy)
  })
}

t.test('all faults of one file come back at once', async (t) => {
  const faults = faultsOf('{"nme":"x","version":"1","main":"/m.js","provides":["engine"],"description":"d"}')
  t.same(faults.map(({ pointer }) => pointer).sort(), [
    '/main',
    '/name',
    '/nme',
    '/provides/0',
    '/searchNode',
    '/version',
  ])
})

t.test('the schema for editors is the one that checks', async (t) => {
  const file = fileURLToPath(import.meta.resolve('bulkhead/policies/plugin.schema.json'))
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(PLUGIN_SCHEMA)))
})
