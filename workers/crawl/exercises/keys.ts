/** Keys, signatures and shared secrets. */
import { of, type Exercise } from './exercise.js'

export const KEYS: readonly Exercise[] = [
  {
    covers: of(
      'crypto',
      'KeyObject createSecretKey createPrivateKey createPublicKey generateKeyPairSync generateKeyPair generateKeySync generateKey',
    ),
    run: `
      const crypto = require('crypto')
      for (const [type, options] of [['ed25519'], ['ec', { namedCurve: 'P-256' }], ['rsa', { modulusLength: 512 }]]) {
        const { privateKey, publicKey } = keep(crypto.generateKeyPairSync(type, options))
        for (const key of [privateKey, publicKey]) {
          keep(keep(key).asymmetricKeyDetails)
          keep(key.export({ format: 'jwk' }))
        }
        const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
        keep(crypto.createPrivateKey(pem)).equals(privateKey)
        keep(crypto.createPublicKey(pem))
        keep(crypto.createPublicKey({ key: keep(publicKey.export({ format: 'der', type: 'spki' })), format: 'der', type: 'spki' }))
        keep(privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'word' }))
      }
      keep(await called((callback) => crypto.generateKeyPair('ed25519', { publicKeyEncoding: { format: 'pem', type: 'spki' } }, callback)))
      const secret = keep(crypto.createSecretKey(Buffer.alloc(16)))
      keep(secret.export())
      keep(secret.toCryptoKey?.({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']))
      keep(crypto.generateKeySync('hmac', { length: 64 }))
      keep(await called((callback) => crypto.generateKey('aes', { length: 128 }, callback)))
      keep(crypto.KeyObject.from(await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])))`,
  },
  {
    covers: of('crypto', 'Sign Verify createSign createVerify sign verify'),
    run: `
      const crypto = require('crypto'), text = Buffer.from('text')
      const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const signature = keep(keep(crypto.createSign('sha256')).update(text).sign(privateKey))
      keep(crypto.createVerify('sha256')).update(text).verify(publicKey, signature)
      keep(new crypto.Sign('sha256')).end('text')
      keep(new crypto.Verify('sha256')).end('text')
      keep(crypto.sign('sha256', text, privateKey))
      keep(crypto.verify('sha256', text, publicKey, signature))
      keep(await called((callback) => crypto.sign('sha256', text, privateKey, callback)))
      keep(await called((callback) => crypto.verify('sha256', text, publicKey, signature, callback)))`,
  },
  {
    covers: of('crypto', 'publicEncrypt privateDecrypt privateEncrypt publicDecrypt'),
    run: `
      const crypto = require('crypto'), text = Buffer.from('text')
      const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
      keep(crypto.privateDecrypt(privateKey, keep(crypto.publicEncrypt(publicKey, text))))
      keep(crypto.publicDecrypt(publicKey, keep(crypto.privateEncrypt(privateKey, text))))`,
  },
  {
    covers: of(
      'crypto',
      'ECDH createECDH DiffieHellmanGroup createDiffieHellmanGroup getDiffieHellman diffieHellman',
    ),
    run: `
      const crypto = require('crypto')
      for (const make of [() => crypto.createECDH('prime256v1'), () => crypto.getDiffieHellman('modp5')]) {
        const one = keep(make()), other = make()
        one.generateKeys()
        keep(other.generateKeys())
        keep(one.computeSecret(other.getPublicKey()))
        keep(one.getPrivateKey())
        keep(one.getPrime?.())
      }
      keep(crypto.createDiffieHellmanGroup('modp1'))
      keep(new crypto.DiffieHellmanGroup('modp1'))
      keep(new crypto.ECDH('prime256v1')).generateKeys()
      keep(crypto.ECDH.convertKey(crypto.createECDH('prime256v1').generateKeys(), 'prime256v1'))
      const { privateKey, publicKey } = crypto.generateKeyPairSync('x25519')
      keep(crypto.diffieHellman({ privateKey, publicKey }))`,
  },
  {
    covers: ['crypto.subtle'],
    run: `
      const { subtle } = globalThis.crypto, text = new TextEncoder().encode('text'), iv = new Uint8Array(12)
      keep(subtle)
      keep(await subtle.digest('SHA-256', text))
      const key = keep(await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']))
      keep(key.algorithm)
      keep(key.usages)
      const sealed = keep(await subtle.encrypt({ name: 'AES-GCM', iv }, key, text))
      keep(await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
      for (const format of ['raw', 'jwk']) keep(await subtle.exportKey(format, key))
      const wrapped = keep(await subtle.wrapKey('raw', key, key, { name: 'AES-GCM', iv }))
      keep(await subtle.unwrapKey('raw', wrapped, key, { name: 'AES-GCM', iv }, 'AES-GCM', true, ['encrypt']))
      const pair = keep(await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']))
      const signature = keep(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, text))
      keep(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, pair.publicKey, signature, text))
      const base = keep(await subtle.importKey('raw', text, 'PBKDF2', false, ['deriveBits', 'deriveKey']))
      const derivation = { name: 'PBKDF2', salt: iv, iterations: 1, hash: 'SHA-256' }
      keep(await subtle.deriveBits(derivation, base, 64))
      keep(await subtle.deriveKey(derivation, base, { name: 'AES-CBC', length: 128 }, true, ['encrypt']))
      for (const ask of [() => subtle.digest('none', text), () => subtle.decrypt({ name: 'AES-GCM', iv }, key, text), () => subtle.exportKey('raw', base)])
        await ask().catch(keep)`,
  },
]
