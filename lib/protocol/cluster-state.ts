/**
 * The shape of a cluster state as host and plugins exchange it: plain JSON,
 * immutable, a fresh `stateUUID` for each change. Names are OpenSearch's.
 */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  /** `undefined` is left out, as JSON does. */
  | { readonly [key: string]: Json | undefined }

export interface ClusterState {
  readonly clusterName: string
  /** Counts up by one with each state the elected cluster manager publishes. */
  readonly version: number
  readonly stateUUID: string
  readonly metadata: Metadata
  readonly routingTable: RoutingTable
  readonly nodes: DiscoveryNodes
  readonly blocks: ClusterBlocks
  /** By name. A custom whose `private` is true never leaves the host. */
  readonly customs: { readonly [name: string]: Custom }
}

export interface Metadata {
  readonly clusterUUID: string
  readonly version: number
  readonly persistentSettings: { readonly [key: string]: Json }
  readonly transientSettings: { readonly [key: string]: Json }
  readonly indices: { readonly [index: string]: IndexMetadata }
  readonly templates: { readonly [name: string]: Json }
  readonly customs: { readonly [name: string]: Custom }
}

export interface IndexMetadata {
  readonly index: string
  readonly uuid: string
  readonly version: number
  readonly state: 'open' | 'close'
  readonly settings: { readonly [key: string]: Json }
  readonly mappings: { readonly [key: string]: Json }
  readonly aliases: { readonly [alias: string]: Json }
}

export interface RoutingTable {
  readonly version: number
  readonly indices: { readonly [index: string]: IndexRoutingTable }
}

export interface IndexRoutingTable {
  readonly index: string
  /** One entry a shard number, each with its copies. */
  readonly shards: { readonly [shard: string]: readonly ShardRouting[] }
}

export interface ShardRouting {
  readonly index: string
  readonly shard: number
  readonly primary: boolean
  readonly state: 'UNASSIGNED' | 'INITIALIZING' | 'STARTED' | 'RELOCATING'
  /** Node id; `null` while unassigned. */
  readonly node: string | null
}

export interface DiscoveryNodes {
  readonly localNodeId: string
  /** `null` while no cluster manager is elected. */
  readonly clusterManagerNodeId: string | null
  readonly nodes: { readonly [nodeId: string]: DiscoveryNode }
}

export interface DiscoveryNode {
  readonly id: string
  /** Changes when the same node restarts. */
  readonly ephemeralId: string
  readonly name: string
  readonly address: string
  readonly roles: readonly string[]
  readonly attributes: { readonly [key: string]: string }
  readonly version: string
}

export interface ClusterBlocks {
  readonly global: readonly ClusterBlock[]
  readonly indices: { readonly [index: string]: readonly ClusterBlock[] }
}

export interface ClusterBlock {
  readonly id: number
  readonly description: string
  readonly levels: readonly ('read' | 'write' | 'metadata_read' | 'metadata_write')[]
  readonly retryable: boolean
}

export interface Custom {
  readonly private?: boolean
  readonly [key: string]: Json | undefined
}

/** What a plugin may see of a state: the same shape, with what its grant does not name left out. */
export type ProjectedState = { readonly [Key in keyof ClusterState]?: unknown } & {
  readonly clusterName: string
  readonly version: number
  readonly stateUUID: string
}
