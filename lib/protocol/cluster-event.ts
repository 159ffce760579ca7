/**
 * What a cluster-state listener is handed, with OpenSearch's method names
 * (org.opensearch.cluster.ClusterChangedEvent). Made in lib/cluster/event.ts.
 */
import type { DiscoveryNode, ProjectedState } from './cluster-state.js'

export interface NodesDelta {
  readonly added: readonly DiscoveryNode[]
  readonly removed: readonly DiscoveryNode[]
  readonly clusterManagerChanged: boolean
  readonly previousClusterManagerNodeId: string | null
  readonly newClusterManagerNodeId: string | null
}

export interface ClusterChangedEvent {
  /** Why the state changed, as the publisher said it. */
  source(): string
  state(): ProjectedState
  previousState(): ProjectedState
  routingTableChanged(): boolean
  indexRoutingTableChanged(index: string): boolean
  indicesCreated(): readonly string[]
  indicesDeleted(): readonly string[]
  metadataChanged(): boolean
  changedCustomMetadataSet(): ReadonlySet<string>
  blocksChanged(): boolean
  localNodeClusterManager(): boolean
  nodesDelta(): NodesDelta
  nodesRemoved(): boolean
  nodesAdded(): boolean
  nodesChanged(): boolean
  isNewCluster(): boolean
}
