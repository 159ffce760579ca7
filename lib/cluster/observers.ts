/**
 * Those who wait for a state: `ClusterStateObserver.waitForNextChange`. Each ends
 * once, by a state that its predicate likes, by its predicate's own error, by its
 * timeout, or by the end of the plugin.
 */
import type { ErrorCode, ErrorDetail } from '../errors.js'
import type { Clock, Milliseconds, TimerHandle } from '../powers.js'
import type { ProjectedState } from '../protocol/cluster-state.js'

export type Predicate = (state: ProjectedState) => boolean
/** Makes an error as the plugin is to see it. */
export type MakeError = (code: ErrorCode, detail: ErrorDetail) => unknown

export interface Observers {
  /** @param state - the state there is now, which may end the wait at once */
  wait(
    state: ProjectedState | undefined,
    predicate: Predicate,
    timeoutMs: Milliseconds,
  ): Promise<ProjectedState>
  /** A newer state is there. */
  offer(state: ProjectedState): void
  /** Ends every wait with `error`. */
  close(error: unknown): void
}

/** Node's timers fire at once past this. */
const LONGEST_TIMEOUT_MS = 2_147_483_647

export function makeObservers(
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>,
  makeError: MakeError,
): Observers {
  interface Waiter {
    readonly predicate: Predicate
    readonly resolve: (state: ProjectedState) => void
    readonly reject: (error: unknown) => void
    timer: TimerHandle | undefined
  }
  const waiters = new Set<Waiter>()

  const end = (waiter: Waiter): void => {
    waiters.delete(waiter)
    if (waiter.timer !== undefined) clock.clearTimeout(waiter.timer)
  }

  const offerTo = (waiter: Waiter, state: ProjectedState): void => {
    if (!waiters.has(waiter)) return // another predicate or a resolved wait closed the view meanwhile
    try {
      if (!waiter.predicate(state)) return
      end(waiter)
      waiter.resolve(state)
    } catch (error) {
      end(waiter)
      waiter.reject(error)
    }
  }

  return {
    wait: (state, predicate, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (typeof predicate !== 'function') {
          reject(
            makeError('CONFIG_INVALID', { message: 'waitForNextChange needs a function as its predicate' }),
          )
          return
        }
        if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
          reject(
            makeError('CONFIG_INVALID', {
              message: 'waitForNextChange needs a timeout in milliseconds, 0 or more',
            }),
          )
          return
        }
        const waiter: Waiter = { predicate, resolve, reject, timer: undefined }
        waiters.add(waiter)
        if (state !== undefined) offerTo(waiter, state)
        if (!waiters.has(waiter)) return
        waiter.timer = clock.setTimeout(
          () => {
            waiters.delete(waiter)
            reject(makeError('CLUSTER_STATE_TIMEOUT', { timeoutMs }))
          },
          Math.min(timeoutMs, LONGEST_TIMEOUT_MS),
        )
      }),
    offer: (state) => {
      for (const waiter of Array.from(waiters)) offerTo(waiter, state)
    },
    close: (error) => {
      for (const waiter of Array.from(waiters)) {
        end(waiter)
        waiter.reject(error)
      }
    },
  }
}
