/** Messages without an answer, under credits both ways; what finds no room is dropped and counted. */
import { openWindow, refund, spend, type Credits } from '../protocol/credits.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
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
  notify(method: string, payload: Payload): boolean
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

export function makeNotices(wire: Wire, queue: number, onNotice: OnNotice): Notices {
  let credits: Credits = openWindow(0)
  const waiting: Waiting[] = []
  let dropped = 0
  /** Of the peer's: not refunded yet, and of those the handled ones. */
  let taken = 0
  let handled = 0

  function send({ method, body, sections }: Waiting): boolean {
    const next = spend(credits)
    if (next === undefined) return false
    wire.write(FRAME_KIND.notice, 0, 0, method, body, sections)
    credits = next
    return true
  }

  function sendWaiting(): void {
    while (waiting.length > 0 && credits.available > 0) {
      try {
        send(waiting.shift() as Waiting)
      } catch {
        dropped++ // larger than the peer takes, which was not known when it began to wait
      }
    }
  }

  function finished(): void {
    handled++
    if (handled * 2 < wire.limits.noticeWindow || !wire.isOpen()) return
    wire.write(FRAME_KIND.noticeCredit, 0, handled)
    taken -= handled
    handled = 0
  }

  return {
    notify(method, payload) {
      const notice: Waiting = { method, body: bodyOf(payload), sections: payload.sections }
      if (waiting.length === 0 && send(notice)) return true
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
    credited(frame) {
      credits = refund(credits, frame.aux)
      sendWaiting()
    },
    close() {
      waiting.length = 0
    },
    dropped: () => dropped,
  }
}
