/**
 * Watches the cluster state and remembers which indices came, went or changed
 * their mappings. `GET /_plugins/_index_watch` reads the log, newest last;
 * `?index=` keeps one index only. The log lives in memory: a restart begins anew.
 */
import { definePlugin, type ClusterChangedEvent, type ProjectedClusterState } from 'bulkhead/plugin'

const MAX_ENTRIES = 1000

type Entry = {
  readonly at: string
  readonly change: 'created' | 'deleted' | 'mapping'
  readonly index: string
  /** Version of the cluster state that brought the change. */
  readonly version: number
  /** Fields of the mapping after the change; none for a deleted index. */
  readonly fields: readonly string[]
}

type Indices = { readonly [name: string]: { readonly mappings: { readonly properties?: object } } }

/** The grant names `metadata.indices`, so that part is there once the first state has come. */
function indicesOf(state: ProjectedClusterState): Indices {
  return (state.metadata as { readonly indices?: Indices } | undefined)?.indices ?? {}
}

function fieldsOf(indices: Indices, index: string): readonly string[] {
  return Object.keys(indices[index]?.mappings.properties ?? {})
}

function entriesOf(event: ClusterChangedEvent, at: string): readonly Entry[] {
  // The first state is where this plugin starts from: indices that are there already are no news.
  if (event.previousState().metadata === undefined) return []
  const before = indicesOf(event.previousState())
  const after = indicesOf(event.state())
  const version = event.state().version
  const created = event.indicesCreated()
  // Unchanged parts keep their identity from state to state, so one comparison by reference tells.
  const remapped = Object.keys(after).filter(
    (index) => before[index] !== undefined && before[index].mappings !== after[index]?.mappings,
  )
  const entry =
    (change: Entry['change']) =>
    (index: string): Entry => ({
      at,
      change,
      index,
      version,
      fields: fieldsOf(after, index),
    })
  return [
    ...event.indicesDeleted().map(entry('deleted')),
    ...created.map(entry('created')),
    ...remapped.filter((index) => !created.includes(index)).map(entry('mapping')),
  ]
}

let log: readonly Entry[] = []

export default definePlugin({
  clusterStateListener: (event) => {
    log = [...log, ...entriesOf(event, new Date().toISOString())].slice(-MAX_ENTRIES)
  },
  rest: [
    {
      method: 'GET',
      path: '/_plugins/_index_watch',
      handle: ({ query }, { cluster }) => {
        const wanted = query['index']
        const entries = wanted === undefined ? log : log.filter(({ index }) => index === wanted)
        return { body: { version: cluster.state().version, total: entries.length, entries } }
      },
    },
  ],
})
