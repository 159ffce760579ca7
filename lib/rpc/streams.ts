/**
 * Byte streams of a channel: a producer sends chunks while it has credits, a
 * consumer gives credits back as it reads. Each stream belongs to one call.
 * Frames are made and read in channel.ts; here is what happens in between.
 */
import { PluginError } from '../errors.js'
import { openWindow, refund, spend } from '../protocol/credits.js'

/** What a stream sends; the channel turns these into frames. */
export interface StreamWire {
  chunk(id: number, bytes: Uint8Array): unknown
  end(id: number): unknown
  fail(id: number, error: unknown): unknown
  /** False when no credit may be given now; the consumer is asked again. */
  credit(id: number, count: number): boolean
  cancel(id: number): unknown
  /** Whether chunks may be sent now; the producer is woken when they may again. */
  ready(): boolean
  /** Counts bytes that wait here for their reader. */
  hold(bytes: number): void
}

/** A stream this side reads. Iterate it once, or `cancel()` it; both free its place. */
export interface IncomingStream extends AsyncIterable<Uint8Array> {
  cancel(): void
}

export interface Producer {
  refund(count: number): void
  /** Chunks may be sent again. */
  wake(): void
  /** The consumer wants no more. */
  cancelled(): void
  /** The channel is gone. */
  closed(): void
}

/**
 * Sends everything `source` yields, cut into chunks. It is asked for more only when there is a credit to send it.
 * `source` may belong to a plugin: its values are checked and copied, its failures end the stream.
 */
export function pump(
  id: number,
  source: AsyncIterable<Uint8Array>,
  window: number,
  chunkBytes: number,
  wire: StreamWire,
  onEnd: () => void,
): Producer {
  let credits = openWindow(window)
  let wake: (() => void) | undefined
  let over = false
  let iterator: AsyncIterator<Uint8Array> | undefined

  function finish(): boolean {
    if (over) return false
    over = true
    wake?.()
    onEnd()
    return true
  }

  /** Settles when a chunk may be sent, or nothing more is to be. */
  async function turn(): Promise<void> {
    while (!over && (credits.available === 0 || !wire.ready()))
      await new Promise<void>((resolve) => (wake = resolve))
  }

  async function run(): Promise<void> {
    await Promise.resolve() // the source's own code runs after the stream is known here
    if (over) return release()
    try {
      iterator = source[Symbol.asyncIterator]()
      for (;;) {
        await turn()
        if (over) return
        const step = await iterator.next()
        if (over) return
        if (step.done === true) break
        const value: unknown = step.value
        if (!(value instanceof Uint8Array)) {
          throw new PluginError('STREAM_ABORTED', { message: 'a stream carries Uint8Array chunks only' })
        }
        for (let at = 0; at < value.length; at += chunkBytes) {
          await turn()
          if (over) return
          credits = spend(credits) ?? credits
          wire.chunk(id, value.subarray(at, at + chunkBytes))
        }
      }
      if (finish()) wire.end(id)
    } catch (error) {
      if (finish()) wire.fail(id, error)
    }
  }
  void run() // ends by itself; every failure is told to the consumer

  function release(): void {
    if (iterator === undefined) return discard(source)
    letGo(iterator)
  }

  return {
    refund(count) {
      credits = refund(credits, count)
      wake?.()
    },
    wake: () => wake?.(),
    cancelled() {
      if (!finish()) return
      wire.end(id) // tells the consumer that nothing more of this stream is under way
      release()
    },
    closed() {
      if (finish()) release()
    },
  }
}

/** Tells a source that nobody will read it. */
export function discard(source: AsyncIterable<Uint8Array>): void {
  try {
    letGo(source[Symbol.asyncIterator]())
  } catch {
    // a source that cannot begin holds nothing
  }
}

function letGo(iterator: AsyncIterator<Uint8Array>): void {
  Promise.resolve()
    .then(() => iterator.return?.())
    .catch(() => undefined) // the source may fail to clean up; nobody waits for it any more
}

export interface Consumer {
  readonly stream: IncomingStream
  /** Someone reads it, or has given it up. */
  readonly claimed: boolean
  chunk(bytes: Uint8Array): void
  /** Gives the credits back that had to wait. */
  giveBack(): void
  end(): void
  fail(error: PluginError): void
  /** Lets go of what was not read, and takes no more: whoever reads it is told `error`. */
  refuse(error: PluginError): void
}

/** @throws PluginError `PROTOCOL_VIOLATION` from `chunk` when the producer sends past its window */
export function makeConsumer(id: number, window: number, wire: StreamWire): Consumer {
  const queue: Uint8Array[] = []
  /** Of the chunks that came and were not credited: all of them, and those that were read. */
  let owed = 0
  let taken = 0
  let state: 'open' | 'ended' | 'failed' | 'cancelled' = 'open'
  let failure: PluginError | undefined
  let claimed = false
  let wake: (() => void) | undefined

  function finish(next: 'ended' | 'failed' | 'cancelled'): void {
    if (state !== 'open') return
    state = next
    wake?.()
  }

  function leave(): void {
    claimed = true
    for (const chunk of queue) wire.hold(-chunk.length)
    queue.length = 0
    if (state !== 'open') return
    wire.cancel(id)
    finish('cancelled')
  }

  function refuse(error: PluginError): void {
    // Should someone read it all the same, he must not take a part for the whole.
    if (state === 'open' || queue.length > 0) failure ??= error
    leave()
  }

  function cancel(): void {
    refuse(new PluginError('STREAM_ABORTED', { message: 'the call of this stream was given up' }))
  }

  function giveBack(): void {
    if (taken * 2 < window || state !== 'open' || !wire.credit(id, taken)) return
    owed -= taken
    taken = 0
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = queue.shift()
        if (chunk !== undefined) {
          wire.hold(-chunk.length)
          taken++
          giveBack()
          yield chunk
        } else if (state === 'open') {
          await new Promise<void>((resolve) => (wake = resolve))
        } else if (failure !== undefined) {
          throw failure
        } else {
          return
        }
      }
    } finally {
      leave()
    }
  }

  return {
    stream: {
      [Symbol.asyncIterator]() {
        if (claimed) throw new PluginError('STREAM_ABORTED', { message: 'a stream can be read once' })
        claimed = true
        const reader = read()
        return {
          next: () => reader.next(),
          // A generator that was never asked for its first chunk would not run its `finally`.
          return() {
            leave()
            return reader.return(undefined)
          },
        }
      },
      cancel,
    },
    get claimed() {
      return claimed
    },
    chunk(bytes) {
      if (owed >= window) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'stream window', id })
      owed++
      if (state !== 'open') return
      queue.push(bytes)
      wire.hold(bytes.length)
      wake?.()
    },
    giveBack,
    end: () => finish('ended'),
    fail(error) {
      failure ??= error
      finish('failed')
    },
    refuse,
  }
}
