// A diff leads exactly from one state to the other, keeps what is equal, and is made without looking at what is shared.
import fc from 'fast-check'
import t from 'tap'
import { advance, apply, diff, diffStates, isEmptyDiff, MAX_DIFF_LEVELS } from '../../lib/cluster/diff.js'
import { deepFreeze, own, sameJson, type Tree } from '../../lib/cluster/tree.js'
import type { StateDiff } from '../../lib/protocol/cluster-wire.js'
import { clone, pairs, trees, treeOf } from './trees.js'

const RUNS = { numRuns: 2000 }

t.test('apply after diff gives the newer tree, over JSON too', async (t) => {
  fc.assert(
    fc.property(pairs, ([from, to]) => {
      const changes = diff(from, to)
      return [apply(from, changes), apply(from, clone(changes)), apply(clone(from), clone(changes))].every(
        (made) => JSON.stringify(sorted(made)) === JSON.stringify(sorted(to)),
      )
    }),
    RUNS,
  )
  t.pass('2000 pairs')
})

t.test('whatever is equal in both keeps its identity, and the tree itself when all is', async (t) => {
  fc.assert(
    fc.property(pairs, ([from, to]) => keepsEqualParts(from, to, apply(from, clone(diff(from, to))))),
    RUNS,
  )
  t.pass('2000 pairs')
})

t.test('a tree has no diff from itself or from a copy', async (t) => {
  fc.assert(
    fc.property(trees, (tree) => isEmptyDiff(diff(tree, tree)) && isEmptyDiff(diff(tree, clone(tree)))),
    RUNS,
  )
  t.pass('2000 trees')
})

t.test('the older tree stays as it is and the newer is frozen all the way down', async (t) => {
  fc.assert(
    fc.property(pairs, ([start, to]) => {
      const from = deepFreeze(clone(start))
      const text = JSON.stringify(from)
      const made = apply(from, clone(diff(from, to)))
      return JSON.stringify(from) === text && isDeeplyFrozen(made)
    }),
    RUNS,
  )
  t.pass('2000 pairs')
})

t.test('a shared part is not looked into', async (t) => {
  const shared = new Proxy(
    {},
    {
      ownKeys: () => t.fail('keys of a shared part were read') as never,
      get: () => t.fail('a shared part was read'),
    },
  )
  t.same(diff({ shared, n: 1 }, { shared, n: 2 }), { set: { n: 2 } })
})

t.test('the form of a diff', async (t) => {
  const cases: readonly (readonly [string, object, object, StateDiff])[] = [
    ['nothing', { a: 1 }, { a: 1 }, {}],
    ['a new key', {}, { a: 1 }, { set: { a: 1 } }],
    ['a removed key', { a: 1, b: 2 }, { b: 2 }, { remove: ['a'] }],
    ['one level down', { a: { b: 1, c: 1 } }, { a: { b: 2, c: 1 } }, { nested: { a: { set: { b: 2 } } } }],
    ['an array is replaced whole', { a: [1, 2] }, { a: [1, 3] }, { set: { a: [1, 3] } }],
    ['an equal array is not', { a: [{ b: 1 }] }, { a: [{ b: 1 }] }, {}],
    ['an object for an array', { a: [] }, { a: {} }, { set: { a: {} } }],
    ['an object for null', { a: null }, { a: {} }, { set: { a: {} } }],
    ['an object emptied', { a: { b: 1 } }, { a: {} }, { nested: { a: { remove: ['b'] } } }],
    ['undefined is absent', { a: 1, b: undefined }, { a: undefined }, { remove: ['a'] }],
  ]
  for (const [name, from, to, expected] of cases) t.strictSame(diff(from, to), expected, name)
})

t.test('changes that change nothing give the same tree back', async (t) => {
  const from = { a: { b: 1 } }
  for (const changes of [{}, { nested: {} }, { nested: { a: {} } }, { remove: ['absent'] }]) {
    t.equal(apply(from, changes), from, JSON.stringify(changes))
  }
})

t.test('keys named like what objects inherit are keys like any other', async (t) => {
  const evil = treeOf([['__proto__', { polluted: true }]])
  const cases: readonly (readonly [string, Tree, Tree])[] = [
    ['comes', {}, evil],
    ['goes', evil, {}],
    ['changes below', evil, treeOf([['__proto__', { polluted: false }]])],
    ['constructor comes', {}, treeOf([['constructor', { prototype: { polluted: true } }]])],
    ['toString goes', treeOf([['toString', 1]]), {}],
  ]
  for (const [name, from, to] of cases) {
    const made = apply(from, clone(diff(from, to)))
    t.equal(JSON.stringify(made), JSON.stringify(to), name)
    t.equal(Object.getPrototypeOf(made), Object.prototype, `${name}: the prototype is the usual one`)
  }
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

t.test('a diff stays shallow enough for the wire however deep the change is', async (t) => {
  const nest = (levels: number, leaf: number): Tree =>
    levels === 0 ? { leaf } : { in: nest(levels - 1, leaf) }
  const from = nest(48, 1)
  const to = nest(48, 2)
  const changes = diff(from, to)
  t.strictSame(apply(from, clone(changes)), to)
  t.ok(depth({ kind: 'diff', parts: changes }) <= 64, 'the channel takes 64 levels')
  t.ok(depth(changes) >= 2 * (MAX_DIFF_LEVELS - 1), 'and yet it goes down as far as it says')
})

t.test('changes that are malformed or do not fit are refused', async (t) => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['not an object', 'set'],
    ['set is a list', { set: [1] }],
    ['remove is no list', { remove: 'a' }],
    ['remove holds a number', { remove: [1] }],
    ['nested is null', { nested: null }],
    ['nested into nothing', { nested: { x: { set: {} } } }],
    ['nested into an array', { nested: { list: { set: {} } } }],
    ['nested into what objects inherit', { nested: { constructor: { set: { a: 1 } } } }],
  ]
  for (const [name, changes] of cases) {
    t.throws(() => apply({ a: {}, list: [] }, changes as StateDiff), { code: 'PROTOCOL_VIOLATION' }, name)
  }
})

t.test('two states differ in their parts; version and uuid travel in the message', async (t) => {
  const from = { clusterName: 'c', version: 1, stateUUID: 'a', nodes: { localNodeId: 'n' } }
  const to = { clusterName: 'd', version: 2, stateUUID: 'b', nodes: from.nodes }
  t.strictSame(diffStates(from, { ...from, version: 2, stateUUID: 'b' }), {})
  const parts = diffStates(from, to)
  t.strictSame(parts, { set: { clusterName: 'd' } })
  const made = advance(from, { toUuid: 'b', toVersion: 2, parts: { set: { clusterName: 'd', version: 99 } } })
  t.strictSame(made, to, 'the message decides the version')
  t.equal(made.nodes, from.nodes)
  t.ok(Object.isFrozen(made))
})

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const tree = value as Tree
  return treeOf(
    Object.keys(tree)
      .sort()
      .map((key) => [key, sorted(tree[key])]),
  )
}

function keepsEqualParts(from: unknown, to: unknown, made: unknown): boolean {
  if (typeof from !== 'object' || from === null || typeof to !== 'object' || to === null) return true
  if (sameJson(from, to)) return made === from
  if (Array.isArray(from) || Array.isArray(to)) return true
  return Object.keys(to).every((key) =>
    keepsEqualParts(own(from as Tree, key), own(to as Tree, key), own(made as Tree, key)),
  )
}

/** Parts taken over from the older tree were frozen there. */
function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depth))
}
