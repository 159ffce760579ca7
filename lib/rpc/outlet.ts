/**
 * How much one side sends to its peer: bytes a second, and no more while the peer has
 * left a lot unread. What waits stays where it is (calls and notices in their queues,
 * streams with their sources, answers with their calls); this file only says when.
 * It also keeps the sum of what this side holds for the peer.
 */
import type { Clock } from '../powers.js'
import { drain, openBucket, waitMs, type Bucket } from '../protocol/rate.js'

export interface OutletOptions {
  /** No bound when left out. */
  readonly bytesPerSecond: number | undefined
  /** Bytes that may be held for the peer; no bound when left out. */
  readonly mostHeld: number | undefined
  readonly clock: Clock
  readonly wakeIn: (delayMs: number) => void
  /** Bytes sent that the peer has not taken. */
  readonly unsent: () => number
}

export interface Outlet {
  /** Charges for what was sent, waited or not. */
  sent(bytes: number): void
  /** Why nothing that can wait may be sent now; `undefined` when it may. */
  usedUp(): 'bytesPerSecond' | 'hostMb' | undefined
  /** Counts bytes that are kept for the peer; below 0 they are kept no longer. */
  hold(bytes: number): void
  /** Whether so much more may be held. */
  hasRoom(bytes: number): boolean
  heldBytes(): number
}

/** How soon to look again whether the peer has read, ms; its answers wake this side before. */
const LOOK_AGAIN_MS = 10

export function makeOutlet(options: OutletOptions): Outlet {
  const { bytesPerSecond, mostHeld = Infinity, clock, wakeIn, unsent } = options
  let bucket: Bucket | undefined
  if (bytesPerSecond !== undefined) {
    // A quarter of a second's worth at once, and twice that after a pause (`spent` is drained late);
    // the peer allows for more (intake.ts).
    const rate = { perSecond: bytesPerSecond, capacity: bytesPerSecond / 4, mostDebt: bytesPerSecond }
    bucket = openBucket(rate, clock.now())
  }
  /** Sent since the bucket was last looked at: most frames find enough in it and ask for no time. */
  let spent = 0
  let held = 0

  function bytesWait(): number {
    if (bucket === undefined || bucket.tokens - spent >= 1) return 0
    const nowMs = clock.now()
    bucket = drain(bucket, 0, nowMs)
    bucket = drain(bucket, spent, nowMs)
    spent = 0
    return waitMs(bucket, nowMs)
  }

  return {
    sent(bytes) {
      spent += bytes
    },
    usedUp() {
      const wait = bytesWait()
      if (wait > 0) {
        wakeIn(wait)
        return 'bytesPerSecond'
      }
      if (unsent() * 2 <= mostHeld) return undefined
      wakeIn(LOOK_AGAIN_MS)
      return 'hostMb'
    },
    hold(bytes) {
      held += bytes
    },
    hasRoom: (bytes) => held + unsent() + bytes <= mostHeld,
    heldBytes: () => held + unsent(),
  }
}
