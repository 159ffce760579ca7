/**
 * The stream classes of zlib: Transforms of the plugin's own `stream`, which hand each
 * chunk to native code and pull what comes out, as fast as the reader takes it.
 */
import type { Native } from '../../attenuate/native.js'
import { own, type BufferClass, type Callback, type OwnBuffer } from '../native-module.js'

type Coder = ReturnType<Native['zlib']['open']>
type Form = Native['zlib']['forms'][number]
export interface ZlibStream {
  readonly bytesWritten: number
}
export type ZlibClass = new (options?: unknown) => ZlibStream

interface TransformInstance {
  readonly writableFinished: boolean
  readonly writableEnded: boolean
  readonly destroyed: boolean
  push(chunk: unknown): boolean
  write(chunk: unknown, callback?: Callback): boolean
  once(name: string, listener: Callback): unknown
  destroy(error?: unknown): unknown
  _read(size: number): void
}
export type TransformClass = new (options?: object) => TransformInstance

/** What a stream does between two chunks; it waits in line as a chunk without bytes. */
type Step = (coder: Coder) => void
const steps = new WeakMap<object, Step>()

export function makeZlibClasses(
  { zlib }: Native,
  Buffer: BufferClass,
  Transform: TransformClass,
): Readonly<Record<Form, ZlibClass>> {
  const { constants } = zlib
  class ZlibBase extends Transform {
    readonly #coder: Coder
    readonly #defaultFlush: unknown
    #resume: (() => void) | undefined
    bytesWritten: number

    constructor(form: Form, options: unknown) {
      const coder = zlib.open(form, options)
      super({ autoDestroy: true, ...(options as object | undefined), ...FIXED })
      this.#coder = coder
      if (this.destroyed) coder.close() // by a signal that was aborted already
      this.#defaultFlush = constants[form.startsWith('Brotli') ? 'BROTLI_OPERATION_FLUSH' : 'Z_FULL_FLUSH']
      this.bytesWritten = 0
    }

    _transform(chunk: OwnBuffer, _encoding: unknown, callback: Callback): void {
      const step = steps.get(chunk)
      this.#work((coder) => (step === undefined ? coder.write(chunk) : step(coder)), callback)
      if (step === undefined) this.bytesWritten += chunk.byteLength
    }

    _flush(callback: Callback): void {
      this.#work((coder) => coder.end(), callback)
    }

    override _read(size: number): void {
      const resume = this.#resume
      this.#resume = undefined
      if (resume === undefined) super._read(size)
      else resume()
    }

    _destroy(error: unknown, callback: Callback): void {
      if (#coder in this) {
        this.#resume = undefined
        this.#coder.close()
      }
      callback(error)
    }

    /** Starts one operation and pushes what comes out of it; waits whenever the reader is behind. */
    #work(start: Step, callback: Callback): void {
      const pull = (): void => {
        for (;;) {
          let piece: Uint8Array | null | undefined
          try {
            piece = this.#coder.next(pull)
          } catch (error) {
            return callback(error)
          }
          if (piece === undefined) return
          if (piece === null) return callback()
          if (!this.push(own(Buffer, piece))) {
            this.#resume = pull
            return
          }
          if (this.destroyed) return
        }
      }
      try {
        start(this.#coder)
      } catch (error) {
        return callback(error)
      }
      pull()
    }

    #inLine(step: Step, callback?: Callback): void {
      const mark = Buffer.alloc(0)
      steps.set(mark, step)
      this.write(mark, callback)
    }

    flush(...values: readonly unknown[]): void {
      const callback = values.find((value): value is Callback => typeof value === 'function')
      const kind = typeof values[0] === 'function' ? undefined : values[0]
      if (this.writableFinished) {
        if (callback !== undefined) queueMicrotask(() => callback())
      } else if (this.writableEnded) {
        if (callback !== undefined) this.once('end', () => callback())
      } else {
        this.#inLine((coder) => coder.flush(kind ?? this.#defaultFlush), callback)
      }
    }

    params(level: unknown, strategy: unknown, callback?: Callback): void {
      this.#inLine((coder) => coder.params(level, strategy), callback)
    }

    reset(): void {
      this.#coder.reset()
    }

    close(callback?: Callback): void {
      if (typeof callback === 'function') {
        if (this.destroyed) queueMicrotask(() => callback())
        else this.once('close', () => callback())
      }
      this.destroy()
    }

    get bytesRead(): number {
      return this.bytesWritten
    }
  }

  const classOf = (form: Form): ZlibClass =>
    ({
      [form]: class extends ZlibBase {
        constructor(options?: unknown) {
          super(form, options)
        }
      },
    })[form] as ZlibClass
  return Object.fromEntries(zlib.forms.map((form) => [form, classOf(form)])) as Record<Form, ZlibClass>
}

/** Options of a stream that a program must not take over, as in Node; `undefined` is none. */
const FIXED = {
  transform: undefined,
  flush: undefined,
  final: undefined,
  read: undefined,
  write: undefined,
  writev: undefined,
  destroy: undefined,
  construct: undefined,
  objectMode: false,
  readableObjectMode: false,
  writableObjectMode: false,
  decodeStrings: true,
}
