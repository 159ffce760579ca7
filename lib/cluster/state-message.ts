/**
 * Checks the frame of a state message. What is inside a state or a diff is the
 * host's word; apply() in diff.ts refuses a diff that does not fit.
 */
import { PluginError } from '../errors.js'
import type { ProjectedState } from '../protocol/cluster-state.js'
import type { StateDiff, StateMessage } from '../protocol/cluster-wire.js'
import { isTree, own, type Tree } from './tree.js'

/** @throws PluginError `PROTOCOL_VIOLATION` naming the first field that is missing or of another type */
export function parseStateMessage(value: unknown): StateMessage {
  if (!isTree(value)) throw violation('a state message is an object')
  const source = text(value, 'source')
  const kind = own(value, 'kind')
  if (kind === 'full') {
    const state = own(value, 'state')
    if (!isTree(state)) throw violation('state is an object')
    text(state, 'clusterName')
    text(state, 'stateUUID')
    count(state, 'version')
    return { kind, source, state: state as ProjectedState }
  }
  if (kind !== 'diff') throw violation("kind is 'full' or 'diff'")
  const parts = own(value, 'parts')
  if (!isTree(parts)) throw violation('parts is an object')
  return {
    kind,
    source,
    fromUuid: text(value, 'fromUuid'),
    toUuid: text(value, 'toUuid'),
    toVersion: count(value, 'toVersion'),
    parts: parts as StateDiff,
  }
}

function text(tree: Tree, key: string): string {
  const value = own(tree, key)
  if (typeof value !== 'string') throw violation(`${key} is a string`)
  return value
}

function count(tree: Tree, key: string): number {
  const value = own(tree, key)
  if (typeof value !== 'number') throw violation(`${key} is a number`)
  return value
}

function violation(rule: string): PluginError {
  return new PluginError('PROTOCOL_VIOLATION', { rule })
}
