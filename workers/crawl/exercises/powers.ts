/** What the modules of keys stand on, called as those modules do. */
import type { Exercise } from './exercise.js'

export const POWERS: readonly Exercise[] = [
  {
    covers: ['powers of crypto'],
    run: `
      const { keys } = powers.find((each) => each?.crypto).crypto, bytes = new Uint8Array(9)
      const pair = keep(keys.generate('ec', { namedCurve: 'P-256' })), [publicKey, privateKey] = pair
      const pem = keep(keys.write(privateKey, 'pem', 'pkcs8'))
      keep(keys.write(publicKey, 'jwk'))
      keep(keys.write(publicKey, 'der', 'spki'))
      keep(keys.read('private', 'pem', pem))
      keep(keys.read('public', 'pem', pem))
      keep(keys.publicOf(privateKey))
      const signature = keep(keys.sign('sha256', bytes, privateKey))
      keep(await called((callback) => keys.signLater('sha256', bytes, privateKey, {}, callback)))
      keep(await called((callback) => keys.verifyLater('sha256', bytes, publicKey, {}, signature, callback)))
      keep(await called((callback) => keys.generateLater('ed25519', {}, callback)))
      for (const [make, ...values] of [['signer', 'sign', privateKey], ['verifier', 'verify', publicKey, {}, signature]]) {
        const [name, ...rest] = values, made = keep(keys[make]('sha256'))
        keep(made.update(bytes))
        keep(made[name](...rest))
      }
      keep(keys.agree(privateKey, publicKey))
      for (const made of [keys.ecdh('prime256v1'), keys.group('modp1')]) {
        const point = keep(keep(made).generateKeys())
        keep(made.computeSecret(point))
        keep(made.getPublicKey())
        keep(made.getPrivateKey())
      }`,
  },
]
