/**
 * A cluster-state source that lives in this process: the node calls `publish` where
 * it changes something. Persistence and election are the node's business.
 */
import { randomUUID } from 'node:crypto'
import type { ClusterState } from '../../protocol/cluster-state.js'
import type { ClusterStateChange, ClusterStateSource } from '../source.js'
import { emptyClusterState } from '../state.js'
import { deepFreeze } from '../tree.js'

export interface MemoryClusterState extends ClusterStateSource {
  /**
   * Makes the next state and tells the listeners before it returns: the version goes
   * up by one and the state gets a uuid of its own. An update that changes no part
   * publishes nothing, as a cluster-state update task of OpenSearch.
   * @param source - why, for people: `create-index [logs]`
   * @param update - gives the parts that change, made new; they are frozen in place. What it throws reaches the caller and changes nothing.
   * @returns the state that is current now
   */
  publish(source: string, update: (state: ClusterState) => Partial<ClusterState>): ClusterState
}

export interface MemoryClusterStateOptions {
  /** Makes the uuid of a state; random ones when left out. */
  readonly uuid?: () => string
  /** A listener threw; the others are called all the same. */
  readonly onListenerError?: (error: unknown) => void
}

/** @param initial - the first state, frozen in place; an empty one called `bulkhead` when left out */
export function memoryClusterState(
  initial: ClusterState = emptyClusterState('bulkhead'),
  options: MemoryClusterStateOptions = {},
): MemoryClusterState {
  const uuid = options.uuid ?? randomUUID
  // Each subscription is an object of its own, so one function may subscribe twice; `after` is the
  // version that was current when it began: one made inside a listener must not get what it knows.
  interface Subscription {
    readonly listener: (change: ClusterStateChange) => void
    readonly after: number
  }
  const subscriptions = new Set<Subscription>()
  const queue: ClusterStateChange[] = []
  let telling = false
  let state = deepFreeze(initial)

  const tellAll = (): void => {
    if (telling) return // a listener published: the loop below takes it after the state at hand, so order holds
    telling = true
    for (let change = queue.shift(); change !== undefined; change = queue.shift()) {
      for (const subscription of subscriptions) {
        if (change.state.version <= subscription.after) continue
        try {
          subscription.listener(change)
        } catch (error) {
          report(error)
        }
      }
    }
    telling = false
  }

  const report = (error: unknown): void => {
    try {
      options.onListenerError?.(error)
    } catch {
      // Nobody is left to tell, and the other listeners come first.
    }
  }

  return {
    current: () => state,
    subscribe: (listener) => {
      const subscription = { listener, after: state.version }
      subscriptions.add(subscription)
      return () => void subscriptions.delete(subscription)
    },
    publish: (source, update) => {
      const changes = update(state)
      if (!changesAnything(state, changes)) return state
      state = deepFreeze({ ...state, ...changes, version: state.version + 1, stateUUID: uuid() })
      queue.push({ source, state })
      tellAll()
      return state
    },
  }
}

function changesAnything(state: ClusterState, changes: Partial<ClusterState>): boolean {
  const { version: _version, stateUUID: _stateUUID, ...parts } = changes
  return Object.entries(parts).some(([key, value]) => state[key as keyof ClusterState] !== value)
}
