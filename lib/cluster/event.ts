/**
 * ClusterChangedEvent with OpenSearch's semantics
 * (org.opensearch.cluster.ClusterChangedEvent), on projected states, in which any
 * part may be missing: a part nobody may see never changes.
 * Nothing here relies on `this`, and what is handed out is frozen or made afresh,
 * so one event serves all listeners of a plugin.
 */
import type { ClusterChangedEvent, NodesDelta } from '../protocol/cluster-event.js'
import type { DiscoveryNode, ProjectedState } from '../protocol/cluster-state.js'
import { at, own, sameJson, treeAt, type Tree } from './tree.js'

/** @param source - why the state changed, as the publisher said it */
export function makeClusterChangedEvent(
  source: string,
  state: ProjectedState,
  previous: ProjectedState,
): ClusterChangedEvent {
  const nodesDelta = once(() => compareNodes(state, previous))
  const metadataChanged = (): boolean => state.metadata !== previous.metadata
  const isNewCluster = (): boolean => uuidOf(state) !== uuidOf(previous)
  const indices = treeAt(state, 'metadata', 'indices')
  const indicesBefore = treeAt(previous, 'metadata', 'indices')
  const indicesCreated = once(() =>
    metadataChanged() ? missingFrom(indicesBefore, indices) : Object.freeze([]),
  )
  // A new cluster uuid is a cluster manager that lost its data, most likely: nothing was deleted on purpose.
  const indicesDeleted = once(() =>
    metadataChanged() && !isNewCluster() ? missingFrom(indices, indicesBefore) : Object.freeze([]),
  )
  return Object.freeze({
    source: () => source,
    state: () => state,
    previousState: () => previous,
    routingTableChanged: () => state.routingTable !== previous.routingTable,
    indexRoutingTableChanged: (index: string) =>
      at(state, 'routingTable', 'indices', String(index)) !==
      at(previous, 'routingTable', 'indices', String(index)),
    indicesCreated,
    indicesDeleted,
    metadataChanged,
    changedCustomMetadataSet: () => changedCustoms(state, previous),
    blocksChanged: () => state.blocks !== previous.blocks,
    localNodeClusterManager: () => isLocalNodeClusterManager(state),
    nodesDelta,
    nodesRemoved: () => nodesDelta().removed.length > 0,
    nodesAdded: () => nodesDelta().added.length > 0,
    nodesChanged: () => nodesDelta().removed.length > 0 || nodesDelta().added.length > 0,
    isNewCluster,
  })
}

/** Whether the node that this state belongs to is its elected cluster manager. */
export function isLocalNodeClusterManager(state: ProjectedState): boolean {
  const local = at(state, 'nodes', 'localNodeId')
  return typeof local === 'string' && local !== '' && local === at(state, 'nodes', 'clusterManagerNodeId')
}

function uuidOf(state: ProjectedState): unknown {
  return at(state, 'metadata', 'clusterUUID')
}

/**
 * Names of indices in `these` that `others` does not have under that name and uuid.
 * An index deleted and created again between two states is in both lists: OpenSearch
 * tells deletions by uuid but creations by name alone, which can rely on seeing each
 * state; a plugin sees some states as one. Without visible uuids names decide.
 */
function missingFrom(others: Tree, these: Tree): readonly string[] {
  const names = Object.keys(these).filter((name) => {
    if (own(others, name) === undefined) return true
    return at(others, name, 'uuid') !== at(these, name, 'uuid')
  })
  return Object.freeze(names)
}

function changedCustoms(state: ProjectedState, previous: ProjectedState): ReadonlySet<string> {
  const now = treeAt(state, 'metadata', 'customs')
  const before = treeAt(previous, 'metadata', 'customs')
  const names = new Set([...Object.keys(now), ...Object.keys(before)])
  for (const name of names) if (sameJson(own(now, name), own(before, name))) names.delete(name)
  return names
}

/** A node that restarted (same id, other ephemeral id) was removed and added, as in DiscoveryNodes.delta. */
function compareNodes(state: ProjectedState, previous: ProjectedState): NodesDelta {
  const now = treeAt(state, 'nodes', 'nodes')
  const before = treeAt(previous, 'nodes', 'nodes')
  const newId = managerOf(state)
  const previousId = managerOf(previous)
  return Object.freeze({
    added: nodesMissingFrom(before, now),
    removed: nodesMissingFrom(now, before),
    clusterManagerChanged:
      newId !== previousId || (newId !== null && ephemeralOf(now, newId) !== ephemeralOf(before, newId)),
    previousClusterManagerNodeId: previousId,
    newClusterManagerNodeId: newId,
  })
}

function nodesMissingFrom(others: Tree, these: Tree): readonly DiscoveryNode[] {
  const ids = Object.keys(these).filter((id) => {
    return own(others, id) === undefined || ephemeralOf(others, id) !== ephemeralOf(these, id)
  })
  // A projection may leave parts of a node out; its type says what a full one has.
  return Object.freeze(ids.map((id) => these[id] as DiscoveryNode))
}

function ephemeralOf(nodes: Tree, id: string): unknown {
  return at(nodes, id, 'ephemeralId')
}

function managerOf(state: ProjectedState): string | null {
  const id = at(state, 'nodes', 'clusterManagerNodeId')
  return typeof id === 'string' ? id : null
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
