/**
 * Calls to the peer: a window and a rate of calls under way, a bounded queue behind
 * both, a deadline and an owner for each. A call that was given up keeps its place in the
 * window until the peer answers, so a peer that never answers is held to its window.
 */
import { PluginError } from '../errors.js'
import type { Clock, TimerHandle } from '../powers.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import type { LimitName } from '../protocol/limit-hit.js'
import { drain, openBucket, waitMs, type Bucket } from '../protocol/rate.js'
import { parseWireError } from '../protocol/wire-error.js'
import type { Frame } from './frame.js'
import { parseBody } from './scan.js'
import { discardStreams, NO_PAYLOAD, sizeOf, type Entry } from './call-entry.js'
import type { StreamTable } from './stream-table.js'
import type { Consumer, Producer } from './streams.js'
import { asPluginError, bodyOf, NONE, violation, type Payload, type Received, type Wire } from './wire.js'

export interface CallOptions {
  /** How long the caller waits, queueing included, ms. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

export interface CallerOptions {
  readonly queue: number
  /** Bytes that may be held for the peer. */
  readonly mostHeld?: number
  readonly clock: Clock
  readonly explain?: (error: PluginError) => PluginError
}

export interface Caller {
  /** @throws PluginError CALL_TIMEOUT, CALL_ABORTED, QUEUE_FULL, MESSAGE_TOO_LARGE, or what the peer answered */
  call(method: string, payload: Payload, options: CallOptions): Promise<Received>
  /** A reply or error frame. */
  answered(frame: Frame): void
  /** A stream of the reply to call `id`. */
  attach(frame: Frame, id: number, consumer: Consumer): void
  /** Sends what waits, as far as the window goes. */
  sendWaiting(): void
  close(reason: PluginError): void
  stats(): {
    readonly sent: number
    readonly active: number
    readonly abandoned: number
    readonly queued: number
  }
}

/** What a call can run into. */
type CallLimit = Extract<
  LimitName,
  'inFlight' | 'queue' | 'callsPerSecond' | 'bytesPerSecond' | 'nodeTime' | 'hostMb'
>

/** Longest delay that timers of this platform hold, 24 days. */
const MAX_DEADLINE_MS = 0x7fff_ffff

export function makeCaller(
  wire: Wire,
  streams: StreamTable,
  { queue, mostHeld = Infinity, clock, explain = (error) => error }: CallerOptions,
  mostCalls: number,
): Caller {
  const { callsPerSecond } = wire.rates
  let rate: Bucket | undefined
  if (callsPerSecond !== undefined)
    rate = openBucket({ perSecond: callsPerSecond, capacity: callsPerSecond, mostDebt: 0 }, clock.now())
  const pending = new Map<number, Entry>()
  const waiting: Entry[] = []
  let nextId = wire.firstId
  let sent = 0
  let abandoned = 0
  let closedWith: PluginError | undefined

  /**
   * @param leftMs - what is left of the deadline
   * @returns the error when it cannot be sent; nothing was sent then
   */
  function send(entry: Entry, leftMs: number): PluginError | undefined {
    const id = nextId
    const { payload } = entry
    try {
      let begin: (() => readonly Producer[]) | undefined
      if (payload.streams !== undefined) {
        wire.check(entry.method, payload, entry.body)
        begin = streams.announce(id, 'call', payload.streams)
      }
      const aux = Math.max(0, Math.min(leftMs, MAX_DEADLINE_MS))
      wire.write(FRAME_KIND.call, id, aux, entry.method, entry.body, payload.sections)
      if (begin !== undefined) entry.producers = begin()
    } catch (error) {
      return asPluginError(error)
    }
    nextId = (nextId + 1) >>> 0
    sent++
    entry.id = id
    entry.body = ''
    entry.payload = NO_PAYLOAD
    // What a port cannot tell to be read is held until the answer says so.
    if (wire.tellsUnread) release(entry)
    pending.set(id, entry)
    return undefined
  }

  function release(entry: Entry): void {
    wire.outlet.hold(-entry.bytes)
    entry.bytes = 0
  }

  /** What the next call has to wait for; `undefined` when it need not. */
  function behind(nowMs: number): CallLimit | 'hello' | undefined {
    const peer = wire.peer()
    if (peer === undefined) return 'hello'
    if (pending.size >= Math.min(peer.callWindow, mostCalls)) return 'inFlight'
    if (rate !== undefined) {
      const wait = waitMs(rate, nowMs)
      if (wait > 0) {
        wire.wakeIn(wait)
        return 'callsPerSecond'
      }
    }
    return wire.outlet.usedUp() ?? wire.intake.usedUp(nowMs)
  }

  /** What that limit allows, where this side knows it. */
  function mostOf(limit: CallLimit): number {
    switch (limit) {
      case 'callsPerSecond':
        return callsPerSecond ?? 0
      case 'bytesPerSecond':
        return wire.rates.bytesPerSecond ?? 0
      case 'nodeTime':
        return wire.rates.intake?.nodeTime ?? 0
      case 'hostMb':
        return mostHeld / MIB
      case 'queue':
        return queue
      case 'inFlight':
        return Math.min(mostCalls, wire.peer()?.callWindow ?? 0)
    }
  }

  function tell(limit: CallLimit, action: 'slowed' | 'refused'): void {
    wire.onLimit({ limit, action, used: null, most: mostOf(limit) })
  }

  /** One timer for all calls, armed for the earliest deadline it knows; a call that ends in time costs it nothing. */
  let timer: TimerHandle | undefined
  let armedFor = Infinity

  function arm(endsAt: number): void {
    if (endsAt >= armedFor) return
    if (timer !== undefined) clock.clearTimeout(timer)
    armedFor = endsAt
    timer = clock.setTimeout(expire, Math.min(endsAt - clock.now(), MAX_DEADLINE_MS))
  }

  function expire(): void {
    timer = undefined
    armedFor = Infinity
    const now = clock.now()
    for (const entry of [...pending.values(), ...waiting]) {
      if (entry.abandoned) continue
      // Timers may fire a fraction of a millisecond early.
      if (entry.endsAt - now >= 1) {
        arm(entry.endsAt)
        continue
      }
      const deadlineMs = Math.round(entry.deadlineMs)
      wire.onLimit({ limit: 'callTimeoutMs', action: 'refused', used: null, most: deadlineMs })
      giveUp(entry, new PluginError('CALL_TIMEOUT', { method: entry.method, deadlineMs }))
    }
  }

  function settle(entry: Entry): void {
    entry.unlisten?.()
  }

  /** Deadline or abort: the caller is told at once, the place comes back when the peer answers. */
  function giveUp(entry: Entry, error: PluginError): void {
    if (entry.abandoned) return
    entry.abandoned = true
    if (entry.id < 0) {
      waiting.splice(waiting.indexOf(entry), 1)
      release(entry)
      discardStreams(entry.payload)
    } else {
      abandoned++
      wire.write(FRAME_KIND.cancel, entry.id, 0)
      for (const producer of entry.producers) producer.cancelled()
      for (const { stream } of entry.consumers ?? NONE) stream.cancel()
    }
    settle(entry)
    entry.reject(error)
  }

  function sendWaiting(): void {
    while (waiting.length > 0) {
      const now = clock.now()
      if (behind(now) !== undefined) return
      const entry = waiting.shift() as Entry
      if (rate !== undefined) rate = drain(rate, 1, now)
      const error = send(entry, entry.endsAt - now)
      if (error === undefined) continue
      release(entry)
      settle(entry)
      discardStreams(entry.payload)
      entry.reject(error)
    }
  }

  return {
    call: (method, payload, { deadlineMs, signal }) =>
      new Promise<Received>((resolve, reject) => {
        const refuse = (error: PluginError): void => {
          discardStreams(payload)
          reject(error)
        }
        if (closedWith !== undefined) return refuse(closedWith)
        if (signal?.aborted === true) return refuse(new PluginError('CALL_ABORTED', { method }))
        const body = bodyOf(payload)
        const now = clock.now()
        const entry: Entry = {
          method,
          body,
          payload,
          bytes: sizeOf(body, payload),
          resolve,
          reject,
          deadlineMs,
          endsAt: now + deadlineMs,
          id: -1,
          abandoned: false,
          unlisten: undefined,
          producers: NONE,
          consumers: undefined,
        }
        const limit = behind(now)
        const mustWait = waiting.length > 0 || limit !== undefined
        if (mustWait && waiting.length >= queue) {
          tell('queue', 'refused')
          return refuse(new PluginError('QUEUE_FULL', { method, queue, ...standsBehind(limit) }))
        }
        if ((mustWait || !wire.tellsUnread) && !wire.outlet.hasRoom(entry.bytes)) {
          tell('hostMb', 'refused')
          const held = wire.outlet.heldBytes()
          return refuse(new PluginError('QUEUE_FULL', { method, limit: `hostMb ${mostHeld / MIB}`, held }))
        }
        wire.outlet.hold(entry.bytes)
        if (mustWait) {
          if (limit !== undefined && limit !== 'hello') tell(limit, 'slowed')
          waiting.push(entry)
        } else {
          if (rate !== undefined) rate = drain(rate, 1, now)
          const error = send(entry, deadlineMs)
          if (error !== undefined) {
            release(entry)
            return refuse(error)
          }
        }
        arm(entry.endsAt)
        if (signal !== undefined) {
          const onAbort = (): void => giveUp(entry, new PluginError('CALL_ABORTED', { method }))
          signal.addEventListener('abort', onAbort)
          entry.unlisten = () => signal.removeEventListener('abort', onAbort)
        }
      }),
    answered(frame) {
      const entry = pending.get(frame.id)
      if (entry === undefined) throw violation('no such call is outstanding', frame)
      const value = parseBody(frame.body, wire.limits.maxDepth)
      pending.delete(frame.id)
      release(entry)
      const consumers = entry.consumers ?? NONE
      if (entry.abandoned || frame.kind === FRAME_KIND.error) {
        for (const { stream } of consumers) stream.cancel()
      }
      if (entry.abandoned) {
        abandoned--
      } else {
        settle(entry)
        if (frame.kind === FRAME_KIND.error)
          entry.reject(explain(parseWireError(value, wire.peerCodes, wire.fallbackCode)))
        else
          entry.resolve({ value, sections: frame.sections, streams: consumers.map(({ stream }) => stream) })
      }
      if (waiting.length > 0) sendWaiting()
    },
    attach(frame, id, consumer) {
      const entry = pending.get(id)
      if (entry === undefined) throw violation('a stream names its call', frame)
      entry.consumers ??= []
      // Those that have ended count too: whoever opens and ends them by turns would fill the list.
      if (entry.consumers.length >= wire.limits.maxStreams) throw violation('streams of one call', frame)
      entry.consumers.push(consumer)
      if (entry.abandoned) consumer.stream.cancel()
    },
    sendWaiting,
    close(reason) {
      closedWith = reason
      if (timer !== undefined) clock.clearTimeout(timer)
      for (const { payload } of waiting) discardStreams(payload)
      const open = [...pending.values(), ...waiting]
      pending.clear()
      waiting.length = 0
      abandoned = 0
      for (const entry of open) {
        settle(entry)
        if (!entry.abandoned) entry.reject(reason)
      }
    },
    stats: () => ({ sent, active: pending.size, abandoned, queued: waiting.length }),
  }
}

function standsBehind(limit: CallLimit | 'hello' | undefined): { readonly behind?: CallLimit } {
  return limit === undefined || limit === 'hello' ? {} : { behind: limit }
}

const MIB = 1_048_576
