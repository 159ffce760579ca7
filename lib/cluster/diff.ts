/**
 * What changed between two states, and the newer state made again from the older:
 * `apply(a, diff(a, b))` equals `b`, and whatever is equal in both keeps its
 * identity, so that `metadataChanged()` may compare by reference on the plugin's
 * side too. Host and plugin thread share this file. Whether a diff fits the state
 * at hand (`fromUuid`) is for listeners.ts.
 */
import { PluginError } from '../errors.js'
import type { ProjectedState } from '../protocol/cluster-state.js'
import type { StateDiff } from '../protocol/cluster-wire.js'
import { deepFreeze, isTree, own, put, sameJson, type Tree } from './tree.js'

/**
 * Levels a diff goes down before it replaces a part whole. Each level costs two on
 * the wire (`nested` and the key), and a receiver refuses JSON past 64: this leaves
 * room for states of 50 levels and still reaches a single field of a mapping.
 */
export const MAX_DIFF_LEVELS = 12

/**
 * The changes that lead from one tree to the other; an empty object when there are
 * none. Parts that are `===` are not looked into.
 */
export function diff(from: object, to: object): StateDiff {
  return diffTrees(from as Tree, to as Tree, MAX_DIFF_LEVELS) ?? {}
}

/** The diff of two states without `version` and `stateUUID`, which the message carries itself. */
export function diffStates(from: ProjectedState, to: ProjectedState): StateDiff {
  return diff(withoutIdentity(from), withoutIdentity(to))
}

export function isEmptyDiff(changes: StateDiff): boolean {
  return changes.set === undefined && changes.remove === undefined && changes.nested === undefined
}

function diffTrees(from: Tree, to: Tree, levels: number): StateDiff | undefined {
  const set: Record<string, unknown> = {}
  const nested: Record<string, StateDiff> = {}
  const remove: string[] = []
  let sets = 0
  let nests = 0
  for (const key of Object.keys(to)) {
    const next = to[key]
    const before = own(from, key)
    if (before === next || next === undefined) continue
    if (levels > 1 && isTree(before) && isTree(next)) {
      const inner = diffTrees(before, next, levels - 1)
      if (inner === undefined) continue
      put(nested, key, inner)
      nests++
    } else if (!sameJson(before, next)) {
      put(set, key, next)
      sets++
    }
  }
  for (const key of Object.keys(from)) {
    if (from[key] !== undefined && own(to, key) === undefined) remove.push(key)
  }
  if (sets === 0 && nests === 0 && remove.length === 0) return undefined
  return {
    ...(sets > 0 && { set }),
    ...(remove.length > 0 && { remove }),
    ...(nests > 0 && { nested }),
  }
}

/**
 * The tree with the changes made: frozen, new along the changed paths only, and
 * `from` itself when nothing changed. Its shape is what the sender of the changes says.
 * @throws PluginError `PROTOCOL_VIOLATION` when the changes are malformed or go into a part that is not there
 */
export function apply<State extends object>(from: State, changes: StateDiff): State {
  return applyTree(from as unknown as Tree, changes) as unknown as State
}

/** `apply` for two states, with the version and uuid that the message carries. */
export function advance(
  from: ProjectedState,
  to: { readonly toUuid: string; readonly toVersion: number; readonly parts: StateDiff },
): ProjectedState {
  return Object.freeze({ ...apply(from, to.parts), version: to.toVersion, stateUUID: to.toUuid })
}

function applyTree(from: Tree, changes: unknown): Tree {
  if (!isTree(changes)) throw malformed('a diff is an object')
  const set = optionalTree(own(changes, 'set'), 'set')
  const nested = optionalTree(own(changes, 'nested'), 'nested')
  const remove = optionalKeys(own(changes, 'remove'))
  let result: Record<string, unknown> | undefined
  for (const key of Object.keys(nested)) {
    const before = own(from, key)
    if (!isTree(before)) throw malformed('nested changes need an object to change', key)
    const inner = applyTree(before, nested[key])
    if (inner !== before) put((result ??= { ...from }), key, inner)
  }
  for (const key of Object.keys(set)) put((result ??= { ...from }), key, deepFreeze(set[key]))
  for (const key of remove) if (Object.hasOwn(from, key)) delete (result ??= { ...from })[key]
  return result === undefined ? from : Object.freeze(result)
}

function optionalTree(value: unknown, name: string): Tree {
  if (value === undefined) return {}
  if (!isTree(value)) throw malformed(`${name} is an object`)
  return value
}

function optionalKeys(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw malformed('remove is a list of keys')
  return value.map((key: unknown) => {
    if (typeof key !== 'string') throw malformed('remove is a list of keys')
    return key
  })
}

function malformed(rule: string, key?: string): PluginError {
  return new PluginError('PROTOCOL_VIOLATION', { rule, ...(key !== undefined && { key }) })
}

function withoutIdentity(state: ProjectedState): object {
  const { version: _version, stateUUID: _stateUUID, ...parts } = state
  return parts
}
