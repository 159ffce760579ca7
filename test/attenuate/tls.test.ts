// A plugin's `tls` speaks TLS as Node's does over the connections that it is granted, and no byte of it goes to a
// peer whose certificate was not accepted.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { connect, TLSSocket, createSecureContext, type ConnectionOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { netThread } from './net-world.js'
import type { Thread } from './thread.js'
import { AUTHORITY, CLIENT, SECOND, SERVER } from './tls-certificates.js'
import { secureServer, tried, type SecureServer } from './tls-world.js'

t.setTimeout(60_000)

const LOOPBACK = '127.0.0.1:1-65535'

/** Options of a connection that is in order. */
const good = (port: number, more = ''): string =>
  `{ host: '127.0.0.1', port: ${port}, servername: 'a.test', ca: AUTHORITY, ${more} }`

async function start(
  t: Test,
  options = {},
): Promise<{ readonly server: SecureServer; readonly thread: Thread }> {
  const server = await secureServer(t, options)
  const thread = await netThread(t, { connect: [LOOPBACK], listen: ['127.0.0.1:0'] })
  return { server, thread }
}

t.test('a client talks to a server and learns who that is', async (t) => {
  const { server, thread } = await start(t, { ALPNProtocols: ['h2', 'http/1.1'] })
  const { port } = server
  t.equal(await tried(thread, `talk(tls.connect(${good(port)}), 'hello')`), 'hello')
  t.equal(
    await tried(
      thread,
      `talk(tls.connect(${port}, '127.0.0.1', { servername: 'a.test', ca: [AUTHORITY] }), 'by port')`,
    ),
    'by port',
  )
  t.equal(
    await tried(
      thread,
      `new Promise((done) => { const socket = tls.connect(${good(port)}, () => socket.end()); socket.resume().on('close', () => done('called')) })`,
    ),
    'called',
  )
  const facts = await tried(
    thread,
    `secure(tls.connect(${good(port, `ALPNProtocols: ['http/1.1']`)})).then((socket) => {
      const cert = socket.getPeerCertificate(), detailed = socket.getPeerCertificate(true)
      const facts = {
        authorized: socket.authorized, error: socket.authorizationError, encrypted: socket.encrypted,
        alpn: socket.alpnProtocol, protocol: socket.getProtocol(), cipher: socket.getCipher().version,
        subject: cert.subject.CN, names: cert.subjectaltname, issuer: detailed.issuerCertificate.subject.CN,
        circle: detailed.issuerCertificate.issuerCertificate === detailed.issuerCertificate,
        raw: Buffer.isBuffer(cert.raw) && cert.raw.length > 200, own: socket.getCertificate(),
        finished: socket.getFinished().length > 0 && socket.getPeerFinished().length > 0,
        key: typeof socket.getEphemeralKeyInfo(), algorithms: Array.isArray(socket.getSharedSigalgs()),
        exported: socket.exportKeyingMaterial(16, 'label', Buffer.from('x')).length,
        remote: socket.remotePort, isNet: socket instanceof net.Socket, reused: socket.isSessionReused(),
      }
      socket.destroy()
      return facts
    })`,
  )
  t.match(facts, {
    authorized: true,
    error: null,
    encrypted: true,
    alpn: 'http/1.1',
    protocol: 'TLSv1.3',
    cipher: 'TLSv1.3',
    subject: 'a.test',
    names: 'DNS:a.test, DNS:localhost',
    issuer: 'Bulkhead test authority',
    circle: true,
    raw: true,
    finished: true,
    key: 'object', // what is in it differs from Node to Node
    algorithms: true,
    exported: 16,
    remote: port,
    isNet: true,
    reused: false,
  })
})

t.test('megabytes arrive whole in both directions', async (t) => {
  const { server, thread } = await start(t)
  const sum = await tried(
    thread,
    `(async () => {
      const socket = tls.connect(${good(server.port)})
      const { createHash, randomBytes } = require('crypto')
      const sent = randomBytes(3_000_000), hash = createHash('sha256')
      socket.end(sent)
      let length = 0
      for await (const piece of socket) { hash.update(piece); length += piece.length }
      return [length, hash.digest('hex') === createHash('sha256').update(sent).digest('hex')]
    })()`,
  )
  t.same(sum, [3_000_000, true])
})

t.test('a host that is not granted never sees a connection', async (t) => {
  const server = await secureServer(t)
  const thread = await netThread(t, { connect: ['a.test:443'] })
  for (const expression of [
    `secure(tls.connect(${good(server.port)}))`,
    `secure(tls.connect(${server.port}, '127.0.0.1', { servername: 'a.test' }))`,
    `secure(new tls.TLSSocket(undefined, {}).connect(${server.port}, '127.0.0.1'))`,
    `secure(tls.connect({ path: '/tmp/socket' }))`,
  ]) {
    t.match(await tried(thread, expression), { code: 'EACCES', syscall: 'connect' }, expression)
  }
  t.match(await tried(thread, `bound(tls.createServer({ ...SERVER }))`), {
    code: 'EACCES',
    syscall: 'listen',
  })
  t.equal(server.count(), 0)
})

t.test('a peer that is not the one meant gets no byte, not even one that was written before', async (t) => {
  const { server, thread } = await start(t)
  const stranger = await secureServer(t, (await import('./tls-certificates.js')).STRANGER)
  const { port } = server
  const cases: readonly (readonly [string, object])[] = [
    [
      `talk(tls.connect({ port: ${port}, host: '127.0.0.1', servername: 'other.test', ca: AUTHORITY }), 'secret')`,
      { name: 'Error', code: 'ERR_TLS_CERT_ALTNAME_INVALID', reason: /other\.test/ },
    ],
    [
      `talk(tls.connect({ port: ${port}, host: '127.0.0.1', ca: AUTHORITY }), 'secret')`,
      { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    ],
    [
      `talk(tls.connect({ port: ${port}, host: '127.0.0.1', servername: 'a.test' }), 'secret')`,
      { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    ],
    [`talk(tls.connect(${good(stranger.port)}), 'secret')`, { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    [
      `talk(tls.connect(${good(port, `checkServerIdentity: () => new Error('not mine')`)}), 'secret')`,
      { message: 'not mine' },
    ],
    [
      `talk(tls.connect(${good(port, `checkServerIdentity() { throw new Error('thrown') }`)}), 'secret')`,
      { message: 'thrown' },
    ],
    [
      `talk(tls.connect(${good(stranger.port, `checkServerIdentity: () => undefined`)}), 'secret')`,
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    ],
    [
      `talk(tls.connect(${good(port, `minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256'`)}), 'secret')`,
      { code: /^ERR_SSL_SSL.*ALERT_HANDSHAKE_FAILURE$/ },
    ],
  ]
  for (const [expression, error] of cases) t.match(await tried(thread, expression), error, expression)
  t.equal(server.received() + stranger.received(), '')

  const checked = `(() => { const seen = []; return talk(tls.connect(${good(port, `checkServerIdentity(host, cert) { seen.push(host, cert.subject.CN, Buffer.isBuffer(cert.raw), typeof this) }`)}), 'mine').then((text) => [text, ...seen]) })()`
  t.match(await tried(thread, checked), ['mine', 'a.test', 'a.test', true])
  const lax = `(async () => { const socket = await secure(tls.connect(${good(stranger.port, 'rejectUnauthorized: false')})); const facts = [socket.authorized, socket.authorizationError]; return [...facts, await talk(socket, 'anyway')] })()`
  t.same(await tried(thread, lax), [false, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'anyway'])
})

t.test('both sides can show a certificate', async (t) => {
  const names: unknown[] = []
  const server = await secureServer(
    t,
    { ca: AUTHORITY, requestCert: true, rejectUnauthorized: true },
    (socket) => names.push(socket.getPeerCertificate().subject.CN),
  )
  const thread = await netThread(t, { connect: [LOOPBACK] })
  t.equal(
    await tried(
      thread,
      `talk(tls.connect(${good(server.port, 'key: CLIENT.key, cert: CLIENT.cert')}), 'me')`,
    ),
    'me',
  )
  t.equal(
    await tried(
      thread,
      `talk(tls.connect(${good(server.port, 'secureContext: tls.createSecureContext({ ...CLIENT, ca: AUTHORITY })')}), 'me')`,
    ),
    'me',
  )
  t.same(names, ['a client', 'a client'])
  const refused = await tried(thread, `talk(tls.connect(${good(server.port)}), 'who')`)
  t.match(refused, { code: /^ERR_SSL_.*ALERT|^ECONNRESET|^EPIPE/ })
  t.equal(server.received(), 'meme')
})

t.test('a plain connection becomes a secured one, as databases and mail do it', async (t) => {
  const raw = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (question: Buffer) => {
      socket.write(question.toString() === 'tls?' ? 'S' : 'N')
      const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(SERVER) })
      secured.on('error', () => secured.destroy())
      secured.pipe(secured)
    })
  })
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  t.teardown(() => raw.close())
  const { port } = raw.address() as AddressInfo
  const thread = await netThread(t, { connect: [LOOPBACK] })
  const upgrade = (how: string, more = ''): string => `new Promise((resolve, reject) => {
    const socket = net.connect(${port}, '127.0.0.1', () => socket.write('tls?'))
    const events = []
    socket.on('close', () => events.push('raw closed'))
    socket.once('data', (answer) => {
      const secured = ${how}
      ${more}
      let all = String(answer)
      secured.setEncoding('utf8').on('error', reject).on('data', (piece) => { all += piece })
      secured.on('close', () => setImmediate(() => resolve([all, ...events])))
      secured.end('select 1')
    })
  })`
  const options = `{ socket, servername: 'a.test', ca: AUTHORITY }`
  t.same(await tried(thread, upgrade(`tls.connect(${options})`)), ['Sselect 1', 'raw closed'])
  const named = upgrade(
    `new tls.TLSSocket(socket, { ca: AUTHORITY, host: 'a.test' })`,
    `secured.setServername('a.test')`,
  )
  t.same(await tried(thread, named), ['Sselect 1', 'raw closed'])
  t.match(await tried(thread, upgrade(`tls.connect({ socket, servername: 'no.test', ca: AUTHORITY })`)), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  t.match(await tried(thread, `tls.connect({ socket: new (require('stream').Duplex)() })`), {
    code: 'ERR_INVALID_ARG_TYPE',
  })
  t.match(await tried(thread, `secure(tls.connect({ socket: new net.Socket() }))`), {
    code: 'ERR_SOCKET_CLOSED',
  })
})

t.test('a session is taken up again', async (t) => {
  const { server, thread } = await start(t)
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const options = good(server.port, `maxVersion: '${version}', session`)
    const twice = `(async () => {
      let session
      const socket = tls.connect(${options})
      const told = new Promise((done) => socket.on('session', done))
      const first = await secure(socket)
      first.resume().write('x')
      session = await told
      const facts = [first.getProtocol(), first.isSessionReused(), Buffer.isBuffer(session), first.getSession() instanceof Buffer]
      first.destroy()
      const second = await secure(tls.connect(${options}))
      facts.push(second.isSessionReused(), second.authorized)
      second.destroy()
      return facts
    })()`
    t.same(await tried(thread, twice), [version, false, true, true, true, true])
  }
})

interface Answer {
  readonly text: string
  readonly subject: unknown
  readonly alpn: string | false | null
}

/** A client of the machine; what it receives until the end, and whom it talked to. */
async function ask(port: number, text: string, options: ConnectionOptions = {}): Promise<Answer> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'a.test', ca: AUTHORITY, ...options })
  await once(socket, 'secureConnect')
  const subject = socket.getPeerCertificate().subject.CN
  const alpn = socket.alpnProtocol
  socket.end(text)
  let all = ''
  for await (const piece of socket.setEncoding('utf8')) all += String(piece)
  return { text: all, subject, alpn }
}

/** Starts a server in the thread; `log` of the plugin is what its expression gives later. */
async function serve(thread: Thread, options: string, more = ''): Promise<number> {
  const port = await tried(
    thread,
    `(async () => {
      const seen = []
      const server = tls.createServer(${options}, (socket) => {
        seen.push(['secure', socket.authorized, socket.authorizationError, socket.servername, (socket.getPeerCertificate().subject ?? {}).CN])
        socket.on('error', () => {}).pipe(socket)
      })
      server.on('tlsClientError', (error, socket) => seen.push(['refused', error.code, socket instanceof tls.TLSSocket]))
      ${more}
      Object.assign(globalThis, { seen, server })
      return bound(server)
    })()`,
  )
  if (typeof port !== 'number') throw new Error(JSON.stringify(port))
  return port
}

t.test('a server of a plugin serves clients, and knows them', async (t) => {
  const { thread } = await start(t)
  const port = await serve(
    thread,
    `{ ...SERVER, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['x', 'y'] }`,
  )
  t.same(await ask(port, 'hello', { ALPNProtocols: ['y'] }), { text: 'hello', subject: 'a.test', alpn: 'y' })
  t.match(await ask(port, 'known', CLIENT), { text: 'known' })
  t.match(await tried(thread, `globalThis.seen`), [
    ['secure', false, /./, 'a.test'],
    ['secure', true, null, 'a.test', 'a client'],
  ])
})

t.test('clients that are no clients are refused and do no harm', async (t) => {
  const { thread } = await start(t)
  const port = await serve(thread, `{ ...SERVER, ca: AUTHORITY, requestCert: true }`)
  const { createConnection } = await import('node:net')
  const plain = createConnection(port, '127.0.0.1')
  plain.on('error', () => undefined).resume()
  plain.end('GET / HTTP/1.1\r\n\r\n')
  await once(plain, 'close')
  const gone = createConnection(port, '127.0.0.1')
  await once(gone, 'connect')
  gone.destroy()
  await t.rejects(ask(port, 'nobody', { maxVersion: 'TLSv1.2' }))
  t.match(await ask(port, 'somebody', CLIENT), { text: 'somebody' })
  const seen = (await tried(thread, `globalThis.seen`)) as readonly (readonly unknown[])[]
  t.ok(
    seen.some(
      ([kind, code]) => kind === 'refused' && /^ERR_SSL_(HTTP_REQUEST|WRONG_VERSION)/.test(String(code)),
    ),
  )
  t.ok(
    seen.some(([kind, code]) => kind === 'refused' && code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'),
  )
  t.equal(seen.filter(([kind]) => kind === 'secure').length, 1)
})

t.test('one server has several names', async (t) => {
  const { thread } = await start(t)
  const port = await serve(thread, `{ ...SERVER }`, `server.addContext('b.test', SECOND)`)
  t.match(await ask(port, 'a'), { subject: 'a.test' })
  t.match(await ask(port, 'b', { servername: 'b.test' }), { subject: 'b.test' })
  const asked = await serve(
    thread,
    `{ ...SERVER, SNICallback: (name, done) => setImmediate(() => done(null, name === 'b.test' ? tls.createSecureContext(SECOND) : undefined)) }`,
  )
  t.match(await ask(asked, 'a'), { subject: 'a.test' })
  t.match(await ask(asked, 'b', { servername: 'b.test' }), { subject: 'b.test' })
  await tried(thread, `globalThis.server.setSecureContext(SECOND)`)
  t.match(await ask(asked, 'b', { servername: 'b.test' }), { subject: 'b.test' })
  t.equal(SECOND.cert.startsWith('-----BEGIN'), true)
})

t.test('a plugin talks TLS to itself, and inside TLS, on one table of sockets', async (t) => {
  const { thread } = await start(t)
  const both = `(async () => {
    const inner = tls.createServer({ ...SECOND }, (socket) => socket.pipe(socket))
    const server = tls.createServer({ ...SERVER }, (socket) => {
      // What goes through is TLS again.
      const secured = new tls.TLSSocket(socket, { isServer: true, ...SECOND })
      secured.on('error', () => {}).pipe(secured)
    })
    const port = await bound(server)
    const outer = await secure(tls.connect({ host: '127.0.0.1', port, servername: 'a.test', ca: AUTHORITY }))
    const socket = tls.connect({ socket: outer, servername: 'b.test', ca: AUTHORITY })
    const text = await talk(socket, 'deep')
    server.close()
    return text
  })()`
  t.equal(await tried(thread, both), 'deep')
})

t.test('secured sockets count like all others and end with the plugin', async (t) => {
  const ended: Promise<unknown>[] = []
  const server = await secureServer(t, {}, (socket) =>
    ended.push(new Promise((resolve) => void socket.on('close', resolve))),
  )
  const thread = await netThread(t, { connect: [LOOPBACK] }, { sockets: 2 })
  const three = `(async () => {
    const open = () => secure(tls.connect(${good(server.port)}))
    globalThis.sockets = [await open(), await open()]
    return open()
  })()`
  t.match(await tried(thread, three), { code: 'EMFILE' })
  t.equal(server.count(), 2)
  await thread.send({ kind: 'teardown' })
  await Promise.all(ended)
  t.equal(ended.length, 2)
  t.match(await tried(thread, `tls.createSecureContext({})`), { code: 'PLUGIN_STOPPED' })
  t.match(await tried(thread, `tls.createServer({ ...SERVER })`), { code: 'PLUGIN_STOPPED' })
})
