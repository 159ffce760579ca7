/**
 * The plugin thread's side of the cluster state: applies each message on its own
 * state, so that unchanged parts keep identity, calls the plugin's listeners, one
 * state at a time and in order, and acknowledges when all of them have settled.
 *
 * A listener that waits for a later state therefore waits for itself. Listeners are
 * hostile as far as this file is concerned: each runs in a promise of its own, and
 * what it throws, rejects with or returns touches no other listener. One that never
 * settles holds back this plugin's states and nothing else.
 */
import { PluginError } from '../errors.js'
import type { ClusterStateListener, LocalNodeClusterManagerListener, PluginCluster } from '../plugin.js'
import type { Clock } from '../powers.js'
import type { ProjectedState } from '../protocol/cluster-state.js'
import type { StateMessage } from '../protocol/cluster-wire.js'
import { advance, apply, diffStates, isEmptyDiff } from './diff.js'
import { isLocalNodeClusterManager, makeClusterChangedEvent } from './event.js'
import { makeObservers, type MakeError } from './observers.js'
import { parseStateMessage } from './state-message.js'
import { deepFreeze } from './tree.js'

export interface ClusterViewPowers {
  /** Tells the host that the state `uuid` is dealt with. */
  readonly acknowledge: (uuid: string) => void
  /** Asks the host for a full state. */
  readonly resync: () => void
  /** A listener threw or rejected; the value is the plugin's and may be anything. */
  readonly onError: (error: unknown) => void
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  /** Errors that plugin code gets to see are made here. */
  readonly makeError: MakeError
}

/**
 * `PluginCluster` together with what only trusted code may hold; plugin code is given
 * `cluster`, which has the methods of the first alone.
 */
export interface ClusterView extends PluginCluster {
  readonly cluster: PluginCluster
  /** Settles when the first state is there; rejects when the view closes before. */
  readonly ready: () => Promise<void>
  /**
   * Takes a message of the host. Settles when its listeners have.
   * @throws PluginError `PROTOCOL_VIOLATION` when it is not a state message; a full state is asked for as well
   */
  readonly receive: (message: unknown) => Promise<void>
  /** Forgets listeners, ends waits with `PLUGIN_STOPPED`, ignores what still arrives. */
  readonly close: () => void
}

export function makeClusterView(powers: ClusterViewPowers): ClusterView {
  const listeners = new Set<ClusterStateListener>()
  const managerListeners = new Set<LocalNodeClusterManagerListener>()
  const observers = makeObservers(powers.clock, powers.makeError)
  const first = makeGate()
  let current: ProjectedState | undefined
  let wasManager = false
  let asked: string | undefined
  let closed = false
  let tail: Promise<void> = Promise.resolve()

  const stopped = (): unknown => powers.makeError('PLUGIN_STOPPED', {})
  const open = (): void => {
    if (closed) throw stopped()
  }

  /**
   * Asks once for each diff that does not fit, and once for all that is malformed, until a
   * full state comes. Another diff that does not fit means that the host takes its answer
   * for delivered, so the question is due again.
   * @param misfit - uuid that the diff leads to; empty when the message could not be read
   */
  const askResync = (misfit: string): void => {
    if (asked === misfit) return
    asked = misfit
    powers.resync()
  }

  /** The state that the message leads to, or `undefined` when it does not fit the state at hand. */
  const follow = (message: StateMessage): ProjectedState | undefined => {
    if (message.kind === 'diff') {
      if (current === undefined || current.stateUUID !== message.fromUuid) return undefined
      return advance(current, message)
    }
    asked = undefined
    if (current === undefined) return deepFreeze(message.state)
    const { version, stateUUID } = message.state
    if (stateUUID === current.stateUUID && isEmptyDiff(diffStates(current, message.state))) return current
    return Object.freeze({ ...apply(current, diffStates(current, message.state)), version, stateUUID })
  }

  const handle = async (value: unknown): Promise<void> => {
    if (closed) return
    let message: StateMessage
    let next: ProjectedState | undefined
    try {
      message = parseStateMessage(value)
      next = follow(message)
    } catch (error) {
      askResync('')
      throw error
    }
    if (next === undefined) {
      askResync(message.kind === 'diff' ? message.toUuid : '')
      return
    }
    const previous = current ?? nothingKnown(next)
    // A full state may bring another version in which nothing that is visible differs: no news for a listener.
    const changed = current === undefined || !isEmptyDiff(diffStates(previous, next))
    current = next
    first.open()
    if (changed) await announce(message.source, next, previous)
    if (!closed) powers.acknowledge(next.stateUUID)
  }

  const announce = async (source: string, next: ProjectedState, previous: ProjectedState): Promise<void> => {
    observers.offer(next)
    const event = makeClusterChangedEvent(source, next, previous)
    const isManager = isLocalNodeClusterManager(next)
    const runs = [...listeners].map((listener) => isolated(() => listeners.has(listener) && listener(event)))
    if (isManager !== wasManager) {
      wasManager = isManager
      for (const listener of managerListeners) {
        const run = (): unknown => (isManager ? listener.onClusterManager() : listener.offClusterManager())
        runs.push(isolated(() => managerListeners.has(listener) && run()))
      }
    }
    await Promise.all(runs)
  }

  /** Never rejects. Getters, thenables and whatever else the listener is or returns are met inside the promise. */
  const isolated = (run: () => unknown): Promise<void> =>
    Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (error: unknown) => {
          try {
            powers.onError(error)
          } catch {
            // The error itself was hostile to whoever looked at it; the listener failed all the same.
          }
        },
      )

  const cluster: PluginCluster = Object.freeze({
    state: () => {
      open()
      if (current === undefined) throw powers.makeError('CLUSTER_STATE_UNAVAILABLE', {})
      return current
    },
    addListener: (listener: ClusterStateListener) => {
      open()
      if (typeof listener !== 'function') {
        throw powers.makeError('CONFIG_INVALID', { message: 'addListener needs a function' })
      }
      listeners.add(listener)
    },
    removeListener: (listener: ClusterStateListener) => void listeners.delete(listener),
    addLocalNodeClusterManagerListener: (listener: LocalNodeClusterManagerListener) => {
      open()
      if (typeof listener !== 'object' || listener === null) {
        const message = 'a listener is an object with onClusterManager() and offClusterManager()'
        throw powers.makeError('CONFIG_INVALID', { message })
      }
      managerListeners.add(listener)
    },
    removeLocalNodeClusterManagerListener: (listener: LocalNodeClusterManagerListener) =>
      void managerListeners.delete(listener),
    waitForNextChange: (predicate: (state: ProjectedState) => boolean, timeoutMs: number) =>
      closed ? Promise.reject(stopped()) : observers.wait(current, predicate, timeoutMs),
  })

  return Object.freeze({
    ...cluster,
    cluster,
    ready: () => first.passed,
    receive: (message: unknown) => {
      const turn = tail.then(() => handle(message))
      tail = turn.catch(() => undefined) // the caller is told by `turn`; the next message comes all the same
      return turn
    },
    close: () => {
      if (closed) return
      closed = true
      listeners.clear()
      managerListeners.clear()
      observers.close(stopped())
      first.fail(new PluginError('PLUGIN_STOPPED'))
    },
  })
}

/** What comes before the first state, as a node starts from an empty one: the first event has everything in it. */
function nothingKnown(state: ProjectedState): ProjectedState {
  return Object.freeze({ clusterName: state.clusterName, version: 0, stateUUID: '_na_' })
}

function makeGate(): { readonly passed: Promise<void>; open(): void; fail(error: unknown): void } {
  let open: () => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  passed.catch(() => undefined) // whoever asks for `ready` is told; nobody has to ask
  return { passed, open: () => open(), fail: (error) => fail(error) }
}
