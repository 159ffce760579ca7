/**
 * One channel between host and plugin over any Port: calls with deadlines and
 * cancellation, notices, streams, credits and rates both ways, frames batched per turn.
 * The peer is not trusted: the first thing it does against the protocol closes the
 * channel with PROTOCOL_VIOLATION and touches nothing else. Here frames are told
 * apart; caller.ts, server.ts, notices.ts and stream-table.ts know what each means,
 * intake.ts and outlet.ts how fast they come and go.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { Clock, Defer } from '../powers.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import type { Rates, WireLimits, Windows } from '../protocol/limits.js'
import type { WireError } from '../protocol/wire-error.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import { makeCaller, type CallOptions } from './caller.js'
import { deferred } from './deferred.js'
import { frameBytes, makeFrameReader, makeFrameWriter, type Frame } from './frame.js'
import { parseHello } from './hello.js'
import { makeIntake } from './intake.js'
import { makeNotices, type OnNotice } from './notices.js'
import { makeOutlet } from './outlet.js'
import { makePings } from './pings.js'
import type { Port } from './port.js'
import { parseBody } from './scan.js'
import { makeServer, type Serve } from './server.js'
import { makeStreamTable } from './stream-table.js'
import { makeWaker } from './waker.js'
import { asViolation, NONE, plainToWire, violation, type Payload, type Received, type Wire } from './wire.js'

export type { CallOptions } from './caller.js'
export type { IncomingCall, Serve } from './server.js'
export type { Payload, Received } from './wire.js'

export interface ChannelStats {
  readonly callsSent: number
  readonly callsReceived: number
  /** Calls under way at the peer, given-up ones it has not answered included. */
  readonly inFlight: number
  /** Of those, the given-up ones. */
  readonly abandoned: number
  readonly queued: number
  readonly noticesDropped: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** How long this side did not read what the peer sent, because of its rates, ms. */
  readonly pausedMs: number
  /** Bytes this side holds for the peer: calls that wait, streams nobody has read, what is unsent, a part of a frame. */
  readonly heldBytes: number
}

export interface ChannelOptions {
  readonly port: Port
  /** Stamped on every frame; a frame with another one breaks the protocol. */
  readonly generation: number
  readonly limits: WireLimits
  /** Calls that may wait here for the peer's window; the same bound for notices. */
  readonly queue: number
  readonly clock: Clock
  readonly defer: Defer
  /** Where both sides begin to count calls and streams; 0 when left out. */
  readonly firstId?: number
  /** Added to the hello frame for the peer. */
  readonly hello?: unknown
  /** Left out on a side that serves nothing: a call or a ping of the peer breaks the protocol there. */
  readonly serve?: Serve
  /** Calls this side keeps under way at once, whatever the peer would take; no bound when left out. */
  readonly mostCalls?: number
  /** Bytes the peer may leave unread before anything more is sent to it; no bound when left out. */
  readonly mostUnread?: number
  /** What the peer may announce in its hello, where its owner knows that; it may be asked to hold no more. */
  readonly mostWindows?: Partial<Windows>
  readonly rates?: Rates
  /** Bytes this side may hold for the peer; calls beyond are refused. No bound when left out. */
  readonly mostHeld?: number
  /** A rate or a bound of this channel was reached. */
  readonly onLimit?: (hit: LimitHit) => void
  /** Makes ping ids that a peer which reads nothing cannot guess; from 0 up to 1. They count up when left out. */
  readonly random?: () => number
  readonly onNotice: OnNotice
  /** How an error thrown by `serve` or by a stream's source looks on the wire. */
  readonly toWire?: (error: unknown) => WireError
  /** Codes the peer may answer with; any other becomes `fallbackCode`. */
  readonly peerCodes: ReadonlySet<ErrorCode>
  readonly fallbackCode: ErrorCode
  /** Adds what this side knows to a failure the peer answered with. */
  readonly explain?: (error: PluginError) => PluginError
  /** What outstanding calls fail with when the port goes away by itself. */
  readonly lostError: () => PluginError
}

export interface Channel {
  /** Resolves with what the peer put into its hello; rejects if the channel closes before. */
  readonly opened: Promise<unknown>
  /** Resolves with the reason once the channel is closed. */
  readonly closed: Promise<PluginError>
  /**
   * @throws PluginError CALL_TIMEOUT, CALL_ABORTED, QUEUE_FULL, MESSAGE_TOO_LARGE, the reason of the
   *   closing, or what the peer answered
   */
  call(method: string, payload: Payload, options: CallOptions): Promise<Received>
  /**
   * Sends a notice, or holds it until the peer has room; false when it was dropped for want of room.
   * @param latest - only the newest of this method matters: it takes the place of one that still waits,
   *   goes before the others, and always has room
   */
  notify(method: string, payload: Payload, latest?: boolean): boolean
  /** Resolves when the peer's thread answered. */
  ping(): Promise<void>
  close(reason: PluginError): void
  stats(): ChannelStats
}

/** Frames wait for the end of the turn up to this size, so that few travel alone. */
const FLUSH_BYTES = 16_384
/** What may come at once beside the largest frame: a batch that a large one ends. One chunk is handled in one go. */
const MOST_BATCH_BYTES = 1_048_576

export function makeChannel(options: ChannelOptions): Channel {
  const { port, limits, clock, defer, mostCalls = Infinity, mostUnread = Infinity, rates = {} } = options
  const writer = makeFrameWriter(options.generation)
  const reader = makeFrameReader(options.generation, limits.maxFrameBytes)
  let closedWith: PluginError | undefined
  let peer: Windows | undefined
  let flushing = false
  let bytesSent = 0
  let bytesReceived = 0
  let unreadAnswers = 0
  const opened = deferred<unknown>()
  const closed = deferred<PluginError>()
  opened.promise.catch(() => undefined) // whoever cares awaits it; a closing is told on `closed` too

  const onLimit = options.onLimit ?? ((): void => undefined)
  const { wakeIn, close: sleep } = makeWaker(clock, wake)
  const outlet = makeOutlet({
    bytesPerSecond: rates.bytesPerSecond,
    mostHeld: options.mostHeld,
    clock,
    wakeIn,
    unsent: () => port.buffered + writer.pending,
  })
  const intake = makeIntake({
    port,
    rates: rates.intake,
    clock,
    wakeIn,
    onLimit,
    onFlood: (rule) => close(new PluginError('PROTOCOL_VIOLATION', { rule })),
  })

  const wire: Wire = {
    limits,
    rates,
    outlet,
    intake,
    now: () => clock.now(),
    wakeIn,
    onLimit,
    tellsUnread: port.pause !== undefined,
    firstId: options.firstId ?? 0,
    peer: () => peer,
    isOpen: () => closedWith === undefined,
    write(kind, id, aux, method = '', body = '', sections = NONE) {
      // The peer's own limit came with its hello; before that only the hello itself is sent.
      const most = peer?.maxFrameBytes ?? limits.maxFrameBytes
      if (port.buffered > mostUnread) return closeUnread()
      const bytes = writer.add({ kind, id, aux, method, body, sections }, most)
      bytesSent += bytes
      outlet.sent(bytes)
      if (kind === FRAME_KIND.reply || kind === FRAME_KIND.error || kind === FRAME_KIND.pong)
        countAnswer(bytes)
      // What is large enough to be worth a send goes at once, so that the other side works meanwhile.
      if (writer.pending >= FLUSH_BYTES) return flushNow()
      if (flushing) return
      flushing = true
      defer(flush)
    },
    check(method, { sections }, body) {
      const most = peer?.maxFrameBytes ?? limits.maxFrameBytes
      const bytes = frameBytes(method, body, sections ?? NONE)
      if (bytes > most) throw new PluginError('MESSAGE_TOO_LARGE', { method, bytes, maxFrameBytes: most })
    },
    toWire: options.toWire ?? plainToWire,
    peerCodes: options.peerCodes,
    fallbackCode: options.fallbackCode,
  }
  // Half of it is for what streams brought, the rest for calls that wait.
  const streams = makeStreamTable(wire, (options.mostHeld ?? Infinity) / 2)
  const pings = makePings(wire, options.random)
  const caller = makeCaller(wire, streams, options, mostCalls)
  const server = makeServer(wire, streams, options.serve ?? servesNothing)
  const notices = makeNotices(wire, options.queue, options.onNotice)
  /** What may wait for a rate; who goes first goes last the next time, so that none keeps the others waiting. */
  const waiters = [
    () => notices.sendWaiting(),
    () => streams.wake(),
    () => server.sendWaiting(),
    () => caller.sendWaiting(),
  ]

  function wake(): void {
    if (closedWith !== undefined) return
    intake.wake()
    waiters.push(waiters.shift() as () => void)
    for (const send of waiters) send()
  }

  /** A peer that asks and never reads would fill this side with answers; what the port still holds bounds them. */
  function countAnswer(bytes: number): void {
    unreadAnswers = Math.min(unreadAnswers, port.buffered + writer.pending - bytes) + bytes
    if (unreadAnswers <= limits.callWindow * limits.maxFrameBytes) return
    defer(() => close(new PluginError('PROTOCOL_VIOLATION', { rule: 'answers are read', unreadAnswers })))
  }

  function closeUnread(): void {
    defer(() =>
      close(new PluginError('PROTOCOL_VIOLATION', { rule: 'what is sent is read', unread: port.buffered })),
    )
  }

  function flush(): void {
    flushing = false
    flushNow()
  }

  function flushNow(): void {
    if (closedWith !== undefined) return
    const chunks = writer.take()
    if (chunks.length > 0) port.send(chunks)
  }

  function onFrame(frame: Frame): void {
    if (closedWith !== undefined) return
    if (peer === undefined) return onHello(frame)
    switch (frame.kind) {
      case FRAME_KIND.hello:
        throw violation('one hello', frame)
      case FRAME_KIND.call:
        if (options.serve === undefined) throw violation('this side serves no calls', frame)
        return server.called(frame)
      case FRAME_KIND.reply:
      case FRAME_KIND.error:
        intake.answered()
        return caller.answered(frame)
      case FRAME_KIND.cancel:
        if (options.serve === undefined) throw violation('this side serves no calls', frame)
        return server.cancelled(frame)
      case FRAME_KIND.notice:
        return notices.noticed(frame)
      case FRAME_KIND.noticeCredit:
        return notices.credited(frame)
      case FRAME_KIND.streamOpen: {
        const { call, whose, consumer } = streams.open(frame)
        return whose === 'call' ? server.attach(call, consumer) : caller.attach(frame, call, consumer)
      }
      case FRAME_KIND.streamChunk:
      case FRAME_KIND.streamEnd:
      case FRAME_KIND.streamError:
        return streams.data(frame)
      case FRAME_KIND.streamCredit:
      case FRAME_KIND.streamCancel:
        return streams.control(frame)
      case FRAME_KIND.ping:
        if (options.serve === undefined) throw violation('this side answers no pings', frame)
        return wire.write(FRAME_KIND.pong, frame.id, 0)
      case FRAME_KIND.pong:
        return pings.answered(frame)
    }
  }

  function onHello(frame: Frame): void {
    if (frame.kind !== FRAME_KIND.hello) throw violation('hello comes first', frame)
    const hello = parseHello(parseBody(frame.body, limits.maxDepth), options.mostWindows)
    peer = hello.windows
    opened.resolve(hello.extra)
    notices.opened()
    caller.sendWaiting()
  }

  function close(reason: PluginError): void {
    if (closedWith !== undefined) return
    flush()
    closedWith = reason
    sleep()
    port.close()
    caller.close(reason)
    streams.close(reason)
    server.close(reason)
    notices.close()
    pings.close(reason)
    opened.reject(reason)
    closed.resolve(reason)
  }

  function read(chunk: Uint8Array): void {
    bytesReceived += chunk.byteLength
    try {
      if (chunk.byteLength > limits.maxFrameBytes + MOST_BATCH_BYTES)
        throw new PluginError('PROTOCOL_VIOLATION', { rule: 'chunk size', bytes: chunk.byteLength })
      reader.push(chunk, onFrame)
    } catch (error) {
      close(asViolation(error))
    }
  }

  port.listen({
    bytes(chunk) {
      if (closedWith === undefined) intake.take(chunk, read)
    },
    closed: (fault) => close(fault ?? options.lostError()),
  })
  const { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth } = limits
  const windows: Windows = { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth }
  wire.write(FRAME_KIND.hello, 0, 0, '', JSON.stringify({ windows, extra: options.hello ?? null }))

  return {
    opened: opened.promise,
    closed: closed.promise,
    call: caller.call,
    notify: (method, payload, latest = false) =>
      closedWith === undefined && notices.notify(method, payload, latest),
    ping: () => (closedWith === undefined ? pings.ping() : Promise.reject(closedWith)),
    close,
    stats() {
      const { sent, active, abandoned, queued } = caller.stats()
      return {
        callsSent: sent,
        callsReceived: server.received(),
        inFlight: active,
        abandoned,
        queued,
        noticesDropped: notices.dropped(),
        bytesSent,
        bytesReceived,
        pausedMs: intake.pausedMs(),
        heldBytes: outlet.heldBytes() + reader.held,
      }
    },
  }
}

/** Stands where nothing is served; the frame is refused before it is asked. */
const servesNothing: Serve = ({ method }) => {
  throw new PluginError('METHOD_UNKNOWN', { method })
}
