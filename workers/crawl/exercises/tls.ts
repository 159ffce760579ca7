/** TLS on loopback, with a certificate of its own. */
import { MAKE_CERTIFICATE } from './certificate.js'
import { of, type Exercise } from './exercise.js'

export const TLS: readonly Exercise[] = [
  {
    covers: of('tls', 'createSecureContext checkServerIdentity convertALPNProtocols'),
    run: `${MAKE_CERTIFICATE}
      const tls = require('tls'), protocols = {}
      tls.convertALPNProtocols(['one'], protocols)
      keep(protocols.ALPNProtocols)
      keep(tls.createSecureContext(makeCertificate()))
      keep(tls.checkServerIdentity('other', { subject: { CN: 'localhost' } }))`,
  },
  {
    covers: of('tls', 'connect createServer Server TLSSocket'),
    run: `${MAKE_CERTIFICATE}
      const tls = require('tls'), own = makeCertificate(), context = tls.createSecureContext(own)
      const server = keep(tls.createServer({
        ...own, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['one'],
        SNICallback(name, done) { keep(this); keep(done); done(null, context) },
      }, function (socket) {
        keep(this)
        keep(keep(socket).getPeerCertificate(true))
        keep(socket.getSharedSigalgs())
        socket.end('text')
      }))
      server.on('tlsClientError', (...values) => void keep(values))
      const listens = event(server, 'listening')
      keep(server.listen(0, '127.0.0.1'))
      await listens
      const { port } = server.address()
      const socket = keep(tls.connect({
        ...own, port, host: '127.0.0.1', ca: own.cert, servername: 'localhost', ALPNProtocols: ['one'],
        checkServerIdentity(name, certificate) { keep(this); keep(certificate); return tls.checkServerIdentity(name, certificate) },
      }, function (...values) { keep(this); keep(values) }))
      for (const name of ['session', 'keylog', 'OCSPResponse']) socket.on(name, (...values) => void keep(values))
      await event(socket, 'secureConnect')
      for (const name of ['getCertificate', 'getPeerCertificate', 'getCipher', 'getProtocol', 'getEphemeralKeyInfo', 'getFinished', 'getPeerFinished', 'getSession', 'getTLSTicket', 'address'])
        keep(socket[name](true))
      keep(socket.exportKeyingMaterial(9, 'label', Buffer.alloc(0)))
      for await (const chunk of socket) keep(chunk)
      await event(keep(tls.connect({ port, host: '127.0.0.1' })), 'secureConnect').catch(keep)
      server.close()`,
  },
  {
    covers: ['powers of tls'],
    run: `${MAKE_CERTIFICATE}
      const net = powers.find((each) => each?.closeServer), tls = powers.find((each) => each?.openServer)
      const own = makeCertificate(), token = keep(tls.context(own))
      const secured = keep(tls.openServer(own, function (...values) { keep(this); keep(values); values[1](token) }))
      keep(secured.addContext('other', token))
      const look = (id) => {
        for (const what of ['peerCertificate', 'peerCertificates', 'certificate', 'cipher', 'ephemeralKey', 'finished', 'session', 'ticket', 'sharedSigalgs'])
          keep(tls.look(id, what))
        keep(tls.exportKeyingMaterial(id, 9, 'label'))
        net.write(id, new Uint8Array(9))
      }
      const port = await new Promise((resolve, reject) => {
        const server = net.listen({ host: '127.0.0.1', port: 0 }, ears('net.listen', {
          listening: () => resolve(net.address(server).port),
          error: reject,
          connection: (id) => void keep(secured.accept(id, ears('tls.accept', {
            secure: () => { look(id); net.end(id); net.closeServer(server) },
          }))),
        }))
      })
      await new Promise((resolve, reject) => {
        const id = net.connect({ host: '127.0.0.1', port }, ears('net.connect', {
          connect: () => void keep(tls.start(id, { context: token, servername: 'localhost', rejectUnauthorized: false }, ears('tls.start', {
            secure: () => { look(id); net.resume(id) },
            end: () => net.end(id),
            error: reject,
            close: resolve,
          }))),
          error: reject,
        }))
      })`,
  },
]
