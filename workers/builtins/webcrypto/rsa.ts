/** RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP. */
import { digestOf, nodeHash, type Params } from './algorithm.js'
import type { CryptoKeyFacts } from './crypto-key.js'
import { domError, operation } from './errors.js'
import type { Kind, Tools } from './kind.js'
import { pairKind, type PairRules } from './pair.js'
import { signed, verified } from './signed.js'

const SIGN = { public: ['verify'], private: ['sign'] }
const CRYPT = { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'] }

export function rsaKinds(tools: Tools): Readonly<Record<string, Kind>> {
  const { keys, constants } = tools.crypto
  const pss = ({ saltLength }: Params): object => ({
    padding: constants['RSA_PKCS1_PSS_PADDING'],
    saltLength,
  })
  const oaep = (operation: string) => (params: Params, key: CryptoKeyFacts, data: Uint8Array) =>
    keys.crypt(
      operation,
      key.material,
      { padding: constants['RSA_PKCS1_OAEP_PADDING'], oaepHash: digestOf(key), oaepLabel: params.label },
      data,
    )
  return {
    'RSASSA-PKCS1-v1_5': {
      ...pairKind(
        tools,
        rules('RSASSA-PKCS1-v1_5', 'sig', SIGN, (bits) => `RS${bits}`),
      ),
      sign: (_params, key, data) => signed(tools, digestOf(key), key, {}, data),
      verify: (_params, key, signature, data) => verified(tools, digestOf(key), key, {}, signature, data),
    },
    'RSA-PSS': {
      ...pairKind(
        tools,
        rules('RSA-PSS', 'sig', SIGN, (bits) => `PS${bits}`),
      ),
      sign: (params, key, data) => signed(tools, digestOf(key), key, pss(params), data),
      verify: (params, key, signature, data) =>
        verified(tools, digestOf(key), key, pss(params), signature, data),
    },
    'RSA-OAEP': {
      ...pairKind(
        tools,
        rules('RSA-OAEP', 'enc', CRYPT, (bits) => (bits === '1' ? 'RSA-OAEP' : `RSA-OAEP-${bits}`)),
      ),
      encrypt: (params, key, data) => ofType(key, 'public', () => oaep('publicEncrypt')(params, key, data)),
      decrypt: (params, key, data) => ofType(key, 'private', () => oaep('privateDecrypt')(params, key, data)),
    },
  }
}

function ofType(key: CryptoKeyFacts, type: string, work: () => Uint8Array): Uint8Array {
  if (key.type !== type) throw domError('InvalidAccessError', `The requested operation takes a ${type} key`)
  return operation(work)
}

function rules(
  name: string,
  use: 'sig' | 'enc',
  usages: PairRules['usages'],
  alg: (bits: string) => string,
): PairRules {
  return {
    name,
    kty: 'RSA',
    use,
    usages,
    check: () => undefined,
    algs: ({ hash = '' }) => [alg(nodeHash(hash).slice('sha'.length))],
    generate: ({ modulusLength, publicExponent = new Uint8Array() }) => [
      'rsa',
      { modulusLength, publicExponent: publicExponent.reduce((sum, byte) => sum * 256 + byte, 0) },
    ],
    matches: (key) => key.asymmetricKeyType === 'rsa',
    algorithm: (key, { hash }) => ({
      name,
      modulusLength: key.asymmetricKeyDetails['modulusLength'],
      publicExponent: bytesOf(BigInt(key.asymmetricKeyDetails['publicExponent'] ?? 0)),
      hash: { name: hash },
    }),
  }
}

/** Big-endian, without leading zeros. */
function bytesOf(value: bigint): Uint8Array {
  const text = value.toString(16)
  const even = text.length % 2 === 0 ? text : `0${text}`
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
