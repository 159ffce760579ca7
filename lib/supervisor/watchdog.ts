/**
 * Judges one plugin from what was seen of it in the last twenty seconds: a pure
 * function, so each rule is tested with a made-up past. What ends a plugin rests on
 * what the host itself observed; what a child says of itself (`heapBytes`, `loopUse`,
 * `beats`) can only degrade it.
 */
import type { ErrorCode } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { Sample } from '../powers.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import { cpuShare } from './cpu-share.js'
import type { Look } from './look.js'

/** What a run may, and what it had before any code of the plugin ran. */
export interface Bounds {
  readonly limits: Limits
  /** How long its thread may take to answer in this phase of its life. */
  readonly patienceMs: number
  readonly start: Pick<Sample, 'rssBytes' | 'descriptors' | 'children'>
}

/** A soft sign: the plugin is degraded while there is one. */
export interface Sign {
  readonly hit: LimitHit
  readonly reason: string
}

export type Verdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'degrade'; readonly signs: readonly Sign[] }
  | {
      readonly kind: 'end'
      readonly code: ErrorCode
      readonly hit: LimitHit
      readonly detail: Readonly<Record<string, number | string>>
    }

/** Used heap above this share of `heapMb`, young generation apart, in so many looks in a row. */
const HEAP_SHARE = 0.85
const HEAP_LOOKS_MS = 1500
/** Event loop busy above this share for so long. */
const LOOP_SHARE = 0.95
const LOOP_MS = 5000
/** A child's main thread reports twice a second. */
export const SILENT_MS = 5000
/** Descriptors that Node opens when it needs them first: for names, watching, signals, TLS. */
const DESCRIPTOR_SLACK = 32
/** The plugin's own thread holds `dataMb`; the host ends what got past that. */
const DATA_SHARE = 1.1
const MIB = 1_048_576

/** @param past - oldest first, the present last; as `remember` of look.ts keeps it */
export function judge(past: readonly Look[], bounds: Bounds): Verdict {
  const now = past.at(-1)
  if (now === undefined) return { kind: 'fine' }
  for (const rule of [memory, processes, descriptors, data, blocked, stuck]) {
    const end = rule(now, bounds)
    if (end !== undefined) return end
  }
  const signs = [late, cpu, heap, loop, silent].flatMap((rule) => rule(now, bounds, past) ?? [])
  return signs.length === 0 ? { kind: 'fine' } : { kind: 'degrade', signs }
}

// --- what ends a plugin ------------------------------------------------------------------------

type End = Extract<Verdict, { readonly kind: 'end' }>

function memory({ sample: { rssBytes } }: Look, { limits, start }: Bounds): End | undefined {
  if (rssBytes === null || start.rssBytes === null) return undefined
  const { heapMb, youngMb, externalMb } = limits
  const most = start.rssBytes + (heapMb + youngMb + externalMb) * MIB
  if (rssBytes <= most) return undefined
  const rssMb = Math.round(rssBytes / MIB)
  const limitMb = Math.round(most / MIB)
  return {
    kind: 'end',
    code: 'PLUGIN_OUT_OF_MEMORY',
    hit: { limit: 'externalMb', action: 'ended', used: rssMb, most: limitMb },
    detail: { rssMb, limitMb, limits: 'heapMb + youngMb + externalMb' },
  }
}

function processes({ sample: { children } }: Look, { start }: Bounds): End | undefined {
  const most = start.children ?? 0
  return children === null || children <= most ? undefined : exceeded('processes', children, most)
}

function descriptors({ sample }: Look, { limits, start }: Bounds): End | undefined {
  if (sample.descriptors === null || start.descriptors === null) return undefined
  const most = start.descriptors + limits.files + limits.sockets + DESCRIPTOR_SLACK
  return sample.descriptors <= most ? undefined : exceeded('descriptors', sample.descriptors, most)
}

/**
 * A plugin that started with more than it may must live to delete it: only what grew is ended. What hides may grow
 * unseen, and its own thread lets no plugin hide more than once what it may have.
 */
function data({ dataBytes, dataBytesBefore }: Look, { limits }: Bounds): End | undefined {
  if (dataBytes === Infinity) {
    return {
      kind: 'end',
      code: 'LIMIT_EXCEEDED',
      hit: { limit: 'dataMb', action: 'ended', used: null, most: limits.dataMb },
      detail: {
        limit: 'dataMb',
        most: limits.dataMb,
        message: 'its data directory holds what cannot be measured',
      },
    }
  }
  if (dataBytes === null || dataBytesBefore === null || dataBytes <= dataBytesBefore) return undefined
  if (dataBytes <= limits.dataMb * MIB * DATA_SHARE) return undefined
  return exceeded('dataMb', Math.ceil(dataBytes / MIB), limits.dataMb)
}

function blocked({ unansweredMs }: Look, { patienceMs }: Bounds): End | undefined {
  if (unansweredMs === null || unansweredMs < patienceMs) return undefined
  return {
    kind: 'end',
    code: 'PLUGIN_BLOCKED',
    hit: { limit: 'blockedMs', action: 'ended', used: Math.round(unansweredMs), most: patienceMs },
    detail: { blockedMs: patienceMs },
  }
}

function stuck({ stuckMs }: Look, { limits: { callTimeoutMs, inFlight } }: Bounds): End | undefined {
  if (stuckMs < callTimeoutMs) return undefined
  return {
    kind: 'end',
    code: 'PLUGIN_BLOCKED',
    hit: { limit: 'inFlight', action: 'ended', used: inFlight, most: inFlight },
    detail: { message: 'every call slot is held by calls it never answered' },
  }
}

function exceeded(limit: LimitHit['limit'], used: number, most: number): End {
  return {
    kind: 'end',
    code: 'LIMIT_EXCEEDED',
    hit: { limit, action: 'ended', used, most },
    detail: { limit, used, most },
  }
}

// --- what degrades it --------------------------------------------------------------------------

function late({ unansweredMs }: Look, { patienceMs }: Bounds): Sign | undefined {
  if (unansweredMs === null || unansweredMs * 2 < patienceMs) return undefined
  return {
    hit: { limit: 'blockedMs', action: 'degraded', used: Math.round(unansweredMs), most: patienceMs },
    reason: 'its thread is slow to answer',
  }
}

function cpu(_: Look, { limits }: Bounds, past: readonly Look[]): Sign | undefined {
  const used = cpuShare(past, limits.cpuShare)
  if (used === null) return undefined
  return {
    hit: { limit: 'cpuShare', action: 'degraded', used, most: limits.cpuShare },
    reason: 'it takes more than its share of the processor',
  }
}

function heap(now: Look, { limits }: Bounds, past: readonly Look[]): Sign | undefined {
  // New space is garbage most of the time: one of its three parts may be full of it (V8's semi-space).
  const most = limits.heapMb * HEAP_SHARE + limits.youngMb / 3
  const isFull = ({ sample: { heapBytes } }: Look): boolean => heapBytes !== null && heapBytes > most * MIB
  if (!lasts(past, HEAP_LOOKS_MS, isFull)) return undefined
  const used = Math.round((now.sample.heapBytes ?? 0) / MIB)
  return {
    hit: { limit: 'heapMb', action: 'degraded', used, most: limits.heapMb },
    reason: 'its heap is nearly full',
  }
}

function loop({ sample }: Look, _: Bounds, past: readonly Look[]): Sign | undefined {
  const isBusy = ({ sample: { loopUse } }: Look): boolean => loopUse !== null && loopUse > LOOP_SHARE
  if (!lasts(past, LOOP_MS, isBusy)) return undefined
  return {
    hit: { limit: 'loopUse', action: 'degraded', used: sample.loopUse, most: LOOP_SHARE },
    reason: 'its event loop is never idle',
  }
}

function silent({ silentMs }: Look): Sign | undefined {
  if (silentMs === null || silentMs < SILENT_MS) return undefined
  return {
    hit: { limit: 'silentMs', action: 'degraded', used: Math.round(silentMs), most: SILENT_MS },
    reason: "its process' main thread says nothing",
  }
}

/** Whether something holds at every look of the last `forMs`, and the past reaches that far. */
function lasts(past: readonly Look[], forMs: number, holds: (look: Look) => boolean): boolean {
  const from = (past.at(-1)?.atMs ?? 0) - forMs
  const first = past[0]
  if (first === undefined || first.atMs > from) return false
  return past.every((look) => look.atMs < from || holds(look))
}
