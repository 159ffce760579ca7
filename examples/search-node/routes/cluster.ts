/** `GET /`, `/_cluster/state`, `/_cluster/health`: what this node is and how it fares. */
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../app.js'

export function routeCluster(app: FastifyInstance, { cluster, store, plugins, nodeVersion }: AppParts): void {
  app.get('/', () => {
    const { clusterName, metadata, nodes } = cluster.state()
    return {
      name: nodes.nodes[nodes.localNodeId]?.name ?? nodes.localNodeId,
      cluster_name: clusterName,
      cluster_uuid: metadata.clusterUUID,
      version: { distribution: 'bulkhead-example', number: nodeVersion, node: process.version },
      tagline: 'plugins fail, the node answers',
      routes: [
        '/_cat/plugins',
        '/_cat/indices',
        '/_cluster/state',
        '/_cluster/health',
        '/{index}/_search?q=',
      ],
    }
  })

  app.get('/_cluster/state', () => cluster.state())

  app.get('/_cluster/health', () => {
    const { clusterName, version } = cluster.state()
    const failing = plugins.list().filter(({ state }) => state !== 'running')
    return {
      cluster_name: clusterName,
      // Yellow, never red: searching does not need a plugin.
      status: failing.length === 0 ? 'green' : 'yellow',
      number_of_nodes: 1,
      number_of_indices: store.names().length,
      cluster_state_version: version,
      plugins_not_running: failing.map(({ name, state }) => ({ name, state })),
    }
  })
}
