/** Hashes, keys out of passwords, ciphers. */
import { of, type Exercise } from './exercise.js'

export const CRYPTO: readonly Exercise[] = [
  {
    covers: of(
      'crypto',
      'Hash Hmac createHash createHmac hash timingSafeEqual pbkdf2Sync pbkdf2 scryptSync scrypt hkdfSync hkdf',
    ),
    run: `
      const crypto = require('crypto')
      const hash = keep(crypto.createHash('sha256')), hmac = keep(crypto.createHmac('sha256', 'key'))
      keep(hash.update('text').copy())
      keep(hash.digest())
      keep(hmac.update('text').digest())
      keep(new crypto.Hash('md5'))
      keep(new crypto.Hmac('md5', 'key'))
      keep(crypto.hash('sha1', 'text', 'buffer'))
      crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a'))
      for (const [name, ...values] of [['pbkdf2', 'a', 'b', 1, 9, 'sha1'], ['scrypt', 'a', 'b', 9, { N: 2 }], ['hkdf', 'sha1', 'a', 'b', 'c', 9]]) {
        keep(crypto[name + 'Sync'](...values))
        keep(await called((callback) => crypto[name](...values, callback)))
      }`,
  },
  {
    covers: of('crypto', 'Cipheriv Decipheriv createCipheriv createDecipheriv'),
    run: `
      const crypto = require('crypto'), key = Buffer.alloc(16), iv = Buffer.alloc(12)
      const cipher = keep(crypto.createCipheriv('aes-128-gcm', key, iv))
      const text = Buffer.concat([keep(cipher.update('text')), keep(cipher.final())])
      const decipher = keep(crypto.createDecipheriv('aes-128-gcm', key, iv))
      decipher.setAuthTag(keep(cipher.getAuthTag()))
      keep(decipher.update(text))
      keep(decipher.final())
      keep(new crypto.Cipheriv('aes-128-cbc', key, key))
      keep(new crypto.Decipheriv('aes-128-cbc', key, key))`,
  },
]
