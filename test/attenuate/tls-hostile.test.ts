// Nothing of Node's TLS is in reach of a plugin: no handle, no context, no shared memory, no state of the process.
// Every export of node:tls is there or cut with a reason; an export that nobody knows fails.
import { readFileSync } from 'node:fs'
import * as hostTls from 'node:tls'
import t from 'tap'
import { netThread } from './net-world.js'
import { secureServer, tried } from './tls-world.js'

t.setTimeout(60_000)

/** Names of Node that plugins do not have; docs/built-ins.md says why. */
const CUT: readonly string[] = ['setDefaultCACertificates', 'createSecurePair']
const CUT_METHODS: readonly string[] = [
  'renegotiate',
  'disableRenegotiation',
  'enableTrace',
  'setMaxSendFragment',
  'getX509Certificate',
  'getPeerX509Certificate',
  'setKeyCert',
  'getTicketKeys',
  'setTicketKeys',
]
/** Public in name only: Node's documentation knows nothing of it. */
const INTERNAL: readonly string[] = ['setOptions']

/** What each export gives without any connection. */
const CALLS: Readonly<Record<string, readonly [string, unknown]>> = {
  getCiphers: [`tls.getCiphers().includes('tls_aes_128_gcm_sha256')`, true],
  rootCertificates: [
    `tls.rootCertificates.length > 50 && Object.isFrozen(tls.rootCertificates) && tls.rootCertificates[0].startsWith('-----BEGIN')`,
    true,
  ],
  getCACertificates: [
    `[tls.getCACertificates().length > 50, tls.getCACertificates('system'), tls.getCACertificates('extra')]`,
    [true, [], []],
  ],
  getCertificateCompressionAlgorithms: [`Array.isArray(tls.getCertificateCompressionAlgorithms())`, true],
  convertALPNProtocols: [
    `(() => { const out = {}; tls.convertALPNProtocols(['h2', 'x'], out); return [...out.ALPNProtocols] })()`,
    [2, 104, 50, 1, 120],
  ],
  checkServerIdentity: [
    `[['a.test', { subject: { CN: 'a.test' } }], ['b.x.test', { subject: {}, subjectaltname: 'DNS:*.x.test' }], ['b.test', { subject: { CN: 'b.test' }, subjectaltname: 'DNS:a.test' }], ['b.test', {}]].map(([host, cert]) => tls.checkServerIdentity(host, cert)?.code ?? 'fine')`,
    ['fine', 'fine', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ],
  createSecureContext: [`tls.createSecureContext({ ...SERVER }) instanceof tls.SecureContext`, true],
  SecureContext: [`Reflect.ownKeys(new tls.SecureContext())`, []],
  TLSSocket: [`new tls.TLSSocket() instanceof net.Socket`, true],
  Server: [`new tls.Server({ ...SERVER }) instanceof net.Server`, true],
  createServer: [`tls.createServer({ ...SERVER }).listening`, false],
  connect: [`tls.connect({ port: 1, host: '127.0.0.1' }).on('error', () => {}).encrypted`, true],
}

t.test('every export of this Node is known', async (t) => {
  const thread = await netThread(t, {})
  const page = readFileSync('docs/built-ins.md', 'utf8')
  const own = (await tried(thread, `Object.keys(tls)`)) as readonly string[]
  for (const name of Object.keys(hostTls)) {
    if (name === 'default' || name === 'module.exports') continue
    const value: unknown = Reflect.get(hostTls, name)
    const isCut = CUT.includes(name)
    t.equal(own.includes(name), !isCut, `tls.${name}`)
    if (isCut) {
      t.ok(page.includes(`\`${name}\``), `docs/built-ins.md says why ${name} is cut`)
    } else if (typeof value === 'string' || typeof value === 'number') {
      t.equal(await tried(thread, `tls.${name}`), value, name)
    } else {
      const [expression, expected] = CALLS[name] ?? []
      t.ok(expression, `tls.${name} is in a table here`)
      t.same(await tried(thread, String(expression)), expected, name)
    }
  }
  for (const [name, { prototype }] of Object.entries({
    TLSSocket: hostTls.TLSSocket,
    Server: hostTls.Server,
  })) {
    for (const method of Object.getOwnPropertyNames(prototype)) {
      if (method.startsWith('_') || INTERNAL.includes(method)) continue
      const isCut = CUT_METHODS.includes(method)
      t.equal(
        await tried(thread, `typeof tls.${name}.prototype.${method} === 'function'`),
        !isCut,
        `${name}.${method}`,
      )
      if (isCut) t.ok(page.includes(`\`${method}\``), `docs/built-ins.md says why ${method} is cut`)
    }
  }
})

t.test('nothing that a plugin gets leads to a handle, and its bytes are its own', async (t) => {
  const server = await secureServer(t)
  const thread = await netThread(t, { connect: ['127.0.0.1:1-65535'] })
  const options = `{ host: '127.0.0.1', port: ${server.port}, servername: 'a.test', ca: AUTHORITY }`
  const facts = await tried(
    thread,
    `(async () => {
      const socket = await secure(tls.connect(${options}))
      const raw = socket.getPeerCertificate().raw
      const length = raw.buffer.byteLength
      raw.fill(0)
      const session = socket.getSession()
      session.fill(0)
      return {
        handles: ['_handle', 'ssl', '_parent', '_tlsOptions', '_server', 'server', '_secureEstablished', 'context'].filter((name) => socket[name] !== undefined),
        context: Reflect.ownKeys(tls.createSecureContext({ ...SERVER })),
        alone: length === raw.length,
        fresh: socket.getPeerCertificate().raw[0],
        session: socket.getSession().some((byte) => byte !== 0),
        constructor: socket.getCipher().constructor === Object && raw.constructor === Buffer,
      }
    })()`,
  )
  t.same(facts, { handles: [], context: [], alone: true, fresh: 0x30, session: true, constructor: true })
})

t.test('options that change or lie lead nowhere else', async (t) => {
  const granted = await secureServer(t)
  const other = await secureServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${granted.port}`] })
  const rest = `servername: 'a.test', ca: AUTHORITY`
  const shifty = (key: string, first: string, then: string): string =>
    `{ host: '127.0.0.1', port: ${granted.port}, ${rest}, get ${key}() { this.reads = (this.reads ?? 0) + 1; return this.reads > 1 ? ${then} : ${first} } }`
  const cases: readonly string[] = [
    `tls.connect(${shifty('port', String(granted.port), String(other.port))})`,
    `tls.connect({ get port() { return ${other.port} }, host: '127.0.0.1', ${rest} })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, socket: { _handle: {}, connecting: false, on() {}, once() {} } })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, secureContext: { context: {} } })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, lookup: (host, options, done) => done(null, '127.0.0.1', 4), handle: {}, fd: 3 })`,
    `tls.connect({ fd: 3 })`,
    `new tls.TLSSocket({ _handle: {} })`,
    `new tls.TLSSocket(Object.create(net.Socket.prototype))`,
    `new tls.TLSSocket(new net.Socket({ fd: 3 }), { isServer: true })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, key: new Proxy([], { get: () => { throw new Error('no') } }) })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, ca: Array.from({ length: 20000 }, () => AUTHORITY) })`,
    `tls.connect({ port: ${granted.port}, host: '127.0.0.1', ${rest}, clientCertEngine: 'dynamic', privateKeyEngine: 'dynamic', privateKeyIdentifier: 'x', pskCallback() { throw new Error('psk') }, ALPNCallback() { throw new Error('alpn') }, enableTrace: true })`,
  ]
  for (const expression of cases) {
    const result = await tried(
      thread,
      `new Promise((resolve, reject) => { const socket = ${expression}; socket.on('error', reject).on('secureConnect', () => { resolve('secure'); socket.destroy() }) })`,
    )
    t.ok(
      result === 'secure' || typeof Reflect.get(result as object, 'message') === 'string',
      `${expression}: ${JSON.stringify(result)}`,
    )
  }
  t.equal(other.count(), 0, 'no connection to the other server')
})

t.test('what Node and OpenSSL say about keys is told, and no path of the host with it', async (t) => {
  const server = await secureServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${server.port}`] })
  const cases: readonly (readonly [string, object])[] = [
    [`tls.createSecureContext({ key: 'no key' })`, { code: /^ERR_OSSL_|^ERR_/ }],
    [`tls.createSecureContext({ cert: 'no certificate' })`, { code: /^ERR_OSSL_/ }],
    [
      `tls.createSecureContext({ key: SERVER.key, cert: CLIENT.cert })`,
      { code: /^ERR_OSSL_X509_KEY_VALUES_MISMATCH/ },
    ],
    [`tls.createSecureContext({ pfx: Buffer.from('x') })`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`tls.createSecureContext({ ...SERVER, key: SLOW })`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [
      `tls.createSecureContext({ ...SERVER, key: [{ pem: Buffer.from(SLOW) }] })`,
      { code: 'ERR_INVALID_ARG_VALUE' },
    ],
    [`tls.createServer({ ...SERVER, key: Buffer.from('x' + SLOW) })`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [
      `secure(tls.connect({ port: ${server.port}, host: '127.0.0.1', key: SLOW }))`,
      { code: 'ERR_INVALID_ARG_VALUE' },
    ],
    [`tls.createSecureContext({ ...SERVER, passphrase: 'x' })`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [
      `tls.createSecureContext({ cert: SERVER.cert, key: [{ pem: SERVER.key, passphrase: 'x' }] })`,
      { code: 'ERR_INVALID_ARG_VALUE' },
    ],
    [`tls.createSecureContext({ minVersion: 'TLSv9' })`, { code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' }],
    [`tls.createSecureContext({ ciphers: 'nothing' })`, { code: 'ERR_SSL_NO_CIPHER_MATCH' }],
    [`tls.createSecureContext({ ecdhCurve: 'no curve' })`, { code: 'ERR_CRYPTO_OPERATION_FAILED' }],
    [`tls.createSecureContext({ key: 7 })`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [`tls.createSecureContext(7)`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [`tls.createServer({ key: 'no key' })`, { code: /^ERR_OSSL_|^ERR_/ }],
    [`tls.createServer({ SNICallback: 7 })`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [
      `secure(tls.connect({ port: ${server.port}, host: '127.0.0.1', key: 'no key' }))`,
      { code: /^ERR_OSSL_|^ERR_/ },
    ],
  ]
  for (const [expression, expected] of cases) {
    const error = await tried(thread, expression)
    t.match(error, expected, expression)
    t.notMatch(JSON.stringify(error), /node:internal|\/work|\/home|\.js:|\.cjs:/, `${expression}: no path`)
  }
})

t.test('what a plugin changes of its tls is nobody else’s', async (t) => {
  const server = await secureServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${server.port}`] })
  const before = { ...hostTls }
  await tried(
    thread,
    `(() => {
      tls.DEFAULT_MAX_VERSION = 'TLSv1.2'
      tls.DEFAULT_CIPHERS = 'nothing'
      tls.checkServerIdentity = () => undefined
      tls.TLSSocket.prototype.getProtocol = () => 'mine'
      return 1
    })()`,
  )
  const options = `{ host: '127.0.0.1', port: ${server.port}, ca: AUTHORITY, servername: 'a.test' }`
  t.equal(
    await tried(
      thread,
      `secure(tls.connect(${options})).then((socket) => { socket.destroy(); return socket.getProtocol() })`,
    ),
    'mine',
  )
  t.match(await tried(thread, `secure(tls.connect({ ...${options}, servername: 'no.test' }))`), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  t.same({ ...hostTls }, before)
})
