/** Ed25519 and X25519 (RFC 8037, RFC 8410). */
import { fromBase64Url, toBase64Url } from './jwk.js'
import type { Kind, Tools } from './kind.js'
import { agreed, pairKind, type PairRules } from './pair.js'
import { signed, verified } from './signed.js'

export function okpKinds(tools: Tools): Readonly<Record<string, Kind>> {
  const { Buffer } = tools
  const rules = (name: string, use: 'sig' | 'enc', usages: PairRules['usages']): PairRules => ({
    name,
    kty: 'OKP',
    use,
    usages,
    check: () => undefined,
    algs: () => (name === 'Ed25519' ? ['Ed25519', 'EdDSA'] : []),
    generate: () => [name.toLowerCase(), {}],
    matches: (key) => key.asymmetricKeyType === name.toLowerCase(),
    algorithm: () => ({ name }),
    raw: {
      read: (bytes) => ({ kty: 'OKP', crv: name, x: toBase64Url(Buffer, bytes) }),
      write: ({ x }) => fromBase64Url(Buffer, x),
    },
  })
  return {
    Ed25519: {
      ...pairKind(tools, rules('Ed25519', 'sig', { public: ['verify'], private: ['sign'] })),
      sign: (_params, key, data) => signed(tools, undefined, key, {}, data),
      verify: (_params, key, signature, data) => verified(tools, undefined, key, {}, signature, data),
    },
    X25519: {
      ...pairKind(tools, rules('X25519', 'enc', { public: [], private: ['deriveKey', 'deriveBits'] })),
      deriveBits: async (params, key, bits) => agreed(tools, params, key, bits),
    },
  }
}
