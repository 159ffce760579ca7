/**
 * KeyObject and its three kinds. A key is its bytes, held beside the object where only
 * this module's functions find them; native code gets them with each call.
 */
import type { Native } from '../../attenuate/native.js'
import { invalidArgument, own, type BufferClass } from '../native-module.js'

type Powers = Native['crypto']
/** A public or private key as native code gives and takes it. */
export type PairKey = ReturnType<Powers['keys']['read']>
export interface SecretKey {
  readonly type: 'secret'
  readonly bytes: Uint8Array
}
export type Material = PairKey | SecretKey
export type Input = (value: unknown, encoding?: unknown) => unknown
type Fields = Readonly<Record<string, unknown>>

export interface Keys {
  readonly KeyObject: unknown
  /** What a KeyObject or CryptoKey holds; `undefined` for anything else. */
  materialOf(value: unknown): Material | undefined
  /** Lets `holder` stand for that key in each function that takes one. */
  hold(holder: object, material: Material): void
  isKeyObject(value: unknown): boolean
  keyObjectOf(material: Material): object
  /** Any form in which Node takes a key; `public` is satisfied by a private one. */
  keyIn(value: unknown, wanted: 'private' | 'public'): PairKey
  /** Bytes of a secret: a text, bytes, or an object that holds them. */
  secretIn: Input
  createSecretKey(key: unknown, encoding?: unknown): object
  createPrivateKey(key: unknown): object
  createPublicKey(key: unknown): object
}

export function makeKeys(
  { keys }: Powers,
  Buffer: BufferClass,
  input: Input,
  toCryptoKey: (key: Material, ...rest: readonly unknown[]) => unknown,
): Keys {
  const materials = new WeakMap<object, Material>()
  const materialOf = (value: unknown): Material | undefined => materials.get(value as object)
  let made: Material | undefined

  class KeyObject {
    readonly #material: Material
    constructor(type: unknown) {
      if (type !== 'secret' && type !== 'public' && type !== 'private')
        throw coded('ERR_INVALID_ARG_VALUE', `The argument 'type' is invalid`)
      if (made === undefined) throw invalidArgument('handle', 'an object of createSecretKey and the like')
      this.#material = made
      materials.set(this, made)
      made = undefined
    }
    static is(value: unknown): boolean {
      return typeof value === 'object' && value !== null && #material in value
    }
    static from(key: unknown): KeyObject {
      const material = is(key) ? undefined : materialOf(key)
      if (material === undefined) throw invalidArgument('key', 'an instance of CryptoKey')
      return keyObjectOf(material)
    }
    get type(): string {
      return this.#material.type
    }
    get [Symbol.toStringTag](): string {
      return 'KeyObject'
    }
    equals(other: unknown): boolean {
      if (!is(other)) throw invalidArgument('otherKeyObject', 'an instance of KeyObject')
      const [one, two] = [this.#material, (other as KeyObject).#material]
      return one.type === two.type && same(bytesOf(one), bytesOf(two))
    }
    toCryptoKey(...values: readonly unknown[]): unknown {
      return toCryptoKey(this.#material, ...values)
    }
  }
  const { is } = KeyObject
  Reflect.deleteProperty(KeyObject, 'is')

  class SecretKeyObject extends KeyObject {
    get symmetricKeySize(): number {
      return secretOf(this).length
    }
    export(options?: unknown): unknown {
      const { format } = options === undefined ? { format: undefined } : object(options, 'options')
      const bytes = secretOf(this)
      if (format === 'jwk') return { kty: 'oct', k: own(Buffer, bytes).toString('base64url') }
      if (format !== undefined && format !== 'buffer') throw badValue('options.format', format)
      return own(Buffer, new Uint8Array(bytes))
    }
  }
  class AsymmetricKeyObject extends KeyObject {
    get asymmetricKeyType(): string {
      return pairOf(this).asymmetricKeyType
    }
    get asymmetricKeyDetails(): object {
      return { ...pairOf(this).asymmetricKeyDetails }
    }
    export(options?: unknown): unknown {
      const { format = 'pem', type, cipher, passphrase, encoding } = object(options, 'options')
      const material = pairOf(this)
      const known = material.type === 'private' ? PRIVATE : PUBLIC
      if (!FORMATS.includes(format)) throw badValue('options.format', format)
      if (format !== 'jwk' && !known.includes(type)) throw badValue('options.type', type)
      if (format === 'jwk' && cipher !== undefined)
        throw coded(
          'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS',
          'The selected key encoding jwk does not support encryption.',
          Error,
        )
      const out = keys.write(material, format, type, cipher, input(passphrase, encoding))
      return out instanceof Uint8Array ? own(Buffer, out) : out
    }
  }
  class PublicKeyObject extends AsymmetricKeyObject {}
  class PrivateKeyObject extends AsymmetricKeyObject {}

  const keyObjectOf = (material: Material): KeyObject => {
    made = material
    if (material.type === 'secret') return new SecretKeyObject('secret')
    return material.type === 'private' ? new PrivateKeyObject('private') : new PublicKeyObject('public')
  }
  const secretOf = (key: object): Uint8Array => bytesOf(materialOf(key) as SecretKey)
  const pairOf = (key: object): PairKey => materialOf(key) as PairKey

  const keyIn = (value: unknown, wanted: 'private' | 'public'): PairKey => {
    const fields =
      textOrBytes(value) || materialOf(value) !== undefined ? { key: value } : object(value, 'key')
    const { key, format = 'pem', type, passphrase, encoding } = fields as Fields
    const held = materialOf(key)
    if (held !== undefined) {
      if (held.type === 'secret' || (wanted === 'private' && held.type === 'public'))
        throw wrongKind(held.type, wanted === 'private' ? 'private' : 'private or public')
      return held
    }
    if (format !== 'jwk' && !textOrBytes(key))
      throw invalidArgument(
        'key',
        'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject or CryptoKey',
      )
    const source = format === 'jwk' ? key : input(key, encoding)
    if (format === 'der' && type === undefined && wanted === 'private') throw badValue('key.type', type)
    return keys.read(wanted, format, source, type, input(passphrase, encoding))
  }
  return {
    KeyObject,
    materialOf,
    hold: (holder, material) => void materials.set(holder, material),
    isKeyObject: is,
    keyObjectOf,
    keyIn,
    secretIn(value, encoding) {
      const held = materialOf(value)
      if (held === undefined) return input(value, encoding)
      if (held.type !== 'secret') throw wrongKind(held.type, 'secret')
      return held.bytes
    },
    createSecretKey(key, encoding) {
      if (!textOrBytes(key))
        throw invalidArgument(
          'key',
          'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView',
        )
      return keyObjectOf({ type: 'secret', bytes: copied(input(key, encoding)) })
    },
    createPrivateKey(key) {
      if (materialOf(key) !== undefined) throw invalidArgument('key', 'of type string, bytes or an object')
      return keyObjectOf(keyIn(key, 'private'))
    },
    createPublicKey(key) {
      const nested = typeof key === 'object' && key !== null ? materialOf((key as Fields)['key']) : undefined
      const held = materialOf(key) ?? nested
      if (held === undefined) return keyObjectOf(keyIn(key, 'public'))
      if (held.type !== 'private') throw wrongKind(held.type, 'private')
      return keyObjectOf(keys.publicOf(held))
    },
  }
}

const FORMATS: readonly unknown[] = ['pem', 'der', 'jwk']
const PRIVATE: readonly unknown[] = ['pkcs1', 'pkcs8', 'sec1']
const PUBLIC: readonly unknown[] = ['pkcs1', 'spki']

export function bytesOf(material: Material): Uint8Array {
  return material.type === 'secret' ? material.bytes : material.der
}

/** A copy of any bytes. */
export function copied(value: unknown): Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    : new Uint8Array(new Uint8Array(value as ArrayBuffer))
}

export function coded(
  code: string,
  message: string,
  Kind: new (message: string) => Error = TypeError,
): Error {
  return Object.assign(new Kind(message), { code })
}

export function object(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null) throw invalidArgument(name, 'of type object')
  return value as Fields
}

export function badValue(name: string, value: unknown): Error {
  const shown = typeof value === 'string' ? `'${value}'` : typeof value
  return coded('ERR_INVALID_ARG_VALUE', `The property '${name}' is invalid. Received ${shown}`)
}

function wrongKind(type: string, expected: string): Error {
  return coded('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${type}, expected ${expected}.`)
}

function textOrBytes(value: unknown): boolean {
  return typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
