// An entitlement policy becomes a request that is exact or narrower, in one fixed form, and
// every entitlement of it is told of once.
import t from 'tap'
import { translateEntitlements } from '../../../lib/policy.js'
import { ENTITLEMENTS } from '../../../lib/policy/entitlement/known.js'
import type { Outcome } from '../../../lib/policy/java/report.js'
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import { rulesIn } from '../java/translate-support.js'

const parser = shippedPolicyParser()

interface Case {
  /** In the list of ALL-UNNAMED. */
  readonly entry: string
  readonly outcome: Outcome
  readonly needsPerson?: boolean
  readonly rules?: readonly string[]
  readonly reason?: RegExp
  readonly suggestion?: string | RegExp | null
}

const file = (text: string): string => `files: [{ ${text} }]`

const CASES: Readonly<Record<string, Case>> = {
  'a path is itself and all below it': {
    entry: file('path: /srv/words, mode: read'),
    outcome: 'mapped',
    rules: ['fs.read /srv/words/**'],
    suggestion: null,
  },
  'what is written is read, too': {
    entry: file('path: /srv/words, mode: read_write'),
    outcome: 'mapped',
    rules: ['fs.read /srv/words/**', 'fs.write /srv/words/**'],
  },
  'a path is normalised': {
    entry: file('path: //srv/./x/..//words/, mode: read'),
    outcome: 'mapped',
    rules: ['fs.read /srv/words/**'],
  },
  'the root is everything but devices': {
    entry: file('path: /.., mode: read'),
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /**'],
    reason: /^Granted, except: no wildcard reaches below \/proc and \/dev\.$/,
  },
  'devices are named one by one': {
    entry: file('path: /proc, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /below \/proc/,
  },
  'a device with a name is granted': {
    entry: file('path: /proc/cpuinfo, mode: read'),
    outcome: 'mapped',
    rules: ['fs.read /proc/cpuinfo/**'],
  },
  'a star is a character': {
    entry: file('path: "/srv/*", mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /not a wildcard/,
  },
  'what a pattern cannot spell needs a person': {
    entry: file('path: "/srv/${plugin.home}", mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /No pattern spells/,
  },
  'a path of Windows needs a person': {
    entry: file("path: 'C:\\words', mode: read, platform: windows"),
    outcome: 'refused',
    needsPerson: true,
    reason: /Windows/,
  },
  'a path that is not absolute is refused': {
    entry: file('path: words, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /Elasticsearch refuses/,
  },
  'one platform is not all': {
    entry: file('path: /srv/words, mode: read, platform: linux'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: 'fs.read "/srv/words/**", if every node runs linux',
  },
  'that others do not get it is no rule': {
    entry: file('path: /srv/words, mode: read, exclusive: true'),
    outcome: 'mapped',
    needsPerson: true,
    rules: ['fs.read /srv/words/**'],
    reason: /other plugins/,
  },
  'the configuration directory is not known': {
    entry: file('relative_path: certs, relative_to: config, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: /^settings/,
  },
  'the directory for data is one of its own here': {
    entry: file('relative_path: a/./b, relative_to: data, mode: read_write'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: 'fs.read "${plugin.data}/a/b/**"; fs.write "${plugin.data}/a/b/**"',
  },
  'all of it': {
    entry: file('relative_path: "", relative_to: data, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: 'fs.read "${plugin.data}/**"',
  },
  'a way out of it is not suggested': {
    entry: file('relative_path: ../x, relative_to: data, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: 'the rule with ${plugin.data} at its start',
  },
  'nor a wildcard': {
    entry: file('relative_path: "*", relative_to: data, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    suggestion: 'the rule with ${plugin.data} at its start',
  },
  'the home directory is not known': {
    entry: file('relative_path: .aws, relative_to: home, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /home directory/,
  },
  'a directory nobody knows': {
    entry: file('relative_path: a, relative_to: shared_repo, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /'shared_repo'/,
  },
  'a setting has no value here': {
    entry: file('path_setting: ssl.ca, basedir_if_relative: config, mode: read'),
    outcome: 'refused',
    needsPerson: true,
    reason: /setting/,
  },
  'connections go to any host that need not be named': {
    entry: 'outbound_network',
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect **:1-65535', 'net.connect 0.0.0.0/0:1-65535', 'net.connect [::/0]:1-65535'],
    suggestion: /10\.0\.0\.0\/8/,
  },
  'a plugin listens on loopback, and elsewhere by name': {
    entry: 'inbound_network',
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.listen localhost:0-65535', 'net.listen 127.0.0.1:0-65535', 'net.listen [::1]:0-65535'],
    reason: /has to be named/,
  },
  'an entitlement nobody knows needs a person and is named': {
    entry: 'outbound_networks',
    outcome: 'no-counterpart',
    needsPerson: true,
    reason: /outbound_networks/,
  },
  'one of older versions, too': {
    entry: 'network: { actions: [connect] }',
    outcome: 'no-counterpart',
    needsPerson: true,
  },
  'a name that is a built-in of JavaScript is not known': {
    entry: 'constructor',
    outcome: 'no-counterpart',
    needsPerson: true,
  },
  'a property is set nowhere': {
    entry: 'write_system_properties: [aws.profile]',
    outcome: 'no-counterpart',
  },
}

for (const [name, { entry, outcome, needsPerson = false, rules = [], reason, suggestion }] of Object.entries(
  CASES,
)) {
  t.test(name, async (t) => {
    const translation = translateEntitlements(`ALL-UNNAMED:\n  - ${entry}\n`)
    const { lines, counts } = translation.report
    const [line] = lines
    t.equal(lines.length, 1)
    t.equal(line?.outcome, outcome)
    t.same(rulesIn(translation), rules)
    t.equal(line?.needsPerson, needsPerson, line?.reason ?? 'no line')
    if (reason !== undefined) t.match(line?.reason, reason)
    if (suggestion !== undefined) t.match(line?.suggestion, suggestion)
    t.equal(counts.mapped + counts.noCounterpart + counts.refused, counts.lines)
    t.same(parser.parsePolicy(translation.policy, 'policy.json'), {
      request: translation.policy,
      extends: [],
    })
  })
}

t.test('what the table says without a rule is what becomes of it, and one sentence', async (t) => {
  for (const [name, { about, fate }] of ENTITLEMENTS) {
    t.match(about, /^[A-Z].*\.$/, name)
    if ('rule' in fate || name === 'write_system_properties') continue
    const [line] = translateEntitlements(`ALL-UNNAMED: [${name}]`).report.lines
    const { outcome, reason, suggestion = null } = fate
    t.match(line, { outcome, reason, suggestion, needsPerson: false, grants: [] }, name)
    t.match(reason, /^[A-Z].*\.$/, name)
  }
})

/** Much like what plugins bring. */
const STORE = `
ALL-UNNAMED:
  - manage_threads
  - outbound_network
  - set_https_connection_properties
  - files:
      - relative_path: .store/
        relative_to: home
        mode: read
      - path: /etc/store
        mode: read
  - write_system_properties:
      properties:
        - store.sdk.name
        - store.sdk.home
com.example.store.client:
  - outbound_network
  - files:
      - path: /var/cache/store
        mode: read_write
  - load_native_libraries
`

t.test('the report has each entitlement once, as the file names it', async (t) => {
  const { report } = translateEntitlements(STORE)
  t.same(
    report.lines.map(({ line, codeBase, permission, outcome }) => [
      line,
      codeBase,
      permission.class,
      permission.target,
      permission.actions,
      outcome,
    ]),
    [
      [3, null, 'manage_threads', null, null, 'refused'],
      [4, null, 'outbound_network', null, null, 'mapped'],
      [5, null, 'set_https_connection_properties', null, null, 'no-counterpart'],
      [7, null, 'files', '<home>/.store/', 'read', 'refused'],
      [10, null, 'files', '/etc/store', 'read', 'mapped'],
      [14, null, 'write_system_properties', 'store.sdk.name', null, 'no-counterpart'],
      [15, null, 'write_system_properties', 'store.sdk.home', null, 'no-counterpart'],
      [17, 'com.example.store.client', 'outbound_network', null, null, 'refused'],
      [19, 'com.example.store.client', 'files', '/var/cache/store', 'read_write', 'refused'],
      [21, 'com.example.store.client', 'load_native_libraries', null, null, 'refused'],
    ],
  )
  t.same(report.counts, { lines: 10, mapped: 2, noCounterpart: 3, refused: 5, needPerson: 4 })
  t.equal(report.notes.length, 2, 'and what needs no entitlement there')
})

t.test('what a module gets is a rule of the package that is named for it, or nothing', async (t) => {
  const refused = translateEntitlements(STORE)
  t.notOk('packages' in refused.policy)
  t.match(refused.report.lines[8], {
    outcome: 'refused',
    needsPerson: true,
    reason: /com\.example\.store\.client only/,
    suggestion: /^in packages\[npm package\]: fs\.read .*; fs\.write/,
  })
  const { policy, report } = translateEntitlements(STORE, {
    packages: { 'com.example.store.client': 'undici' },
    comment: 'Translated from a test',
  })
  t.same(policy, {
    $comment: 'Translated from a test',
    policyVersion: 1,
    grant: {
      fs: { read: ['/etc/store/**'] },
      net: { connect: ['**:1-65535', '0.0.0.0/0:1-65535', '[::/0]:1-65535'] },
    },
    packages: {
      undici: {
        fs: { read: ['/var/cache/store/**'], write: ['/var/cache/store/**'] },
        net: { connect: ['**:1-65535', '0.0.0.0/0:1-65535', '[::/0]:1-65535'] },
      },
    },
  })
  t.same(parser.parsePolicy(policy, 'policy.json'), { request: policy, extends: [] })
  t.match(report.lines[9], { outcome: 'refused', grants: [] }, 'native code stays refused')
  const inherited = translateEntitlements('constructor: [outbound_network]', { packages: {} })
  t.same(inherited.policy.grant, {})
  t.throws(() => translateEntitlements(STORE, { packages: { 'com.example.store.client': '../up' } }), {
    code: 'CONFIG_INVALID',
  })
  t.throws(() => translateEntitlements(STORE, { comment: 'x'.repeat(4000) }), { code: 'CONFIG_INVALID' })
})

t.test('the policy has one form: sorted, without duplicates, the same each time', async (t) => {
  const entries = ['/b', '/a', '/c'].map((path) => `- files: [{ path: ${path}, mode: read_write }]`)
  const rules = ['/a/**', '/b/**', '/c/**']
  const expected = JSON.stringify({ policyVersion: 1, grant: { fs: { read: rules, write: rules } } })
  for (const order of [entries, entries.toReversed(), [...entries, ...entries]]) {
    const { policy } = translateEntitlements(`ALL-UNNAMED:\n${order.join('\n')}`)
    t.equal(JSON.stringify(policy), expected)
  }
  t.same(translateEntitlements(STORE), translateEntitlements(STORE))
})
