/** What the watch sees of a run at one moment, and how much of it is kept. Pure data. */
import type { Sample } from '../powers.js'

/** What was seen at one moment. */
export interface Look {
  /** Of the clock, ms. */
  readonly atMs: number
  /** How long the oldest unanswered ping has been out, in time the host's own loop was awake for; `null`: none is. */
  readonly unansweredMs: number | null
  /** How long all call slots have been held by calls that were given up and never answered. */
  readonly stuckMs: number
  /** How long ago the child's main thread last reported, as `unansweredMs` counts; `null` on 'thread'. */
  readonly silentMs: number | null
  readonly sample: Sample
  /** What its data directory holds, as last measured, and as measured before that; `null`: not measured, `Infinity`: a part of it hides. */
  readonly dataBytes: number | null
  readonly dataBytesBefore: number | null
}

const KEEP_MS = 20_000
const KEEP_EVERY_MS = 250

/** The past with one look more; of looks close together the last is kept, and what is old is forgotten. */
export function remember(past: readonly Look[], now: Look): readonly Look[] {
  const last = past.at(-2)
  const isClose = last !== undefined && now.atMs - last.atMs < KEEP_EVERY_MS
  const kept = isClose ? past.slice(0, -1) : past
  const old = kept.findIndex(({ atMs }) => now.atMs - atMs <= KEEP_MS)
  return [...(old > 0 ? kept.slice(old) : kept), now]
}

/**
 * Adds one tick to an age. A tick that came late says the host's own loop stood still (or
 * the clock jumped), and the answer may sit unread: such a tick counts as two at most. What
 * its threads waited for a core is not charged to the plugin, but for what it used of one
 * meanwhile and at least a tenth of the tick: on a machine that is full for good it
 * would never be found to stand still.
 */
export function ageOf(ageMs: number, sinceLastTickMs: number, tickMs: number, use: Use = NO_USE): number {
  const elapsedMs = Math.min(sinceLastTickMs, tickMs * 2)
  const usedMs = Math.min(use.cpuMs, elapsedMs)
  return ageMs + Math.max(elapsedMs - use.waitedMs, usedMs, elapsedMs / 10)
}

/** What a process had of the processor within a tick. */
interface Use {
  /** Of all its threads. */
  readonly cpuMs: number
  /** The longest that one of them waited for a core. */
  readonly waitedMs: number
}
const NO_USE: Use = { cpuMs: 0, waitedMs: 0 }
