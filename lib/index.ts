/** 'bulkhead': what a search-node author imports. Re-exports only. */
export {
  ERROR_CODES,
  formatFault,
  PluginError,
  type ErrorCode,
  type ErrorDetail,
  type Fault,
} from './errors.js'
export {
  PluginsService,
  type AuditEvent,
  type AuditLogEvent,
  type IngestOptions,
  type LimitEvent,
  type PluginInfo,
  type PluginsServiceEvents,
  type PluginsServiceOptions,
  type TransitionEvent,
} from './service.js'
export type { RestCall } from './extensions/rest.js'
export type { RestReply } from './extensions/reply.js'
export type { Isolation } from './supervisor/options.js'
export type { PluginState, RestartPolicy } from './supervisor/lifecycle.js'
export type { WallReport } from './protocol/plugin-api.js'
export type { ClusterStateChange, ClusterStateSource } from './cluster/source.js'
export {
  memoryClusterState,
  type MemoryClusterState,
  type MemoryClusterStateOptions,
} from './cluster/sources/memory.js'
export { emptyClusterState } from './cluster/state.js'
export type {
  ClusterBlock,
  ClusterBlocks,
  ClusterState,
  Custom,
  DiscoveryNode,
  DiscoveryNodes,
  IndexMetadata,
  IndexRoutingTable,
  Json,
  Metadata,
  RoutingTable,
  ShardRouting,
} from './protocol/cluster-state.js'
