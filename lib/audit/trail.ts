/**
 * The audit of one plugin in the node: exact counts, and events at a bounded rate. A
 * thread as Bulkhead starts it stays below the rate; what one says beyond it is counted
 * and told as numbers.
 */
import type { Clock } from '../powers.js'
import { auditText, type AuditEntry } from '../protocol/audit.js'
import { parseAuditBatch } from './batch.js'

/** One privileged operation of a plugin, several of the same, or a number of them. */
export interface AuditEvent extends AuditEntry {
  /** When the node heard of it, ISO 8601 in UTC. */
  readonly time: string
  readonly plugin: string
}

export interface AuditTrail {
  /** A batch of the plugin thread. @throws PluginError `PROTOCOL_VIOLATION` */
  heard(batch: unknown): void
  /** What the node itself decided for the plugin. */
  decided(
    operation: string,
    resource: string,
    answer: { readonly allowed: boolean; readonly rule: string },
  ): void
  /** Tells the numbers that wait for the next second; for the end of a run. */
  flush(): void
  counts(): { readonly operations: number; readonly denials: number }
}

const EVENTS_PER_SECOND = 1000
const TOO_MANY = 'more events than the node takes from one plugin in a second'

export function makeAuditTrail(
  plugin: string,
  clock: Pick<Clock, 'now' | 'wallTime'>,
  emit: (event: AuditEvent) => void,
): AuditTrail {
  let operations = 0
  let denials = 0
  let windowStartMs = clock.now()
  let emitted = 0
  /** Not told yet. */
  let overAllowed = 0
  let overDenied = 0

  function take(entry: AuditEntry): void {
    operations = sum(operations, entry.count)
    if (!entry.allowed) denials = sum(denials, entry.count)
    const nowMs = clock.now()
    if (nowMs - windowStartMs >= 1000) {
      windowStartMs = nowMs
      emitted = 0
      flush()
    }
    if (emitted < EVENTS_PER_SECOND) {
      emitted++
      tell(entry)
    } else if (entry.allowed) overAllowed = sum(overAllowed, entry.count)
    else overDenied = sum(overDenied, entry.count)
  }

  function tell(entry: AuditEntry): void {
    emit({ time: new Date(clock.wallTime()).toISOString(), plugin, ...entry })
  }

  function flush(): void {
    const [allowed, denied] = [overAllowed, overDenied]
    overAllowed = 0
    overDenied = 0
    const rest = { operation: 'any', resource: null, rule: TOO_MANY }
    if (allowed > 0) tell({ ...rest, allowed: true, count: allowed })
    if (denied > 0) tell({ ...rest, allowed: false, count: denied })
  }

  return {
    heard: (batch) => parseAuditBatch(plugin, batch).forEach(take),
    decided(operation, resource, { allowed, rule }) {
      take({ operation, resource: auditText(resource), allowed, rule: auditText(rule), count: 1 })
    },
    flush,
    counts: () => ({ operations, denials }),
  }
}

/** As far as numbers go: beyond, a forged count would make them wrong. */
function sum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER)
}
