/**
 * Tells the node of limits that this thread holds: at most once a second for each, with
 * how often it was reached, so that a plugin which tries a thousand times a second costs
 * a number. Nothing is sent on the stack of the one who tells, which may be nearly full.
 */
import type { Clock, Defer } from '../lib/powers.js'
import { THREAD_LIMITS, type LimitNotice, type ThreadLimit } from '../lib/protocol/limit-hit.js'
import type { LimitReached } from './attenuate/limit-reached.js'

export interface LimitNoticesOptions {
  readonly clock: Pick<Clock, 'setTimeout'>
  readonly defer: Defer
  /** False when there was no room: the number goes with a later notice then. */
  readonly send: (notice: LimitNotice) => boolean
}

const AGAIN_AFTER_MS = 1000

interface Waiting {
  used: number
  count: number
  /** A notice is about to be sent, or one was sent within the last second. */
  resting: boolean
}

export function makeLimitNotices({ clock, defer, send }: LimitNoticesOptions): LimitReached {
  // Made here: a plugin that fills its heap or its stack makes nothing fail half way.
  const all = new Map<ThreadLimit, Waiting>(
    THREAD_LIMITS.map((limit) => [limit, { used: 0, count: 0, resting: false }]),
  )

  function tell(limit: ThreadLimit, waiting: Waiting): void {
    const { used, count } = waiting
    if (count === 0) {
      waiting.resting = false
      return
    }
    if (send({ limit, used, count })) waiting.count = 0
    clock.setTimeout(() => tell(limit, waiting), AGAIN_AFTER_MS)
  }

  return (limit, used) => {
    const waiting = all.get(limit)
    if (waiting === undefined) return
    waiting.used = used
    waiting.count++
    if (waiting.resting) return
    defer(() => tell(limit, waiting))
    waiting.resting = true
  }
}
