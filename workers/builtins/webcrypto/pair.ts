/** What RSA, EC and the curves of RFC 8410 share: pairs of keys, made, read and written. */
import type { PairKey } from '../crypto/key-object.js'
import type { Params } from './algorithm.js'
import { checkUsages, only, type CryptoKeyFacts } from './crypto-key.js'
import { domError, failed, operation } from './errors.js'
import { checkJwk } from './jwk.js'
import type { Jwk, KeyData, Kind, Tools } from './kind.js'

type Type = PairKey['type']
export interface PairRules {
  readonly name: string
  /** Members of a JWK. */
  readonly kty: string
  readonly use: 'sig' | 'enc'
  readonly usages: Readonly<Record<Type, readonly string[]>>
  /** `alg` of a JWK; the first is written, none when there is none. */
  algs(params: Params): readonly string[]
  /** Arguments of native `generate`. @throws DOMException for parameters that make no key */
  generate(params: Params): readonly [string, object]
  matches(key: PairKey, params: Params): boolean
  algorithm(key: PairKey, params: Params): CryptoKeyFacts['algorithm']
  /** Throws for parameters that no key fits. */
  check(params: Params): void
  /** A public key as plain bytes, both ways. */
  readonly raw?: { read(bytes: Uint8Array, params: Params): Jwk; write(jwk: Jwk): Uint8Array }
}

export function pairKind(
  { crypto: { keys } }: Tools,
  rules: PairRules,
): Required<Pick<Kind, 'generateKey' | 'importKey' | 'exportKey'>> {
  const factsOf = (
    key: PairKey,
    params: Params,
    extractable: boolean,
    usages: readonly string[],
  ): CryptoKeyFacts => ({
    type: key.type,
    extractable,
    algorithm: rules.algorithm(key, params),
    usages,
    material: key,
  })
  const read = (format: string, data: KeyData, params: Params, type: Type): PairKey => {
    if (format === 'spki' || format === 'pkcs8') return keys.read(type, 'der', data, format, undefined)
    const jwk = format === 'jwk' ? data : rules.raw?.read(data as Uint8Array, params)
    return keys.read(type, 'jwk', jwk, undefined, undefined)
  }
  return {
    generateKey(params, extractable, usages) {
      rules.check(params)
      checkUsages(usages, [...rules.usages.public, ...rules.usages.private], `a ${rules.name}`)
      const [type, options] = rules.generate(params)
      return new Promise((resolve, reject) => {
        const done = (error: unknown, pair: readonly [PairKey, PairKey]): void => {
          if (error !== null) return reject(failed(error))
          const [publicKey, privateKey] = pair
          resolve({
            publicKey: factsOf(publicKey, params, true, only(usages, rules.usages.public)),
            privateKey: factsOf(privateKey, params, extractable, only(usages, rules.usages.private)),
          })
        }
        operation(() => keys.generateLater(type, options, done))
      })
    },
    importKey(format, data, params, extractable, usages) {
      rules.check(params)
      if (format === 'raw' && rules.raw === undefined)
        throw domError('NotSupportedError', `Unable to import ${rules.name} key using raw format`)
      const isPrivate = format === 'pkcs8' || (format === 'jwk' && (data as Jwk)['d'] !== undefined)
      const type = isPrivate ? 'private' : 'public'
      checkUsages(usages, rules.usages[type], `a ${rules.name}`)
      if (format === 'jwk')
        checkJwk(data, { kty: rules.kty, use: rules.use, algs: rules.algs(params) }, extractable, usages)
      const key = operation(() => read(format, data, params, type), 'DataError')
      if (!rules.matches(key, params)) throw domError('DataError', 'Invalid key type')
      return factsOf(key, params, extractable, usages)
    },
    exportKey(format, key) {
      const material = key.material as PairKey
      const fits =
        format === 'jwk' ||
        ((format === 'pkcs8') === (key.type === 'private') && (format !== 'raw' || rules.raw !== undefined))
      if (!fits) throw domError('InvalidAccessError', `A ${key.type} key has no ${format} format`)
      return operation(() => {
        if (format === 'spki' || format === 'pkcs8') return new Uint8Array(material.der)
        const jwk = keys.write(material, 'jwk', undefined, undefined, undefined) as Jwk
        if (format === 'raw') return rules.raw?.write(jwk) as Uint8Array
        const { name, hash } = key.algorithm as { name: string; hash?: { readonly name: string } }
        const [alg] = rules.algs({ name, ...(hash === undefined ? {} : { hash: hash.name }) })
        return alg === undefined ? jwk : { ...jwk, alg }
      })
    },
  }
}

/** The secret of two keys, or its first `bits`. */
export function agreed(
  { crypto: { keys }, factsOf }: Tools,
  params: Params,
  key: CryptoKeyFacts,
  bits: number | null,
): Uint8Array {
  const other = factsOf(params.public, 'algorithm.public')
  if (key.type !== 'private') throw domError('InvalidAccessError', 'baseKey must be a private key')
  if (other.type !== 'public') throw domError('InvalidAccessError', 'algorithm.public must be a public key')
  const [one, two] = [key.algorithm, other.algorithm]
  if (one.name !== two.name)
    throw domError('InvalidAccessError', 'The public and private keys must be of one type')
  if (one['namedCurve'] !== two['namedCurve'])
    throw domError('InvalidAccessError', 'The public and private keys must be of one curve')
  const secret = operation(() => keys.agree(key.material, other.material))
  if (bits === null) return secret
  const length = Math.ceil(bits / 8)
  if (length > secret.length) throw domError('OperationError', 'derived bit length is too large')
  const cut = secret.slice(0, length)
  if (bits % 8 !== 0) cut[length - 1] = (cut[length - 1] ?? 0) & (0xff << (8 - (bits % 8)))
  return cut
}
