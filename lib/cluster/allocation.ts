/**
 * Where the copies of shards go, as simply as can be and always the same way: round
 * robin, no two copies of a shard on one node, a copy without a place unassigned.
 * For clusters that are made up in memory; a real one has its own allocator.
 */
import type { IndexRoutingTable, RoutingTable, ShardRouting } from '../protocol/cluster-state.js'

/**
 * The routing of a new index.
 * @param shards - primaries, from 1
 * @param replicas - further copies of each, from 0
 * @param nodeIds - nodes that may hold data
 * @param first - index into `nodeIds` at which the first primary goes
 */
export function allocateIndex(
  index: string,
  shards: number,
  replicas: number,
  nodeIds: readonly string[],
  first: number,
): IndexRoutingTable {
  const table: Record<string, readonly ShardRouting[]> = {}
  for (let shard = 0; shard < shards; shard++) {
    table[shard] = Array.from({ length: replicas + 1 }, (_, copy) => {
      const node = copy < nodeIds.length ? nodeIds[(first + shard + copy) % nodeIds.length] : undefined
      return place({ index, shard, primary: copy === 0, state: 'UNASSIGNED', node: null }, node)
    })
  }
  return { index, shards: table }
}

/**
 * The table after nodes came or went: copies on nodes that are gone move, a started
 * replica takes over from a lost primary, unassigned copies get a place if there is
 * one. What stays as it was keeps its identity, the table itself included.
 */
export function reroute(table: RoutingTable, nodeIds: readonly string[]): RoutingTable {
  let next = 0
  const pick = (taken: ReadonlySet<string>): string | undefined => {
    const free = nodeIds.filter((id) => !taken.has(id))
    return free.length === 0 ? undefined : free[next++ % free.length]
  }
  let changed = false
  const indices: Record<string, IndexRoutingTable> = {}
  for (const [name, index] of Object.entries(table.indices)) {
    let indexChanged = false
    const shards: Record<string, readonly ShardRouting[]> = {}
    for (const [shard, copies] of Object.entries(index.shards)) {
      const moved = rerouteShard(copies, nodeIds, pick)
      shards[shard] = moved
      indexChanged ||= moved !== copies
    }
    indices[name] = indexChanged ? { ...index, shards } : index
    changed ||= indexChanged
  }
  return changed ? { version: table.version + 1, indices } : table
}

function rerouteShard(
  copies: readonly ShardRouting[],
  nodeIds: readonly string[],
  pick: (taken: ReadonlySet<string>) => string | undefined,
): readonly ShardRouting[] {
  const alive = copies.map((copy) =>
    copy.node !== null && nodeIds.includes(copy.node) ? copy : place(copy, undefined),
  )
  const promoted = promote(alive)
  const taken = new Set(promoted.flatMap((copy) => (copy.node === null ? [] : [copy.node])))
  const placed = promoted.map((copy) => {
    if (copy.node !== null) return copy
    const node = pick(taken)
    if (node !== undefined) taken.add(node)
    return place(copy, node)
  })
  return placed.every((copy, at) => copy === copies[at]) ? copies : placed
}

/** Without a primary that is on a node, the first copy that is on one becomes it. */
function promote(copies: readonly ShardRouting[]): readonly ShardRouting[] {
  const heir = copies.find((copy) => copy.node !== null)
  if (heir === undefined || copies.some((copy) => copy.primary && copy.node !== null)) return copies
  return copies.map((copy) => (copy.primary === (copy === heir) ? copy : { ...copy, primary: copy === heir }))
}

function place(copy: ShardRouting, node: string | undefined): ShardRouting {
  if (node === undefined && copy.node === null) return copy
  return { ...copy, state: node === undefined ? 'UNASSIGNED' : 'STARTED', node: node ?? null }
}
