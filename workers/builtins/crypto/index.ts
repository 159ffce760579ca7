/** `crypto` as programs know it, made of the plugin's own classes around attenuate/crypto. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { bufferOf, invalidArgument, later, own, type Callback } from '../native-module.js'
import { cipherFunctions } from './cipher.js'
import { exchangeFunctions } from './exchange.js'
import { generateFunctions } from './generate.js'
import { hashFunctions, type TransformClass } from './hash.js'
import { makeKeys } from './key-object.js'
import { randomFunctions } from './random.js'
import { rsaFunctions } from './rsa.js'
import { signFunctions } from './sign.js'
import { makeWebCrypto, type WebCrypto } from '../webcrypto/index.js'

export interface CryptoModule {
  readonly module: Module
  readonly web: WebCrypto
  isKeyObject(value: unknown): boolean
}

export function makeCryptoModule(
  native: Native,
  buffer: Module,
  stream: Module,
  decoder: Module,
): CryptoModule {
  const powers = native.crypto
  const Buffer = bufferOf(buffer)
  const input = (value: unknown, encoding?: unknown): unknown =>
    typeof value === 'string' ? Buffer.from(value, Buffer.isEncoding(encoding) ? encoding : 'utf8') : value
  const answer = (callback: unknown): Callback => {
    if (typeof callback !== 'function') throw invalidArgument('callback', 'a function')
    const call = callback as Callback
    return (error, key) => (error === null ? call(null, own(Buffer, key as Uint8Array)) : call(error))
  }
  const keys = makeKeys(powers, Buffer, input, (material, algorithm, extractable, usages) =>
    web.toCryptoKey(material, algorithm, extractable, usages),
  )
  const web = makeWebCrypto(native, Buffer, keys.hold)
  const { secretIn } = keys
  const hkdfSync = (
    digest: unknown,
    key: unknown,
    salt: unknown,
    info: unknown,
    length: unknown,
  ): ArrayBufferLike => powers.hkdf(digest, secretIn(key), input(salt), input(info), length).buffer

  const module: Module = {
    ...randomFunctions(Buffer),
    ...hashFunctions(native, Buffer, stream['Transform'] as TransformClass, input, secretIn),
    ...cipherFunctions(
      native,
      Buffer,
      stream['Transform'] as TransformClass,
      decoder['StringDecoder'] as Parameters<typeof cipherFunctions>[3],
      input,
      secretIn,
    ),
    ...signFunctions(powers, Buffer, stream['Writable'] as Parameters<typeof signFunctions>[2], input, keys),
    ...rsaFunctions(powers, Buffer, input, keys),
    ...exchangeFunctions(powers, Buffer, input, keys),
    ...generateFunctions(powers, keys),
    KeyObject: keys.KeyObject,
    createSecretKey: keys.createSecretKey,
    createPrivateKey: keys.createPrivateKey,
    createPublicKey: keys.createPublicKey,
    constants: powers.constants,
    webcrypto: crypto,
    subtle: web.subtle,
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
  return { module, web, isKeyObject: keys.isKeyObject }
}
