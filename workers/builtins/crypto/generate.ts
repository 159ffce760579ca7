/** generateKeyPair and generateKey, with and without a callback. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { invalidArgument, later, type Callback } from '../native-module.js'
import { badValue, coded, object, type Keys, type Material } from './key-object.js'

interface Exportable {
  export(options: unknown): unknown
}
type Pair = ReturnType<Native['crypto']['keys']['generate']>
const AES_BITS: readonly unknown[] = [128, 192, 256]
const MOST_HMAC_BITS = 1_048_576

export function generateFunctions({ keys }: Native['crypto'], { keyObjectOf }: Keys): Module {
  const formed = (material: Material, encoding: unknown): unknown => {
    const key = keyObjectOf(material)
    return encoding === undefined ? key : (key as Exportable).export(encoding)
  }
  const pairOf = ([publicKey, privateKey]: Pair, options: unknown) => {
    const { publicKeyEncoding, privateKeyEncoding } = optional(options)
    return {
      publicKey: formed(publicKey, publicKeyEncoding),
      privateKey: formed(privateKey, privateKeyEncoding),
    }
  }
  const generateKeyPair = (type: unknown, options: unknown, callback?: unknown): void => {
    const given = typeof options === 'function' ? undefined : options
    const tell = callable(typeof options === 'function' ? options : callback)
    keys.generateLater(type, given, (error: unknown, pair: Pair) => {
      if (error !== null) return tell(error)
      let made: ReturnType<typeof pairOf>
      try {
        made = pairOf(pair, given)
      } catch (failure) {
        return tell(failure)
      }
      tell(null, made.publicKey, made.privateKey)
    })
  }
  const generateKeySync = (type: unknown, options: unknown): object => {
    const { length } = object(options, 'options')
    const bits = bitsOf(type, length)
    const bytes = new Uint8Array(Math.floor(bits / 8))
    for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
    return keyObjectOf({ type: 'secret', bytes })
  }
  Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom'), {
    value: (type: unknown, options: unknown) =>
      new Promise((resolve, reject) => {
        generateKeyPair(type, options, (error: unknown, publicKey: unknown, privateKey: unknown) =>
          error === null ? resolve({ publicKey, privateKey }) : reject(error as Error),
        )
      }),
  })
  return {
    generateKeyPair,
    generateKeyPairSync: (type: unknown, options?: unknown) => pairOf(keys.generate(type, options), options),
    generateKeySync,
    generateKey(type: unknown, options: unknown, callback: unknown): void {
      later(callable(callback), null, generateKeySync(type, options))
    },
  }
}

function bitsOf(type: unknown, length: unknown): number {
  if (type !== 'aes' && type !== 'hmac') throw badValue('type', type)
  if (typeof length !== 'number') throw invalidArgument('options.length', 'of type number')
  if (type === 'aes' && !AES_BITS.includes(length)) throw badValue('options.length', length)
  if (!Number.isInteger(length) || length < 8 || length > MOST_HMAC_BITS) {
    const message = `The value of "options.length" is out of range. It must be >= 8 && <= ${MOST_HMAC_BITS}. Received ${length}`
    throw coded('ERR_OUT_OF_RANGE', message, RangeError)
  }
  return length
}

function callable(callback: unknown): Callback {
  if (typeof callback === 'function') return callback as Callback
  throw invalidArgument('callback', 'of type function')
}

function optional(options: unknown): Readonly<Record<string, unknown>> {
  return typeof options === 'object' && options !== null ? (options as Readonly<Record<string, unknown>>) : {}
}
