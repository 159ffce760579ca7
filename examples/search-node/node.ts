/**
 * One search node, wired: cluster state, indices, pipelines, plugins, HTTP. Which files
 * the plugins come from and who starts them is the caller's choice.
 */
import { randomUUID } from 'node:crypto'
import type { MemoryClusterState } from 'bulkhead'
import { makeApp } from './app.js'
import { makeCluster, type Cluster } from './cluster.js'
import { makeIndexStore, type IndexStore } from './index-store.js'
import { makePipelines } from './pipelines.js'
import type { PluginHost } from './plugin-host.js'

export const NODE_VERSION = '3.2.0'

export interface SearchNode<Plugins extends PluginHost> {
  /** `http://127.0.0.1:9200` */
  readonly url: string
  readonly store: IndexStore
  readonly cluster: Cluster
  readonly plugins: Plugins
  /** Stops answering; the plugins are the caller's to stop. */
  close(): Promise<void>
}

export interface NodeOptions<Plugins extends PluginHost> {
  readonly clusterState: MemoryClusterState
  readonly plugins: Plugins
  /** Ports to try in turn; 0 is any free port. */
  readonly ports: readonly number[]
}

const HOST = '127.0.0.1'

/** @throws the last port's error when none of `ports` is free */
export async function startNode<Plugins extends PluginHost>(
  options: NodeOptions<Plugins>,
): Promise<SearchNode<Plugins>> {
  const { plugins, ports } = options
  const cluster = makeCluster(options.clusterState, randomUUID)
  const store = makeIndexStore(cluster)
  const pipelines = makePipelines(plugins)
  const app = makeApp({ store, cluster, pipelines, plugins, nodeVersion: NODE_VERSION })
  return { url: await listen(ports), store, cluster, plugins, close: () => app.close() }

  async function listen([port = 0, ...others]: readonly number[]): Promise<string> {
    try {
      return await app.listen({ host: HOST, port })
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!taken || others.length === 0) throw error
      return listen(others)
    }
  }
}
