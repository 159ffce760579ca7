/**
 * What the plugin thread tells the node of privileged operations: the first one under
 * each rule and so many a second one by one, the others as numbers, so that a flood
 * costs little and the sum of all counts is exact. Denials have a share of their own
 * and are told in the same turn, so that no number of allowed operations hides one.
 *
 * Nothing is sent on the stack of the one who tells: a plugin that calls with its stack
 * nearly full could otherwise make a batch fail half way, and lose what it did before.
 */
import {
  auditText,
  MOST_AUDIT_BYTES,
  MOST_AUDIT_CHARS,
  MOST_AUDIT_ENTRIES,
  type AuditEntry,
} from '../lib/protocol/audit.js'
import type { Clock, Defer } from '../lib/powers.js'
import type { Tell } from './attenuate/tell.js'

export interface AuditOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimeout'>
  readonly defer: Defer
  /** False when there was no room: the numbers go with a later batch then. */
  readonly send: (batch: readonly AuditEntry[]) => boolean
}

export interface Audit {
  readonly tell: Tell
  /** Sends what waits; for the moments after which there may be no other. */
  flush(): void
}

const FLUSH_MS = 100
/** Told one by one a second, allowed and denied each; so many may come at once. */
const SHARE = 100
/** Waiting to be told, allowed and denied each: a thread that never gives way sends nothing and holds no more. */
const MOST_WAITING = 500
/** Rules told apart; operations under others count together. */
const MOST_ROWS = 1024
const OTHER_RULES = 'one of many rules'

/** One operation under one rule. */
interface Row {
  readonly operation: string
  readonly allowed: boolean
  readonly rule: string
  /** Nothing of it was told yet. */
  isNew: boolean
  /** Operations since the last batch that are not told one by one. */
  counted: number
}

/** One operation, or several of the same in a row; without a resource a number of them. */
interface Told {
  readonly row: Row
  readonly resource: string | null
  count: number
}

/** Rows by operation, then by rule. */
type Rows = Map<string, Map<string, Row>>

interface Share {
  left: number
  /** Spent since the last batch. */
  waiting: number
  refilledMs: number
}

export function makeAudit({ clock, defer, send }: AuditOptions): Audit {
  const allowedRows: Rows = new Map()
  const deniedRows: Rows = new Map()
  let rowCount = 0
  const allowedShare: Share = { left: SHARE, waiting: 0, refilledMs: clock.now() }
  const deniedShare: Share = { ...allowedShare }
  let told: Told[] = []
  const counting = new Set<Row>()
  let last: Told | undefined
  let sendsSoon = false
  let timerIsSet = false

  // Stands before every operation of a plugin: what is not told one by one makes no object.
  const tell: Tell = (operation, resource, { allowed, rule }) => {
    const rows = allowed ? allowedRows : deniedRows
    const row = rows.get(operation)?.get(rule) ?? addRow(rows, operation, allowed, rule)
    if (last !== undefined && last.row === row && last.resource === resource) {
      last.count++
    } else if (row.isNew || take(allowed ? allowedShare : deniedShare, clock)) {
      row.isNew = false
      last = { row, resource, count: 1 }
      told.push(last)
      if (!allowed) sendSoon()
    } else {
      row.counted++
      counting.add(row)
    }
    if (!timerIsSet) setTimer()
  }

  function addRow(rows: Rows, operation: string, allowed: boolean, asked: string): Row {
    const byRule = rows.get(operation) ?? new Map<string, Row>()
    rows.set(operation, byRule)
    const rule = rowCount < MOST_ROWS ? asked : OTHER_RULES
    const known = byRule.get(rule)
    if (known !== undefined) return known
    const row: Row = { operation, allowed, rule, isNew: true, counted: 0 }
    byRule.set(rule, row)
    rowCount++
    return row
  }

  function sendSoon(): void {
    if (sendsSoon) return
    defer(() => {
      sendsSoon = false
      sendTold()
    })
    sendsSoon = true
  }

  function setTimer(): void {
    clock.setTimeout(() => {
      timerIsSet = false
      flush()
      if (counting.size > 0) setTimer() // there was no room
    }, FLUSH_MS)
    timerIsSet = true
  }

  function flush(): void {
    sendTold()
    const sums = [...counting].map((row): Told => ({ row, resource: null, count: row.counted }))
    for (const { row } of sums) row.counted = 0
    counting.clear()
    sendAll(sums)
  }

  function sendTold(): void {
    const all = told
    told = []
    last = undefined
    allowedShare.waiting = 0
    deniedShare.waiting = 0
    sendAll(all)
  }

  function sendAll(all: readonly Told[]): void {
    for (const batch of batchesOf(all)) {
      if (send(batch.map(toEntry))) continue
      for (const { row, count } of batch) {
        row.counted += count
        counting.add(row)
      }
    }
  }

  return { tell, flush }
}

/** Parts that are each one notice. */
function batchesOf(all: readonly Told[]): readonly (readonly Told[])[] {
  const batches: Told[][] = []
  let batch: Told[] = []
  let bytes = 0
  for (const one of all) {
    const more = mostBytes(one)
    if (batch.length === 0 || batch.length === MOST_AUDIT_ENTRIES || bytes + more > MOST_AUDIT_BYTES) {
      batch = []
      bytes = 0
      batches.push(batch)
    }
    batch.push(one)
    bytes += more
  }
  return batches
}

function toEntry({ row: { operation, allowed, rule }, resource, count }: Told): AuditEntry {
  return {
    operation,
    resource: resource === null ? null : auditText(resource),
    allowed,
    rule: auditText(rule),
    count,
  }
}

/** Spends one; what was spent comes back within a second. */
function take(share: Share, clock: Pick<Clock, 'now'>): boolean {
  if (share.waiting === MOST_WAITING) return false
  if (share.left < 1) {
    const nowMs = clock.now()
    share.left = Math.min(SHARE, share.left + ((nowMs - share.refilledMs) * SHARE) / 1000)
    share.refilledMs = nowMs
    if (share.left < 1) return false
  }
  share.left--
  share.waiting++
  return true
}

/** A character takes three bytes of JSON at most once controls are out of the text; keys and numbers take below 120. */
function mostBytes({ row: { operation, rule }, resource }: Told): number {
  const chars = operation.length + cut(resource ?? '') + cut(rule)
  return chars * 3 + 120
}

function cut({ length }: string): number {
  return Math.min(length, MOST_AUDIT_CHARS)
}
