/** One call as caller.ts keeps it, from when it is made until it is answered or given up. */
import type { PluginError } from '../errors.js'
import { discard, type Consumer, type Producer } from './streams.js'
import { NONE, type Payload, type Received } from './wire.js'

export interface Entry {
  readonly method: string
  /** Both are let go once they were sent: a call under way costs this side no copy of what it carries. */
  body: string | Uint8Array
  payload: Payload
  /** Counted as held while they are kept for the peer. */
  bytes: number
  readonly resolve: (received: Received) => void
  readonly reject: (error: PluginError) => void
  readonly deadlineMs: number
  /** By the clock. */
  readonly endsAt: number
  /** -1 until it is sent. */
  id: number
  abandoned: boolean
  unlisten: (() => void) | undefined
  producers: readonly Producer[]
  consumers: Consumer[] | undefined
}

/** Of a call that was sent. */
export const NO_PAYLOAD: Payload = {}

/** Bytes that it takes to keep a call. */
export function sizeOf(body: string | Uint8Array, { sections }: Payload): number {
  let bytes = body.length
  for (const section of sections ?? NONE) bytes += section.length
  return bytes
}

/** Streams of a call that never left: nobody will read them. */
export function discardStreams({ streams }: Payload): void {
  for (const source of streams ?? NONE) discard(source)
}
