/**
 * Messages without an answer, under credits both ways; what finds no room is dropped and
 * counted. Credits go back no faster than the rate of notices, and not while this side's
 * time for the peer is used up, so the peer waits whether it is honest or not.
 */
import { openWindow, refund, spend, type Credits } from '../protocol/credits.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import { drain, openBucket, tokensAt, type Bucket } from '../protocol/rate.js'
import type { Frame } from './frame.js'
import { parseBody } from './scan.js'
import { bodyOf, violation, type Payload, type Wire } from './wire.js'

/**
 * Handles a notice; its credit goes back when the result settles. What it throws at
 * once closes the channel as a violation; a rejection only gives the credit back.
 */
export type OnNotice = (
  method: string,
  value: unknown,
  sections: readonly Uint8Array[],
) => void | Promise<void>

export interface Notices {
  /** Sends a notice, or holds it until the peer has room; false when it was dropped for want of room. */
  notify(method: string, payload: Payload, latest: boolean): boolean
  /** Sends what waits and gives back what is owed, as far as credits and rates go. */
  sendWaiting(): void
  /** The peer's hello came: its window is known. */
  opened(): void
  noticed(frame: Frame): void
  credited(frame: Frame): void
  close(): void
  dropped(): number
}

interface Waiting {
  readonly method: string
  readonly body: string | Uint8Array
  readonly sections: readonly Uint8Array[] | undefined
}

/** Credits of a rate that is used up go back in lots, and not one by one. */
const GIVE_BACK_EVERY_MS = 100

export function makeNotices(wire: Wire, queue: number, onNotice: OnNotice): Notices {
  const { noticesPerSecond } = wire.rates
  let rate: Bucket | undefined
  if (noticesPerSecond !== undefined) {
    const most = { perSecond: noticesPerSecond, capacity: noticesPerSecond, mostDebt: 0 }
    rate = openBucket(most, wire.now())
  }
  let credits: Credits = openWindow(0)
  /** By method: the newest of what only the newest matters of. They go first. */
  const newest = new Map<string, Waiting>()
  const waiting: Waiting[] = []
  let dropped = 0
  /** Of the peer's: not refunded yet, and of those the handled ones. */
  let taken = 0
  let handled = 0

  function send({ method, body, sections }: Waiting): boolean {
    const next = spend(credits)
    if (next === undefined || wire.outlet.usedUp() !== undefined) return false
    wire.write(FRAME_KIND.notice, 0, 0, method, body, sections)
    credits = next
    return true
  }

  /** Whether it is out of the way: sent, or too large to be sent ever. */
  function sendOrDrop(notice: Waiting): boolean {
    try {
      return send(notice)
    } catch {
      dropped++ // larger than the peer takes, which was not known when it began to wait
      return true
    }
  }

  function sendWaiting(): void {
    for (const [method, notice] of newest) {
      if (!sendOrDrop(notice)) return
      newest.delete(method)
    }
    while (waiting[0] !== undefined && sendOrDrop(waiting[0])) waiting.shift()
  }

  function finished(): void {
    handled++
    giveBack()
  }

  function giveBack(): void {
    if (handled * 2 < wire.limits.noticeWindow || !wire.isOpen()) return
    const now = wire.now()
    if (wire.intake.usedUp(now) !== undefined) return
    let count = handled
    if (rate !== undefined) {
      const allowed = Math.floor(tokensAt(rate, now))
      if (allowed < count) {
        wire.onLimit({ limit: 'noticesPerSecond', action: 'slowed', used: null, most: rate.perSecond })
        wire.wakeIn(GIVE_BACK_EVERY_MS)
        if (allowed === 0) return
        count = allowed
      }
      rate = drain(rate, count, now)
    }
    wire.write(FRAME_KIND.noticeCredit, 0, count)
    taken -= count
    handled -= count
  }

  return {
    notify(method, payload, latest) {
      const notice: Waiting = { method, body: bodyOf(payload), sections: payload.sections }
      const mayGo = latest ? !newest.has(method) : newest.size === 0 && waiting.length === 0
      if (mayGo && send(notice)) return true
      if (latest) {
        newest.set(method, notice)
        return true
      }
      if (waiting.length >= queue) {
        dropped++
        return false
      }
      waiting.push(notice)
      return true
    },
    opened() {
      credits = openWindow(wire.peer()?.noticeWindow ?? 0)
      sendWaiting()
    },
    noticed(frame) {
      if (taken >= wire.limits.noticeWindow) throw violation('notice window', frame)
      taken++
      const result = onNotice(frame.method, parseBody(frame.body, wire.limits.maxDepth), frame.sections)
      if (result instanceof Promise) result.then(finished, finished)
      else finished()
    },
    sendWaiting() {
      sendWaiting()
      giveBack()
    },
    credited(frame) {
      credits = refund(credits, frame.aux)
      sendWaiting()
    },
    close() {
      waiting.length = 0
      newest.clear()
    },
    dropped: () => dropped,
  }
}
