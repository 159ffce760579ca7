/**
 * A cluster state to start from, and a check of one that comes from outside
 * (a file, another machine). How states change is for their source.
 */
import { PluginError } from '../errors.js'
import type { ClusterState } from '../protocol/cluster-state.js'
import { deepFreeze, isTree, own, type Tree } from './tree.js'

/** OpenSearch's mark for a uuid that is not known yet (ClusterState.UNKNOWN_UUID). */
export const UNKNOWN_UUID = '_na_'

/** A cluster that nobody has told anything: no nodes, no indices, version 0. */
export function emptyClusterState(clusterName: string): ClusterState {
  return deepFreeze({
    clusterName,
    version: 0,
    stateUUID: UNKNOWN_UUID,
    metadata: {
      clusterUUID: UNKNOWN_UUID,
      version: 0,
      persistentSettings: {},
      transientSettings: {},
      indices: {},
      templates: {},
      customs: {},
    },
    routingTable: { version: 0, indices: {} },
    nodes: { localNodeId: '', clusterManagerNodeId: null, nodes: {} },
    blocks: { global: [], indices: {} },
    customs: {},
  })
}

type Kind = 'string' | 'string or null' | 'whole number' | 'object' | 'array'
type Shape = { readonly [key: string]: Kind | Shape }

/** What bulkhead itself relies on; the inside of an index, a node or a custom is the node's own business. */
const SHAPE: Shape = {
  clusterName: 'string',
  version: 'whole number',
  stateUUID: 'string',
  metadata: {
    clusterUUID: 'string',
    version: 'whole number',
    persistentSettings: 'object',
    transientSettings: 'object',
    indices: 'object',
    templates: 'object',
    customs: 'object',
  },
  routingTable: { version: 'whole number', indices: 'object' },
  nodes: { localNodeId: 'string', clusterManagerNodeId: 'string or null', nodes: 'object' },
  blocks: { global: 'array', indices: 'object' },
  customs: 'object',
}

/**
 * Checks a state that comes as parsed JSON and gives it frozen, in place.
 * @throws PluginError `CONFIG_INVALID` with the JSON pointer of the first part that is missing or of another type
 */
export function parseClusterState(value: unknown): ClusterState {
  check(value, SHAPE, '')
  return deepFreeze(value as ClusterState)
}

function check(value: unknown, shape: Shape, pointer: string): void {
  if (!isTree(value)) throw wrong(pointer, 'object', value)
  for (const [key, kind] of Object.entries(shape)) {
    const part = own(value as Tree, key)
    const where = `${pointer}/${key}`
    if (typeof kind !== 'string') check(part, kind, where)
    else if (!isKind(part, kind)) throw wrong(where, kind, part)
  }
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string'
    case 'string or null':
      return typeof value === 'string' || value === null
    case 'whole number':
      return Number.isSafeInteger(value) && (value as number) >= 0
    case 'object':
      return isTree(value)
    case 'array':
      return Array.isArray(value)
  }
}

function wrong(pointer: string, expected: Kind, value: unknown): PluginError {
  const found =
    value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return new PluginError('CONFIG_INVALID', {
    option: 'clusterState',
    pointer,
    expected,
    found,
    remedy: `give a cluster state with ${pointer === '' ? 'its parts' : pointer} as ${expected}`,
  })
}
