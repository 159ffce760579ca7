/**
 * A cluster that exists in memory only, for unit tests of plugins. Everything about it
 * is the same in each run: ids count up, shards go round robin. Its methods resolve once
 * the new state is published; `plugin.settled()` says when a plugin is done with it.
 */
import { allocateIndex, reroute } from '../cluster/allocation.js'
import {
  putBlock,
  putCustom,
  putIndex,
  putMetadataCustom,
  removeBlock,
  removeIndex,
} from '../cluster/changes.js'
import { memoryClusterState, type MemoryClusterState } from '../cluster/sources/memory.js'
import type { ClusterStateChange, ClusterStateSource } from '../cluster/source.js'
import { emptyClusterState } from '../cluster/state.js'
import { own, put } from '../cluster/tree.js'
import { PluginError } from '../errors.js'
import type {
  ClusterBlock,
  ClusterState,
  Custom,
  DiscoveryNode,
  IndexMetadata,
  IndexRoutingTable,
  Json,
} from '../protocol/cluster-state.js'

export interface MockIndexOptions {
  /** Primaries, from 1; 1 when left out. */
  readonly shards?: number
  /** Further copies of each primary, from 0; 0 when left out. More than there are nodes stay unassigned. */
  readonly replicas?: number
  readonly settings?: { readonly [key: string]: Json }
  readonly mappings?: { readonly [key: string]: Json }
  readonly aliases?: { readonly [alias: string]: Json }
}

export interface MockClusterOptions {
  /** Name of the cluster; `mock-cluster` when left out. */
  readonly name?: string
  /** How many nodes, from 1; 1 when left out. The first is the local node and the elected cluster manager. */
  readonly nodes?: number
  readonly indices?: { readonly [name: string]: MockIndexOptions }
}

/** OpenSearch's block on a closed index (MetadataIndexStateService.INDEX_CLOSED_BLOCK). */
const CLOSED_BLOCK: ClusterBlock = {
  id: 4,
  description: 'index closed',
  levels: ['read', 'write'],
  retryable: false,
}

/**
 * What is not possible is refused with `CLUSTER_REQUEST_INVALID` and changes nothing.
 * What it is given is copied, except the parts that `publish` gives.
 */
export class MockCluster implements ClusterStateSource {
  readonly #source: MemoryClusterState
  #nodesMade = 0
  #indicesMade = 0
  #statesMade = 0

  constructor(options: MockClusterOptions = {}) {
    const count = wholeNumber('nodes', options.nodes ?? 1, 1)
    const nodes: Record<string, DiscoveryNode> = {}
    for (let made = 0; made < count; made++) {
      const node = this.#makeNode()
      nodes[node.id] = node
    }
    // Collected first: putting them in one by one would copy all of them each time.
    const indices: Record<string, IndexMetadata> = {}
    const routing: Record<string, IndexRoutingTable> = {}
    for (const [name, index] of Object.entries(options.indices ?? {})) {
      ;[indices[name], routing[name]] = this.#makeIndex(name, index, Object.keys(nodes))
    }
    const empty = emptyClusterState(options.name ?? 'mock-cluster')
    const state: ClusterState = {
      ...empty,
      version: 1,
      stateUUID: this.#stateUuid(),
      metadata: { ...empty.metadata, clusterUUID: uuid('c', 1), indices },
      routingTable: { version: 0, indices: routing },
      nodes: { localNodeId: 'node-1', clusterManagerNodeId: 'node-1', nodes },
    }
    this.#source = memoryClusterState(state, { uuid: () => this.#stateUuid() })
  }

  current(): ClusterState {
    return this.#source.current()
  }

  subscribe(listener: (change: ClusterStateChange) => void): () => void {
    return this.#source.subscribe(listener)
  }

  /** Any change at all: `update` gives the parts that become new. */
  async publish(
    source: string,
    update: (state: ClusterState) => Partial<ClusterState>,
  ): Promise<ClusterState> {
    return this.#source.publish(source, update)
  }

  async createIndex(name: string, options: MockIndexOptions = {}): Promise<void> {
    await this.publish(`create-index [${name}]`, (state) => this.#newIndex(state, name, options))
  }

  async deleteIndex(name: string): Promise<void> {
    await this.publish(`delete-index [${name}]`, (state) => {
      findIndex(state, name)
      return removeIndex(state, name)
    })
  }

  /** Adds to the top level of the mappings; `properties` are added to one by one. */
  async putMapping(index: string, mappings: { readonly [key: string]: Json }): Promise<void> {
    const given = structuredClone(mappings)
    await this.#changeIndex(`put-mapping [${index}]`, index, (before) => {
      const properties = merge(before.mappings['properties'], given['properties'])
      return { mappings: { ...before.mappings, ...given, ...(properties !== undefined && { properties }) } }
    })
  }

  /** Sets settings one by one; `null` takes one away. */
  async updateSettings(index: string, settings: { readonly [key: string]: Json }): Promise<void> {
    await this.#changeIndex(`update-settings [${index}]`, index, (before) => {
      const entries = Object.entries({ ...before.settings, ...structuredClone(settings) })
      return { settings: fromEntries(entries.filter(([, value]) => value !== null)) }
    })
  }

  async closeIndex(name: string): Promise<void> {
    await this.publish(`close-index [${name}]`, (state) => {
      const index = findIndex(state, name)
      if (index.state === 'close') return {}
      const closed: IndexMetadata = { ...index, state: 'close', version: index.version + 1 }
      return { ...putIndex(state, closed), ...putBlock(state, CLOSED_BLOCK, name) }
    })
  }

  async openIndex(name: string): Promise<void> {
    await this.publish(`open-index [${name}]`, (state) => {
      const index = findIndex(state, name)
      if (index.state === 'open') return {}
      const opened: IndexMetadata = { ...index, state: 'open', version: index.version + 1 }
      return { ...putIndex(state, opened), ...removeBlock(state, CLOSED_BLOCK.id, name) }
    })
  }

  /** @returns the id of the new node: `node-4` after `node-3` */
  async addNode(name?: string): Promise<string> {
    const node = this.#makeNode(name)
    await this.publish(`node-join [${node.name}]`, (state) =>
      changeNodes(state, { ...state.nodes.nodes, [node.id]: node }),
    )
    return node.id
  }

  /** Its shards move to the nodes that stay. When it is the cluster manager, there is none until `electClusterManager`. */
  async removeNode(id: string): Promise<void> {
    await this.publish(`node-left [${id}]`, (state) => {
      findNode(state, id)
      if (id === state.nodes.localNodeId) {
        throw refused('the local node cannot leave its own cluster', {
          node: id,
          remedy: 'remove another node',
        })
      }
      const { [id]: _gone, ...nodes } = state.nodes.nodes
      return changeNodes(state, nodes)
    })
  }

  /** @param id - a node of the cluster, or `null` for none */
  async electClusterManager(id: string | null): Promise<void> {
    await this.publish(`elected-as-cluster-manager [${String(id)}]`, (state) => {
      if (id !== null) findNode(state, id)
      if (id === state.nodes.clusterManagerNodeId) return {}
      return { nodes: { ...state.nodes, clusterManagerNodeId: id } }
    })
  }

  /** @param index - left out, the block is one on the whole cluster */
  async addBlock(block: ClusterBlock, index?: string): Promise<void> {
    await this.publish(`add-block [${block.description}]`, (state) => {
      if (index !== undefined) findIndex(state, index)
      return putBlock(state, structuredClone(block), index)
    })
  }

  async removeBlock(id: number, index?: string): Promise<void> {
    await this.publish(`remove-block [${id}]`, (state) => {
      if (index !== undefined) findIndex(state, index)
      const blocks =
        index === undefined
          ? state.blocks.global
          : (own(state.blocks.indices, index) as typeof state.blocks.global | undefined)
      if (blocks?.some((block) => block.id === id) !== true) {
        throw refused('there is no such block', { block: id, ...(index !== undefined && { index }) })
      }
      return removeBlock(state, id, index)
    })
  }

  /** `{ private: true }` keeps it from every plugin; `null` takes it away. */
  async putCustom(name: string, value: Custom | null): Promise<void> {
    await this.publish(`put-custom [${name}]`, (state) => putCustom(state, name, structuredClone(value)))
  }

  async putMetadataCustom(name: string, value: Custom | null): Promise<void> {
    await this.publish(`put-metadata-custom [${name}]`, (state) =>
      putMetadataCustom(state, name, structuredClone(value)),
    )
  }

  async #changeIndex(
    source: string,
    name: string,
    change: (index: IndexMetadata) => Partial<IndexMetadata>,
  ): Promise<void> {
    await this.publish(source, (state) => {
      const index = findIndex(state, name)
      return putIndex(state, { ...index, ...change(index), version: index.version + 1 })
    })
  }

  #newIndex(state: ClusterState, name: string, options: MockIndexOptions): Partial<ClusterState> {
    if (own(state.metadata.indices, name) !== undefined) {
      throw refused('there is an index of this name already', { index: name, remedy: 'delete it first' })
    }
    return putIndex(state, ...this.#makeIndex(name, options, Object.keys(state.nodes.nodes)))
  }

  #makeIndex(
    name: string,
    options: MockIndexOptions,
    nodeIds: readonly string[],
  ): [IndexMetadata, IndexRoutingTable] {
    checkIndexName(name)
    const shards = wholeNumber('shards', options.shards ?? 1, 1)
    const replicas = wholeNumber('replicas', options.replicas ?? 0, 0)
    const { settings = {}, mappings = {}, aliases = {} } = structuredClone(options)
    const made = this.#indicesMade++
    const index: IndexMetadata = {
      index: name,
      uuid: uuid('d', made + 1),
      version: 1,
      state: 'open',
      settings: { 'index.number_of_shards': shards, 'index.number_of_replicas': replicas, ...settings },
      mappings,
      aliases,
    }
    return [index, allocateIndex(name, shards, replicas, nodeIds, made)]
  }

  #makeNode(name?: string): DiscoveryNode {
    const number = ++this.#nodesMade
    return {
      id: `node-${number}`,
      ephemeralId: uuid('e', number),
      name: name ?? `node-${number}`,
      address: `10.0.${number >> 8}.${number & 255}:9300`,
      roles: ['cluster_manager', 'data', 'ingest'],
      attributes: {},
      version: '3.2.0',
    }
  }

  #stateUuid(): string {
    return uuid('a', ++this.#statesMade)
  }
}

function changeNodes(
  state: ClusterState,
  nodes: { readonly [id: string]: DiscoveryNode },
): Partial<ClusterState> {
  const { clusterManagerNodeId: manager, localNodeId } = state.nodes
  const stays = manager !== null && Object.hasOwn(nodes, manager)
  const routingTable = reroute(state.routingTable, Object.keys(nodes))
  return { nodes: { localNodeId, clusterManagerNodeId: stays ? manager : null, nodes }, routingTable }
}

function findIndex(state: ClusterState, name: string): IndexMetadata {
  const index = own(state.metadata.indices, name)
  if (index !== undefined) return index as IndexMetadata
  throw refused('there is no such index', {
    index: name,
    known: Object.keys(state.metadata.indices).join(', '),
  })
}

function findNode(state: ClusterState, id: string): void {
  if (own(state.nodes.nodes, id) !== undefined) return
  throw refused('there is no such node', { node: id, known: Object.keys(state.nodes.nodes).join(', ') })
}

/** The rules of OpenSearch that a mistake in a test may run into. */
function checkIndexName(name: string): void {
  if (
    /^[^A-Z\s"*\\<|,>/?#:_+.-][^A-Z\s"*\\<|,>/?#:]*$|^\.[^A-Z\s"*\\<|,>/?#:.][^A-Z\s"*\\<|,>/?#:]*$/.test(
      name,
    )
  )
    return
  throw refused('this is no name for an index', {
    index: name,
    remedy: 'use lower case without spaces and \\ / * ? " < > | , # : and begin with none of - _ +',
  })
}

function wholeNumber(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value
  throw refused(`${name} is a whole number from ${least}`, { [name]: value })
}

function refused(message: string, detail: { readonly [key: string]: unknown }): PluginError {
  return new PluginError('CLUSTER_REQUEST_INVALID', { message, ...detail })
}

function merge(before: Json | undefined, added: Json | undefined): Json | undefined {
  if (!isObject(before) || !isObject(added)) return added ?? before
  return { ...before, ...added }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fromEntries<Value>(entries: readonly (readonly [string, Value])[]): {
  readonly [key: string]: Value
} {
  const record: { [key: string]: Value } = {}
  for (const [key, value] of entries) put(record, key, value)
  return record
}

/** Shaped like a uuid, so that nothing depends on it being short; `kind` keeps the sequences apart. */
function uuid(kind: 'a' | 'c' | 'd' | 'e', number: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`
}
