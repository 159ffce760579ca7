// A plugin's view of the state holds what its scope shows and nothing else, and what did not change stays the same object.
import fc from 'fast-check'
import t from 'tap'
import { diffStates } from '../../lib/cluster/diff.js'
import { project, type Scope } from '../../lib/cluster/projection.js'
import { emptyClusterState } from '../../lib/cluster/state.js'
import { isTree, put } from '../../lib/cluster/tree.js'
import type { ClusterState } from '../../lib/protocol/cluster-state.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { clone, trees } from './trees.js'

/** Scope of dotted patterns in which `*` is one part; a pattern shows all below it. */
function scopeOf(...patterns: readonly string[]): Scope {
  const split = patterns.map((pattern) => pattern.split('.'))
  return (path) => {
    const fitting = split.filter((parts) =>
      path.every((key, at) => at >= parts.length || parts[at] === '*' || parts[at] === key),
    )
    if (fitting.some((parts) => parts.length <= path.length)) return 'all'
    return fitting.length > 0 ? 'some' : 'none'
  }
}

const all: Scope = () => 'all'
const cluster = new MockCluster({
  nodes: 2,
  indices: { logs: { settings: { 'index.codec': 'zstd' } }, metrics: {} },
})

t.test('what scopes show', async (t) => {
  const state = cluster.current()
  const { clusterName, version, stateUUID } = state
  const identity = { clusterName, version, stateUUID }
  const settings = (name: string): unknown => ({ settings: state.metadata.indices[name]?.settings })
  const cases: readonly (readonly [string, Scope, object])[] = [
    ['nothing but the identity', () => 'none', identity],
    ['one part', scopeOf('nodes'), { ...identity, nodes: state.nodes }],
    [
      'one field of each index',
      scopeOf('metadata.indices.*.settings'),
      { ...identity, metadata: { indices: { logs: settings('logs'), metrics: settings('metrics') } } },
    ],
    [
      'the other index is not even named',
      scopeOf('metadata.indices.logs.settings'),
      { ...identity, metadata: { indices: { logs: settings('logs') } } },
    ],
    [
      'nothing there to show leaves no empty shells',
      scopeOf('metadata.indices.*.absent', 'customs.x'),
      identity,
    ],
    ['an array is shown whole or not at all', scopeOf('routingTable.indices.*.shards.*.0'), identity],
    ['a scalar', scopeOf('nodes.localNodeId'), { ...identity, nodes: { localNodeId: 'node-1' } }],
    ['everything', all, state],
  ]
  for (const [name, scope, expected] of cases) t.strictSame(project(state, scope), expected, name)
})

t.test('a private custom never leaves, however it is marked and whatever the scope', async (t) => {
  const marks: readonly unknown[] = [true, 'true', 1, 0, null, {}]
  for (const mark of marks) {
    const secret = { private: mark as boolean, token: 'SECRET' }
    const base = emptyClusterState('c')
    const state: ClusterState = {
      ...base,
      customs: { hidden: secret, open: { private: false, a: 1 } },
      metadata: { ...base.metadata, customs: { hidden: secret, open: { b: 1 } } },
    }
    for (const scope of [
      all,
      scopeOf('customs', 'metadata'),
      scopeOf('customs.*.token', 'metadata.customs.hidden'),
    ]) {
      const text = JSON.stringify(project(state, scope))
      t.notMatch(text, /SECRET|hidden/, `private: ${JSON.stringify(mark)}`)
    }
    t.match(project(state, all), { customs: { open: { a: 1 } }, metadata: { customs: { open: { b: 1 } } } })
  }
})

t.test('a custom that becomes private goes, and comes back when it is no longer', async (t) => {
  const base = emptyClusterState('c')
  const open: ClusterState = { ...base, customs: { keys: { token: 'SECRET' } } }
  const closed: ClusterState = { ...base, customs: { keys: { private: true, token: 'SECRET' } } }
  const scope = scopeOf('customs')
  t.match(project(open, scope), { customs: { keys: { token: 'SECRET' } } })
  t.strictSame(project(closed, scope).customs, {})
  t.match(project({ ...open }, scope), { customs: { keys: { token: 'SECRET' } } })
})

t.test('no value outside the scope is in the JSON, whatever state and scope', async (t) => {
  // Each scalar names its own path, so a leak says where it comes from.
  const label = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((inner, at) => label(inner, [...path, String(at)]))
    if (!isTree(value)) return `«${path.join('.')}»`
    const copy = {}
    for (const key of Object.keys(value)) put(copy, key, label(value[key], [...path, key]))
    return copy
  }
  const patterns = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', '*', 'constructor'), { maxLength: 3 }), {
    maxLength: 3,
  })
  const parts = ['metadata', 'routingTable', 'nodes', 'blocks', 'customs'] as const
  const heads = fc.constantFrom(...parts, 'metadata.customs')
  fc.assert(
    fc.property(
      fc.tuple(trees, trees, trees),
      patterns,
      heads,
      heads,
      ([one, two, custom], tails, head, other) => {
        const state = { clusterName: 'c', version: 1, stateUUID: 'u' } as Record<string, unknown>
        for (const part of parts) state[part] = label(part === 'nodes' ? two : one, [part])
        put(state['metadata'] as object, 'customs', {
          open: label(custom, ['metadata', 'customs', 'open']),
          hidden: { private: true, x: '«hidden»' },
        })
        put(state['customs'] as object, 'hidden', { private: true, x: '«hidden»' })
        const scope = scopeOf(
          ...tails.map((tail) => [head, ...tail].join('.')),
          ...(tails.length > 1 ? [other] : []),
        )
        const text = JSON.stringify(project(state as unknown as ClusterState, scope))
        const shown = [...text.matchAll(/«([^»]*)»/g)].map(([, path]) => (path ?? '').split('.'))
        const outside = shown.filter((path) => scope(path) !== 'all')
        if (outside.length > 0) throw new Error(`shown: ${outside.map((path) => path.join('.')).join(' ')}`)
        return !text.includes('«hidden»') && !text.includes('__proto__')
      },
    ),
    { numRuns: 3000 },
  )
  t.pass('3000 states and scopes')
})

t.test('what the scope shows is there', async (t) => {
  fc.assert(
    fc.property(trees, (tree) => {
      const base = emptyClusterState('c')
      const plain = JSON.parse(JSON.stringify(tree), (key, value: unknown) =>
        key === '__proto__' ? undefined : value,
      ) as object
      const state = { ...base, customs: { x: { inner: plain } } } as unknown as ClusterState
      const shown = project(state, scopeOf('customs.x.inner')).customs as { x: { inner: unknown } }
      return JSON.stringify(shown.x.inner) === JSON.stringify(plain)
    }),
    { numRuns: 500 },
  )
  t.pass('500 trees')
})

t.test('a key called __proto__ is left out, since no channel carries it', async (t) => {
  const base = emptyClusterState('c')
  const mappings = JSON.parse('{"properties":{"__proto__":{"type":"text"},"a":{"type":"text"}}}') as object
  const indices = { i: { mappings } }
  const state = { ...base, metadata: { ...base.metadata, indices } } as unknown as ClusterState
  for (const scope of [
    all,
    scopeOf('metadata.indices.*.mappings'),
    scopeOf('metadata.indices.*.mappings.properties.*'),
  ]) {
    const shown = project(state, scope).metadata as { indices: object }
    t.strictSame(shown.indices, { i: { mappings: { properties: { a: { type: 'text' } } } } })
  }
})

t.test('what did not change, or not visibly, stays the same object', async (t) => {
  const own = new MockCluster({ nodes: 2, indices: { logs: {}, metrics: {} } })
  const scope = scopeOf('metadata.indices.*.settings', 'nodes.nodes.*.name', 'routingTable')
  const before = project(own.current(), scope)
  t.equal(project(own.current(), scope), before, 'the same state')
  await own.putMapping('logs', { properties: { a: { type: 'text' } } })
  const mapped = project(own.current(), scope)
  t.equal(mapped.metadata, before.metadata, 'a change outside the scope')
  t.equal(mapped.nodes, before.nodes)
  t.not(mapped.version, before.version)
  await own.updateSettings('logs', { a: 1 })
  const set = project(own.current(), scope)
  const indices = (state: object): Record<string, unknown> =>
    (state as { metadata: { indices: Record<string, unknown> } }).metadata.indices
  t.not(set.metadata, mapped.metadata)
  t.equal(indices(set)['metrics'], indices(mapped)['metrics'], 'the index beside it')
  t.equal(set.routingTable, mapped.routingTable)
  t.strictSame(diffStates(mapped, set), {
    nested: {
      metadata: { nested: { indices: { nested: { logs: { nested: { settings: { set: { a: 1 } } } } } } } },
    },
  })
})

t.test('the scope is asked once a place, and only parts that are new are walked', async (t) => {
  const own = new MockCluster({
    indices: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`i${n}`, {}])),
  })
  let asked = 0
  const inner = scopeOf('metadata.indices.*.settings')
  const scope: Scope = (path) => {
    asked++
    return inner(path)
  }
  project(own.current(), scope)
  const first = asked
  t.ok(first > 200)
  await own.updateSettings('i7', { a: 1 })
  project(own.current(), scope)
  t.equal(asked, first, 'known places')
  await own.createIndex('new')
  project(own.current(), scope)
  t.ok(asked - first < 12, 'one new index')
  await own.deleteIndex('new')
  project(own.current(), scope)
  const gone = asked
  await own.createIndex('new')
  project(own.current(), scope)
  t.ok(asked > gone, 'places of what is gone are forgotten')
})

t.test('a part that is the same object is not walked again', async (t) => {
  let walks = 0
  const indices = new Proxy(cluster.current().metadata.indices, {
    ownKeys: (target) => {
      walks++
      return Reflect.ownKeys(target)
    },
  })
  const metadata = { ...cluster.current().metadata, indices }
  const scope = scopeOf('metadata.indices.*.settings')
  for (const version of [1, 2, 3]) project({ ...cluster.current(), version, metadata }, scope)
  project({ ...cluster.current(), metadata: { ...metadata, version: 9 } }, scope)
  t.equal(walks, 1)
})

t.test('a copy of the whole state projects to equal parts and an empty diff', async (t) => {
  const scope = scopeOf('metadata.indices')
  const before = project(cluster.current(), scope)
  t.strictSame(diffStates(before, project(clone(cluster.current()), scope)), {})
})
