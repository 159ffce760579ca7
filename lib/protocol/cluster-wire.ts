/**
 * Cluster state on the wire: a full state on start and after a gap, then one diff
 * a change. A receiver whose own state is not `fromUuid` asks to resync and is
 * answered once with a full state.
 */
import type { ProjectedState } from './cluster-state.js'

export type StateMessage =
  | { readonly kind: 'full'; readonly source: string; readonly state: ProjectedState }
  | {
      readonly kind: 'diff'
      readonly source: string
      readonly fromUuid: string
      readonly toUuid: string
      readonly toVersion: number
      readonly parts: StateDiff
    }

/**
 * A tree over the parts that changed: `set` replaces values by key, `remove` drops
 * keys, `nested` goes one level down. Arrays and scalars are replaced whole.
 */
export interface StateDiff {
  readonly set?: { readonly [key: string]: unknown }
  readonly remove?: readonly string[]
  readonly nested?: { readonly [key: string]: StateDiff }
}
