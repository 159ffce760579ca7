/** `crypto` as programs know it, made of the plugin's own classes around attenuate/crypto. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { bufferOf, invalidArgument, later, own, type Callback } from '../native-module.js'
import { cipherFunctions } from './cipher.js'
import { hashFunctions, type TransformClass } from './hash.js'
import { randomFunctions } from './random.js'

export function makeCryptoModule(native: Native, buffer: Module, stream: Module, decoder: Module): Module {
  const powers = native.crypto
  const Buffer = bufferOf(buffer)
  const input = (value: unknown, encoding?: unknown): unknown =>
    typeof value === 'string' ? Buffer.from(value, Buffer.isEncoding(encoding) ? encoding : 'utf8') : value
  const answer = (callback: unknown): Callback => {
    if (typeof callback !== 'function') throw invalidArgument('callback', 'a function')
    const call = callback as Callback
    return (error, key) => (error === null ? call(null, own(Buffer, key as Uint8Array)) : call(error))
  }
  const hkdfSync = (
    digest: unknown,
    key: unknown,
    salt: unknown,
    info: unknown,
    length: unknown,
  ): ArrayBufferLike => powers.hkdf(digest, input(key), input(salt), input(info), length).buffer

  return {
    ...randomFunctions(Buffer),
    ...hashFunctions(native, Buffer, stream['Transform'] as TransformClass, input),
    ...cipherFunctions(
      native,
      Buffer,
      stream['Transform'] as TransformClass,
      decoder['StringDecoder'] as Parameters<typeof cipherFunctions>[3],
      input,
    ),
    constants: powers.constants,
    webcrypto: crypto,
    timingSafeEqual: powers.timingSafeEqual,
    pbkdf2Sync: (password: unknown, salt: unknown, iterations: unknown, keylen: unknown, digest: unknown) =>
      own(Buffer, powers.pbkdf2Sync(input(password), input(salt), iterations, keylen, digest)),
    pbkdf2(...values: readonly unknown[]) {
      const [password, salt, iterations, keylen, digest, callback] = values
      powers.pbkdf2(input(password), input(salt), iterations, keylen, digest, answer(callback))
    },
    scryptSync: (password: unknown, salt: unknown, keylen: unknown, options?: unknown) =>
      own(Buffer, powers.scryptSync(input(password), input(salt), keylen, options)),
    scrypt(password: unknown, salt: unknown, keylen: unknown, ...rest: readonly unknown[]) {
      const [options, callback] = typeof rest[0] === 'function' ? [undefined, rest[0]] : rest
      powers.scrypt(input(password), input(salt), keylen, options, answer(callback))
    },
    hkdfSync,
    hkdf(digest: unknown, key: unknown, salt: unknown, info: unknown, length: unknown, callback: unknown) {
      if (typeof callback !== 'function') throw invalidArgument('callback', 'a function')
      later(callback as Callback, null, hkdfSync(digest, key, salt, info, length))
    },
  }
}
