/**
 * 'bulkhead/plugin': what a plugin author imports. Types, and `definePlugin`, which
 * only gives them; nothing here runs on the host.
 */
import type { ClusterChangedEvent as ChangedEvent } from './protocol/cluster-event.js'
import type { Json, ProjectedState } from './protocol/cluster-state.js'

export type { Json }

/** A body is JSON, text, bytes, or a stream of bytes. */
export type RestBody = Json | Uint8Array | AsyncIterable<Uint8Array>

export interface RestRequest {
  readonly method: string
  /** Decoded path without the query. */
  readonly path: string
  /** What the `{name}` segments of the route stood for. */
  readonly params: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string }
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string }
  readonly body: RestBody
}

export interface RestResponse {
  /** From 100 to 599; 200 when left out. */
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: RestBody
}

export type RestMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS'

export interface RestHandler {
  readonly method: RestMethod
  /** Segments are literal or `{name}`: `/_plugins/_demo/{id}`. */
  readonly path: string
  readonly handle: (request: RestRequest, context: CallContext) => RestResponse | Promise<RestResponse>
}

export type IngestDocument = { readonly [field: string]: Json }
/** Takes a batch, gives as many documents back in the same order; `null` drops a document. */
export type IngestProcessor = (
  documents: readonly IngestDocument[],
  context: CallContext,
) => readonly (IngestDocument | null)[] | Promise<readonly (IngestDocument | null)[]>

export interface PluginLog {
  debug(...values: readonly unknown[]): void
  info(...values: readonly unknown[]): void
  warn(...values: readonly unknown[]): void
  error(...values: readonly unknown[]): void
}

export interface PluginContext {
  readonly cluster: PluginCluster
  /** The node's settings that the grant names, by full key. */
  readonly settings: { readonly [key: string]: Json }
  readonly log: PluginLog
  /** Aborted when the plugin is asked to stop. */
  readonly signal: AbortSignal
  /** The plugin's own directory as the grant knows it; a name for path grants. */
  readonly home: string
  /** The directory the plugin may write to if its grant says so. */
  readonly data: string
}

/** The context of one call: `signal` is aborted when the caller gives up or the deadline passes. */
export type CallContext = PluginContext

export interface PluginCluster {
  /** The newest state this plugin may see. Unchanged parts keep their identity from state to state. */
  state(): ProjectedClusterState
  addListener(listener: ClusterStateListener): void
  removeListener(listener: ClusterStateListener): void
  addLocalNodeClusterManagerListener(listener: LocalNodeClusterManagerListener): void
  removeLocalNodeClusterManagerListener(listener: LocalNodeClusterManagerListener): void
  /** A `ClusterStateObserver`: resolves with the first state, the current one included, that satisfies `predicate`. */
  waitForNextChange(
    predicate: (state: ProjectedClusterState) => boolean,
    timeoutMs: number,
  ): Promise<ProjectedClusterState>
}

/** A state with every part that the grant does not name left out. */
export type ProjectedClusterState = ProjectedState
export type ClusterChangedEvent = ChangedEvent
export type ClusterStateListener = (event: ClusterChangedEvent) => void | Promise<void>
export interface LocalNodeClusterManagerListener {
  onClusterManager(): void | Promise<void>
  offClusterManager(): void | Promise<void>
}

export interface PluginDefinition {
  readonly start?: (context: PluginContext) => void | Promise<void>
  readonly stop?: (context: PluginContext) => void | Promise<void>
  readonly rest?: readonly RestHandler[]
  /** By processor type; `config` is the processor's own configuration in a pipeline. */
  readonly ingest?: {
    readonly [type: string]: (
      config: { readonly [key: string]: Json },
      context: PluginContext,
    ) => IngestProcessor | Promise<IngestProcessor>
  }
  readonly clusterStateListener?: (event: ClusterChangedEvent, context: PluginContext) => void | Promise<void>
}

/** Gives the definition back; exists for its types and for the place it marks. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition
}
