// An entitlement policy is read as Elasticsearch reads it, each entry with its place; whatever
// else comes ends at once in the one error that says where and what to write.
import t from 'tap'
import { PluginError } from '../../../lib/errors.js'
import { parseEntitlements } from '../../../lib/policy/entitlement/parse.js'

t.test('each entry is read with its module, its parameters and its place', async (t) => {
  const text = [
    '# what the plugin needs', //               1
    'ALL-UNNAMED:', //                          2
    '  - outbound_network # the store', //      3
    '  - files:', //                            4
    '      - path: "/srv/words"', //            5
    '        mode: read', //                    6
    '      - relative_path: x/y.txt', //        7
    '        relative_to: data', //             8
    '        mode: read_write', //              9
    '        platform: linux', //              10
    '        exclusive: true', //              11
    'com.example.client:', //                  12
    '- files: { paths: [{ path_setting: a.b, basedir_if_relative: config, mode: read }] }', // 13
    '- write_system_properties:', //           14
    '    properties:', //                      15
    '      - one', //                          16
    "      - 'two'", //                        17
    '- of_another_version: { x: [1, 2] }', //  18
    'com.example.empty: []',
  ]
  const file = { platform: null, exclusive: false }
  const inClient = { module: 'com.example.client' }
  const expected = [
    { kind: 'plain', module: null, name: 'outbound_network', line: 3, column: 5 },
    {
      kind: 'file',
      module: null,
      name: 'files',
      file: { ...file, path: { kind: 'absolute', path: '/srv/words' }, mode: 'read' },
      line: 5,
      column: 9,
    },
    {
      kind: 'file',
      module: null,
      name: 'files',
      file: {
        path: { kind: 'relative', path: 'x/y.txt', base: 'data' },
        mode: 'read_write',
        platform: 'linux',
        exclusive: true,
      },
      line: 7,
      column: 9,
    },
    {
      kind: 'file',
      ...inClient,
      name: 'files',
      file: { ...file, path: { kind: 'setting', setting: 'a.b', base: 'config' }, mode: 'read' },
      line: 13,
      column: 20,
    },
    {
      kind: 'property',
      ...inClient,
      name: 'write_system_properties',
      property: 'one',
      line: 16,
      column: 9,
    },
    {
      kind: 'property',
      ...inClient,
      name: 'write_system_properties',
      property: 'two',
      line: 17,
      column: 9,
    },
    { kind: 'plain', ...inClient, name: 'of_another_version', line: 18, column: 3 },
  ]
  t.same(parseEntitlements(text.join('\n')), expected)
  t.same(parseEntitlements(text.join('\r\n')), expected, 'with the line ends of Windows')
  t.same(parseEntitlements(`\ufeff${text.join('\n')}`), expected, 'behind a byte order mark')
  t.same(parseEntitlements('{}'), [])
})

t.test('names that mean something in JavaScript or in older YAML are names', async (t) => {
  for (const name of ['__proto__', 'constructor', '<<', 'yes', 'off'])
    t.match(parseEntitlements(`${name}: [${name}]`), [{ kind: 'plain', module: name, name }], name)
})

const inFiles = (file: string): string => `ALL-UNNAMED:\n  - files:\n      - ${file}`

/** What is refused, where, and for which reason. */
const REFUSED: Readonly<Record<string, readonly [text: string, place: string, message: RegExp]>> = {
  'an empty file': ['', '1:1', /a map is expected/],
  'comments only': ['# nothing\n', '1:1', /a map is expected/],
  'a text': ['outbound_network', '1:1', /a map is expected/],
  'a list at the top': ['- outbound_network', '1:1', /a map is expected/],
  'a module without a list': ['ALL-UNNAMED:\n', '1:13', /a list of entitlements/],
  'a module with a text': ['ALL-UNNAMED: outbound_network', '1:14', /a list of entitlements/],
  'the form of patches': ['versions: [x]\npolicy: { A: [] }', '2:9', /a list of entitlements/],
  'a number as module': ['17: []', '1:1', /a name is expected/],
  'a list as module': ['? [a]\n: []', '1:3', /a name is expected/],
  'no module name': [': []', '1:1', /a name is expected/],
  'a number as entitlement': ['A: [7]', '1:5', /one entitlement/],
  'nothing as entitlement': ['A:\n  -', '2:4', /one entitlement/],
  'true as entitlement': ['A: [true]', '1:5', /one entitlement/],
  'a list as entitlement': ['A: [[outbound_network]]', '1:5', /one entitlement/],
  'two entitlements in one': ['A: [{ outbound_network, inbound_network }]', '1:5', /one entitlement/],
  'parameters where none are': ['A: [{ outbound_network: x }]', '1:25', /takes no parameters/],
  'files without parameters': ['A: [files]', '1:5', /no parameters/],
  'files with a text': ['A: [{ files: /a }]', '1:14', /a list of paths/],
  'no file': ['A: [{ files: [] }]', '1:14', /a list of paths/],
  'files by another name': ['A: [{ files: { path: [] } }]', '1:14', /a list of paths/],
  'a property that is a number': ['A: [{ write_system_properties: [1] }]', '1:33', /text is expected/],
  'a file that is a text': [inFiles('/a'), '3:9', /a file is expected/],
  'a key nobody knows': [inFiles('{ path: /a, mode: read, mod: read }'), '3:33', /'mod' is not known/],
  'a key of objects': [inFiles('{ path: /a, mode: read, __proto__: x }'), '3:33', /not known/],
  'no mode': [inFiles('{ path: /a }'), '3:9', /'mode'/],
  'a mode nobody knows': [inFiles('{ path: /a, mode: write }'), '3:27', /'mode'/],
  'a path that is a number': [inFiles('{ path: 1, mode: read }'), '3:17', /text is expected/],
  'exclusive in words': [inFiles('{ path: /a, mode: read, exclusive: yes }'), '3:44', /true nor false/],
  'no path': [inFiles('{ mode: read }'), '3:9', /which file/],
  'two paths': [
    inFiles('{ path: /a, path_setting: b, basedir_if_relative: data, mode: read }'),
    '3:9',
    /which file/,
  ],
  'half a path beside one': [inFiles('{ path: /a, relative_to: data, mode: read }'), '3:9', /which file/],
  'a relative path to nothing': [inFiles('{ relative_path: a, mode: read }'), '3:9', /which file/],
  'a setting without a directory': [inFiles('{ path_setting: a, mode: read }'), '3:9', /which file/],
  'a module twice': ['A: []\nB: []\nA: []', '3:1', /'A' stands here twice/],
  'a key twice': [inFiles('{ path: /a, path: /b, mode: read }'), '3:21', /'path' stands here twice/],
  'an anchor': ['A: &all [outbound_network]', '1:9', /anchors/],
  'an anchor on a name': ['&a A: []', '1:4', /anchors/],
  'an alias': ['A: *all', '1:4', /aliases/],
  'a merge': [inFiles('{ <<: { path: /a }, mode: read }'), '3:11', /'<<' is not known/],
  'a tag': ['A: !!seq [b]', '1:10', /tags/],
  'a tag of its own': ["A: !!js/function 'b'", '1:18', /tags/],
  'tabs as indentation': ['A:\n\t- b', '2:1', /no YAML: Tabs/],
  'a map that does not end': ['{ A: []', '1:8', /no YAML/],
  'a second document': ['A: []\n---\nB: []', '2:1', /second document/],
  'a line end of old': ['A: [] # x\r  - outbound_network', '1:10', /the character \\u\{d\}/],
  'a line end that only older YAML knows': ['A: [] # \u2028- b', '1:9', /\\u\{2028\}/],
  'a character that steers a terminal': ['A: ["\u001b[2J"]', '1:6', /\\u\{1b\}/],
  'a byte order mark inside': ['A: [\ufeffb]', '1:5', /\\u\{feff\}/],
}

for (const [name, [text, place, message]] of Object.entries(REFUSED)) {
  t.test(`${name} is refused`, async (t) => {
    const { code, detail } = refusalOf(text)
    t.equal(code, 'ENTITLEMENT_POLICY_INVALID')
    t.equal(`${String(detail['line'])}:${String(detail['column'])}`, place)
    t.match(detail['message'], message)
    t.match(detail['remedy'], /\w/)
  })
}

t.test('what would cost more than it says is refused', async (t) => {
  const laughs = Array.from(
    { length: 9 },
    (_, level) =>
      `l${level}: &l${level} [${Array(9)
        .fill(level === 0 ? 'ha' : `*l${level - 1}`)
        .join(', ')}]`,
  )
  for (const [name, text, message] of [
    ['a billion laughs', laughs.join('\n'), /anchors/],
    ['many brackets', '['.repeat(60_000), /nested more than 16 deep/],
    ['many maps', '{'.repeat(60_000), /nested/],
    ['many dashes', '- '.repeat(30_000), /nested/],
    ['many questions', '? '.repeat(30_000), /nested/],
    ['many levels', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), /nested/],
    ['ten megabytes', `A: [${'b, '.repeat(3_500_000)}]`, /more than 65536 characters/],
  ] as const) {
    const { code, detail } = refusalOf(text)
    t.equal(code, 'ENTITLEMENT_POLICY_INVALID', name)
    t.match(detail['message'], message, name)
  }
  t.equal(parseEntitlements(`A: [${Array(9000).fill('b').join(', ')}]`).length, 9000, 'a long list is none')
})

t.test('what it says stays short and has nothing that steers a terminal', async (t) => {
  for (const text of [`A: [] "${'x'.repeat(9000)}"`, 'A: ! "\\e[2J"', `A: !${'t'.repeat(500)} b`, '"\\e": 1'])
    t.match(JSON.stringify(refusalOf(text).detail), /^[\x20-\x7e]{1,700}$/, text.slice(0, 20))
})

function refusalOf(text: string): PluginError {
  try {
    parseEntitlements(text)
  } catch (error) {
    if (error instanceof PluginError) return error
    throw error
  }
  throw new Error(`it is read: ${text.slice(0, 60)}`)
}
