/**
 * The cluster state of this one-node cluster: every index that comes, goes or changes
 * its mapping becomes a new state that the source publishes. What plugins may see of
 * it, and when, is the library's business.
 */
import type { ClusterState, IndexMetadata, MemoryClusterState } from 'bulkhead'
import type { Json } from 'bulkhead/plugin'

export type Settings = { readonly [key: string]: Json }
/** Field name to `{ type }`, flat. */
export type Properties = { readonly [field: string]: Json }

export interface Cluster {
  state(): ClusterState
  index(name: string): IndexMetadata | undefined
  addIndex(index: string, settings: Settings, properties: Properties): void
  removeIndex(index: string): void
  putProperties(index: string, properties: Properties): void
}

const NODE_ID = 'node-0'

/** The state of a cluster whose one node is this process. */
export function firstState(address: string, version: string): Partial<ClusterState> {
  return {
    nodes: {
      localNodeId: NODE_ID,
      clusterManagerNodeId: NODE_ID,
      nodes: {
        [NODE_ID]: {
          id: NODE_ID,
          ephemeralId: `${NODE_ID}-${process.pid}`,
          name: NODE_ID,
          address,
          roles: ['cluster_manager', 'data', 'ingest'],
          attributes: {},
          version,
        },
      },
    },
  }
}

export function makeCluster(source: MemoryClusterState, newUuid: () => string): Cluster {
  const publishIndex = (reason: string, metadata: IndexMetadata): void => {
    const { index } = metadata
    const shard = { index, shard: 0, primary: true, state: 'STARTED', node: NODE_ID } as const
    source.publish(reason, ({ metadata: all, routingTable }) => ({
      metadata: { ...all, version: all.version + 1, indices: { ...all.indices, [index]: metadata } },
      // A mapping moves no shard: the table keeps its identity then.
      routingTable: Object.hasOwn(routingTable.indices, index)
        ? routingTable
        : {
            version: routingTable.version + 1,
            indices: { ...routingTable.indices, [index]: { index, shards: { '0': [shard] } } },
          },
    }))
  }
  const find = (name: string): IndexMetadata | undefined => {
    const { indices } = source.current().metadata
    return Object.hasOwn(indices, name) ? indices[name] : undefined // `constructor` is a name like any other
  }
  return {
    state: () => source.current(),
    index: find,
    addIndex(index, settings, properties) {
      publishIndex(`create-index [${index}]`, {
        index,
        uuid: newUuid(),
        version: 1,
        state: 'open',
        settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 0, ...settings },
        mappings: { properties },
        aliases: {},
      })
    },
    removeIndex(index) {
      source.publish(`delete-index [${index}]`, ({ metadata, routingTable }) => ({
        metadata: { ...metadata, version: metadata.version + 1, indices: without(metadata.indices, index) },
        routingTable: {
          version: routingTable.version + 1,
          indices: without(routingTable.indices, index),
        },
      }))
    },
    putProperties(index, properties) {
      const known = find(index)
      if (known === undefined) return
      publishIndex(`put-mapping [${index}]`, {
        ...known,
        version: known.version + 1,
        mappings: { properties: { ...propertiesOf(known), ...properties } },
      })
    },
  }
}

export function propertiesOf(metadata: IndexMetadata): Properties {
  const properties = metadata.mappings['properties']
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? (properties as Properties)
    : {}
}

function without<T>(all: { readonly [name: string]: T }, name: string): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== name))
}
