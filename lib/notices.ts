/**
 * What one plugin's thread tells unasked: log lines, failures, limits it held, audit,
 * acknowledgements. All of it is input from outside: checked, counted, bounded.
 */
import type { AuditTrail } from './audit/trail.js'
import type { CrashRecorder } from './crash/recorder.js'
import { PluginError } from './errors.js'
import type { LimitMeter } from './metrics/limit-meter.js'
import type { Limits } from './policy/document.js'
import type { Clock } from './powers.js'
import { parseLimitNotice } from './protocol/limit-hit.js'
import { openLogBudget, takeLog } from './protocol/log-budget.js'
import { LOG_LEVELS, TO_HOST, type LogLevel } from './protocol/plugin-api.js'
import type { StateFeed } from './state-feed.js'

/** A line that a plugin logged. */
export interface LogEvent {
  readonly plugin: string
  readonly level: LogLevel
  readonly text: string
}

/** Something in a plugin failed where no caller waits. */
export interface FailureEvent {
  readonly plugin: string
  readonly kind: string
  readonly message: string
  readonly stack: string
}

export interface NoticesOptions {
  readonly plugin: string
  readonly limits: Limits
  readonly clock: Clock
  readonly feed: StateFeed
  readonly audit: AuditTrail
  readonly meter: LimitMeter
  readonly recorder: CrashRecorder
  readonly mapStack: (stack: string) => string
  readonly onLog: (event: LogEvent) => void
  readonly onFailure: (event: FailureEvent) => void
}

export interface Notices {
  /** @throws PluginError `PROTOCOL_VIOLATION` */
  heard(method: string, value: unknown): void
  /** Unhandled rejections and uncaught exceptions so far. */
  failures(): number
  /** Used heap as the thread last said, bytes; for people. */
  heapBytes(): number | null
  /** What is said of a run that is over means nothing for the next. */
  forget(): void
}

/** Characters of one log line or message that are kept. */
export const MOST_LOG_CHARS = 8192
/** Of one count that a thread tells; it may say anything. */
const MOST_DROPPED = 1_000_000_000
/** Characters of the line that tells of dropped ones. */
const DROPPED_CHARS = 80

export function makeNotices(options: NoticesOptions): Notices {
  const { plugin, limits, clock, feed, audit, meter, recorder, mapStack, onLog, onFailure } = options
  const { logBytesPerSecond, noticesPerSecond } = limits
  const says = { bytesPerSecond: logBytesPerSecond, linesPerSecond: noticesPerSecond }
  let budget = openLogBudget(says, 2, clock.now())
  let failures = 0
  let heapBytes: number | null = null

  function heard(method: string, value: unknown): void {
    switch (method) {
      case TO_HOST.log:
        return logged(textIn(value, 'level'), textIn(value, 'text'))
      case TO_HOST.acknowledge:
        return feed.acknowledged(value)
      case TO_HOST.resync:
        return feed.resync()
      case TO_HOST.audit:
        return audit.heard(value)
      case TO_HOST.failure:
        return failed(textIn(value, 'kind'), textIn(value, 'message'), textIn(value, 'stack'))
      case TO_HOST.limit:
        return refusedByThread(value)
      case TO_HOST.dropped:
        return droppedByThread(value)
      case TO_HOST.heap:
        if (typeof value === 'number') heapBytes = value
        return
      default:
        throw new PluginError('PROTOCOL_VIOLATION', { plugin, rule: 'no such notice', method })
    }
  }

  function refusedByThread(value: unknown): void {
    const notice = parseLimitNotice(value)
    if (notice === null) throw new PluginError('PROTOCOL_VIOLATION', { plugin, rule: 'no such limit' })
    const { limit, used, count } = notice
    meter.hit({ limit, action: 'refused', used, most: limits[limit] }, count)
  }

  /** Whether so much text of the plugin is still kept in this second; the rest is counted and dropped. */
  function keeps(chars: number): boolean {
    const { dropped } = budget
    const { next, kept } = takeLog(budget, chars, clock.now())
    budget = next
    if (!kept) drop(1)
    if (kept && dropped > 0) tellDropped(dropped)
    return kept
  }

  function drop(count: number): void {
    meter.hit({ limit: 'logBytesPerSecond', action: 'dropped', used: null, most: logBytesPerSecond }, count)
  }

  function tellDropped(count: number): void {
    const text = `${count} messages of this plugin were dropped: limits.logBytesPerSecond`
    onLog({ plugin, level: 'warn', text })
  }

  /** The thread itself has kept its plugin to the budget; it says how much that was. */
  function droppedByThread(value: unknown): void {
    const [lines = 0, failed = 0] = Array.isArray(value) ? value.map(countOf) : []
    failures = Math.min(failures + failed, Number.MAX_SAFE_INTEGER)
    const count = Math.max(1, lines + failed)
    drop(count)
    if (keeps(DROPPED_CHARS)) tellDropped(count)
  }

  function logged(level: string, text: string): void {
    const known = LOG_LEVELS.find((one) => one === level) ?? 'info'
    const line = text.slice(0, MOST_LOG_CHARS)
    if (!keeps(line.length)) return
    recorder.logged(known, line)
    onLog({ plugin, level: known, text: line })
  }

  function failed(kind: string, message: string, stack: string): void {
    failures++
    // Before the stack is mapped: that is the dear part.
    if (!keeps(kind.length + message.length + stack.length)) return
    const said = {
      kind: kind.slice(0, 100),
      message: message.slice(0, MOST_LOG_CHARS),
      stack: mapStack(stack).trim(),
    }
    recorder.failed(said)
    onFailure({ plugin, ...said })
  }

  return { heard, failures: () => failures, heapBytes: () => heapBytes, forget: () => (heapBytes = null) }
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), MOST_DROPPED) : 0
}

function textIn(value: unknown, key: string): string {
  const field: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined
  return typeof field === 'string' ? field : ''
}
