/**
 * Two ports joined in memory: what one sends the other gets, in order and in a later
 * turn, as with a real transport. For tests of whatever speaks over a Port.
 */
import type { Port, PortReceiver } from '../rpc/port.js'

export interface MemoryPortOptions {
  /**
   * Cuts what is sent at random places, as a socket may: gives a number from 0 up to 1.
   * Chunks arrive as they were sent when it is left out.
   */
  readonly random?: () => number
  /** Runs `run` in a later turn; `setImmediate` when left out. */
  readonly defer?: (run: () => void) => void
}

/** One end; `receiver` and `inbox` are what the other end delivers into. */
interface End {
  receiver: PortReceiver | undefined
  closed: boolean
  readonly inbox: Uint8Array[]
  arriving: boolean
}

export function memoryPortPair(options: MemoryPortOptions = {}): [Port, Port] {
  const defer = options.defer ?? ((run) => void setImmediate(run))
  const left = makeEnd()
  const right = makeEnd()
  return [port(left, right), port(right, left)]

  function port(own: End, other: End): Port {
    return {
      send(chunks) {
        if (own.closed || other.closed) return
        for (const chunk of chunks) other.inbox.push(...cut(chunk, options.random))
        arrive(other)
      },
      listen(receiver) {
        own.receiver = receiver
        arrive(own)
      },
      close() {
        if (own.closed) return
        own.closed = true
        own.inbox.length = 0
        // What was sent before arrives first.
        defer(() => end(other))
      },
      get buffered() {
        return other.inbox.reduce((bytes, chunk) => bytes + chunk.length, 0)
      },
    }
  }

  function arrive(at: End): void {
    if (at.arriving || at.receiver === undefined || at.inbox.length === 0) return
    at.arriving = true
    defer(() => {
      at.arriving = false
      deliver(at)
    })
  }
}

function makeEnd(): End {
  return { receiver: undefined, closed: false, inbox: [], arriving: false }
}

function deliver(at: End): void {
  while (!at.closed && at.inbox.length > 0) at.receiver?.bytes(at.inbox.shift() as Uint8Array)
}

function end(at: End): void {
  deliver(at)
  if (at.closed) return
  at.closed = true
  at.receiver?.closed()
}

function cut(chunk: Uint8Array, random: (() => number) | undefined): Uint8Array[] {
  if (random === undefined || chunk.length < 2) return [chunk]
  const at = Math.floor(random() * chunk.length)
  return [chunk.subarray(0, at), chunk.subarray(at)].filter((part) => part.length > 0)
}
