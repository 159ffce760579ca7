// Every fault of a policy or an approval is reported at once, each with its file, its
// place in the file, and what to write instead; a document without faults comes back as it is.
import t, { type Test } from 'tap'
import { formatFault, type Fault } from '../../lib/errors.js'
import { readShipped, sha256 } from './support.js'
import { shippedPolicyParser } from '../../lib/shipped-policies.js'

const parser = shippedPolicyParser()
const file = 'plugins/demo/policy.json'
const hash = sha256('anything')
const approves = { request: hash, bundle: hash, acceptUpdates: 'none' }

interface Case {
  readonly name: string
  readonly input: unknown
  readonly pointer: string
  readonly says: RegExp
  readonly remedy: RegExp
}
const grant = (rules: object): object => ({ policyVersion: 1, grant: rules })
const reads = (pattern: unknown): object => grant({ fs: { read: [pattern] } })
const connects = (pattern: unknown): object => grant({ net: { connect: [pattern] } })
const read = '/grant/fs/read/0'
const connect = '/grant/net/connect/0'

// prettier-ignore
const policies: readonly Case[] = [
  { name: 'a value that ends too early', input: '{"grant": ', pointer: '/grant', says: /ends where a value.*line 1 column 11/, remedy: /write/ },
  { name: 'a comma too many', input: '{\n  "grant": {},\n}', pointer: '', says: /',' stands before '}'.*line 2 column 14/, remedy: /remove the ','/ },
  { name: 'a comment', input: '{\n  // why\n}', pointer: '', says: /line 2 column 3/, remedy: /JSON has none/ },
  { name: 'a key without quotes', input: '{grant: {}}', pointer: '', says: /line 1 column 2/, remedy: /double quotes/ },
  { name: 'text behind the end', input: '{} {}', pointer: '', says: /behind the end.*line 1 column 4/, remedy: /remove/ },
  { name: 'a text without end', input: '{"grant', pointer: '', says: /no end.*line 1 column 2/, remedy: /close/ },
  { name: 'an unknown escape', input: '{"grant":"\\d"}', pointer: '/grant', says: /escape.*line 1 column 11/, remedy: /backslash/ },
  { name: 'a bomb of brackets', input: '['.repeat(500_000), pointer: '/0'.repeat(65), says: /nested/, remedy: /flatten/ },
  { name: 'a key that stands there twice', input: '{"policyVersion":1,"grant":{"env":["A"],\n"env":["B"]}}', pointer: '/grant/env', says: /second time.*line 2 column 1/, remedy: /keep one/ },
  { name: 'an empty file', input: '', pointer: '', says: /ends where a value/, remedy: /write/ },
  { name: 'a list instead of an object', input: [], pointer: '', says: /wrong type/, remedy: /an object/ },
  { name: 'a policy without grant', input: { policyVersion: 1 }, pointer: '', says: /'grant' is missing/, remedy: /add "grant"/ },
  { name: 'an unknown version', input: { policyVersion: 2, grant: {} }, pointer: '/policyVersion', says: /version 2 .* not known/, remedy: /update Bulkhead, or write .* version 1/ },
  { name: 'a version between two', input: { policyVersion: 0.5, grant: {} }, pointer: '/policyVersion', says: /version 0.5/, remedy: /write "policyVersion": 1/ },
  { name: 'a version before all', input: { policyVersion: -1, grant: {} }, pointer: '/policyVersion', says: /version -1/, remedy: /write "policyVersion": 1/ },
  { name: 'a version as text', input: { policyVersion: '1', grant: {} }, pointer: '/policyVersion', says: /"1" is not known/, remedy: /write 1/ },
  { name: 'a preset that does not exist', input: { policyVersion: 1, extends: ['http-client', 's3-cleint'], grant: {} }, pointer: '/extends/1', says: /no preset 's3-cleint'/, remedy: /did you mean 's3-client'/ },
  { name: 'a preset named like a method', input: { policyVersion: 1, extends: ['constructor'], grant: {} }, pointer: '/extends/0', says: /no preset/, remedy: /known here: cluster-observer, compute-only/ },
  { name: 'a bad pattern of a package', input: { policyVersion: 1, grant: {}, packages: { '@a/b': { env: ['A*'] } } }, pointer: '/packages/@a~1b/env/0', says: /wildcard/, remedy: /exact name/ },
  { name: 'a package that provides', input: { policyVersion: 1, grant: {}, packages: { pg: { extensionPoints: ['rest'] } } }, pointer: '/packages/pg/extensionPoints', says: /not known/, remedy: /known here: fs, net, env/ },
  { name: 'a misspelt key', input: grant({ fs: { raed: ['/a'] } }), pointer: '/grant/fs/raed', says: /'raed' is not known/, remedy: /did you mean 'read'/ },
  { name: 'a key like nothing known', input: grant({ wallet: [] }), pointer: '/grant/wallet', says: /not known/, remedy: /known here: fs, net, env/ },
  { name: 'a prototype key', input: '{"policyVersion":1,"grant":{"__proto__":{"env":["A"]}}}', pointer: '/grant/__proto__', says: /not known/, remedy: /remove/ },
  { name: 'a key with a slash', input: grant({ 'a/b': [] }), pointer: '/grant/a~1b', says: /not known/, remedy: /remove/ },
  { name: 'a text where a list belongs', input: grant({ env: 'A' }), pointer: '/grant/env', says: /wrong type/, remedy: /an array/ },
  { name: 'a number in a list', input: reads(5), pointer: read, says: /wrong type/, remedy: /a string/ },
  { name: 'a heap too small to start in', input: { policyVersion: 1, grant: {}, limits: { heapMb: 16 } }, pointer: '/limits/heapMb', says: /16 is out of range/, remedy: /from 24 to 4096.*MiB/ },
  { name: 'a message too large', input: { policyVersion: 1, grant: {}, limits: { messageBytes: 67_108_865 } }, pointer: '/limits/messageBytes', says: /out of range/, remedy: /to 67108864/ },
  { name: 'half a timer', input: { policyVersion: 1, grant: {}, limits: { timers: 0.5 } }, pointer: '/limits/timers', says: /wrong type/, remedy: /an integer/ },
  { name: 'an unknown limit', input: { policyVersion: 1, grant: {}, limits: { heapMB: 64 } }, pointer: '/limits/heapMB', says: /not known/, remedy: /did you mean 'heapMb'/ },
  { name: 'an empty pattern', input: reads(' '), pointer: read, says: /empty/, remedy: /remove it/ },
  { name: 'a pattern that reads backwards', input: reads('/etc/\u202edwssap'), pointer: read, says: /nobody sees/, remedy: /remove/ },
  { name: 'a pattern with a space of no width', input: reads('/etc/\u200bpasswd'), pointer: read, says: /nobody sees/, remedy: /remove/ },
  { name: 'a pattern with a C1 control', input: reads('/etc/\u009b2J'), pointer: read, says: /nobody sees/, remedy: /remove/ },
  { name: 'a pattern that climbs', input: reads('/a/../etc'), pointer: read, says: /'\.\.'/, remedy: /path it leads to/ },
  { name: 'a pattern with a dot segment', input: reads('/a/./b'), pointer: read, says: /'\.'/, remedy: /path it leads to/ },
  { name: 'a pattern with an empty segment', input: reads('/a//b'), pointer: read, says: /empty segment/, remedy: /one '\/'/ },
  { name: 'a relative path', input: reads('data/x'), pointer: read, says: /not absolute/, remedy: /\$\{plugin\.home\}/ },
  { name: 'three stars', input: reads('/a/***'), pointer: read, says: /'\*\*\*'/, remedy: /'\*\*'/ },
  { name: 'two stars inside a segment', input: reads('/a/b**'), pointer: read, says: /inside a part/, remedy: /part of its own/ },
  { name: 'an unknown placeholder', input: reads('${plugin.hom}/x'), pointer: read, says: /\$\{plugin\.hom\}/, remedy: /\$\{plugin\.home\} or/ },
  { name: 'a placeholder in the middle', input: reads('/x/${plugin.home}'), pointer: read, says: /not known here/, remedy: /at the start/ },
  { name: 'a placeholder that runs into a name', input: reads('${plugin.home}x'), pointer: read, says: /not absolute/, remedy: /start it/ },
  { name: 'a placeholder in a setting', input: grant({ settings: ['${plugin.home}'] }), pointer: '/grant/settings/0', says: /not known here/, remedy: /paths only/ },
  { name: 'a regular expression', input: reads('/etc/(passwd|shadow)'), pointer: read, says: /'\('/, remedy: /no regular expressions/ },
  { name: 'a NUL in a path', input: reads('/a\0b'), pointer: read, says: /control/, remedy: /remove/ },
  { name: 'a pattern of a megabyte', input: reads(`/${'*a'.repeat(500_000)}`), pointer: read, says: /more than 1024/, remedy: /split/ },
  { name: 'a URL for a host', input: connects('https://a.test:443/x'), pointer: connect, says: /is a URL/, remedy: /host and port only/ },
  { name: 'a host with a user', input: connects('me@a.test:443'), pointer: connect, says: /a user/, remedy: /write 'a\.test:443'/ },
  { name: 'a host without a port', input: connects('a.test'), pointer: connect, says: /no port/, remedy: /a\.test:443/ },
  { name: 'a port out of range', input: connects('a.test:65536'), pointer: connect, says: /'65536' is no port/, remedy: /65535/ },
  { name: 'a port range upside down', input: connects('a.test:90-80'), pointer: connect, says: /'90-80' is no port/, remedy: /range/ },
  { name: 'a connection to port 0', input: connects('a.test:0'), pointer: connect, says: /port 0/, remedy: /listening/ },
  { name: 'IPv6 without brackets', input: connects('::1:9200'), pointer: connect, says: /not one host/, remedy: /\[fd00::\/8\]:443/ },
  { name: 'a network with host bits', input: connects('10.1.0.0/8:80'), pointer: connect, says: /behind its prefix/, remedy: /'10\.0\.0\.0\/8'/ },
  { name: 'a network in IPv6 dress', input: connects('[::ffff:10.0.0.0/104]:80'), pointer: connect, says: /IPv6 dress/, remedy: /IPv4/ },
  { name: 'a prefix too long', input: connects('10.0.0.0/33:80'), pointer: connect, says: /no network/, remedy: /prefix/ },
  { name: 'stars instead of a network', input: connects('10.0.*.*:80'), pointer: connect, says: /looks like an address/, remedy: /CIDR/ },
  { name: 'an address in octal', input: connects('010.0.0.1:80'), pointer: connect, says: /looks like an address/, remedy: /CIDR/ },
  { name: 'a host outside ASCII', input: connects('bücher.test:443'), pointer: connect, says: /no host name/, remedy: /xn--/ },
  { name: 'a wildcard in a variable', input: grant({ env: ['AWS_*'] }), pointer: '/grant/env/0', says: /wildcard/, remedy: /exact name/ },
  { name: 'a wildcard for plugins', input: grant({ plugins: { call: ['*'] } }), pointer: '/grant/plugins/call/0', says: /wildcard/, remedy: /exact name/ },
  { name: 'an empty part in a setting', input: grant({ settings: ['s3..x'] }), pointer: '/grant/settings/0', says: /empty part/, remedy: /each dot/ },
  { name: 'a path for the cluster state', input: grant({ clusterState: { read: ['/nodes'] } }), pointer: '/grant/clusterState/read/0', says: /dot-separated/, remedy: /metadata/ },
  { name: 'a route without its slash', input: grant({ extensionPoints: ['rest:_plugins/x'] }), pointer: '/grant/extensionPoints/0', says: /no path/, remedy: /rest:\/_plugins\/x/ },
  { name: 'an extension point without kind', input: grant({ extensionPoints: ['/_plugins/x'] }), pointer: '/grant/extensionPoints/0', says: /kind/, remedy: /repository/ },
  { name: 'the same pattern twice', input: grant({ env: ['A', 'B', 'A'] }), pointer: '/grant/env/2', says: /'A' stands here a second time/, remedy: /item 0/ },
]

// prettier-ignore
const approvals: readonly Case[] = [
  { name: 'no plugin', input: { approves }, pointer: '', says: /'plugin' is missing/, remedy: /add "plugin"/ },
  { name: 'a short hash', input: { plugin: 'demo', approves: { ...approves, request: 'sha256-x' } }, pointer: '/approves/request', says: /wrong form/, remedy: /sha256-/ },
  { name: 'no bundle though no update is accepted', input: { plugin: 'demo', approves: { request: hash, acceptUpdates: 'none' } }, pointer: '/approves', says: /'bundle' is missing/, remedy: /acceptUpdates is 'none'/ },
  { name: 'an unknown kind of update', input: { plugin: 'demo', approves: { ...approves, acceptUpdates: 'all' } }, pointer: '/approves/acceptUpdates', says: /"all"/, remedy: /"none", "code"/ },
  { name: 'a bad pattern in narrow', input: { plugin: 'demo', approves, narrow: { fs: { read: ['a'] } } }, pointer: '/narrow/fs/read/0', says: /not absolute/, remedy: /start it/ },
  { name: 'a bad pattern in an addition', input: { plugin: 'demo', approves, add: [{ grant: { env: ['*'] }, reason: 'x' }] }, pointer: '/add/0/grant/env/0', says: /wildcard/, remedy: /exact/ },
  { name: 'a blank reason', input: { plugin: 'demo', approves, add: [{ grant: {}, reason: '  ' }] }, pointer: '/add/0/reason', says: /empty/, remedy: /Why/ },
  { name: 'no reason', input: { plugin: 'demo', approves, add: [{ grant: {} }] }, pointer: '/add/0', says: /'reason' is missing/, remedy: /add "reason"/ },
  { name: 'a day that no calendar has', input: { plugin: 'demo', approves, add: [{ grant: {}, reason: 'x', expires: '2027-02-29' }] }, pointer: '/add/0/expires', says: /no day/, remedy: /real date/ },
  { name: 'a date in another form', input: { plugin: 'demo', approves, add: [{ grant: {}, reason: 'x', expires: '30.6.2027' }] }, pointer: '/add/0/expires', says: /wrong form/, remedy: /2027-06-30/ },
]

for (const { name, input, pointer, says, remedy } of policies) {
  t.test(`a policy with ${name} is refused at its place`, (t) => {
    sole(t, faultsOf(parser.parsePolicy(input, file)), 'POLICY_INVALID', { pointer, says, remedy })
    t.end()
  })
}

for (const { name, input, pointer, says, remedy } of approvals) {
  t.test(`an approval with ${name} is refused at its place`, (t) => {
    sole(t, faultsOf(parser.parseApproval(input, file)), 'APPROVAL_INVALID', { pointer, says, remedy })
    t.end()
  })
}

t.test('all faults come at once', (t) => {
  const faults = faultsOf(
    parser.parsePolicy(
      {
        policyVersion: '7',
        grants: {},
        grant: { env: ['A*'], fs: { read: ['a', '/..'] } },
        limits: { timers: -1 },
      },
      file,
    ),
  )
  t.same(faults.map((fault) => fault.pointer).toSorted(), [
    '/grant/env/0',
    '/grant/fs/read/0',
    '/grant/fs/read/1',
    '/grants',
    '/limits/timers',
    '/policyVersion',
  ])
  t.match(faults.map(formatFault).join('\n'), /^plugins\/demo\/policy\.json#\//)
  t.end()
})

// What a fault costs, its pointer, times how many there are has to stay small: a node reads these files of plugins before anybody has approved them.
t.test('a file made of faults has as many reported as somebody can read, each with a short pointer', (t) => {
  const many = (text: string): string => text.repeat(2000)
  const cases: readonly (readonly [name: string, text: string])[] = [
    ['a key two thousand times', `{${many('"a":1,\n')}"b":1}`],
    ['duplicates below a long key', `{"${'k'.repeat(100_000)}":{${many('"a":1,')}"b":1}}`],
    [
      'a long package name',
      `{"policyVersion":1,"grant":{},"packages":{"${'K'.repeat(100_000)}":{"env":[${many('1,')}"A"]}}}`,
    ],
    ['wrong types and bad patterns', `{"policyVersion":1,"grant":{"env":[${many('1,')}${many('"*",')}"A"]}}`],
    [
      'unknown keys',
      `{"policyVersion":1,"grant":{},${Array.from({ length: 2000 }, (_, index) => `"k${index}":1`).join(',')}}`,
    ],
  ]
  for (const [name, text] of cases) {
    const result = parser.parsePolicy(text, file)
    const faults = 'faults' in result ? result.faults : []
    t.ok(faults.length > 0 && faults.length <= 100, `${name}: ${faults.length} faults`)
    t.ok(
      faults.every(({ pointer, message }) => pointer.length + message.length < 1000),
      `${name}: short pointers`,
    )
  }
  t.end()
})

t.test('a good document comes back unchanged, as text or as value', (t) => {
  const good = {
    policyVersion: 1,
    grant: {
      fs: {
        read: ['${plugin.home}', '${plugin.home}/**', '/proc/cpuinfo', '/opt/c++/*.so'],
        write: ['${plugin.data}/**'],
      },
      net: {
        connect: ['s3.*.amazonaws.com:443', '10.0.0.0/8:9000-9010', '[fd00::/8]:443', '**:1-65535'],
        listen: ['127.0.0.1:0'],
      },
      env: ['AWS_REGION'],
      settings: ['s3.client.*', 'a.**.b'],
      clusterState: { read: ['nodes', 'metadata.indices.logs-*.settings'] },
      extensionPoints: ['repository', 'rest:/_plugins/_s3/**', 'ingest:user-agent', 'clusterStateListener'],
      plugins: { call: ['job-scheduler'] },
    },
    limits: { heapMb: 24, messageBytes: 67_108_864 },
  }
  t.same(parser.parsePolicy(JSON.stringify(good), file), { request: good, extends: [] })
  t.same(parser.parsePolicy(good, file), { request: good, extends: [] })
  const approval = {
    plugin: 'demo',
    approves: { request: hash, acceptUpdates: 'code' },
    add: [{ grant: {}, reason: 'x', expires: '2028-02-29' }],
  }
  t.same(parser.parseApproval(JSON.stringify(approval), file), { approval })
  t.end()
})

t.test('the shipped default denies everything and has no fault', (t) => {
  t.same(parser.parsePolicy(readShipped('default-deny.json'), file), {
    extends: [],
    request: { $schema: './policy.schema.json', policyVersion: 1, grant: {} },
  })
  t.end()
})

function faultsOf(result: object | { readonly faults: readonly Fault[] }): readonly Fault[] {
  return 'faults' in result ? result.faults : []
}

function sole(
  t: Test,
  faults: readonly Fault[],
  code: string,
  want: Pick<Case, 'pointer' | 'says' | 'remedy'>,
): void {
  t.equal(faults.length, 1, 'one fault and no echo of it')
  const [fault] = faults
  t.equal(fault?.code, code)
  t.equal(fault?.file, file)
  t.equal(fault?.pointer, want.pointer)
  t.match(fault?.message, want.says)
  t.match(fault?.remedy, want.remedy)
}
