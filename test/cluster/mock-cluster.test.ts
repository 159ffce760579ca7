// A mock cluster is the same in each run, changes what it is asked to and nothing else, and refuses what cannot be.
import t from 'tap'
import { parseClusterState } from '../../lib/cluster/state.js'
import type { ClusterState, ShardRouting } from '../../lib/protocol/cluster-state.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { clone } from './trees.js'

const options = { nodes: 3, indices: { logs: { shards: 2, replicas: 1 } } }
const block = { id: 7, description: 'read-only', levels: ['write'], retryable: false } as const

t.test('two of them that are asked the same are the same', async (t) => {
  const run = async (): Promise<ClusterState> => {
    const cluster = new MockCluster(options)
    await cluster.createIndex('a', { shards: 4, replicas: 1 })
    await cluster.addNode('extra')
    await cluster.removeNode('node-2')
    await cluster.putCustom('c', { n: 1 })
    return cluster.current()
  }
  const state = await run()
  t.strictSame(await run(), state)
  t.doesNotThrow(() => parseClusterState(clone(state)))
})

t.test('it begins as described', async (t) => {
  const state = new MockCluster({ ...options, name: 'mine' }).current()
  t.match(state, {
    clusterName: 'mine',
    version: 1,
    nodes: { localNodeId: 'node-1', clusterManagerNodeId: 'node-1' },
    metadata: { indices: { logs: { state: 'open', settings: { 'index.number_of_shards': 2 } } } },
  })
  t.strictSame(Object.keys(state.nodes.nodes), ['node-1', 'node-2', 'node-3'])
  t.strictSame(new MockCluster().current().metadata.indices, {})
})

t.test('shards go round robin, copies of one never share a node, too many stay unassigned', async (t) => {
  const cluster = new MockCluster({ nodes: 2, indices: { logs: { shards: 3, replicas: 2 } } })
  const shards = cluster.current().routingTable.indices['logs']?.shards ?? {}
  t.strictSame(
    Object.values(shards).map((copies) => copies.map(({ node }) => node)),
    [
      ['node-1', 'node-2', null],
      ['node-2', 'node-1', null],
      ['node-1', 'node-2', null],
    ],
  )
  t.match(shards['0'], [{ primary: true, state: 'STARTED' }, { primary: false }, { state: 'UNASSIGNED' }])
  await cluster.addNode()
  t.strictSame(problems(cluster.current()), [], 'the new node takes them')
})

t.test('shards of a node that leaves move, and a replica takes over from a lost primary', async (t) => {
  const cluster = new MockCluster(options)
  await cluster.removeNode('node-2')
  t.strictSame(problems(cluster.current()), [])
  const [heir] = allCopies(cluster.current()).filter(({ shard, primary }) => shard === 1 && primary)
  t.equal(heir?.node, 'node-3', 'where its replica was')
  await cluster.removeNode('node-3')
  const copies = allCopies(cluster.current())
  t.strictSame(
    copies.filter(({ primary }) => primary).map(({ node }) => node),
    ['node-1', 'node-1'],
  )
  t.strictSame(
    copies.filter(({ primary }) => !primary).map(({ node }) => node),
    [null, null],
  )
})

type Case = readonly [name: string, act: (cluster: MockCluster) => Promise<unknown>, expected: object]
const CHANGES: readonly Case[] = [
  ['createIndex', (c) => c.createIndex('a', { aliases: { x: {} } }), { metadata: { indices: { a: { aliases: { x: {} } } } } }],
  ['putMapping', (c) => c.putMapping('logs', { properties: { f: { type: 'text' } } }), { metadata: { indices: { logs: { version: 2, mappings: { properties: { f: { type: 'text' } } } } } } }],
  ['updateSettings', (c) => c.updateSettings('logs', { x: 1 }), { metadata: { indices: { logs: { settings: { x: 1, 'index.number_of_shards': 2 } } } } }],
  ['closeIndex', (c) => c.closeIndex('logs'), { metadata: { indices: { logs: { state: 'close' } } }, blocks: { indices: { logs: [{ id: 4 }] } } }],
  ['addNode', (c) => c.addNode('n'), { nodes: { nodes: { 'node-4': { name: 'n' } } } }],
  ['electClusterManager', (c) => c.electClusterManager('node-3'), { nodes: { clusterManagerNodeId: 'node-3' } }],
  ['no cluster manager', (c) => c.electClusterManager(null), { nodes: { clusterManagerNodeId: null } }],
  ['addBlock', (c) => c.addBlock(block), { blocks: { global: [{ id: 7 }] } }],
  ['addBlock on an index', (c) => c.addBlock(block, 'logs'), { blocks: { global: [], indices: { logs: [{ id: 7 }] } } }],
  ['putCustom', (c) => c.putCustom('c', { n: 1 }), { customs: { c: { n: 1 } } }],
  ['putMetadataCustom', (c) => c.putMetadataCustom('c', { n: 1 }), { metadata: { customs: { c: { n: 1 } } } }],
  ['publish', (c) => c.publish('own', () => ({ customs: { own: {} } })), { customs: { own: {} } }],
] // prettier-ignore

for (const [name, act, expected] of CHANGES) {
  t.test(`${name} publishes one state with its change, before it resolves`, async (t) => {
    const cluster = new MockCluster(options)
    const before = cluster.current()
    const versions: number[] = []
    cluster.subscribe(({ state }) => versions.push(state.version))
    await act(cluster)
    t.strictSame(versions, [2])
    t.match(cluster.current(), expected)
    t.not(cluster.current().stateUUID, before.stateUUID)
    const { metadata, nodes, routingTable, blocks, customs } = before
    for (const [part, value] of Object.entries({ metadata, nodes, blocks, customs })) {
      const now = cluster.current()[part as 'metadata' | 'nodes' | 'blocks' | 'customs']
      t.equal(
        now === value,
        !(part in expected),
        `${part} is ${part in expected ? 'new' : 'the same object'}`,
      )
    }
    if (name !== 'createIndex') t.equal(cluster.current().routingTable, routingTable)
  })
}

t.test('what was added can be taken away', async (t) => {
  const cluster = new MockCluster(options)
  const { metadata, blocks, customs } = cluster.current()
  await cluster.addBlock(block)
  await cluster.addBlock(block, 'logs')
  await cluster.removeBlock(7)
  await cluster.removeBlock(7, 'logs')
  await cluster.putCustom('c', {})
  await cluster.putCustom('c', null)
  await cluster.putMetadataCustom('c', {})
  await cluster.putMetadataCustom('c', null)
  await cluster.updateSettings('logs', { x: 1 })
  await cluster.updateSettings('logs', { x: null })
  await cluster.closeIndex('logs')
  await cluster.openIndex('logs')
  const now = cluster.current()
  t.strictSame([now.blocks, now.customs, now.metadata.customs], [blocks, customs, metadata.customs])
  t.strictSame(now.metadata.indices['logs']?.settings, metadata.indices['logs']?.settings)
  await cluster.addBlock(block, 'logs')
  await cluster.deleteIndex('logs')
  const { metadata: gone, routingTable, blocks: left } = cluster.current()
  t.strictSame([gone.indices, routingTable.indices, left.indices], [{}, {}, {}])
})

t.test('mappings are added to field by field', async (t) => {
  const cluster = new MockCluster(options)
  await cluster.putMapping('logs', { dynamic: false, properties: { a: { type: 'text' } } })
  await cluster.putMapping('logs', { properties: { b: { type: 'long' } } })
  t.strictSame(cluster.current().metadata.indices['logs']?.mappings, {
    dynamic: false,
    properties: { a: { type: 'text' }, b: { type: 'long' } },
  })
})

t.test('an index of an old name is another index', async (t) => {
  const cluster = new MockCluster(options)
  const before = cluster.current().metadata.indices['logs']?.uuid
  await cluster.deleteIndex('logs')
  await cluster.createIndex('logs')
  t.not(cluster.current().metadata.indices['logs']?.uuid, before)
})

t.test('the cluster manager may leave, and then there is none', async (t) => {
  const cluster = new MockCluster(options)
  await cluster.electClusterManager('node-2')
  await cluster.removeNode('node-2')
  t.equal(cluster.current().nodes.clusterManagerNodeId, null)
})

t.test('what cannot be is refused by name and changes nothing', async (t) => {
  const cases: readonly (readonly [string, (cluster: MockCluster) => Promise<unknown>, object])[] = [
    ['an index twice', (c) => c.createIndex('logs'), { index: 'logs' }],
    ['no shards', (c) => c.createIndex('a', { shards: 0 }), { shards: 0 }],
    ['half a replica', (c) => c.createIndex('a', { replicas: 0.5 }), { replicas: 0.5 }],
    ['a name in upper case', (c) => c.createIndex('Logs'), { index: 'Logs' }],
    ['an empty name', (c) => c.createIndex(''), { index: '' }],
    ['__proto__', (c) => c.createIndex('__proto__'), { index: '__proto__' }],
    ['deleting what is not there', (c) => c.deleteIndex('absent'), { index: 'absent', known: 'logs' }],
    ['an inherited name', (c) => c.deleteIndex('constructor'), { index: 'constructor' }],
    ['a mapping of nothing', (c) => c.putMapping('absent', {}), { index: 'absent' }],
    ['settings of nothing', (c) => c.updateSettings('absent', {}), { index: 'absent' }],
    ['closing nothing', (c) => c.closeIndex('absent'), { index: 'absent' }],
    ['opening nothing', (c) => c.openIndex('absent'), { index: 'absent' }],
    [
      'an unknown node leaves',
      (c) => c.removeNode('node-9'),
      { node: 'node-9', known: 'node-1, node-2, node-3' },
    ],
    ['the local node leaves', (c) => c.removeNode('node-1'), { node: 'node-1' }],
    ['an unknown node is elected', (c) => c.electClusterManager('x'), { node: 'x' }],
    ['a block on nothing', (c) => c.addBlock(block, 'absent'), { index: 'absent' }],
    ['a block that is not there', (c) => c.removeBlock(1), { block: 1 }],
    ['a block that is not there on an index', (c) => c.removeBlock(1, 'logs'), { block: 1, index: 'logs' }],
  ]
  for (const [name, act, detail] of cases) {
    const cluster = new MockCluster(options)
    const before = cluster.current()
    await t.rejects(act(cluster), { code: 'CLUSTER_REQUEST_INVALID', detail }, name)
    t.equal(cluster.current(), before, name)
  }
  t.throws(() => new MockCluster({ nodes: 0 }), { code: 'CLUSTER_REQUEST_INVALID', detail: { nodes: 0 } })
})

t.test("what it is given stays the caller's own", async (t) => {
  const given = { n: { list: [1] } }
  const cluster = new MockCluster({ indices: { logs: { settings: given, mappings: given } } })
  await cluster.createIndex('a', { settings: given, mappings: given, aliases: given })
  await cluster.putMapping('a', { ...given, properties: given })
  await cluster.updateSettings('a', given)
  await cluster.putCustom('c', given)
  await cluster.putMetadataCustom('c', given)
  given.n.list.push(2)
  t.notMatch(JSON.stringify(cluster.current()), /\[1,2\]/)
  t.notOk(Object.isFrozen(given))
})

t.test('usual names of indices are taken', async (t) => {
  const cluster = new MockCluster()
  for (const name of ['logs-2026.11', '.kibana', 'a_b', 'é', 'x+y']) await cluster.createIndex(name)
  t.equal(cluster.current().version, 6)
})

function allCopies(state: ClusterState): readonly ShardRouting[] {
  return Object.values(state.routingTable.indices).flatMap(({ shards }) => Object.values(shards).flat())
}

/** What is wrong with the routing: one primary a shard, no two copies on one node, all on nodes that exist. */
function problems(state: ClusterState): readonly string[] {
  const found: string[] = []
  for (const { index, shards } of Object.values(state.routingTable.indices)) {
    for (const [shard, copies] of Object.entries(shards)) {
      const where = `${index}[${shard}]`
      if (copies.filter(({ primary }) => primary).length !== 1) found.push(`${where} has not one primary`)
      const nodes = copies.map(({ node }) => node)
      if (new Set(nodes).size !== nodes.length) found.push(`${where} has two copies on one node`)
      if (nodes.some((node) => node === null || !(node in state.nodes.nodes)))
        found.push(`${where} is on no node`)
    }
  }
  return found
}
