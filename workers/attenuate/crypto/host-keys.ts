/** The part of Node's crypto that works with keys, taken before lockdown. Never given to a plugin. */
import * as crypto from 'node:crypto'

export type KeyFormat = 'pem' | 'der' | 'jwk'
export type KeyEncoding = 'pkcs1' | 'sec1' | 'pkcs8' | 'spki'
/** Arguments of `createPrivateKey` and `createPublicKey`. */
export interface KeySource {
  readonly key: string | Uint8Array | Readonly<Record<string, string>>
  readonly format: KeyFormat
  readonly type?: KeyEncoding
  readonly passphrase?: Uint8Array
}
export interface SignOptions {
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'der' | 'ieee-p1363'
}
type SignKey = SignOptions & { readonly key: crypto.KeyObject }
type Done<T> = (error: Error | null, value: T) => void
export interface CryptOptions {
  readonly key: crypto.KeyObject
  readonly padding?: number
  readonly oaepHash?: string
  readonly oaepLabel?: Uint8Array
}
type Crypt = (options: CryptOptions, data: Uint8Array) => Uint8Array
export type PairOptions = Readonly<Record<string, unknown>>
export interface KeyPair {
  readonly publicKey: crypto.KeyObject
  readonly privateKey: crypto.KeyObject
}
export interface HostSign {
  update(data: Uint8Array): unknown
  sign(key: SignKey): Uint8Array
}
export interface HostVerify {
  update(data: Uint8Array): unknown
  verify(key: SignKey, signature: Uint8Array): boolean
}
/** What ECDH and DiffieHellmanGroup of Node share, over bytes. */
export interface HostExchange {
  generateKeys(encoding?: undefined, format?: 'compressed' | 'hybrid' | 'uncompressed'): Uint8Array
  computeSecret(other: Uint8Array): Uint8Array
  getPublicKey(encoding?: undefined, format?: 'compressed' | 'hybrid' | 'uncompressed'): Uint8Array
  getPrivateKey(): Uint8Array
}
export interface HostEcdh extends HostExchange {
  setPrivateKey(key: Uint8Array): void
}
export interface HostGroup extends HostExchange {
  getPrime(): Uint8Array
  getGenerator(): Uint8Array
  readonly verifyError: number
}
interface ExportOptions {
  readonly format: KeyFormat
  readonly type?: KeyEncoding
  readonly cipher?: string
  readonly passphrase?: Uint8Array
}

export interface HostKeyFunctions {
  readonly createPrivateKey: (source: KeySource) => crypto.KeyObject
  readonly createPublicKey: (source: KeySource | crypto.KeyObject) => crypto.KeyObject
  readonly exportKey: (key: crypto.KeyObject, options: ExportOptions) => string | Uint8Array | object
  /** PKCS#8 or SPKI. */
  readonly derOf: (key: crypto.KeyObject) => Uint8Array
  /** A character a byte. */
  readonly latin1: (bytes: Uint8Array) => string
  readonly sign: (digest: string | undefined, data: Uint8Array, key: SignKey) => Uint8Array
  readonly signLater: (
    digest: string | undefined,
    data: Uint8Array,
    key: SignKey,
    done: Done<Uint8Array>,
  ) => void
  readonly verify: (
    digest: string | undefined,
    data: Uint8Array,
    key: SignKey,
    signature: Uint8Array,
  ) => boolean
  readonly verifyLater: (
    digest: string | undefined,
    data: Uint8Array,
    key: SignKey,
    signature: Uint8Array,
    done: Done<boolean>,
  ) => void
  readonly createSign: (digest: string) => HostSign
  readonly createVerify: (digest: string) => HostVerify
  readonly crypt: Readonly<
    Record<'publicEncrypt' | 'privateDecrypt' | 'privateEncrypt' | 'publicDecrypt', Crypt>
  >
  readonly diffieHellman: (keys: {
    readonly privateKey: crypto.KeyObject
    readonly publicKey: crypto.KeyObject
  }) => Uint8Array
  readonly createECDH: (curve: string) => HostEcdh
  readonly convertPoint: (point: Uint8Array, curve: string, format: string) => Uint8Array
  readonly getCurves: () => readonly string[]
  readonly getDiffieHellman: (group: string) => HostGroup
  readonly generateKeyPairSync: (type: string, options: PairOptions) => KeyPair
  readonly generateKeyPair: (
    type: string,
    options: PairOptions,
    done: (error: Error | null, publicKey: crypto.KeyObject, privateKey: crypto.KeyObject) => void,
  ) => void
}

export function takeKeyFunctions(): HostKeyFunctions {
  const { publicEncrypt, privateDecrypt, privateEncrypt, publicDecrypt } = crypto
  const { convertKey } = crypto.ECDH
  const { latin1Slice } = Buffer.prototype as unknown as {
    latin1Slice(this: Uint8Array, from: number, to: number): string
  }
  return {
    createPrivateKey: crypto.createPrivateKey as HostKeyFunctions['createPrivateKey'],
    createPublicKey: crypto.createPublicKey as HostKeyFunctions['createPublicKey'],
    exportKey: (key, options) => key.export(options as { readonly format: 'jwk' }) as string | object,
    derOf: (key) =>
      key.type === 'private'
        ? key.export({ format: 'der', type: 'pkcs8' })
        : key.export({ format: 'der', type: 'spki' }),
    latin1: (bytes) => Reflect.apply(latin1Slice, bytes, [0, bytes.length]),
    sign: crypto.sign,
    signLater: crypto.sign as unknown as HostKeyFunctions['signLater'],
    verify: crypto.verify,
    verifyLater: crypto.verify as unknown as HostKeyFunctions['verifyLater'],
    createSign: crypto.createSign as unknown as HostKeyFunctions['createSign'],
    createVerify: crypto.createVerify as unknown as HostKeyFunctions['createVerify'],
    crypt: { publicEncrypt, privateDecrypt, privateEncrypt, publicDecrypt } as HostKeyFunctions['crypt'],
    diffieHellman: crypto.diffieHellman,
    createECDH: crypto.createECDH as unknown as HostKeyFunctions['createECDH'],
    convertPoint: (point, curve, format) =>
      convertKey(point, curve, undefined, undefined, format as 'compressed') as Uint8Array,
    getCurves: crypto.getCurves,
    getDiffieHellman: crypto.getDiffieHellman as unknown as HostKeyFunctions['getDiffieHellman'],
    generateKeyPairSync: crypto.generateKeyPairSync as unknown as HostKeyFunctions['generateKeyPairSync'],
    generateKeyPair: crypto.generateKeyPair as unknown as HostKeyFunctions['generateKeyPair'],
  }
}
