/** `ReadStream` and `WriteStream` over the plugin's own stream classes. */
import { argumentError } from './argument-error.js'
import { flagsOf, modeOf, optionsOf, type Options } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'
import { soon, tell } from './soon.js'

type Done = (error?: unknown) => void
type StreamOptions = Readonly<Record<string, unknown>>
/** The part of `readable-stream` that stands here. */
interface Stream {
  emit(name: string, ...args: readonly unknown[]): boolean
  destroy(error?: unknown): unknown
  push(chunk: unknown): boolean
  end(...args: readonly unknown[]): unknown
  readonly closed: boolean
  once(name: string, listener: () => void): unknown
}
type StreamClass = new (options: StreamOptions) => Stream
export interface StreamClasses {
  readonly ReadStream: new (path: unknown, options?: unknown) => Stream
  readonly WriteStream: new (path: unknown, options?: unknown) => Stream
}

const CHUNK_BYTES = 65_536

export function streamClasses({
  Readable,
  Writable,
}: {
  readonly Readable: StreamClass
  readonly Writable: StreamClass
}): StreamClasses {
  class ReadStream extends Readable {
    readonly path: string | undefined
    readonly flags: unknown
    readonly mode: unknown
    fd: number | null
    bytesRead = 0
    pending = true
    readonly #end: number
    readonly #autoClose: boolean
    #at: number | undefined
    constructor(path: unknown, given?: unknown) {
      const options = optionsOf(given)
      super({ highWaterMark: CHUNK_BYTES, ...own(options), ...constructed })
      this.fd = descriptorOf(options)
      this.path = this.fd === null ? pathOf(path) : undefined
      this.flags = options['flags'] ?? 'r'
      this.mode = options['mode'] ?? 0o666
      this.#autoClose = options['autoClose'] !== false
      this.#at = placeOf(options, 'start')
      this.#end = placeOf(options, 'end') ?? Infinity
      if (this.#end !== Infinity) this.#at ??= 0
    }
    _construct(done: Done): void {
      openThen(this, done)
    }
    _read(size: number): void {
      const left = this.#at === undefined ? size : Math.min(size, this.#end - this.#at + 1)
      if (left <= 0) {
        this.push(null)
        return
      }
      power.readLater(this.fd, left, this.#at ?? null).then(
        (bytes) => {
          this.bytesRead += bytes.length
          if (this.#at !== undefined) this.#at += bytes.length
          this.push(
            bytes.length === 0
              ? null
              : Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
          )
        },
        (error: unknown) => void this.destroy(error),
      )
    }
    _destroy(error: unknown, done: Done): void {
      closeThen(this, this.#autoClose, error, done)
    }
    close(callback?: unknown): void {
      if (typeof callback === 'function') whenClosed(this, callback)
      this.destroy()
    }
  }

  class WriteStream extends Writable {
    readonly path: string | undefined
    readonly flags: unknown
    readonly mode: unknown
    fd: number | null
    bytesWritten = 0
    pending = true
    readonly #autoClose: boolean
    #at: number | undefined
    constructor(path: unknown, given?: unknown) {
      const options = optionsOf(given)
      super({ decodeStrings: true, ...own(options), ...constructed })
      this.fd = descriptorOf(options)
      this.path = this.fd === null ? pathOf(path) : undefined
      this.#at = placeOf(options, 'start')
      this.flags = options['flags'] ?? 'w'
      this.mode = options['mode'] ?? 0o666
      this.#autoClose = options['autoClose'] !== false
    }
    _construct(done: Done): void {
      openThen(this, done)
    }
    _write(chunk: Uint8Array, _encoding: unknown, done: Done): void {
      const step = async (): Promise<void> => {
        for (let from = 0; from < chunk.length;) {
          const count = await power.writeLater(this.fd, chunk.subarray(from), this.#at ?? null)
          from += count
          this.bytesWritten += count
          if (this.#at !== undefined) this.#at += count
        }
      }
      void tell(step(), done)
    }
    _destroy(error: unknown, done: Done): void {
      closeThen(this, this.#autoClose, error, done)
    }
    close(callback?: unknown): void {
      if (typeof callback === 'function') whenClosed(this, callback)
      this.end()
    }
  }
  return { ReadStream, WriteStream }
}

/** What a caller may say to the stream class itself; nothing else of its options goes there. */
function own(options: Options): StreamOptions {
  const passed = ['encoding', 'highWaterMark', 'emitClose', 'signal', 'objectMode']
  return Object.fromEntries(passed.flatMap((key) => (options[key] == null ? [] : [[key, options[key]]])))
}
const constructed: StreamOptions = { autoDestroy: true }

interface FileStream extends Stream {
  readonly path: string | undefined
  readonly flags: unknown
  readonly mode: unknown
  fd: number | null
  pending: boolean
}

function openThen(stream: FileStream, done: Done): void {
  const { path, flags, mode, fd } = stream
  const opened = soon(() => {
    stream.fd = fd ?? power.open(path, flagsOf(flags, 'r'), modeOf(mode))
    stream.pending = false
  })
  void tell(opened, (error: unknown) => {
    done(error)
    if (stream.pending) return
    if (fd === null) stream.emit('open', stream.fd)
    stream.emit('ready')
  })
}

function closeThen(stream: FileStream, autoClose: boolean, error: unknown, done: Done): void {
  const { fd } = stream
  stream.fd = null
  try {
    if (fd !== null && autoClose) power.close(fd)
    done(error)
  } catch (failure) {
    done(error ?? failure)
  }
}

function whenClosed(stream: Stream, callback: unknown): void {
  if (stream.closed) power.later(callback)
  else stream.once('close', () => power.call(callback))
}

/** The number of an open file, given as such or as a FileHandle. */
function descriptorOf(options: Options): number | null {
  const { fd } = options
  if (fd === undefined || fd === null) return null
  const id: unknown = typeof fd === 'object' ? Reflect.get(fd, 'fd') : fd
  if (typeof id === 'number') return id
  throw argumentError('The "options.fd" must be a number or a FileHandle')
}

function placeOf(options: Options, key: 'start' | 'end'): number | undefined {
  const value = options[key]
  if (value === undefined || value === Infinity) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw argumentError(`The value of "${key}" is out of range`, 'ERR_OUT_OF_RANGE')
}
