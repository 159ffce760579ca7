/**
 * Calls that a run of the plugin took with it, and those that were given up before: for the
 * crash report, which is to say what the plugin was doing. Extension point and age
 * only; what the calls were given may be users' data.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { Clock } from '../powers.js'
import { fellWithRun } from './outcome.js'

export interface FallenCall {
  /** `GET /_plugins/_demo/{id}` as it was registered, or `ingest:user-agent`. */
  readonly at: string
  /** Since it began, ms. */
  readonly ageMs: number
  /** Set when its caller no longer waited; the plugin may have been at it still. */
  readonly givenUp?: ErrorCode
}

export interface FallenCalls {
  add(error: unknown, at: string, beganMs: number): void
  /** Those that ended with this very error, and those given up since `sinceMs`; the list is empty afterwards. */
  take(error: PluginError, sinceMs: number): { readonly calls: readonly FallenCall[]; readonly more: number }
}

interface Noted {
  readonly at: string
  readonly beganMs: number
  readonly givenUp?: ErrorCode
}

const MOST_CALLS = 50
const MOST_GIVEN_UP = 10
const GIVEN_UP: ReadonlySet<ErrorCode> = new Set(['CALL_ABORTED', 'CALL_TIMEOUT'] satisfies ErrorCode[])

export function makeFallenCalls(clock: Pick<Clock, 'now'>): FallenCalls {
  /** A run that ends gives one error to all its calls. */
  let cause: PluginError | undefined
  let fallen: Noted[] = []
  let more = 0
  let givenUp: Noted[] = []

  return {
    add(error, at, beganMs) {
      if (!(error instanceof PluginError)) return
      if (GIVEN_UP.has(error.code)) {
        givenUp = [...givenUp.slice(1 - MOST_GIVEN_UP), { at, beganMs, givenUp: error.code }]
        return
      }
      if (!fellWithRun(error.code)) return
      if (error !== cause) {
        cause = error
        fallen = []
        more = 0
      }
      if (fallen.length < MOST_CALLS) fallen.push({ at, beganMs })
      else more++
    },
    take(error, sinceMs) {
      const nowMs = clock.now()
      const ended = error === cause ? fallen : []
      const told = {
        calls: [...ended, ...givenUp.filter(({ beganMs }) => beganMs >= sinceMs)],
        more: error === cause ? more : 0,
      }
      cause = undefined
      fallen = []
      givenUp = []
      more = 0
      return {
        calls: told.calls.map(({ beganMs, ...call }) => ({ ...call, ageMs: Math.round(nowMs - beganMs) })),
        more: told.more,
      }
    },
  }
}
