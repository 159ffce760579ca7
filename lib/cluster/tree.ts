/**
 * The few things to know about a JSON tree: own keys only (a key may be called
 * `__proto__` or `constructor`), equality, freezing. What the tree means is for
 * the callers.
 */
export type Tree = { readonly [key: string]: unknown }

/** An object with keys; arrays and `null` are not. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of an own key; `undefined` for everything inherited. */
export function own(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined
}

/**
 * Sets an own key, also where assignment would call the setter of `__proto__` or meet a
 * frozen prototype; assignment, which is much the faster, everywhere else.
 */
export function put(tree: object, key: string, value: unknown): void {
  if (!(key in tree)) (tree as Record<string, unknown>)[key] = value
  else Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true })
}

/** The value at the end of a path of own keys; `undefined` as soon as one is missing. */
export function at(root: unknown, ...path: readonly string[]): unknown {
  let value = root
  for (const key of path) {
    if (!isTree(value)) return undefined
    value = own(value, key)
  }
  return value
}

/** The tree at the end of a path, or an empty one. */
export function treeAt(root: unknown, ...path: readonly string[]): Tree {
  const value = at(root, ...path)
  return isTree(value) ? value : EMPTY
}
const EMPTY: Tree = Object.freeze({})

/** Equal as JSON: key order does not count, a key that is `undefined` is absent. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((value, index) => sameJson(value, right[index]))
    )
  }
  if (!isTree(left) || !isTree(right)) return false
  for (const key of Object.keys(left)) if (!sameJson(left[key], own(right, key))) return false
  for (const key of Object.keys(right))
    if (right[key] !== undefined && own(left, key) === undefined) return false
  return true
}

/**
 * Freezes a tree in place. A part that is frozen already is taken to be frozen all
 * the way down, so freezing a state that shares parts costs its new parts only.
 */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
