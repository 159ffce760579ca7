/** Calls of the peer: each is answered exactly once, by a reply or by an error, even when its caller gave up. */
import type { PluginError } from '../errors.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import type { Frame } from './frame.js'
import { checkLevels, parseBody } from './scan.js'
import type { StreamTable } from './stream-table.js'
import { discard, type Consumer } from './streams.js'
import {
  bodyOf,
  NONE,
  violation,
  wasGiven,
  writeFailure,
  type Payload,
  type Received,
  type Wire,
} from './wire.js'

export interface IncomingCall extends Received {
  readonly method: string
  readonly deadlineMs: number
  /** True once the caller gave up or the channel closed. */
  readonly cancelled: () => boolean
  /** Runs `run` when that happens, or now if it has. */
  readonly onCancel: (run: () => void) => void
}

/** Answers a call; what it throws goes back as an error frame. */
export type Serve = (call: IncomingCall) => Payload | Promise<Payload>

export interface Server {
  called(frame: Frame): void
  cancelled(frame: Frame): void
  /** Sends the answers that wait for this side's rate, as far as it goes. */
  sendWaiting(): void
  /** A stream for the call that follows. */
  attach(call: number, consumer: Consumer): void
  close(reason: PluginError): void
  /** Calls taken so far. */
  received(): number
}

interface Serving {
  cancelled: boolean
  onCancel: (() => void)[] | undefined
  readonly consumers: readonly Consumer[]
}

export function makeServer(wire: Wire, streams: StreamTable, serve: Serve): Server {
  const serving = new Map<number, Serving>()
  /** Answers that wait; no more than there are calls. */
  const late: (() => void)[] = []
  /** Streams opened for the call whose own frame follows. */
  let ahead: { readonly call: number; readonly consumer: Consumer }[] = []
  let nextId = wire.firstId
  let received = 0

  /** False when there is nobody left to answer. */
  function finish(id: number): boolean {
    return serving.delete(id) && wire.isOpen()
  }

  function cancelUnread({ consumers }: Serving): void {
    for (const consumer of consumers) if (!consumer.claimed) consumer.stream.cancel()
  }

  function answer(id: number, record: Serving, payload: Payload): void {
    if (late.length === 0 && wire.outlet.usedUp() === undefined) reply(id, record, payload)
    else late.push(() => reply(id, record, payload))
  }

  function sendWaiting(): void {
    while (late.length > 0 && wire.outlet.usedUp() === undefined) late.shift()?.()
  }

  function reply(id: number, record: Serving, payload: Payload): void {
    const sources = payload.streams ?? NONE
    let begin: ((onEnd: () => void) => unknown) | undefined
    try {
      if (!finish(id)) return
      const body = bodyOf(payload)
      checkLevels(body, wire.peer()?.maxDepth ?? Infinity)
      if (sources.length > 0 && !record.cancelled) {
        begin = streams.announce(id, 'reply', sources)
      }
      wire.write(FRAME_KIND.reply, id, 0, '', body, payload.sections)
    } catch (error) {
      writeFailure(wire, FRAME_KIND.error, id, error)
    } finally {
      // A stream of the reply may be one of the call, or read from one as it goes.
      if (begin !== undefined) begin(() => cancelUnread(record))
      else {
        for (const source of sources) discard(source)
        cancelUnread(record)
      }
    }
  }

  function fail(id: number, record: Serving, error: unknown): void {
    cancelUnread(record)
    if (finish(id)) writeFailure(wire, FRAME_KIND.error, id, error)
  }

  function cancel(record: Serving): void {
    if (record.cancelled) return
    record.cancelled = true
    for (const { stream } of record.consumers) stream.cancel()
    for (const run of record.onCancel ?? NONE) {
      try {
        run()
      } catch {
        // what the callee does about it is its own affair; the others must hear of it too
      }
    }
  }

  return {
    called(frame) {
      const { id } = frame
      if (id !== nextId) throw violation('calls count up by one', frame)
      if (serving.size >= wire.limits.callWindow) throw violation('call window', frame)
      if (ahead.some(({ call }) => call !== id)) throw violation('a stream names its call', frame)
      nextId = (nextId + 1) >>> 0
      received++
      const value = parseBody(frame.body, wire.limits.maxDepth)
      const record: Serving = {
        cancelled: false,
        onCancel: undefined,
        consumers: ahead.length === 0 ? NONE : ahead.map(({ consumer }) => consumer),
      }
      ahead = []
      serving.set(id, record)
      const call: IncomingCall = {
        method: frame.method,
        value,
        sections: frame.sections,
        streams: record.consumers.map(({ stream }) => stream),
        deadlineMs: frame.aux,
        cancelled: () => record.cancelled,
        onCancel(run) {
          if (record.cancelled) run()
          else (record.onCancel ??= []).push(run)
        },
      }
      let result: Payload | Promise<Payload>
      try {
        result = serve(call)
      } catch (error) {
        return fail(id, record, error)
      }
      if (!(result instanceof Promise)) return answer(id, record, result)
      result.then(
        (payload) => answer(id, record, payload),
        (error: unknown) => fail(id, record, error),
      )
    },
    cancelled(frame) {
      const record = serving.get(frame.id)
      if (record !== undefined) return cancel(record)
      // Crosses the answer on the wire now and then; a call never made is another matter.
      if (!wasGiven(frame.id, nextId)) throw violation('no such call was made', frame)
    },
    sendWaiting,
    attach(call, consumer) {
      ahead.push({ call, consumer })
    },
    close() {
      for (const record of serving.values()) cancel(record)
      serving.clear()
      // There is nobody left to answer: what they hold is let go.
      for (const send of late.splice(0)) send()
      ahead = []
    },
    received: () => received,
  }
}
