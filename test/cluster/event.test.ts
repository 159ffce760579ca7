// Each method of ClusterChangedEvent says what OpenSearch's says: true when it holds, false when it does not, whole or partial states.
import t from 'tap'
import { makeClusterChangedEvent } from '../../lib/cluster/event.js'
import type { ClusterChangedEvent } from '../../lib/protocol/cluster-event.js'
import type { ClusterState, ProjectedState } from '../../lib/protocol/cluster-state.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'

type Change = (cluster: MockCluster) => Promise<unknown>

/** The event of everything that `change` does, as one step. */
async function eventOf(change: Change, start?: Change): Promise<ClusterChangedEvent> {
  const cluster = new MockCluster({ nodes: 2, indices: { logs: { shards: 2 } } })
  await start?.(cluster)
  const before = cluster.current()
  await change(cluster)
  return makeClusterChangedEvent('test', cluster.current(), before)
}

const nothing: Change = async () => undefined
const unrelated: Change = (cluster) => cluster.putCustom('c', { on: true })
const block = { id: 9, description: 'b', levels: ['write'], retryable: false } as const
const restart: Change = (cluster) =>
  cluster.publish('restart', ({ nodes }) => {
    const node = nodes.nodes['node-2']
    if (node === undefined) throw new Error('there is a second node')
    return { nodes: { ...nodes, nodes: { ...nodes.nodes, 'node-2': { ...node, ephemeralId: 'other' } } } }
  })
const newUuid: Change = (cluster) =>
  cluster.publish('new', ({ metadata }) => ({ metadata: { ...metadata, clusterUUID: 'other', indices: {} } }))
const recreate: Change = async (cluster) => {
  await cluster.deleteIndex('logs')
  await cluster.createIndex('logs')
}

type Method = {
  readonly [Key in keyof ClusterChangedEvent]: ClusterChangedEvent[Key] extends () => boolean ? Key : never
}[keyof ClusterChangedEvent]

const TRUE_AND_FALSE: readonly (readonly [Method, Change, Change])[] = [
  ['metadataChanged', (c) => c.createIndex('a'), unrelated],
  ['metadataChanged', (c) => c.putMapping('logs', { properties: {} }), (c) => c.addBlock(block)],
  ['routingTableChanged', (c) => c.createIndex('a'), (c) => c.updateSettings('logs', { a: 1 })],
  ['blocksChanged', (c) => c.addBlock(block), (c) => c.createIndex('a')],
  ['blocksChanged', (c) => c.closeIndex('logs'), (c) => c.openIndex('logs')],
  ['localNodeClusterManager', nothing, (c) => c.electClusterManager('node-2')],
  ['localNodeClusterManager', nothing, (c) => c.electClusterManager(null)],
  ['nodesAdded', (c) => c.addNode(), (c) => c.removeNode('node-2')],
  ['nodesAdded', restart, unrelated],
  ['nodesRemoved', (c) => c.removeNode('node-2'), (c) => c.addNode()],
  ['nodesRemoved', restart, (c) => c.electClusterManager('node-2')],
  ['nodesChanged', (c) => c.addNode(), (c) => c.electClusterManager('node-2')],
  ['nodesChanged', (c) => c.removeNode('node-2'), unrelated],
  ['isNewCluster', newUuid, (c) => c.createIndex('a')],
]

for (const [row, [method, yes, no]] of TRUE_AND_FALSE.entries()) {
  t.test(`${method} is true when it holds and false when not (row ${row + 1})`, async (t) => {
    t.equal((await eventOf(yes))[method](), true)
    t.equal((await eventOf(no))[method](), false)
  })
}

t.test('source, state and previousState are what they were made of', async (t) => {
  const state = { clusterName: 'c', version: 2, stateUUID: 'b' }
  const previous = { clusterName: 'c', version: 1, stateUUID: 'a' }
  const event = makeClusterChangedEvent('why', state, previous)
  t.equal(event.source(), 'why')
  t.equal(event.state(), state)
  t.equal(event.previousState(), previous)
})

t.test('indexRoutingTableChanged looks at one index', async (t) => {
  const created = await eventOf((c) => c.createIndex('a'))
  t.equal(created.indexRoutingTableChanged('a'), true, 'came')
  t.equal(created.indexRoutingTableChanged('logs'), false, 'another one came')
  t.equal(created.indexRoutingTableChanged('absent'), false, 'in neither state')
  t.equal(created.indexRoutingTableChanged('constructor'), false, 'inherited names are no indices')
  t.equal((await eventOf((c) => c.deleteIndex('logs'))).indexRoutingTableChanged('logs'), true, 'went')
  t.equal((await eventOf((c) => c.removeNode('node-2'))).indexRoutingTableChanged('logs'), true, 'moved')
})

t.test('indices created and deleted are told by name and uuid', async (t) => {
  const cases: readonly (readonly [string, Change, readonly string[], readonly string[]])[] = [
    ['created', (c) => c.createIndex('a'), ['a'], []],
    ['deleted', (c) => c.deleteIndex('logs'), [], ['logs']],
    ['deleted and created again between two states', recreate, ['logs'], ['logs']],
    ['changed', (c) => c.putMapping('logs', { properties: {} }), [], []],
    ['something else', unrelated, [], []],
    ['a new cluster deletes nothing', newUuid, [], []],
  ]
  for (const [name, change, created, deleted] of cases) {
    const event = await eventOf(change)
    t.strictSame([event.indicesCreated(), event.indicesDeleted()], [created, deleted], name)
  }
})

t.test('metadata that is the same object is not searched for indices', async (t) => {
  const indices = new Proxy({}, { ownKeys: () => t.fail('the indices were listed') as never })
  const metadata = { clusterUUID: 'c', indices }
  const state = { clusterName: 'c', version: 1, stateUUID: 'a', metadata }
  const event = makeClusterChangedEvent('s', state, { ...state, version: 0 })
  t.strictSame([event.indicesCreated(), event.indicesDeleted()], [[], []])
})

t.test('changedCustomMetadataSet names what came, went and changed, by value', async (t) => {
  const start: Change = async (c) => {
    for (const name of ['stays', 'goes', 'changes']) await c.putMetadataCustom(name, { n: 1 })
  }
  const event = await eventOf(async (c) => {
    await c.putMetadataCustom('stays', { n: 1 })
    await c.putMetadataCustom('goes', null)
    await c.putMetadataCustom('changes', { n: 2 })
    await c.putMetadataCustom('comes', { n: 1 })
    await c.putCustom('top-level', { n: 1 })
  }, start)
  t.strictSame([...event.changedCustomMetadataSet()].sort(), ['changes', 'comes', 'goes'])
  t.equal((await eventOf(unrelated)).changedCustomMetadataSet().size, 0)
})

t.test('nodesDelta has the nodes and the cluster managers of both states', async (t) => {
  const joined = (await eventOf((c) => c.addNode('third'))).nodesDelta()
  t.strictSame(
    [joined.added.map((n) => n.name), joined.removed, joined.clusterManagerChanged],
    [['third'], [], false],
  )
  const elected = (await eventOf((c) => c.electClusterManager('node-2'))).nodesDelta()
  t.match(elected, {
    clusterManagerChanged: true,
    previousClusterManagerNodeId: 'node-1',
    newClusterManagerNodeId: 'node-2',
  })
  const restarted = (await eventOf(restart, (c) => c.electClusterManager('node-2'))).nodesDelta()
  t.match([restarted.added, restarted.removed], [[{ id: 'node-2' }], [{ id: 'node-2' }]])
  t.equal(restarted.clusterManagerChanged, true, 'the same id, another process')
  const lost = (await eventOf((c) => c.electClusterManager(null))).nodesDelta()
  t.equal(lost.newClusterManagerNodeId, null)
})

t.test('parts that nobody may see never change, and no method stumbles over them', async (t) => {
  const bare: ProjectedState = { clusterName: 'c', version: 1, stateUUID: 'a' }
  const event = makeClusterChangedEvent('s', { ...bare, version: 2, stateUUID: 'b' }, bare)
  const answers = Object.entries(event)
    .filter(
      ([name]) =>
        !['source', 'state', 'previousState', 'indexRoutingTableChanged', 'nodesDelta'].includes(name),
    )
    .map(([, method]) => (method as () => unknown)())
    .map((answer) => (answer instanceof Set ? [...answer] : answer))
  t.strictSame(new Set(answers.map((answer) => JSON.stringify(answer))), new Set(['false', '[]']))
  t.equal(event.indexRoutingTableChanged('logs'), false)
  t.strictSame(event.nodesDelta(), {
    added: [],
    removed: [],
    clusterManagerChanged: false,
    previousClusterManagerNodeId: null,
    newClusterManagerNodeId: null,
  })
})

t.test('a node without an id is never the cluster manager', async (t) => {
  const nodes = { localNodeId: '', clusterManagerNodeId: '' }
  const state: ProjectedState = { clusterName: 'c', version: 1, stateUUID: 'a', nodes }
  t.equal(makeClusterChangedEvent('s', state, state).localNodeClusterManager(), false)
})

t.test('without visible uuids names decide', async (t) => {
  const state = (indices: object): ProjectedState => ({
    clusterName: 'c',
    version: 1,
    stateUUID: 'a',
    metadata: { indices },
  })
  const event = makeClusterChangedEvent('s', state({ b: { settings: {} }, c: {} }), state({ a: {}, b: {} }))
  t.strictSame([event.indicesCreated(), event.indicesDeleted()], [['c'], ['a']])
})

t.test('one listener cannot change what the next one gets', async (t) => {
  const event = await eventOf((c) => c.createIndex('a'))
  t.ok(Object.isFrozen(event))
  for (const list of [
    event.indicesCreated(),
    event.indicesDeleted(),
    event.nodesDelta().added,
    event.nodesDelta(),
  ]) {
    t.ok(Object.isFrozen(list))
  }
  ;(event.changedCustomMetadataSet() as Set<string>).add('forged')
  t.equal(event.changedCustomMetadataSet().size, 0)
  const { metadataChanged, nodesAdded } = event
  t.strictSame([metadataChanged(), nodesAdded()], [true, false], 'methods need no `this`')
})

t.test('it works on the full state of a node as well', async (t) => {
  const cluster = new MockCluster()
  const before: ClusterState = cluster.current()
  await cluster.createIndex('a')
  t.strictSame(makeClusterChangedEvent('s', cluster.current(), before).indicesCreated(), ['a'])
})
