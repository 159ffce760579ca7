/** Hash and Hmac: Transforms of the plugin's own `stream` around a native state. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { invalidArgument, own, type BufferClass, type Callback } from '../native-module.js'

type HashState = ReturnType<Native['crypto']['hash']>
type State = ReturnType<Native['crypto']['hmac']>
type Input = (value: unknown, encoding?: unknown) => unknown
interface TransformInstance {
  push(chunk: unknown): boolean
}
export type TransformClass = new (options?: object) => TransformInstance

export function hashFunctions(
  { crypto }: Native,
  Buffer: BufferClass,
  Transform: TransformClass,
  input: Input,
  secretIn: Input,
): Module {
  const digested = (state: State, encoding?: unknown): unknown => {
    if (TEXTS.includes(encoding)) return state.digestText(encoding)
    const buffer = own(Buffer, state.digest())
    return encoding === undefined || encoding === null || encoding === 'buffer'
      ? buffer
      : buffer.toString(encoding as string)
  }

  class Base {
    readonly #state: State
    readonly #options: unknown
    constructor(state: State, options: unknown) {
      this.#state = state
      this.#options = options
    }
    static beStream(value: unknown): void {
      if (typeof value !== 'object' || value === null || !(#state in value)) return
      for (const field of STREAM_FIELDS) setField(value, field, undefined)
      Reflect.apply(Transform as unknown as (options: unknown) => void, value, [value.#options])
    }
    update(data: unknown, encoding?: unknown): this {
      if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
        throw invalidArgument('data', 'of type string or an instance of Buffer, TypedArray, or DataView')
      }
      this.#state.update(input(data, encoding))
      return this
    }
    digest(encoding?: unknown): unknown {
      return digested(this.#state, encoding)
    }
    _transform(chunk: unknown, encoding: unknown, callback: Callback): void {
      try {
        this.#state.update(input(chunk, encoding))
      } catch (error) {
        return callback(error)
      }
      callback()
    }
    _flush(callback: Callback): void {
      ;(this as unknown as TransformInstance).push(this.digest())
      callback()
    }
  }

  const { beStream } = Base
  Reflect.deleteProperty(Base, 'beStream')
  Object.setPrototypeOf(Base, Transform)
  Object.setPrototypeOf(Base.prototype, Transform.prototype as object)
  // Few hashes are used as streams, and a stream costs more than a short hash: each becomes one at the first look.
  for (const field of STREAM_FIELDS) {
    Object.defineProperty(Base.prototype, field, {
      get(this: unknown) {
        beStream(this)
        return Object.getOwnPropertyDescriptor(this, field)?.value as unknown
      },
      set(this: object, value: unknown) {
        setField(this, field, value)
      },
      configurable: true,
    })
  }

  class Hash extends Base {
    readonly #hash: HashState
    constructor(algorithm: unknown, options?: unknown) {
      // `copy` hands over a state that only this class can have.
      const known = states.get(algorithm as object)
      const state = known ?? crypto.hash(algorithm, outputLength(options))
      super(state, options)
      this.#hash = state
    }
    copy(options?: unknown): Hash {
      const state = this.#hash.copy(outputLength(options))
      states.set(state, state)
      return new Hash(state, options)
    }
  }
  const states = new WeakMap<object, HashState>()

  class Hmac extends Base {
    constructor(algorithm: unknown, key: unknown, options?: unknown) {
      super(crypto.hmac(algorithm, secretIn(key, encodingOf(options))), options)
    }
  }

  return {
    Hash,
    Hmac,
    createHash: (algorithm: unknown, options?: unknown) => new Hash(algorithm, options),
    createHmac: (algorithm: unknown, key: unknown, options?: unknown) => new Hmac(algorithm, key, options),
    getHashes: () => [...crypto.hashes()],
    hash(algorithm: unknown, data: unknown, options: unknown = 'hex') {
      const { outputEncoding = 'hex' } =
        typeof options === 'object' && options !== null
          ? (options as { readonly outputEncoding?: unknown })
          : { outputEncoding: options }
      const state = crypto.hash(algorithm, outputLength(options))
      state.update(input(data))
      return digested(state, outputEncoding)
    },
  }
}

/** Encodings that native code writes itself. */
const TEXTS: readonly unknown[] = ['hex', 'base64', 'base64url']
/** What each function of a stream or an emitter looks at first. */
const STREAM_FIELDS = ['_readableState', '_writableState', '_events'] as const

function setField(holder: object, field: string, value: unknown): void {
  Object.defineProperty(holder, field, { value, writable: true, configurable: true, enumerable: true })
}

/** Of a key that is a text. */
function encodingOf(options: unknown): unknown {
  return typeof options === 'object' && options !== null
    ? (options as { readonly encoding?: unknown }).encoding
    : undefined
}

function outputLength(options: unknown): unknown {
  return typeof options === 'object' && options !== null
    ? (options as { readonly outputLength?: unknown }).outputLength
    : undefined
}
