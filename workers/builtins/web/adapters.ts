/**
 * Between the two kinds of streams: `toWeb` and `fromWeb` of Readable, Writable and Duplex.
 * Chunks are handed on, not copied, and each side waits for the other.
 */
import {
  streamModule,
  type NodeDuplex,
  type NodeReadable,
  type NodeStream,
  type NodeWritable,
  type StreamMethods,
} from './node-streams.js'
import { ReadableStream, WritableStream } from './streams.js'

type WebReadable = InstanceType<typeof ReadableStream>
type WebWritable = InstanceType<typeof WritableStream>
export interface WebPair {
  readonly readable: WebReadable
  readonly writable: WebWritable
}
interface ToWebOptions {
  readonly strategy?: { readonly highWaterMark?: number; readonly size?: (chunk: unknown) => number }
}

const byteLength = (chunk: unknown): number => (chunk as Uint8Array).byteLength

/** Calls `done` when that side of the stream is over; what went wrong later has nobody left to tell. */
function whenOver(stream: NodeStream, options: object, done: (error?: unknown) => void): void {
  streamModule().finished(stream, options, (error) => {
    stream.on('error', () => {})
    const early = (error as { readonly code?: unknown } | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE'
    done(early ? abortError(error) : error)
  })
}

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  })
}

export function readableToWeb(stream: NodeReadable, options: ToWebOptions = {}): WebReadable {
  const objects = stream.readableObjectMode
  const { readableHighWaterMark: highWaterMark } = stream
  const strategy = options.strategy ?? (objects ? { highWaterMark } : { highWaterMark, size: byteLength })
  let over = false
  stream.pause()
  return new ReadableStream(
    {
      start(controller) {
        whenOver(stream, { writable: false }, (error) => {
          if (over) return
          over = true
          if (error === undefined || error === null) controller.close()
          else controller.error(error)
        })
        stream.on('data', (chunk: unknown) => {
          if (over) return
          controller.enqueue(objects || typeof chunk === 'string' ? chunk : plain(chunk as Uint8Array))
          if ((controller.desiredSize ?? 0) <= 0) stream.pause()
        })
        stream.pause() // the listener has set it flowing
      },
      pull: () => void stream.resume(),
      cancel(reason) {
        over = true
        stream.destroy(reason)
      },
    },
    strategy,
  )
}

/** A Uint8Array over the same bytes: a web stream has no `Buffer`. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function writableToWeb(stream: NodeWritable): WebWritable {
  const { writableObjectMode: objects, writableHighWaterMark: highWaterMark } = stream
  let [over, failed] = [false, false]
  let reason: unknown
  let wake = (): void => {}
  const woken = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  return new WritableStream(
    {
      start(controller) {
        stream.on('drain', () => wake())
        whenOver(stream, { readable: false }, (error) => {
          over = true
          if (error !== undefined && error !== null) [failed, reason] = [true, error]
          if (failed) controller.error(reason)
          wake()
        })
      },
      async write(chunk) {
        if (stream.writableNeedDrain) await woken()
        if (!failed && !stream.write(chunk)) await woken()
        if (failed) throw reason
      },
      async close() {
        if (!over) {
          const ended = woken()
          stream.end()
          await ended
        }
        if (failed) throw reason
      },
      abort: (why) => void stream.destroy(why),
    },
    objects ? { highWaterMark } : { highWaterMark, size: byteLength },
  )
}

export function duplexToWeb(stream: NodeDuplex): WebPair {
  return { readable: readableToWeb(stream), writable: writableToWeb(stream) }
}

/** The functions of a Readable that reads `web`. */
function reading(web: WebReadable, self: () => NodeReadable): StreamMethods {
  const reader = web.getReader()
  let over = false
  reader.closed.then(
    () => (over = true),
    (error: unknown) => {
      over = true
      self().destroy(error)
    },
  )
  return {
    read() {
      reader.read().then(
        ({ done, value }) => self().push(done ? null : value),
        (error: unknown) => self().destroy(error),
      )
    },
    destroy(error, done) {
      if (over) done(error)
      else void settle(reader.cancel(error), () => done(error))
    },
  }
}

/** The functions of a Writable that writes to `web`. */
function writing(web: WebWritable, self: () => NodeWritable): StreamMethods {
  const writer = web.getWriter()
  let over = false
  writer.closed.then(
    () => (over = true),
    (error: unknown) => {
      over = true
      self().destroy(error)
    },
  )
  return {
    write(chunk, _encoding, done) {
      const bytes = ArrayBuffer.isView(chunk) ? plain(chunk as Uint8Array) : chunk
      void settle(
        writer.ready.then(() => writer.write(bytes)),
        done,
      )
    },
    final(done) {
      void settle(over ? Promise.resolve() : writer.close(), done)
    },
    destroy(error, done) {
      if (over) done(error)
      else
        void settle(error === undefined || error === null ? writer.close() : writer.abort(error), () =>
          done(error),
        )
    },
  }
}

/** Calls `done` once, with what the work failed by, where what it throws is no rejection. */
async function settle(work: Promise<unknown>, done: (error?: unknown) => void): Promise<void> {
  let failure: unknown
  try {
    await work
  } catch (error) {
    failure = error
  }
  queueMicrotask(() => done(failure))
}

export function readableFromWeb(web: WebReadable, options: object = {}): NodeReadable {
  const stream: NodeReadable = new (streamModule().Readable)({ ...options, ...reading(web, () => stream) })
  return stream
}

export function writableFromWeb(web: WebWritable, options: object = {}): NodeWritable {
  const stream: NodeWritable = new (streamModule().Writable)({ ...options, ...writing(web, () => stream) })
  return stream
}

export function duplexFromWeb({ readable, writable }: WebPair, options: object = {}): NodeDuplex {
  const { read, destroy: cancel } = reading(readable, () => stream)
  const { write, final, destroy: abort } = writing(writable, () => stream)
  const methods: StreamMethods = {
    ...(read === undefined ? {} : { read }),
    ...(write === undefined ? {} : { write }),
    ...(final === undefined ? {} : { final }),
    destroy(error, done) {
      abort?.(error, () => cancel?.(error, done))
    },
  }
  const stream: NodeDuplex = new (streamModule().Duplex)({ ...options, ...methods })
  return stream
}
