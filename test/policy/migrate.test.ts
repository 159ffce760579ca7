// A policy of an older version means what it meant, and its faults are told at the places
// of the file as it is.
import t from 'tap'
import { CAPABILITIES } from '../../lib/policy/capability.js'
import { migrate } from '../../lib/policy/migrate.js'
import { requestHash } from '../../lib/policy/request-hash.js'
import { shippedPolicyParser } from '../../lib/shipped-policies.js'
import { sha256 } from './support.js'

const parser = shippedPolicyParser()
const permissions = {
  'fs.read': ['/a'],
  'fs.write': ['/b'],
  'net.connect': ['a.test:443'],
  'net.listen': ['127.0.0.1:0'],
  env: ['A'],
  settings: ['a'],
  'clusterState.read': ['nodes'],
  extensionPoints: ['rest'],
  'plugins.call': ['jobs'],
}
const grant = {
  fs: { read: ['/a'], write: ['/b'] },
  net: { connect: ['a.test:443'], listen: ['127.0.0.1:0'] },
  env: ['A'],
  settings: ['a'],
  clusterState: { read: ['nodes'] },
  extensionPoints: ['rest'],
  plugins: { call: ['jobs'] },
}

t.test('version 0 asks for the same with every capability under its flat name', (t) => {
  t.same(Object.keys(permissions), CAPABILITIES, 'all of them are tried')
  const old = parser.parsePolicy({ policyVersion: 0, permissions, limits: { heapMb: 64 } }, 'policy.json')
  const now = parser.parsePolicy({ policyVersion: 1, grant, limits: { heapMb: 64 } }, 'policy.json')
  if (!('request' in old && 'request' in now)) return t.fail(JSON.stringify([old, now]))
  t.same(old.request, now.request)
  t.equal(requestHash(old.request, sha256), requestHash(now.request, sha256), 'so an approval covers both')
  return t.end()
})

t.test('faults of an older version name the places of the file', (t) => {
  const cases: readonly [document: object, pointer: string][] = [
    [{ policyVersion: 0, permissions: { 'fs.read': ['/a', 'b'] } }, '/permissions/fs.read/1'],
    [
      { policyVersion: 0, permissions: { 'clusterState.read': ['a..b'] } },
      '/permissions/clusterState.read/0',
    ],
    [{ policyVersion: 0, permissions: { env: 5 } }, '/permissions/env'],
    [{ policyVersion: 0, permissions: { wallet: [] } }, '/permissions/wallet'],
    [{ policyVersion: 0, permissions: 'all' }, '/permissions'],
    [{ policyVersion: 0, permissions: {}, limits: { heapMB: 5 } }, '/limits/heapMB'],
    [{ policyVersion: 0 }, ''],
    [{ policyVersion: 0, permissions: {}, grant: { env: ['A'] } }, '/grant'],
    [{ policyVersion: 0, permissions: { 'fs.read': ['/a'], fs: { read: ['/b'] } } }, '/permissions/fs'],
    [{ policyVersion: 0, permissions: { plugins: { call: ['a'] } } }, '/permissions/plugins'],
  ]
  for (const [document, pointer] of cases) {
    const parsed = parser.parsePolicy(document, 'policy.json')
    if (!('faults' in parsed)) {
      t.fail(JSON.stringify(document))
      continue
    }
    t.same(
      parsed.faults.map((fault) => fault.pointer),
      [pointer],
      JSON.stringify(document),
    )
  }
  t.end()
})

t.test('what is no document, and the current version, pass as they are', (t) => {
  for (const document of [null, 5, 'x', [], { policyVersion: 1 }, {}, { policyVersion: '0' }]) {
    const same = migrate(document)
    t.ok('document' in same && same.document === document)
  }
  t.end()
})
