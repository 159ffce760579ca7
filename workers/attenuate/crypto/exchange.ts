/** Agreeing on a secret: diffieHellman of two keys, ECDH on named curves, the named groups of RFC 2409 and RFC 3526. */
import { alone, badValue, bytesIn, nameIn, outOfRange } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostExchange, HostKeyFunctions } from './host-keys.js'
import type { HostKeys } from './keys.js'

/** The largest named group has numbers of 1024 bytes. */
const MOST_POINT_BYTES = 1024
/** All that Node names; a secret in the largest takes 11 ms. */
const GROUPS: ReadonlySet<string> = new Set([
  'modp1',
  'modp2',
  'modp5',
  'modp14',
  'modp15',
  'modp16',
  'modp17',
  'modp18',
])
const POINTS: readonly unknown[] = ['uncompressed', 'compressed', 'hybrid']
type PointFormat = 'uncompressed' | 'compressed' | 'hybrid'

export interface Exchange {
  agree(privateKey: unknown, publicKey: unknown): Uint8Array
  curves(): readonly string[]
  ecdh(curve: unknown): Ecdh
  convertPoint(point: unknown, curve: unknown, format: unknown): Uint8Array
  group(name: unknown): Group
}
interface Party {
  /** @param format - of a point on a curve; ignored by groups */
  generateKeys(format: unknown): Uint8Array
  computeSecret(other: unknown): Uint8Array
  getPublicKey(format: unknown): Uint8Array
  getPrivateKey(): Uint8Array
}
export interface Ecdh extends Party {
  setPrivateKey(key: unknown): void
}
export interface Group extends Party {
  getPrime(): Uint8Array
  getGenerator(): Uint8Array
  readonly verifyError: number
}

export function makeExchange(host: HostKeyFunctions, { nativeOf }: HostKeys): Exchange {
  const curves = (): readonly string[] => Object.freeze([...host.getCurves()])
  const curveIn = (value: unknown): string => {
    const name = nameIn(value, 'curve')
    if (!curves().includes(name))
      throw refusal('ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name', TypeError)
    return name
  }
  return {
    agree(privateKey, publicKey) {
      const keys = { privateKey: nativeOf(privateKey, 'private'), publicKey: nativeOf(publicKey, 'public') }
      return hosted(() => alone(host.diffieHellman(keys)))
    },
    curves,
    ecdh(curve) {
      const name = curveIn(curve)
      const state = hosted(() => host.createECDH(name))
      return Object.freeze({
        ...partyOf(state),
        setPrivateKey(key: unknown) {
          const bytes = pointIn(key, 'privateKey')
          hosted(() => state.setPrivateKey(bytes))
        },
      })
    },
    convertPoint(point, curve, format) {
      const [bytes, name, form] = [pointIn(point, 'key'), curveIn(curve), formatIn(format)]
      return hosted(() => alone(host.convertPoint(bytes, name, form ?? 'uncompressed')))
    },
    group(value) {
      const name = nameIn(value, 'name')
      if (!GROUPS.has(name)) throw refusal('ERR_CRYPTO_UNKNOWN_DH_GROUP', 'Unknown DH group')
      const state = hosted(() => host.getDiffieHellman(name))
      const { verifyError } = state
      return Object.freeze({
        ...partyOf(state),
        getPrime: () => hosted(() => alone(state.getPrime())),
        getGenerator: () => hosted(() => alone(state.getGenerator())),
        verifyError,
      })
    },
  }
}

function partyOf(state: HostExchange): Party {
  return {
    generateKeys(format) {
      const form = formatIn(format)
      return hosted(() => alone(state.generateKeys(undefined, form)))
    },
    computeSecret(other) {
      const bytes = pointIn(other, 'otherPublicKey')
      return hosted(() => alone(state.computeSecret(bytes)))
    },
    getPublicKey(format) {
      const form = formatIn(format)
      return hosted(() => alone(state.getPublicKey(undefined, form)))
    },
    getPrivateKey: () => hosted(() => alone(state.getPrivateKey())),
  }
}

function pointIn(value: unknown, name: string): Uint8Array {
  const bytes = bytesIn(value, name)
  if (bytes.length > MOST_POINT_BYTES)
    throw outOfRange(name, `at most ${MOST_POINT_BYTES} bytes`, bytes.length)
  return bytes
}

function formatIn(format: unknown): PointFormat | undefined {
  if (format === undefined || format === null) return undefined
  if (!POINTS.includes(format)) throw badValue('format', 'one of uncompressed, compressed, hybrid')
  return format as PointFormat
}
