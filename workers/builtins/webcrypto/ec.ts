/** ECDSA and ECDH on the three curves of NIST. */
import { nodeHash } from './algorithm.js'
import { domError } from './errors.js'
import { fromBase64Url, toBase64Url } from './jwk.js'
import type { Kind, Tools } from './kind.js'
import { agreed, pairKind, type PairRules } from './pair.js'
import { signed, verified } from './signed.js'
import { joined } from './values.js'

/** OpenSSL's name of each curve, and the `alg` of its signatures. */
const CURVES: Readonly<Record<string, readonly [openssl: string, alg: string]>> = {
  'P-256': ['prime256v1', 'ES256'],
  'P-384': ['secp384r1', 'ES384'],
  'P-521': ['secp521r1', 'ES512'],
}
const RAW = { dsaEncoding: 'ieee-p1363' }

export function ecKinds(tools: Tools): Readonly<Record<string, Kind>> {
  const { keys } = tools.crypto
  const { Buffer } = tools
  const curve = (name: string | undefined): readonly [string, string] => {
    const known = Object.hasOwn(CURVES, name ?? '') ? CURVES[name ?? ''] : undefined
    if (known === undefined) throw domError('NotSupportedError', 'Unrecognized namedCurve')
    return known
  }
  const rules = (name: string, use: 'sig' | 'enc', usages: PairRules['usages']): PairRules => ({
    name,
    kty: 'EC',
    use,
    usages,
    check: ({ namedCurve }) => void curve(namedCurve),
    // Not written, as in Node; read to match.
    algs: ({ namedCurve }) => (name === 'ECDSA' && namedCurve !== undefined ? [curve(namedCurve)[1]] : []),
    generate: ({ namedCurve = '' }) => ['ec', { namedCurve }],
    matches: (key, { namedCurve }) => key.asymmetricKeyDetails['namedCurve'] === curve(namedCurve)[0],
    algorithm: (_key, { namedCurve }) => ({ name, namedCurve }),
    raw: {
      read(bytes, { namedCurve }) {
        const point = keys.convertPoint(bytes, curve(namedCurve)[0], 'uncompressed')
        const half = (point.length - 1) / 2
        const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)]
        return { kty: 'EC', crv: namedCurve, x: toBase64Url(Buffer, x), y: toBase64Url(Buffer, y) }
      },
      write: ({ x, y }) => joined(new Uint8Array([4]), fromBase64Url(Buffer, x), fromBase64Url(Buffer, y)),
    },
  })
  return {
    ECDSA: {
      ...pairKind(tools, rules('ECDSA', 'sig', { public: ['verify'], private: ['sign'] })),
      sign: ({ hash = '' }, key, data) => signed(tools, nodeHash(hash), key, RAW, data),
      verify: ({ hash = '' }, key, signature, data) =>
        verified(tools, nodeHash(hash), key, RAW, signature, data),
    },
    ECDH: {
      ...pairKind(tools, rules('ECDH', 'enc', { public: [], private: ['deriveKey', 'deriveBits'] })),
      deriveBits: async (params, key, bits) => agreed(tools, params, key, bits),
    },
  }
}
