/** New key pairs, of a size whose search ends soon: native code that searches cannot be stopped. */
import { fieldsOf, integerIn, nameIn, outOfRange } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostKeyFunctions, KeyPair, PairOptions } from './host-keys.js'
import { inLine, type Line } from './in-line.js'
import type { HostKeys, KeyFacts } from './keys.js'

/** Bits of an RSA modulus: 2048 take 0.15 s, at times 0.3 s; 4096 take 1.3 s, at times 3 s or more. */
const MOST_MODULUS = { sync: 2048, later: 4096 }
const LEAST_MODULUS = 512
/** Other exponents reject most primes, or are too small or even. */
const EXPONENTS: readonly unknown[] = [undefined, 3, 65_537]
const MOST_SALT_BYTES = 512
const PLAIN_TYPES: ReadonlySet<string> = new Set(['ed25519', 'ed448', 'x25519', 'x448'])

/** Public and private. */
export type PairFacts = readonly [KeyFacts, KeyFacts]
export interface Generate {
  generate(type: unknown, options: unknown): PairFacts
  generateLater(type: unknown, options: unknown, done: unknown): void
}
type Turn = keyof typeof MOST_MODULUS

export function makeGenerate(host: HostKeyFunctions, { factsOf }: HostKeys, turns: Line): Generate {
  const pairOf = ({ publicKey, privateKey }: KeyPair): PairFacts =>
    Object.freeze([factsOf(publicKey), factsOf(privateKey)] as const)
  return {
    generate(type, options) {
      const kind = nameIn(type, 'type')
      const plain = optionsIn(kind, options, 'sync')
      return pairOf(hosted(() => host.generateKeyPairSync(kind, plain)))
    },
    generateLater(type, options, done) {
      const kind = nameIn(type, 'type')
      const plain = optionsIn(kind, options, 'later')
      inLine<KeyPair>(
        turns,
        done,
        (answer) =>
          host.generateKeyPair(kind, plain, (error, publicKey, privateKey) =>
            answer(error, { publicKey, privateKey }),
          ),
        pairOf,
      )
    },
  }
}

function optionsIn(type: string, options: unknown, turn: Turn): PairOptions {
  if (PLAIN_TYPES.has(type)) return {}
  const fields = fieldsOf(options, 'options')
  if (type === 'ec') return { namedCurve: nameIn(fields['namedCurve'], 'options.namedCurve') }
  if (type === 'rsa') return rsaIn(fields, turn)
  if (type === 'rsa-pss') return { ...rsaIn(fields, turn), ...pssIn(fields) }
  throw refusal('ERR_INVALID_ARG_VALUE', 'Key pairs of this type are not there for plugins', TypeError)
}

function rsaIn(fields: Readonly<Record<string, unknown>>, turn: Turn): PairOptions {
  const { modulusLength, publicExponent } = fields
  if (!EXPONENTS.includes(publicExponent)) throw outOfRange('options.publicExponent', '3 or 65537', NaN)
  return {
    modulusLength: integerIn(modulusLength, 'options.modulusLength', LEAST_MODULUS, MOST_MODULUS[turn]),
    ...(publicExponent === undefined ? {} : { publicExponent }),
  }
}

function pssIn(fields: Readonly<Record<string, unknown>>): PairOptions {
  const { hashAlgorithm, mgf1HashAlgorithm, saltLength } = fields
  return {
    ...(hashAlgorithm === undefined ? {} : { hashAlgorithm: nameIn(hashAlgorithm, 'options.hashAlgorithm') }),
    ...(mgf1HashAlgorithm === undefined
      ? {}
      : { mgf1HashAlgorithm: nameIn(mgf1HashAlgorithm, 'options.mgf1HashAlgorithm') }),
    ...(saltLength === undefined
      ? {}
      : { saltLength: integerIn(saltLength, 'options.saltLength', 0, MOST_SALT_BYTES) }),
  }
}
