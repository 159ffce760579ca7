/** Text of a function that makes a key and a certificate for `localhost` that it signs itself: X.509 in DER, by hand. */
export const MAKE_CERTIFICATE: string = `
      function makeCertificate() {
        const crypto = require('crypto')
        const part = (tag, ...values) => {
          const body = Buffer.concat(values.map((value) => Buffer.from(value)))
          const size = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
          return Buffer.concat([Buffer.from([tag, ...size]), body])
        }
        const list = (...values) => part(0x30, ...values), id = (...bytes) => part(6, bytes)
        const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const ecdsaWithSha256 = list(id(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))
        const name = list(part(0x31, list(id(0x55, 4, 3), part(12, 'localhost'))))
        const dates = list(part(0x17, '200101000000Z'), part(0x17, '491231000000Z'))
        const signed = list(part(2, [1]), ecdsaWithSha256, name, dates, name, publicKey.export({ type: 'spki', format: 'der' }))
        const der = list(signed, ecdsaWithSha256, part(3, [0], crypto.sign('sha256', signed, privateKey)))
        const cert = ['-----BEGIN CERTIFICATE-----', ...der.toString('base64').match(/.{1,64}/g), '-----END CERTIFICATE-----', ''].join(String.fromCharCode(10))
        return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert }
      }`
