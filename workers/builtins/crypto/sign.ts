/** Sign and Verify, as Writables of the plugin's own `stream`, and their one-shot forms. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { invalidArgument, own, type BufferClass, type Callback } from '../native-module.js'
import { object, type Input, type Keys } from './key-object.js'

type WritableClass = new (options?: object) => object
type Fields = Readonly<Record<string, unknown>>

export function signFunctions(
  { keys }: Native['crypto'],
  Buffer: BufferClass,
  Writable: WritableClass,
  input: Input,
  { keyIn }: Keys,
): Module {
  class Base extends Writable {
    readonly #update: (data: unknown) => void
    constructor(update: (data: unknown) => void, options: unknown) {
      super(options as object | undefined)
      this.#update = update
    }
    update(data: unknown, encoding?: unknown): this {
      if (typeof data !== 'string' && !ArrayBuffer.isView(data))
        throw invalidArgument('data', 'of type string or an instance of Buffer, TypedArray, or DataView')
      this.#update(input(data, encoding))
      return this
    }
    _write(chunk: unknown, encoding: unknown, callback: Callback): void {
      try {
        this.update(chunk, encoding)
      } catch (error) {
        return callback(error)
      }
      callback()
    }
  }
  class Sign extends Base {
    readonly #state: ReturnType<typeof keys.signer>
    constructor(algorithm: unknown, options?: unknown) {
      const state = keys.signer(algorithm)
      super(state.update, options)
      this.#state = state
    }
    sign(key: unknown, encoding?: unknown): unknown {
      const buffer = own(Buffer, this.#state.sign(keyIn(key, 'private'), optionsOf(key)))
      return encoding === undefined || encoding === null || encoding === 'buffer'
        ? buffer
        : buffer.toString(encoding as string)
    }
  }
  class Verify extends Base {
    readonly #state: ReturnType<typeof keys.verifier>
    constructor(algorithm: unknown, options?: unknown) {
      const state = keys.verifier(algorithm)
      super(state.update, options)
      this.#state = state
    }
    verify(key: unknown, signature: unknown, encoding?: unknown): boolean {
      return this.#state.verify(keyIn(key, 'public'), optionsOf(key), input(signature, encoding))
    }
  }
  return {
    Sign,
    Verify,
    createSign: (algorithm: unknown, options?: unknown) => new Sign(algorithm, options),
    createVerify: (algorithm: unknown, options?: unknown) => new Verify(algorithm, options),
    sign(digest: unknown, data: unknown, key: unknown, callback?: unknown): unknown {
      const values = [digest, input(data), keyIn(key, 'private'), optionsOf(key)] as const
      if (callback === undefined) return own(Buffer, keys.sign(...values))
      const tell = callable(callback)
      keys.signLater(...values, (error: unknown, signature: Uint8Array) =>
        error === null ? tell(null, own(Buffer, signature)) : tell(error),
      )
      return undefined
    },
    verify(digest: unknown, data: unknown, key: unknown, signature: unknown, callback?: unknown): unknown {
      const values = [digest, input(data), keyIn(key, 'public'), optionsOf(key), input(signature)] as const
      if (callback === undefined) return keys.verify(...values)
      keys.verifyLater(...values, callable(callback))
      return undefined
    },
  }
}

function callable(callback: unknown): Callback {
  if (typeof callback === 'function') return callback as Callback
  throw invalidArgument('callback', 'of type function')
}

/** What stands beside the key in an argument that names one. */
function optionsOf(key: unknown): Fields {
  if (typeof key !== 'object') return {}
  const { padding, saltLength, dsaEncoding } = object(key, 'key')
  return { padding, saltLength, dsaEncoding }
}
