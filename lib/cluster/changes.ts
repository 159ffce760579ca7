/**
 * The usual changes of a cluster state, each as the parts that become new; everything
 * else is shared with the state before. Versions of metadata and routing table count
 * up as they change. Whether a change makes sense is for the caller.
 */
import type {
  ClusterBlock,
  ClusterState,
  Custom,
  IndexMetadata,
  IndexRoutingTable,
  Metadata,
} from '../protocol/cluster-state.js'
import { put } from './tree.js'

type Changes = Partial<ClusterState>

/** Adds an index or replaces its metadata; its routing only when given. */
export function putIndex(state: ClusterState, index: IndexMetadata, routing?: IndexRoutingTable): Changes {
  const metadata = changeMetadata(state, { indices: withKey(state.metadata.indices, index.index, index) })
  if (routing === undefined) return metadata
  const { version, indices } = state.routingTable
  return {
    ...metadata,
    routingTable: { version: version + 1, indices: withKey(indices, index.index, routing) },
  }
}

/** Takes an index away with its routing and its blocks. */
export function removeIndex(state: ClusterState, name: string): Changes {
  const { version, indices } = state.routingTable
  return {
    ...changeMetadata(state, { indices: withoutKey(state.metadata.indices, name) }),
    ...(Object.hasOwn(indices, name) && {
      routingTable: { version: version + 1, indices: withoutKey(indices, name) },
    }),
    ...(Object.hasOwn(state.blocks.indices, name) && {
      blocks: { ...state.blocks, indices: withoutKey(state.blocks.indices, name) },
    }),
  }
}

/** Adds a block to an index, or to the whole cluster; one with the same id is replaced. */
export function putBlock(state: ClusterState, block: ClusterBlock, index?: string): Changes {
  return changeBlocks(state, index, (blocks) => [...blocks.filter(({ id }) => id !== block.id), block])
}

export function removeBlock(state: ClusterState, id: number, index?: string): Changes {
  return changeBlocks(state, index, (blocks) => blocks.filter((block) => block.id !== id))
}

/** Sets a top-level custom; `null` takes it away. */
export function putCustom(state: ClusterState, name: string, value: Custom | null): Changes {
  return { customs: withCustom(state.customs, name, value) }
}

/** Sets a custom of the metadata; `null` takes it away. */
export function putMetadataCustom(state: ClusterState, name: string, value: Custom | null): Changes {
  return changeMetadata(state, { customs: withCustom(state.metadata.customs, name, value) })
}

function withCustom(
  customs: ClusterState['customs'],
  name: string,
  value: Custom | null,
): ClusterState['customs'] {
  return value === null ? withoutKey(customs, name) : withKey(customs, name, value)
}

function changeMetadata(state: ClusterState, changes: Partial<Metadata>): Changes {
  return { metadata: { ...state.metadata, ...changes, version: state.metadata.version + 1 } }
}

function changeBlocks(
  state: ClusterState,
  index: string | undefined,
  change: (blocks: readonly ClusterBlock[]) => readonly ClusterBlock[],
): Changes {
  const { global, indices } = state.blocks
  if (index === undefined) return { blocks: { global: change(global), indices } }
  const blocks = change(Object.hasOwn(indices, index) ? (indices[index] ?? []) : [])
  const changed = blocks.length === 0 ? withoutKey(indices, index) : withKey(indices, index, blocks)
  return { blocks: { global, indices: changed } }
}

function withKey<Value>(
  record: { readonly [key: string]: Value },
  key: string,
  value: Value,
): { readonly [key: string]: Value } {
  const copy = { ...record }
  put(copy, key, value)
  return copy
}

function withoutKey<Value>(
  record: { readonly [key: string]: Value },
  key: string,
): { readonly [key: string]: Value } {
  const { [key]: _gone, ...rest } = record
  return rest
}
