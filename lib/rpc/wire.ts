/** What the parts of a channel share: how to send a frame, what both sides accept, and the shapes that cross. */
import { PluginError, type ErrorCode } from '../errors.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import type { FrameKind } from '../protocol/frame-kind.js'
import type { Rates, WireLimits, Windows } from '../protocol/limits.js'
import { toWireError, type WireError } from '../protocol/wire-error.js'
import type { Frame } from './frame.js'
import type { Intake } from './intake.js'
import type { Outlet } from './outlet.js'
import type { IncomingStream } from './streams.js'

/** Arguments or result of a call: a JSON value, and bytes and streams beside it. */
export interface Payload {
  readonly value?: unknown
  /** The value as JSON made before; `value` is not looked at then. */
  readonly json?: string | Uint8Array
  readonly sections?: readonly Uint8Array[]
  readonly streams?: readonly AsyncIterable<Uint8Array>[]
}

/** A payload that arrived. Sections are views of the received bytes; streams are read once or cancelled. */
export interface Received {
  readonly value: unknown
  readonly sections: readonly Uint8Array[]
  readonly streams: readonly IncomingStream[]
}

export interface Wire {
  readonly limits: WireLimits
  /** Where both sides begin to count calls and streams. */
  readonly firstId: number
  /** What the peer accepts; `undefined` until its hello came. */
  peer(): Windows | undefined
  isOpen(): boolean
  readonly rates: Rates
  readonly outlet: Outlet
  readonly intake: Intake
  /** By the clock, ms. */
  now(): number
  /** Everything that waits is looked at again in so long at the latest. */
  wakeIn(delayMs: number): void
  readonly onLimit: (hit: LimitHit) => void
  /** Whether the port knows what the peer has not read. */
  readonly tellsUnread: boolean
  /** Queues a frame for the end of this turn. @throws PluginError `MESSAGE_TOO_LARGE`; nothing was queued then */
  write(
    kind: FrameKind,
    id: number,
    aux: number,
    method?: string,
    body?: string | Uint8Array,
    sections?: readonly Uint8Array[],
  ): void
  /** Whether `write` would take this frame. @throws PluginError `MESSAGE_TOO_LARGE` */
  check(method: string, payload: Payload, body: string | Uint8Array): void
  /** How an error thrown on this side looks to the peer. */
  readonly toWire: (error: unknown) => WireError
  /** Codes the peer may use for a failure of its own; any other becomes `fallbackCode`. */
  readonly peerCodes: ReadonlySet<ErrorCode>
  readonly fallbackCode: ErrorCode
}

export const NONE: readonly never[] = []

export function bodyOf({ json, value }: Payload): string | Uint8Array {
  if (json !== undefined) return json
  // A function or a symbol has no JSON at all.
  return value === undefined ? '' : ((JSON.stringify(value) as string | undefined) ?? 'null')
}

export function violation(rule: string, frame: Frame): PluginError {
  return new PluginError('PROTOCOL_VIOLATION', { rule, kind: frame.kind, id: frame.id })
}

/** Ids count up by one and wrap at 2^32: true when `id` is one of the last 2^31 before `next`. */
export function wasGiven(id: number, next: number): boolean {
  return (next - id - 1) >>> 0 <= 0x7fff_ffff
}

export function asPluginError(error: unknown): PluginError {
  return error instanceof PluginError
    ? error
    : new PluginError('PROTOCOL_VIOLATION', { rule: 'internal', message: String(error) }, { cause: error })
}

/** Whatever goes wrong while a peer's bytes are read is the peer's doing, and its owner ends it for that. */
export function asViolation(error: unknown): PluginError {
  if (error instanceof PluginError && error.code === 'PROTOCOL_VIOLATION') return error
  const message = error instanceof Error ? error.message : String(error)
  return new PluginError('PROTOCOL_VIOLATION', { rule: 'internal', message }, { cause: error })
}

/** An error of another class may name paths of this machine, so nothing of it is told. */
export function plainToWire(error: unknown): WireError {
  return error instanceof PluginError ? toWireError(error) : UNKNOWN_FAILURE
}
const UNKNOWN_FAILURE: WireError = { code: 'PLUGIN_ERROR', message: 'the other side failed', detail: {} }

/** Writes an error or streamError frame. One that is too large for the peer, or cannot be made, becomes its code alone. */
export function writeFailure(wire: Wire, kind: FrameKind, id: number, error: unknown): void {
  let failure = UNKNOWN_FAILURE
  try {
    failure = wire.toWire(error)
    wire.write(kind, id, 0, '', JSON.stringify(failure))
  } catch {
    wire.write(kind, id, 0, '', JSON.stringify({ code: failure.code, message: '', detail: {} }))
  }
}
