/** Algorithm dictionaries of Web Crypto, read once into plain values (section 18.4 of the standard). */
import { domError } from './errors.js'
import { bytesIn, integerIn, required } from './values.js'
import type { CryptoKeyFacts } from './crypto-key.js'

export type Operation =
  | 'digest'
  | 'generateKey'
  | 'importKey'
  | 'sign'
  | 'verify'
  | 'encrypt'
  | 'decrypt'
  | 'deriveBits'
  | 'get key length'
  | 'wrapKey'
  | 'unwrapKey'

/** What any of them may hold after reading; which of them it does is the table below. */
export interface Params {
  readonly name: string
  /** Of a hash, as `SHA-256`. */
  readonly hash?: string
  /** Bits. */
  readonly length?: number
  readonly modulusLength?: number
  readonly publicExponent?: Uint8Array
  readonly namedCurve?: string
  readonly iv?: Uint8Array
  readonly counter?: Uint8Array
  readonly additionalData?: Uint8Array
  /** Bits. */
  readonly tagLength?: number
  readonly label?: Uint8Array
  /** Bytes. */
  readonly saltLength?: number
  readonly salt?: Uint8Array
  readonly info?: Uint8Array
  readonly context?: Uint8Array
  readonly iterations?: number
  readonly public?: unknown
}

const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']
/** Members of each algorithm at each operation; `?` marks one that may be left out. */
const MEMBERS: Readonly<Record<string, Readonly<Partial<Record<Operation, string>>>>> = {
  ...Object.fromEntries(HASHES.map((name) => [name, { digest: '' }])),
  HMAC: {
    generateKey: 'hash length?',
    importKey: 'hash length?',
    'get key length': 'hash length?',
    sign: '',
    verify: '',
  },
  ...Object.fromEntries(
    [
      ['AES-CBC', 'iv'],
      ['AES-CTR', 'counter length'],
      ['AES-GCM', 'iv additionalData? tagLength?'],
    ].map(([name, members]) => [
      name,
      {
        generateKey: 'length',
        importKey: '',
        'get key length': 'length',
        encrypt: members,
        decrypt: members,
      },
    ]),
  ),
  'AES-KW': { generateKey: 'length', importKey: '', 'get key length': 'length', wrapKey: '', unwrapKey: '' },
  PBKDF2: { importKey: '', 'get key length': '', deriveBits: 'salt iterations hash' },
  HKDF: { importKey: '', 'get key length': '', deriveBits: 'salt info hash' },
  ECDSA: { generateKey: 'namedCurve', importKey: 'namedCurve', sign: 'hash', verify: 'hash' },
  ECDH: { generateKey: 'namedCurve', importKey: 'namedCurve', deriveBits: 'public' },
  Ed25519: { generateKey: '', importKey: '', sign: '', verify: '' },
  X25519: { generateKey: '', importKey: '', deriveBits: 'public' },
  ...Object.fromEntries(
    (
      [
        ['RSASSA-PKCS1-v1_5', { sign: '', verify: '' }],
        ['RSA-PSS', { sign: 'saltLength', verify: 'saltLength' }],
        ['RSA-OAEP', { encrypt: 'label?', decrypt: 'label?' }],
      ] as const
    ).map(([name, more]) => [
      name,
      { generateKey: 'modulusLength publicExponent hash', importKey: 'hash', ...more },
    ]),
  ),
}
const NAMES = new Map(Object.keys(MEMBERS).map((name) => [name.toUpperCase(), name]))

const READERS: Readonly<Record<string, (value: unknown, member: string) => unknown>> = {
  hash: (value) => normalize('digest', value).name,
  length: (value, member) => integerIn(value, member, 0xffff_ffff),
  modulusLength: (value, member) => integerIn(value, member, 0xffff_ffff),
  iterations: (value, member) => integerIn(value, member, 0xffff_ffff),
  saltLength: (value, member) => integerIn(value, member, 0xffff_ffff),
  tagLength: (value, member) => integerIn(value, member, 0xff),
  namedCurve: String,
  public: (value) => value,
}

/** @throws DOMException `NotSupportedError` for an algorithm that does not know the operation; TypeError for a bad member */
export function normalize(operation: Operation, given: unknown): Params {
  const fields = (typeof given === 'object' && given !== null ? given : { name: given }) as Readonly<
    Record<string, unknown>
  >
  const name = NAMES.get(String(required(fields['name'], 'algorithm.name')).toUpperCase())
  const members = name === undefined ? undefined : MEMBERS[name]?.[operation]
  if (name === undefined || members === undefined)
    throw domError('NotSupportedError', 'Unrecognized algorithm name')
  const params: Record<string, unknown> = { name }
  for (const word of members.split(' ')) {
    if (word === '') continue
    const member = word.replace('?', '')
    const value = fields[member]
    if (value === undefined && word.endsWith('?')) continue
    params[member] = (READERS[member] ?? bytesIn)(
      required(value, `algorithm.${member}`),
      `algorithm.${member}`,
    )
  }
  return params as unknown as Params
}

/** Whether `name` has an operation of its own. */
export function knows(name: string, operation: Operation): boolean {
  return MEMBERS[name]?.[operation] !== undefined
}

/** The hash of a key, as Node's digests are called. */
export function digestOf(key: CryptoKeyFacts): string {
  return nodeHash((key.algorithm['hash'] as { readonly name: string }).name)
}

/** `SHA-256` as `sha256`. */
export function nodeHash(name: string): string {
  return name.toLowerCase().replace('-', '')
}
