/**
 * Where cluster states come from. A search node has its own; sources/ holds ready
 * ones. What a plugin sees of a state is made in projection.ts and broker.ts.
 */
import type { ClusterState } from '../protocol/cluster-state.js'

export interface ClusterStateChange {
  /** Why the state changed, for people: `create-index [logs]`. */
  readonly source: string
  readonly state: ClusterState
}

/**
 * States are immutable and each has a `stateUUID` of its own. A state that shares
 * its unchanged parts with the one before is cheap to send on; a full copy is right, too.
 */
export interface ClusterStateSource {
  current(): ClusterState
  /**
   * Calls `listener` for each state after `current()`, in order.
   * @returns a function that ends it; calling it again does nothing
   */
  subscribe(listener: (change: ClusterStateChange) => void): () => void
}
