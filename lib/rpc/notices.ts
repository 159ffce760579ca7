/** Messages without an answer, under credits both ways; what finds no room is dropped and counted. */
import { openWindow, refund, spend, type Credits } from '../protocol/credits.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import type { Frame } from './frame.js'
import { parseBody } from './scan.js'
import { bodyOf, violation, type Payload, type Wire } from './wire.js'

/** Handles a notice; its credit goes back when the result settles. */
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

export function makeNotices(wire: Wire, queue: number, onNotice: OnNotice): Notices {
  let credits: Credits = openWindow(0)
  const waiting: { readonly method: string; readonly body: string | Uint8Array }[] = []
  let dropped = 0
  /** Of the peer's: not refunded yet, and of those the handled ones. */
  let taken = 0
  let handled = 0

  function send(method: string, body: string | Uint8Array): boolean {
    const next = spend(credits)
    if (next === undefined) return false
    wire.write(FRAME_KIND.notice, 0, 0, method, body)
    credits = next
    return true
  }

  function sendWaiting(): void {
    for (let first = waiting[0]; first !== undefined && send(first.method, first.body); first = waiting[0]) {
      waiting.shift()
    }
  }

  function done(): void {
    handled++
    if (handled * 2 < wire.limits.noticeWindow || !wire.isOpen()) return
    wire.write(FRAME_KIND.noticeCredit, 0, handled)
    taken -= handled
    handled = 0
  }

  return {
    notify(method, payload) {
      const body = bodyOf(payload)
      if (waiting.length === 0 && send(method, body)) return true
      if (waiting.length >= queue) {
        dropped++
        return false
      }
      waiting.push({ method, body })
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
      if (result instanceof Promise) void result.catch(() => undefined).then(() => done())
      else done()
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
