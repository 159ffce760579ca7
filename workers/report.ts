/**
 * What a plugin says without being asked, log lines and failures, on its way to the
 * host. A budget stands before the channel, so that a flood of them takes nothing from
 * the other messages of the plugin; what is dropped is counted, and the count is told.
 */
import type { Clock } from '../lib/powers.js'
import { openLogBudget, takeLog } from '../lib/protocol/log-budget.js'
import { TO_HOST } from '../lib/protocol/plugin-api.js'

export interface Report {
  log(level: string, text: string): void
  failure(kind: string, message: string, stack: string): void
  /** Tells now how many were dropped. */
  flush(): void
}

export interface ReportOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimeout'>
  readonly says: { readonly bytesPerSecond: number; readonly linesPerSecond: number }
  /** False when there was no room. */
  readonly notify: (method: string, value: unknown) => boolean
}

const TELL_DROPPED_MS = 1000

export function makeReport({ clock, says, notify }: ReportOptions): Report {
  let budget = openLogBudget(says, 1, clock.now())
  const dropped = { log: 0, failure: 0 }
  let timerIsSet = false

  function send(method: 'log' | 'failure', value: unknown, size: number): void {
    const { next, kept } = takeLog(budget, size, clock.now())
    budget = next
    if (kept && notify(method, value)) return
    dropped[method]++
    tellLater()
  }

  function tellLater(): void {
    if (timerIsSet) return
    timerIsSet = true
    clock.setTimeout(() => {
      timerIsSet = false
      flush()
    }, TELL_DROPPED_MS)
  }

  function flush(): void {
    const { log, failure } = dropped
    if (log + failure === 0) return
    if (!notify(TO_HOST.dropped, [log, failure])) return tellLater()
    dropped.log = 0
    dropped.failure = 0
  }

  return {
    log: (level, text) => send(TO_HOST.log, { level, text }, text.length),
    failure: (kind, message, stack) =>
      send(TO_HOST.failure, { kind, message, stack }, kind.length + message.length + stack.length),
    flush,
  }
}
