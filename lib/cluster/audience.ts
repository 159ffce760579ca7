/**
 * All subscribers whose grants show them the same: one projection, and each message
 * made and serialised once, however many of them there are. Who is sent which
 * message when is for broker.ts.
 */
import type { ProjectedState } from '../protocol/cluster-state.js'
import type { StateDiff, StateMessage } from '../protocol/cluster-wire.js'
import { diffStates, isEmptyDiff } from './diff.js'
import { project, type Scope } from './projection.js'
import type { ClusterStateChange } from './source.js'

/** What the work of a broker amounted to so far; each counts up only. */
export interface BrokerCounts {
  projections: number
  diffs: number
  serialisations: number
}

export interface Audience {
  /** The newest state that differs from the one before in something its subscribers see. */
  latest(): ProjectedState
  /** Counts up by one with each such state. */
  sequence(): number
  /**
   * Takes the next state of the source.
   * @returns false when nothing that is seen changed: `latest` then stays as it is
   */
  update(change: ClusterStateChange): boolean
  /** The message that carries `latest` whole. Shared: not to be written to. */
  full(): Uint8Array
  /** The message that leads from `base` to `latest`, shared too; `null` when they show the same. */
  from(base: ProjectedState): Uint8Array | null
}

export function makeAudience(scope: Scope, start: ClusterStateChange, counts: BrokerCounts): Audience {
  const encoder = new TextEncoder()
  const view = (change: ClusterStateChange): ProjectedState => {
    counts.projections++
    return project(change.state, scope)
  }
  const compare = (from: ProjectedState, to: ProjectedState): StateDiff => {
    counts.diffs++
    return diffStates(from, to)
  }
  const serialise = (message: StateMessage): Uint8Array => {
    counts.serialisations++
    return encoder.encode(JSON.stringify(message))
  }

  let latest = view(start)
  let source = start.source
  let sequence = 1
  // Messages to `latest` only, emptied when it moves on: at most one full and one
  // for each state that some subscriber still stands at.
  let full: Uint8Array | undefined
  const messages = new Map<ProjectedState, Uint8Array | null>()
  /** The diff that `update` had to make anyway: the one most subscribers need next. */
  let made: { readonly base: ProjectedState; readonly parts: StateDiff } | undefined

  const toMessage = (base: ProjectedState, parts: StateDiff): Uint8Array | null => {
    if (isEmptyDiff(parts)) return null
    const { stateUUID: toUuid, version: toVersion } = latest
    return serialise({ kind: 'diff', source, fromUuid: base.stateUUID, toUuid, toVersion, parts })
  }

  return {
    latest: () => latest,
    sequence: () => sequence,
    update: (change) => {
      const next = view(change)
      if (showsSame(latest, next)) return false
      const parts = compare(latest, next)
      if (isEmptyDiff(parts)) return false
      made = { base: latest, parts }
      latest = next
      source = change.source
      sequence++
      full = undefined
      messages.clear()
      return true
    },
    full: () => (full ??= serialise({ kind: 'full', source, state: latest })),
    from: (base) => {
      if (base === latest) return null
      let message = messages.get(base)
      if (message === undefined) {
        const parts = made?.base === base ? made.parts : compare(base, latest)
        messages.set(base, (message = toMessage(base, parts)))
      }
      return message
    },
  }
}

/** The quick answer: the projection keeps the identity of a part whose visible side did not change. */
function showsSame(left: ProjectedState, right: ProjectedState): boolean {
  return (
    left.clusterName === right.clusterName &&
    left.metadata === right.metadata &&
    left.routingTable === right.routingTable &&
    left.nodes === right.nodes &&
    left.blocks === right.blocks &&
    left.customs === right.customs
  )
}
