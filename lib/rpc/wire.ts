/** What the parts of a channel share: how to send a frame, what both sides accept, and the shapes that cross. */
import { PluginError, type ErrorCode } from '../errors.js'
import type { FrameKind } from '../protocol/frame-kind.js'
import type { WireLimits, Windows } from '../protocol/limits.js'
import { toWireError, type WireError } from '../protocol/wire-error.js'
import type { Frame } from './frame.js'
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
  /** What the peer accepts; `undefined` until its hello came. */
  peer(): Windows | undefined
  isOpen(): boolean
  /** Queues a frame for the end of this turn. @throws PluginError `MESSAGE_TOO_LARGE`; nothing was queued then */
  write(
    kind: FrameKind,
    id: number,
    aux: number,
    method?: string,
    body?: string | Uint8Array,
    sections?: readonly Uint8Array[],
  ): void
  /** How an error thrown on this side looks to the peer. */
  readonly toWire: (error: unknown) => WireError
  /** Codes the peer may use for a failure of its own; any other becomes `fallbackCode`. */
  readonly peerCodes: ReadonlySet<ErrorCode>
  readonly fallbackCode: ErrorCode
}

export const NONE: readonly never[] = []

export function bodyOf({ json, value }: Payload): string | Uint8Array {
  return json ?? (value === undefined ? '' : JSON.stringify(value))
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

export function plainToWire(error: unknown): WireError {
  return toWireError(asPluginError(error))
}
