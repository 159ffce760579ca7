// What a plugin asks for is told in sentences that weigh right: nothing that reaches beyond
// the plugin's own business is called small, and the riskiest comes first.
import t from 'tap'
import { CAPABILITIES, type Capability } from '../../lib/policy/capability.js'
import { checkPattern } from '../../lib/policy/check-pattern.js'
import { describePattern, describeRequest, RISKS } from '../../lib/policy/describe.js'

const cases: readonly [Capability, pattern: string, risk: string, text: string][] = [
  ['fs.read', '/**', 'high', 'read every file of this machine'],
  ['fs.read', '/*/**', 'high', 'read every file of this machine'],
  ['fs.read', '/*', 'high', 'read what lies directly in /'],
  ['fs.read', '/*/x', 'high', 'read what is named like /*/x'],
  ['fs.read', '/etc/**', 'high', 'read /etc and everything below'],
  ['fs.read', '/etc/ssl/*/**', 'medium', 'read everything in /etc/ssl and below'],
  ['fs.read', '/proc/cpuinfo', 'medium', 'read /proc/cpuinfo'],
  ['fs.read', '/proc/self/status', 'high', 'read /proc/self/status'],
  ['fs.read', '/dev/sda', 'high', 'read /dev/sda'],
  ['fs.read', '/root/.ssh/**', 'high', 'read /root/.ssh and everything below'],
  ['fs.read', '/home/a/.aws/config', 'high', 'read /home/a/.aws/config'],
  ['fs.read', '/opt/words/*', 'medium', 'read what lies directly in /opt/words'],
  ['fs.read', '${plugin.home}/**', 'low', 'read its own directory and everything below'],
  [
    'fs.write',
    '${plugin.data}/**',
    'low',
    'create, change and remove its data directory and everything below',
  ],
  ['fs.write', '${plugin.home}/x', 'high', 'create, change and remove its own directory/x'],
  ['fs.write', '/tmp/**', 'high', 'create, change and remove /tmp and everything below'],
  ['net.connect', '**:443', 'high', 'connect to any named host on port 443'],
  ['net.connect', '*.com:1-65535', 'high', 'connect to *.com on any port'],
  ['net.connect', '0.0.0.0/0:443', 'high', 'connect to any public IPv4 address on port 443'],
  ['net.connect', '[::/0]:443', 'high', 'connect to any public IPv6 address on port 443'],
  [
    'net.connect',
    '10.0.0.0/8:9000-9010',
    'high',
    'connect to 10.0.0.0/8 on ports 9000-9010, on this machine or a private network',
  ],
  [
    'net.connect',
    '169.254.169.254:80',
    'high',
    'connect to 169.254.169.254 on port 80, on this machine or a private network',
  ],
  ['net.connect', '[::1]:80', 'high', 'connect to ::1 on port 80, on this machine or a private network'],
  [
    'net.connect',
    'localhost:9200',
    'high',
    'connect to localhost on port 9200, on this machine or a private network',
  ],
  [
    'net.connect',
    'LOCALHOST:9200',
    'high',
    'connect to LOCALHOST on port 9200, on this machine or a private network',
  ],
  ['net.connect', '[2600::/8]:443', 'high', 'connect to 2600::/8 on port 443'],
  ['net.connect', '[2600:1f00::/32]:443', 'medium', 'connect to 2600:1f00::/32 on port 443'],
  ['net.connect', '93.184.216.0/24:443', 'medium', 'connect to 93.184.216.0/24 on port 443'],
  ['net.connect', 's3.*.amazonaws.com:443', 'medium', 'connect to s3.*.amazonaws.com on port 443'],
  ['net.connect', 'a.b.*:443', 'high', 'connect to a.b.* on port 443'],
  ['net.listen', '127.0.0.1:0', 'medium', 'accept connections on 127.0.0.1, a free port'],
  [
    'net.listen',
    '0.0.0.0:9200',
    'high',
    'accept connections on 0.0.0.0, port 9200, from outside this machine',
  ],
  [
    'net.listen',
    '10.1.1.1:9200',
    'high',
    'accept connections on 10.1.1.1, port 9200, from outside this machine',
  ],
  ['env', 'AWS_REGION', 'medium', 'read the environment variable AWS_REGION'],
  [
    'env',
    'AWS_SECRET_ACCESS_KEY',
    'high',
    'read the environment variable AWS_SECRET_ACCESS_KEY, which looks like a secret',
  ],
  ['settings', 's3.client.*', 'low', "read the node's settings s3.client.* and below"],
  [
    'settings',
    's3.client.default.secret_key',
    'high',
    "read the node's settings s3.client.default.secret_key and below, which looks like a secret",
  ],
  ['env', 'GITHUB_PAT', 'high', 'read the environment variable GITHUB_PAT, which looks like a secret'],
  ['env', 'PWD', 'medium', 'read the environment variable PWD'],
  ['settings', '**', 'medium', "read the node's settings ** and below"],
  ['settings', 's*', 'medium', "read the node's settings s* and below"],
  ['clusterState.read', 'm*', 'medium', 'see m* of the cluster state'],
  ['clusterState.read', '**', 'medium', 'see the whole cluster state'],
  ['clusterState.read', 'metadata.indices', 'low', 'see metadata.indices of the cluster state'],
  ['extensionPoints', 'rest:/**', 'medium', 'answer REST requests to any path'],
  ['extensionPoints', 'rest:/*/**', 'medium', 'answer REST requests to any path'],
  ['extensionPoints', 'rest:/_*/x', 'medium', 'answer REST requests to /_*/x'],
  ['extensionPoints', 'rest:/_plugins/_x/**', 'low', 'answer REST requests to /_plugins/_x/**'],
  ['extensionPoints', 'rest', 'medium', 'provide any rest of the node'],
  ['extensionPoints', 'ingest:geo', 'low', 'change documents as the ingest processor geo'],
  ['extensionPoints', 'clusterStateListener', 'low', 'be told when the cluster state changes'],
  ['extensionPoints', 'repository:s3', 'low', 'provide repository s3'],
  ['plugins.call', 'jobs', 'medium', 'call the plugin jobs'],
]

t.test('each rule has its sentence and its weight', (t) => {
  for (const [capability, pattern, risk, text] of cases) {
    t.equal(checkPattern(capability, pattern), undefined, `${pattern} is a pattern`)
    t.same(describePattern(capability, pattern), { risk, text }, `${capability} ${pattern}`)
  }
  t.same([...new Set(cases.map(([capability]) => capability))], CAPABILITIES, 'every capability is tried')
  t.end()
})

t.test('the riskiest comes first, packages are named, limits count above the default only', (t) => {
  const asks = describeRequest({
    policyVersion: 1,
    grant: { env: ['A'], extensionPoints: ['ingest:geo'], fs: { read: ['/**'] } },
    packages: { pg: { net: { connect: ['db.test:5432'] } } },
    limits: { heapMb: 64, timers: 2000, queue: 256, inFlight: 1000 },
  })
  t.same(
    asks.map(({ text }) => text),
    [
      'read every file of this machine',
      'read the environment variable A',
      'connect to db.test on port 5432 (pg only)',
      'take more than the default of inFlight: 1000 instead of 64',
      'change documents as the ingest processor geo',
      'take more than the default of timers: 2000 instead of 1000',
    ],
  )
  const order = asks.map(({ risk }) => RISKS.indexOf(risk))
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  )
  t.equal(asks[2]?.package, 'pg')
  t.end()
})
