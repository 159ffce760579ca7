/** Arbitrary JSON trees that share parts and bear the worst of key names. */
import fc from 'fast-check'
import { put, type Tree } from '../../lib/cluster/tree.js'

export const KEYS: readonly string[] = ['a', 'b', 'c', '__proto__', 'constructor', 'toString', '', '0']

export const keys: fc.Arbitrary<string> = fc.constantFrom(...KEYS)

const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'x', 'y'),
)

/** A tree up to four levels deep; `null`, scalars, arrays and objects in any place. */
export const trees: fc.Arbitrary<Tree> = fc.letrec<{ value: unknown; tree: Tree }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    tie('tree'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  tree: fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map(treeOf),
})).tree

/** Two trees, the second made from the first: most of it shared or copied, some of it changed. */
export const pairs: fc.Arbitrary<readonly [Tree, Tree]> = fc
  .tuple(
    trees,
    fc.array(fc.tuple(fc.array(keys, { minLength: 1, maxLength: 3 }), fc.option(trees)), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([from, edits, copied]) => {
    const to = edits.reduce((tree, [path, value]) => edit(tree, path, value), from)
    return [from, copied ? clone(to) : to] as const
  })

export function treeOf(entries: readonly (readonly [string, unknown])[]): Tree {
  const tree = {}
  for (const [key, value] of entries) put(tree, key, value)
  return tree
}

/** A copy that shares nothing, own `__proto__` keys included. */
export function clone<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

function edit(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [key, ...rest] = path
  if (key === undefined) return tree
  const copy = { ...tree }
  const inner = Object.hasOwn(copy, key) ? copy[key] : undefined
  if (rest.length > 0 && typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
    put(copy, key, edit(inner as Tree, rest, value))
  } else if (value === null) delete copy[key]
  else put(copy, key, value)
  return copy
}
