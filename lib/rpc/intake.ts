/**
 * How much of one peer this side takes: bytes a second, and milliseconds a second of
 * this thread for making sense of them. A port that can be paused is not read while
 * either is used up, so the peer's own sender waits; on one that cannot be, the channel
 * ends when the debt is as large as it may be. While either is used up the channel also
 * gives the peer nothing to answer and no credit, so that an honest peer stays below.
 */
import type { Clock } from '../powers.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import type { IntakeRates } from '../protocol/limits.js'
import { drain, openBucket, waitMs, type Bucket } from '../protocol/rate.js'
import type { Port } from './port.js'

export interface Intake {
  /** Runs `read` with the chunk and charges for both. */
  take(chunk: Uint8Array, read: (chunk: Uint8Array) => void): void
  /** The peer answered what this side had asked for. */
  answered(): void
  /** What is used up, which means that the peer is given nothing to do; `undefined` when nothing is. */
  usedUp(nowMs: number): 'bytesPerSecond' | 'nodeTime' | undefined
  /** Reads again, if the time has come. */
  wake(): void
  /** How long the peer was not read, ms since the channel began. */
  pausedMs(): number
}

export interface IntakeOptions {
  readonly port: Port
  /** No bound when left out. */
  readonly rates: IntakeRates | undefined
  readonly clock: Clock
  readonly wakeIn: (delayMs: number) => void
  readonly onLimit: (hit: LimitHit) => void
  /** It sent past what a port that cannot be paused may bring. */
  readonly onFlood: (rule: string) => void
}

/** What one answer adds to the peer's time, ms: about 20 KiB of JSON. So small answers are held by the rate of calls alone. */
const ANSWER_MS = 0.2
/** Chunks are handled this long in a row, ms, beside what their answers bring; then the rest of this thread has its turn. */
const SLICE_MS = 4
/** A row of chunks ends where nothing of the peer was handled for so long, ms. */
const GAP_MS = 1
/** One chunk counts as no more than this, ms: if it took longer, the machine stood still. */
const MOST_CHUNK_MS = 50
/** Debt of time that ends a port that cannot be paused, ms: far above what honest windows hold. */
const MOST_DEBT_MS = 1000

export function makeIntake({ port, rates, clock, wakeIn, onLimit, onFlood }: IntakeOptions): Intake {
  if (rates === undefined) return UNBOUNDED
  const { bytesPerSecond, nodeTime } = rates
  const canPause = port.pause !== undefined
  // An honest peer keeps to half a second's worth at once (outlet.ts); where going past it ends the
  // channel, this side allows for bytes that wait while its own thread stands still.
  const burst = canPause ? bytesPerSecond / 2 : 2 * bytesPerSecond
  const bytesRate = { perSecond: bytesPerSecond, capacity: burst, mostDebt: 2 * bytesPerSecond }
  let bytes: Bucket = openBucket(bytesRate, clock.now())
  const timeRate = { perSecond: nodeTime, capacity: nodeTime, mostDebt: MOST_DEBT_MS }
  let time: Bucket = openBucket(timeRate, clock.now())
  let earnedMs = 0
  /** How long chunks were handled in a row, and when the last one was done. */
  let rowMs = 0
  let doneAt = 0
  let pausedAt: number | undefined
  let pausedBefore = 0

  /** From when on the peer is read again; asked for by every call, so it is a number and not a sum. */
  let openAt = 0
  let closedBy: 'bytesPerSecond' | 'nodeTime' = 'nodeTime'

  function usedUp(nowMs: number): 'bytesPerSecond' | 'nodeTime' | undefined {
    if (nowMs >= openAt) return undefined
    wakeIn(openAt - nowMs)
    return closedBy
  }

  function pause(nowMs: number): void {
    if (pausedAt !== undefined) return
    pausedAt = nowMs
    port.pause?.()
  }

  function charge(chunkBytes: number, begunAt: number): void {
    const now = clock.now()
    const spentMs = Math.min(MOST_CHUNK_MS, now - begunAt)
    const overMs = spentMs - earnedMs
    earnedMs = 0
    rowMs = begunAt - doneAt > GAP_MS ? overMs : rowMs + overMs
    doneAt = now
    bytes = drain(bytes, chunkBytes, now)
    time = drain(time, overMs, now)
    const bytesWait = waitMs(bytes, now)
    const timeWait = waitMs(time, now)
    openAt = now + Math.max(bytesWait, timeWait)
    closedBy = timeWait >= bytesWait ? 'nodeTime' : 'bytesPerSecond'
    const limit = usedUp(now)
    if (limit !== undefined) {
      const most = rates?.[limit] ?? 0
      const { tokens, mostDebt } = limit === 'nodeTime' ? time : bytes
      if (!canPause && tokens <= -mostDebt) {
        onLimit({ limit, action: 'ended', used: null, most })
        onFlood(limit === 'nodeTime' ? 'time of the node' : 'bytes a second')
      } else {
        onLimit({ limit, action: 'slowed', used: null, most })
        pause(now)
      }
    } else if (rowMs >= SLICE_MS && canPause) {
      pause(now)
      wakeIn(0)
    }
  }

  return {
    take(chunk, read) {
      const begunAt = clock.now()
      const { byteLength } = chunk
      read(chunk)
      charge(byteLength, begunAt)
    },
    answered() {
      earnedMs += ANSWER_MS
    },
    usedUp,
    wake() {
      if (pausedAt === undefined) return
      const now = clock.now()
      if (usedUp(now) !== undefined) return
      pausedBefore += now - pausedAt
      pausedAt = undefined
      rowMs = 0
      port.resume?.()
    },
    pausedMs: () => pausedBefore + (pausedAt === undefined ? 0 : clock.now() - pausedAt),
  }
}

const UNBOUNDED: Intake = {
  take: (chunk, read) => read(chunk),
  answered: () => undefined,
  usedUp: () => undefined,
  wake: () => undefined,
  pausedMs: () => 0,
}
