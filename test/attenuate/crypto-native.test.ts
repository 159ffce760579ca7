// The functions under `crypto` take anything: each call ends in plain values or in a coded error, and never in an object of Node's.
import t from 'tap'
import { takeCrypto } from '../../workers/attenuate/crypto/host.js'
import { makeCrypto, type CryptoPowers } from '../../workers/attenuate/crypto/index.js'
import { makeWorkLine } from '../../workers/attenuate/work-line.js'

const line = makeWorkLine(queueMicrotask)
const thrown: unknown[] = []
const call = (run: () => void): void => {
  try {
    run()
  } catch (error) {
    thrown.push(error)
  }
}
const powers: CryptoPowers = makeCrypto(takeCrypto(), { mostMemory: 33_554_432, line, call })
const { keys } = powers

/** Values of every kind, each made anew: objects that answer in another way the second time, that throw, that are huge. */
const NASTY: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => -1,
  () => 2 ** 53,
  () => NaN,
  () => 1n,
  () => Symbol('s'),
  () => '',
  () => 'x'.repeat(200_000),
  () => 'private',
  () => 'der',
  () => 'sha256',
  () => ({}),
  () => [],
  () => Object.create(null),
  () => new Proxy({}, { get: () => 'private' }),
  () => new Uint8Array(0),
  () => new Uint8Array(100_000),
  () => new DataView(new ArrayBuffer(8)),
  () => new Proxy(new Uint8Array(8), {}),
  () => ({ type: 'private', der: new Uint8Array(3) }),
  () => ({ type: 'public', der: new Uint8Array(4000) }),
  () => ({ type: 'secret', der: new Uint8Array(8) }),
  () => ({ type: 'private', der: 'text' }),
  () => keys.generate('ed25519', undefined)[1],
  () => keys.generate('ec', { namedCurve: 'P-256' })[0],
  () => keys.generate('x25519', undefined)[0],
  () => () => undefined,
]

const FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  ...(Object.fromEntries(
    Object.entries(keys).filter(([name]) => name !== 'generate' && name !== 'generateLater'),
  ) as Record<string, (...values: readonly unknown[]) => unknown>),
  ...(Object.fromEntries(
    ['hash', 'hmac', 'cipher', 'cipherInfo', 'timingSafeEqual', 'hkdf'].map((name) => [
      name,
      powers[name as keyof CryptoPowers],
    ]),
  ) as Record<string, (...values: readonly unknown[]) => unknown>),
  generate: (type, options) => keys.generate(type, options),
}

/** Node's classes that must not come out. */
function isPlain(value: unknown, depth: number = 0): boolean {
  if (typeof value === 'function') return depth > 0 // a state's own functions
  if (typeof value !== 'object' || value === null) return true
  if (value instanceof Uint8Array) return Object.getPrototypeOf(value) === Uint8Array.prototype
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return false
  return Object.values(value).every((member) => isPlain(member, depth + 1))
}

t.test('a key that is too long is not even read', async (t) => {
  const modulus = Buffer.alloc(3500, 0xff)
  const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body])
  }
  const rsa = Buffer.from('300d06092a864886f70d0101010500', 'hex')
  const key = tlv(0x30, tlv(2, Buffer.from([0]), modulus), Buffer.from('0203010001', 'hex'))
  const der = new Uint8Array(tlv(0x30, rsa, tlv(3, Buffer.from([0]), key)))
  const verify = (): boolean =>
    keys.verify('sha256', new Uint8Array(1), { type: 'public', der }, undefined, new Uint8Array(3500))
  t.throws(verify, { code: 'ERR_OUT_OF_RANGE' })
})

t.test('whatever comes in, plain values or a coded error come out', async (t) => {
  // A fixed sequence: the same calls in each run.
  let seed = 7
  const next = (count: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * count)
  }
  for (const [name, run] of Object.entries(FUNCTIONS)) {
    const bad: unknown[] = []
    let refused = 0
    for (let turn = 0; turn < 300; turn++) {
      const values = Array.from({ length: 6 }, () => NASTY[next(NASTY.length)]?.())
      try {
        const made = run(...values)
        if (!isPlain(made)) bad.push(made)
      } catch (error) {
        refused += 1
        const { code, stack } = error as { readonly code?: unknown; readonly stack?: unknown }
        const owns = Object.keys(error as object).join()
        const isCoded = typeof code === 'string' && owns === 'code' && typeof stack === 'string'
        // Symbols and the like that become no text are the language's own TypeErrors; OpenSSL has some without a code.
        if (!isCoded && !(error instanceof Error && owns === '')) bad.push(error)
      }
    }
    t.same(bad, [], `${name}: ${refused} of 300 calls refused`)
  }
  t.same(thrown, [])
})
