/**
 * What one grant lets a plugin see of a cluster state. `clusterName`, `version` and
 * `stateUUID` are always there; of the five parts only what the scope shows.
 *
 * Never shown, whatever the scope says: a custom (top-level or of the metadata) that
 * is marked private, and keys called `__proto__`, which a channel refuses to carry.
 * A part of which only some is visible and none is there is left out, name and all.
 * Arrays and scalars are shown whole or not at all.
 *
 * Which path is visible is decided elsewhere and comes in as a function.
 */
import type { ClusterState, ProjectedState } from '../protocol/cluster-state.js'
import { isTree, own, put } from './tree.js'

/** Of what lies at and below a path: everything, something perhaps, nothing. */
export type Visibility = 'all' | 'some' | 'none'
/** Pure: the same answer for the same path each time; answers are kept. */
export type Scope = (path: readonly string[]) => Visibility

const PARTS = ['metadata', 'routingTable', 'nodes', 'blocks', 'customs'] as const

/**
 * The state as `scope` shows it. Parts that are the same objects in the state
 * projected before come out as the same objects, and so do parts whose visible side
 * did not change; so the diff of two projections costs what changed.
 */
export function project(state: ClusterState, scope: Scope): ProjectedState {
  let projection = projections.get(scope)
  if (projection === undefined) projections.set(scope, (projection = makeProjection(scope)))
  return projection(state)
}
const projections = new WeakMap<Scope, (state: ClusterState) => ProjectedState>()

/** One place in the tree with what went in and came out last. Lives as long as the place does. */
interface Place {
  readonly path: readonly string[]
  readonly visibility: Visibility
  last: { readonly input: object; readonly output: unknown } | undefined
  readonly children: Map<string, Place>
}

function makeProjection(scope: Scope): (state: ClusterState) => ProjectedState {
  const places = new Map<string, Place>()
  for (const part of PARTS) places.set(part, makePlace([part], scope([part])))
  const known = new WeakMap<ClusterState, ProjectedState>()
  return (state) => {
    const before = known.get(state)
    if (before !== undefined) return before
    const { clusterName, version, stateUUID } = state
    const projected: Record<string, unknown> = { clusterName, version, stateUUID }
    for (const [part, place] of places) {
      const value = projectPlace(place, own(state as unknown as Record<string, unknown>, part), scope)
      if (value !== undefined) projected[part] = value
    }
    const result = Object.freeze(projected) as unknown as ProjectedState
    known.set(state, result)
    return result
  }
}

function makePlace(path: readonly string[], visibility: Visibility): Place {
  return { path, visibility, last: undefined, children: new Map() }
}

function projectPlace(place: Place, input: unknown, scope: Scope): unknown {
  if (place.visibility === 'none') return undefined
  if (!isTree(input)) return place.visibility === 'all' ? cleaned(input) : undefined
  if (isCustom(place.path) && isPrivate(input)) return undefined
  if (place.visibility === 'all' && !holdsCustoms(place.path)) return cleaned(input)
  if (place.last?.input === input) return place.last.output
  const output: Record<string, unknown> = {}
  const keys = Object.keys(input)
  let count = 0
  for (const key of keys) {
    if (key === '__proto__') continue
    let child = place.children.get(key)
    if (child === undefined) place.children.set(key, (child = makeChild(place, key, scope)))
    const value = projectPlace(child, input[key], scope)
    if (value === undefined) continue
    put(output, key, value)
    count++
  }
  if (place.children.size > keys.length) forget(place.children, input)
  const hidden = count === 0 && place.visibility === 'some'
  const before = place.last?.output
  const kept = hidden ? undefined : sameChildren(before, output, count) ? before : Object.freeze(output)
  place.last = { input, output: kept }
  return kept
}

/** Drops the places of keys that are gone; up to as many as there are keys may stay a while. */
function forget(children: Map<string, Place>, input: object): void {
  for (const key of children.keys()) if (!Object.hasOwn(input, key)) children.delete(key)
}

function makeChild(place: Place, key: string, scope: Scope): Place {
  const path = [...place.path, key]
  return makePlace(path, place.visibility === 'all' ? 'all' : scope(path))
}

function sameChildren(before: unknown, output: Record<string, unknown>, count: number): boolean {
  if (!isTree(before)) return false
  const keys = Object.keys(before)
  return keys.length === count && keys.every((key) => before[key] === own(output, key))
}

function isCustom(path: readonly string[]): boolean {
  return path.length > 1 && holdsCustoms(path.slice(0, -1)) && path.at(-2) === 'customs'
}

/** The places to walk even when all of them is visible, since a private custom may be below. */
function holdsCustoms(path: readonly string[]): boolean {
  const [first, second] = path
  if (path.length === 1) return first === 'metadata' || first === 'customs'
  return path.length === 2 && first === 'metadata' && second === 'customs'
}

/** Anything but an absent or false mark is a mark: a typing mistake must not publish a secret. */
function isPrivate(custom: { readonly [key: string]: unknown }): boolean {
  const mark = own(custom, 'private')
  return mark !== undefined && mark !== false
}

/** The value itself unless it holds a key that is not sent; then a copy without. Known parts cost one lookup. */
function cleaned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = clean.get(value)
  if (known !== undefined) return known
  const result = Array.isArray(value) ? cleanArray(value) : cleanTree(value as Record<string, unknown>)
  clean.set(value, result)
  return result
}
const clean = new WeakMap<object, object>()

function cleanArray(values: readonly unknown[]): object {
  const copies = values.map(cleaned)
  return copies.every((copy, index) => copy === values[index]) ? values : Object.freeze(copies)
}

function cleanTree(tree: Record<string, unknown>): object {
  const keys = Object.keys(tree)
  if (keys.every((key) => key !== '__proto__' && tree[key] !== undefined && cleaned(tree[key]) === tree[key]))
    return tree
  const copy: Record<string, unknown> = {}
  for (const key of keys) {
    const inner = key === '__proto__' ? undefined : cleaned(tree[key])
    if (inner !== undefined) put(copy, key, inner)
  }
  return Object.freeze(copy)
}
