/**
 * pbkdf2, scrypt and hkdf, with a bound on what one call may cost: native code that
 * derives a key cannot be stopped, and it holds a thread of the pool meanwhile.
 */
import { alone, bytesIn, integerIn, nameIn, outOfRange, wrongType } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostCrypto } from './host.js'
import { inLine, type Line } from './in-line.js'

/** Steps of pbkdf2 (iterations times blocks): 1 million take 0.3 s with SHA-256, 0.9 s with SHA-3. OWASP asks for up to 1.3 million. */
const MOST_PBKDF2 = { sync: 1_000_000, later: 4_000_000 }
/** N times r times p of scrypt: 2 ** 20 take about 0.4 s. OWASP asks for up to 2 ** 20. */
const MOST_SCRYPT = { sync: 2 ** 21, later: 2 ** 22 }
const MOST_KEY_BYTES = 1_048_576
const MOST_INT = 0x7fff_ffff
/** Node's own default. */
const SCRYPT_MEMORY_BYTES = 33_554_432
const SALT_BLOCK_BYTES = 64
/** Of the key that scrypt gives. */
const SHA256_BYTES = 32

export interface DeriveLimits extends Line {
  /** The bound of scrypt's `maxmem`, bytes; two calls may be at work at once. */
  readonly mostMemory: number
}

export interface Derive {
  pbkdf2Sync(
    password: unknown,
    salt: unknown,
    iterations: unknown,
    keylen: unknown,
    digest: unknown,
  ): Uint8Array
  pbkdf2(
    password: unknown,
    salt: unknown,
    iterations: unknown,
    keylen: unknown,
    digest: unknown,
    done: unknown,
  ): void
  scryptSync(password: unknown, salt: unknown, keylen: unknown, options: unknown): Uint8Array
  scrypt(password: unknown, salt: unknown, keylen: unknown, options: unknown, done: unknown): void
  hkdf(digest: unknown, key: unknown, salt: unknown, info: unknown, keylen: unknown): Uint8Array
}

type Turn = 'sync' | 'later'

export function makeDerive(host: HostCrypto, { mostMemory, line, call }: DeriveLimits): Derive {
  const turns = { line, call }
  const pbkdf2Arguments = (turn: Turn, ...values: readonly unknown[]) => {
    const [password, salt] = [bytesIn(values[0], 'password'), bytesIn(values[1], 'salt')]
    const iterations = integerIn(values[2], 'iterations', 1, MOST_INT)
    const keylen = integerIn(values[3], 'keylen', 0, MOST_KEY_BYTES)
    const digest = nameIn(values[4], 'digest')
    const blocks = Math.max(1, Math.ceil(keylen / digestBytes(host, digest)))
    bound(
      'iterations',
      blocks * (iterations + Math.ceil(salt.length / SALT_BLOCK_BYTES)),
      MOST_PBKDF2[turn],
      turn,
    )
    return [password, salt, iterations, keylen, digest] as const
  }
  const scryptArguments = (turn: Turn, ...values: readonly unknown[]) => {
    const [password, salt] = [bytesIn(values[0], 'password'), bytesIn(values[1], 'salt')]
    const keylen = integerIn(values[2], 'keylen', 0, MOST_KEY_BYTES)
    const options = scryptOptions(values[3], mostMemory)
    const { N, r, p } = options
    // Besides the mixing: PBKDF2 hashes the salt for 4rp blocks, and all 2rp of its own pieces for each block of the key.
    const hashed = 4 * Math.ceil(salt.length / SALT_BLOCK_BYTES) + 2 * Math.ceil(keylen / SHA256_BYTES)
    bound('options.N', r * p * (N + hashed), MOST_SCRYPT[turn], turn)
    return [password, salt, keylen, options] as const
  }
  return {
    pbkdf2Sync: (...values) => {
      const plain = pbkdf2Arguments('sync', ...values)
      return hosted(() => alone(host.pbkdf2Sync(...plain)))
    },
    pbkdf2(password, salt, iterations, keylen, digest, done) {
      const plain = pbkdf2Arguments('later', password, salt, iterations, keylen, digest)
      inLine(turns, done, (answer) => host.pbkdf2(...plain, answer), alone)
    },
    scryptSync: (...values) => {
      const plain = scryptArguments('sync', ...values)
      return hosted(() => alone(host.scryptSync(...plain)))
    },
    scrypt(password, salt, keylen, options, done) {
      const plain = scryptArguments('later', password, salt, keylen, options)
      inLine(turns, done, (answer) => host.scrypt(...plain, answer), alone)
    },
    hkdf(digest, key, salt, info, keylen) {
      const name = nameIn(digest, 'digest')
      const [keyBytes, saltBytes] = [bytesIn(key, 'ikm'), bytesIn(salt, 'salt')]
      const [infoBytes, length] = [bytesIn(info, 'info'), integerIn(keylen, 'length', 0, MOST_KEY_BYTES)]
      return hosted(() => new Uint8Array(host.hkdfSync(name, keyBytes, saltBytes, infoBytes, length)))
    },
  }
}

function bound(name: string, cost: number, most: number, turn: Turn): void {
  if (cost <= most) return
  const what = turn === 'sync' ? 'a synchronous call of a plugin' : 'a call of a plugin'
  throw outOfRange(name, `such that the whole cost is at most ${most} in ${what}`, cost)
}

function digestBytes(host: HostCrypto, name: string): number {
  try {
    return host.createHash(name).digest().length
  } catch {
    throw refusal('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`, TypeError)
  }
}

interface ScryptOptions {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly maxmem: number
}

function scryptOptions(given: unknown, mostMemory: number): ScryptOptions {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw wrongType('options', 'an object')
  const fields = (given ?? {}) as Readonly<Record<string, unknown>>
  const either = (short: string, long: string, fallback: number, least: number): number => {
    const [first, second] = [fields[short], fields[long]]
    if (first !== undefined && second !== undefined) {
      const message = `Option "${short}" cannot be used in combination with option "${long}"`
      throw refusal('ERR_INCOMPATIBLE_OPTION_PAIR', message, TypeError)
    }
    return integerIn(first ?? second ?? fallback, short, least, MOST_INT)
  }
  const asked = fields['maxmem']
  const maxmem =
    asked === undefined
      ? Math.min(SCRYPT_MEMORY_BYTES, mostMemory)
      : Math.min(integerIn(asked, 'maxmem', 0, Number.MAX_SAFE_INTEGER), mostMemory)
  const N = either('N', 'cost', 16_384, 1)
  const r = either('r', 'blockSize', 8, 1)
  const p = either('p', 'parallelization', 1, 1)
  // As OpenSSL counts, here already: in a call with a callback it would find out too late to throw.
  const memory = 128 * r * (N + 2 + p)
  if (N < 2 || (N & (N - 1)) !== 0 || memory > maxmem) {
    const why =
      memory > maxmem ? `: memory limit exceeded, ${memory} bytes are needed, maxmem is ${maxmem}` : ''
    throw refusal('ERR_CRYPTO_INVALID_SCRYPT_PARAMS', `Invalid scrypt params${why}`, RangeError)
  }
  return { N, r, p, maxmem }
}
