/** AES-CBC, AES-CTR, AES-GCM and AES-KW over a native cipher. */
import type { Native } from '../../attenuate/native.js'
import type { Params } from './algorithm.js'
import { secretOf, type CryptoKeyFacts } from './crypto-key.js'
import { domError, operation } from './errors.js'
import type { Kind } from './kind.js'
import { joined } from './values.js'

type Powers = Native['crypto']
type Direction = 'encrypt' | 'decrypt'
const BLOCK_BYTES = 16
const TAG_BITS: readonly number[] = [32, 64, 96, 104, 112, 120, 128]
/** The initial value of RFC 3394 section 2.2.3.1. */
const WRAP_IV = new Uint8Array(8).fill(0xa6)

export function aesOperations(crypto: Powers, name: string): Pick<Kind, 'encrypt' | 'decrypt'> {
  const run = name === 'AES-CBC' ? cbc : name === 'AES-CTR' ? ctr : name === 'AES-GCM' ? gcm : wrap
  return {
    encrypt: (params, key, data) => run(crypto, 'encrypt', params, key, data),
    decrypt: (params, key, data) => run(crypto, 'decrypt', params, key, data),
  }
}

function cipherOf(key: CryptoKeyFacts, mode: string): string {
  return `aes-${secretOf(key).length * 8}-${mode}`
}

function cbc(
  crypto: Powers,
  direction: Direction,
  params: Params,
  key: CryptoKeyFacts,
  data: Uint8Array,
): Uint8Array {
  const { iv } = params
  if (iv?.length !== BLOCK_BYTES)
    throw domError('OperationError', 'algorithm.iv must contain exactly 16 bytes')
  return operation(() => {
    const state = crypto.cipher(direction, cipherOf(key, 'cbc'), secretOf(key), iv, undefined)
    return joined(state.update(data), state.final())
  })
}

/** Only the last `length` bits of the counter count, so where they begin anew there is a second run. */
function ctr(
  crypto: Powers,
  direction: Direction,
  params: Params,
  key: CryptoKeyFacts,
  data: Uint8Array,
): Uint8Array {
  const { counter, length = 0 } = params
  if (counter?.length !== BLOCK_BYTES)
    throw domError('OperationError', 'algorithm.counter must contain exactly 16 bytes')
  if (length < 1 || length > 128)
    throw domError('OperationError', 'AES-CTR algorithm.length must be between 1 and 128')
  const mask = (1n << BigInt(length)) - 1n
  const whole = counter.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const blocks = BigInt(Math.ceil(data.length / BLOCK_BYTES))
  if (blocks > mask + 1n) throw domError('OperationError', 'The counter would repeat')
  const left = mask + 1n - (whole & mask)
  const run = (start: Uint8Array, piece: Uint8Array): Uint8Array => {
    const state = crypto.cipher(direction, cipherOf(key, 'ctr'), secretOf(key), start, undefined)
    return joined(state.update(piece), state.final())
  }
  return operation(() => {
    if (blocks <= left) return run(counter, data)
    const cut = Number(left) * BLOCK_BYTES
    return joined(run(counter, data.subarray(0, cut)), run(counterBytes(whole & ~mask), data.subarray(cut)))
  })
}

function counterBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES)
  let rest = value
  for (let at = BLOCK_BYTES - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

function gcm(
  crypto: Powers,
  direction: Direction,
  params: Params,
  key: CryptoKeyFacts,
  data: Uint8Array,
): Uint8Array {
  const { iv, additionalData, tagLength = 128 } = params
  if (!TAG_BITS.includes(tagLength))
    throw domError('OperationError', `${tagLength} is not a valid AES-GCM tag length`)
  const tagBytes = tagLength / 8
  if (direction === 'decrypt' && data.length < tagBytes)
    throw domError('OperationError', 'The provided data is too small')
  return operation(() => {
    const state = crypto.cipher(direction, cipherOf(key, 'gcm'), secretOf(key), iv, tagBytes)
    if (additionalData !== undefined) state.setAAD(additionalData)
    if (direction === 'encrypt') return joined(state.update(data), state.final(), state.getAuthTag())
    const cut = data.length - tagBytes
    state.setAuthTag(data.subarray(cut))
    return joined(state.update(data.subarray(0, cut)), state.final())
  })
}

function wrap(
  crypto: Powers,
  direction: Direction,
  _params: Params,
  key: CryptoKeyFacts,
  data: Uint8Array,
): Uint8Array {
  if (data.length % 8 !== 0 || data.length < 16)
    throw domError('OperationError', 'AES-KW takes a multiple of 8 bytes, at least 16')
  return operation(() => {
    const name = `id-aes${secretOf(key).length * 8}-wrap`
    const state = crypto.cipher(direction, name, secretOf(key), WRAP_IV, undefined)
    return joined(state.update(data), state.final())
  })
}
