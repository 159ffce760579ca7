// A state from outside is taken when it has the parts bulkhead relies on, and refused with the place of the fault when not.
import t from 'tap'
import { emptyClusterState, parseClusterState } from '../../lib/cluster/state.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { clone } from './trees.js'

t.test('an empty state and a full one are states', async (t) => {
  const states = [emptyClusterState('c'), new MockCluster({ indices: { logs: {} } }).current()]
  for (const state of states) {
    const parsed = parseClusterState(clone(state))
    t.strictSame(parsed, state)
    t.ok(Object.isFrozen(parsed.metadata.indices))
  }
})

t.test('a fault is refused with its pointer', async (t) => {
  const state = clone(emptyClusterState('c'))
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['', null, 'null'],
    ['', [], 'array'],
    ['/clusterName', { ...state, clusterName: 1 }, 'number'],
    ['/version', { ...state, version: -1 }, 'number'],
    ['/metadata', { ...state, metadata: undefined }, 'nothing'],
    ['/metadata/indices', { ...state, metadata: { ...state.metadata, indices: [] } }, 'array'],
    [
      '/nodes/clusterManagerNodeId',
      { ...state, nodes: { ...state.nodes, clusterManagerNodeId: 1 } },
      'number',
    ],
    ['/blocks/global', { ...state, blocks: { ...state.blocks, global: {} } }, 'object'],
    ['/customs', { ...state, customs: null }, 'null'],
    ['/clusterName', Object.create(state), 'nothing'],
  ]
  for (const [pointer, value, found] of cases) {
    t.throws(
      () => parseClusterState(value),
      { code: 'CONFIG_INVALID', detail: { pointer, found } },
      `${pointer} ${found}`,
    )
  }
})
