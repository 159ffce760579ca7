/**
 * Asymmetric keys. A plugin holds a key as its bytes (DER) and gives them with each
 * call: no handle of Node's leaves this folder, none has to be counted or freed, and
 * the memory of a key is the plugin's own. What OpenSSL parsed last is kept here, by
 * content, because parsing can cost more than signing.
 */
import type { KeyObject } from 'node:crypto'
import { alone, bytesIn, fieldsOf, wrongType } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostCrypto } from './host.js'
import { encodingIn, formatIn, passphraseIn, sourceOf, tooLong, MOST_KEY_BYTES } from './key-source.js'

/** What a plugin gets of a key. */
export interface KeyFacts {
  readonly type: 'public' | 'private'
  /** PKCS#8 of a private key, SPKI of a public one. */
  readonly der: Uint8Array<ArrayBuffer>
  readonly asymmetricKeyType: string
  readonly asymmetricKeyDetails: Readonly<Record<string, string | number | bigint>>
}
export interface Keys {
  /** @param wanted - `public` also takes a private key or a certificate, and gives its public key */
  read(wanted: unknown, format: unknown, source: unknown, encoding: unknown, passphrase: unknown): KeyFacts
  /** Text for `pem`, bytes for `der`, a record of texts for `jwk`. */
  write(key: unknown, format: unknown, encoding: unknown, cipher: unknown, passphrase: unknown): unknown
  publicOf(key: unknown): KeyFacts
}
/** The side of Node's objects, for the other files of this folder. */
export interface HostKeys {
  /** Node's object of a `{ type, der }` of the plugin, each read once. */
  nativeOf(key: unknown, wanted?: KeyFacts['type']): KeyObject
  factsOf(key: KeyObject): KeyFacts
}

/** Parsed keys that are kept; each is a few KB of native memory. */
const MOST_PARSED = 64
/** Left out: DSA and DH, whose keys bring groups of their own, and what not every Node has. */
const KEY_TYPES: ReadonlySet<unknown> = new Set([
  'rsa',
  'rsa-pss',
  'ec',
  'ed25519',
  'ed448',
  'x25519',
  'x448',
])

export function makeKeys(host: HostCrypto): { readonly keys: Keys; readonly hostKeys: HostKeys } {
  const parsed = new Map<string, KeyObject>()
  const remember = (content: string, key: KeyObject): void => {
    parsed.delete(content)
    parsed.set(content, key)
    const [oldest] = parsed.keys()
    if (parsed.size > MOST_PARSED && oldest !== undefined) parsed.delete(oldest)
  }
  const checkKind = (key: KeyObject): void => {
    const kind = key.asymmetricKeyType
    // A curve that is spelled out, not named, is a group of the plugin's own; its name is none, or 'UNDEF'.
    const named = kind !== 'ec' || host.getCurves().includes(key.asymmetricKeyDetails?.namedCurve ?? '')
    if (!KEY_TYPES.has(kind) || !named)
      throw refusal('ERR_CRYPTO_UNSUPPORTED_OPERATION', 'Keys of this type are not there for plugins')
  }
  const nativeOf: HostKeys['nativeOf'] = (value, wanted) => {
    const { type, der } = fieldsOf(value, 'key')
    if (type !== 'private' && type !== 'public') throw wrongType('key', 'a public or a private key')
    if (wanted !== undefined && type !== wanted) throw wrongType('key', `a ${wanted} key`)
    const key = bytesIn(der, 'key')
    if (key.length > MOST_KEY_BYTES) throw tooLong(key.length)
    const content = type + host.latin1(key)
    const known = parsed.get(content)
    const native =
      known ??
      hosted(() =>
        type === 'private'
          ? host.createPrivateKey({ key, format: 'der', type: 'pkcs8' })
          : host.createPublicKey({ key, format: 'der', type: 'spki' }),
      )
    if (known === undefined) checkKind(native)
    remember(content, native)
    return native
  }
  const factsOf = (native: KeyObject): KeyFacts => {
    checkKind(native)
    const type = native.type === 'private' ? 'private' : 'public'
    const der = hosted(() => host.derOf(native))
    if (der.length > MOST_KEY_BYTES) throw tooLong(der.length)
    remember(type + host.latin1(der), native)
    return {
      type,
      der: alone(der),
      asymmetricKeyType: String(native.asymmetricKeyType),
      asymmetricKeyDetails: { ...native.asymmetricKeyDetails } as KeyFacts['asymmetricKeyDetails'],
    }
  }
  const keys: Keys = {
    read(wanted, format, source, encoding, passphrase) {
      const make = wanted === 'private' ? host.createPrivateKey : host.createPublicKey
      const plain = sourceOf(format, source, encoding, passphrase)
      return factsOf(hosted(() => make(plain)))
    },
    write(key, format, encoding, cipher, passphrase) {
      const type = encodingIn(encoding)
      const options = {
        format: formatIn(format),
        ...(type === undefined ? {} : { type }),
        ...passphraseIn(passphrase, cipher),
      }
      const native = nativeOf(key)
      const made = hosted(() => host.exportKey(native, options))
      if (typeof made === 'string') return made
      return ArrayBuffer.isView(made) ? alone(made as Uint8Array) : { ...made }
    },
    publicOf(key) {
      const native = nativeOf(key, 'private')
      return factsOf(hosted(() => host.createPublicKey(native)))
    },
  }
  return { keys, hostKeys: { nativeOf, factsOf } }
}
