// A policy that extends a preset asks for the preset's rules, seen and hashed like its own;
// the shipped presets are clean, small, and grant what their name says.
import t from 'tap'
import { decide, type AccessRequest } from '../../lib/policy/decide.js'
import { expandPresets, presetOf } from '../../lib/policy/presets.js'
import { requestHash } from '../../lib/policy/request-hash.js'
import { makeGrant } from '../../lib/policy.js'
import { shippedPolicyParser, shippedPresets } from '../../lib/shipped-policies.js'
import { sha256 } from './support.js'

const parser = shippedPolicyParser()

t.test(
  'the shipped presets are the ones the documents name, and each is a whole policy of rules only',
  (t) => {
    const presets = shippedPresets()
    t.same(Object.keys(presets), [
      'cluster-observer',
      'compute-only',
      'http-client',
      'read-only-files',
      's3-client',
    ])
    for (const [name, preset] of Object.entries(presets)) {
      t.same(
        Object.keys(preset),
        ['$schema', '$comment', 'policyVersion', 'grant'],
        `${name} holds rules only`,
      )
      const parsed = parser.parsePolicy({ ...preset }, `${name}.json`)
      t.ok('request' in parsed, JSON.stringify(parsed))
    }
    t.end()
  },
)

t.test('a preset grants what its name says and nothing beside', (t) => {
  const cases: readonly [
    preset: string,
    allowed: readonly AccessRequest[],
    denied: readonly AccessRequest[],
  ][] = [
    [
      'http-client',
      [
        { kind: 'net.connect', host: 'api.example.org', port: 443 },
        { kind: 'net.connect', host: 'org', port: 80 },
      ],
      [
        { kind: 'net.connect', host: 'api.example.org', port: 22 },
        { kind: 'net.connect', host: 'localhost', port: 80 },
        { kind: 'net.connect', host: '169.254.169.254', port: 80 },
        { kind: 'net.connect', host: '93.184.216.34', port: 443 },
      ],
    ],
    [
      's3-client',
      [
        { kind: 'net.connect', host: 's3.eu-west-1.amazonaws.com', port: 443 },
        { kind: 'net.connect', host: 'bucket.s3.eu-west-1.amazonaws.com', port: 443 },
        { kind: 'settings', key: 's3.client.default.region' },
        { kind: 'env', name: 'AWS_REGION' },
      ],
      [
        { kind: 'net.connect', host: 's3.eu-west-1.amazonaws.com.example.org', port: 443 },
        { kind: 'net.connect', host: 'sqs.eu-west-1.amazonaws.com', port: 443 },
        { kind: 'env', name: 'AWS_SECRET_ACCESS_KEY' },
      ],
    ],
    [
      'read-only-files',
      [{ kind: 'fs.read', path: '/plugin/data/words.txt' }],
      [
        { kind: 'fs.write', path: '/plugin/data/words.txt' },
        { kind: 'fs.read', path: '/etc/passwd' },
      ],
    ],
    [
      'cluster-observer',
      [
        { kind: 'clusterState.read', path: ['metadata', 'indices', 'logs'] },
        { kind: 'extensionPoint', point: 'clusterStateListener' },
      ],
      [
        { kind: 'clusterState.read', path: ['customs'] },
        { kind: 'extensionPoint', point: 'rest:/x' },
      ],
    ],
    ['compute-only', [], [{ kind: 'extensionPoint', point: 'ingest:x' }]],
  ]
  for (const [preset, allowed, denied] of cases) {
    const grant = makeGrant({ policyVersion: 1, extends: [preset], grant: {} }, null)
    for (const ask of allowed) t.equal(decide(grant, ask).allowed, true, `${preset} ${JSON.stringify(ask)}`)
    for (const ask of denied) t.equal(decide(grant, ask).allowed, false, `${preset} ${JSON.stringify(ask)}`)
  }
  t.end()
})

t.test('rules of presets stand behind the own ones, none twice, and are hashed like written ones', (t) => {
  const written = {
    policyVersion: 1,
    extends: ['s3-client', 'http-client', 's3-client'].slice(0, 2),
    grant: { env: ['HOME', 'AWS_REGION'], net: { connect: ['db.test:5432'] } },
  }
  const parsed = parser.parsePolicy(written, 'policy.json')
  if (!('request' in parsed)) return t.fail(JSON.stringify(parsed))
  t.same(parsed.extends, ['s3-client', 'http-client'])
  t.notOk('extends' in parsed.request)
  t.same(parsed.request.grant.env, ['HOME', 'AWS_REGION'])
  t.same(parsed.request.grant.net?.connect?.slice(0, 2), ['db.test:5432', 's3.amazonaws.com:443'])
  const { request } = parsed
  const plain = parser.parsePolicy({ policyVersion: 1, grant: request.grant }, 'policy.json')
  if ('request' in plain) t.equal(requestHash(plain.request, sha256), requestHash(request, sha256))
  t.equal(presetOf(parsed.extends, shippedPresets(), 'net.connect', '**:443'), 'http-client')
  t.equal(presetOf(parsed.extends, shippedPresets(), 'net.connect', 'db.test:5432'), undefined)
  return t.end()
})

t.test('a name that is no preset adds nothing, whatever objects inherit', (t) => {
  const request = { policyVersion: 1, extends: ['__proto__', 'constructor'], grant: { env: ['A'] } } as const
  t.same(expandPresets(request, shippedPresets()), { policyVersion: 1, grant: { env: ['A'] } })
  t.end()
})
