/** Cipheriv and Decipheriv: Transforms of the plugin's own `stream` around a native state. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { own, type BufferClass, type Callback, type OwnBuffer } from '../native-module.js'
import type { TransformClass } from './hash.js'

interface Decoder {
  write(bytes: OwnBuffer): string
  end(bytes: OwnBuffer): string
}
interface Options {
  readonly authTagLength?: unknown
  readonly keyLength?: unknown
  readonly ivLength?: unknown
}
type Input = (value: unknown, encoding?: unknown) => unknown
type State = ReturnType<Native['crypto']['cipher']>

export function cipherFunctions(
  { crypto }: Native,
  Buffer: BufferClass,
  Transform: TransformClass,
  StringDecoder: new (encoding: unknown) => Decoder,
  input: Input,
  secretIn: Input,
): Module {
  class Base extends Transform {
    readonly #state: State
    #decoder: Decoder | undefined
    constructor(direction: string, algorithm: unknown, key: unknown, iv: unknown, options: unknown) {
      const { authTagLength } = optionsOf(options)
      const state = crypto.cipher(direction, algorithm, secretIn(key), input(iv), authTagLength)
      super(options as object | undefined)
      this.#state = state
    }
    /** A text may be cut within a character, so one decoder sees all pieces. */
    #coded(bytes: Uint8Array, encoding: unknown, last: boolean): unknown {
      const buffer = own(Buffer, bytes)
      if (encoding === undefined || encoding === null || encoding === 'buffer') return buffer
      this.#decoder ??= new StringDecoder(encoding)
      return last ? this.#decoder.end(buffer) : this.#decoder.write(buffer)
    }
    update(data: unknown, inputEncoding?: unknown, outputEncoding?: unknown): unknown {
      return this.#coded(this.#state.update(input(data, inputEncoding)), outputEncoding, false)
    }
    final(outputEncoding?: unknown): unknown {
      return this.#coded(this.#state.final(), outputEncoding, true)
    }
    setAutoPadding(on: unknown = true): this {
      this.#state.setAutoPadding(on)
      return this
    }
    setAAD(data: unknown, options?: { readonly encoding?: unknown }): this {
      this.#state.setAAD(input(data, options?.encoding))
      return this
    }
    protected tag(): unknown {
      return own(Buffer, this.#state.getAuthTag())
    }
    protected setTag(tag: unknown, encoding?: unknown): void {
      this.#state.setAuthTag(input(tag, encoding))
    }
    _transform(chunk: unknown, encoding: unknown, callback: Callback): void {
      this.#pass(() => this.#state.update(input(chunk, encoding)), callback)
    }
    _flush(callback: Callback): void {
      this.#pass(() => this.#state.final(), callback)
    }
    #pass(work: () => Uint8Array, callback: Callback): void {
      let bytes: Uint8Array
      try {
        bytes = work()
      } catch (error) {
        return callback(error)
      }
      if (bytes.length > 0) this.push(own(Buffer, bytes))
      callback()
    }
  }

  class Cipheriv extends Base {
    constructor(algorithm: unknown, key: unknown, iv: unknown, options?: unknown) {
      super('encrypt', algorithm, key, iv, options)
    }
    getAuthTag(): unknown {
      return this.tag()
    }
  }
  class Decipheriv extends Base {
    constructor(algorithm: unknown, key: unknown, iv: unknown, options?: unknown) {
      super('decrypt', algorithm, key, iv, options)
    }
    setAuthTag(tag: unknown, encoding?: unknown): this {
      this.setTag(tag, encoding)
      return this
    }
  }

  return {
    Cipheriv,
    Decipheriv,
    createCipheriv: (algorithm: unknown, key: unknown, iv: unknown, options?: unknown) =>
      new Cipheriv(algorithm, key, iv, options),
    createDecipheriv: (algorithm: unknown, key: unknown, iv: unknown, options?: unknown) =>
      new Decipheriv(algorithm, key, iv, options),
    getCiphers: () => [...crypto.ciphers()],
    getCipherInfo(algorithm: unknown, options?: unknown) {
      const { keyLength, ivLength } = optionsOf(options)
      return crypto.cipherInfo(algorithm, keyLength, ivLength)
    },
  }
}

function optionsOf(options: unknown): Options {
  return typeof options === 'object' && options !== null ? options : {}
}
