/**
 * Ways to a port that is not granted while another one is: spellings of addresses,
 * options that decide at another place, redirects, agents, unix sockets, datagrams,
 * name servers. Only whether something arrived counts.
 */
import type { Chapter, EscapeCase } from '../escape-case.js'

/** Resolves at whatever happens first to an emitter that connects. */
const settle = `const settle = (emitter) => new Promise((resolve) => { for (const name of ['connect', 'secureConnect', 'response', 'error', 'close', 'upgrade']) emitter.on(name, (value) => resolve(value)); emitter.on('data', (chunk) => told.push(chunk)); setTimeout(resolve, 500) });`
const connect = (name: string, options: string, more: Partial<EscapeCase> = {}): EscapeCase => ({
  name,
  code: `const net = require('net'); ${settle} return settle(net.connect(${options}))`,
  ...more,
})
const get = (name: string, options: string, more: Partial<EscapeCase> = {}): EscapeCase => ({
  name,
  code: `const http = require('http'), net = require('net'); ${settle} const request = http.get(${options}); return settle(request)`,
  ...more,
})
const fetched = (name: string, call: string, more: Partial<EscapeCase> = {}): EscapeCase => ({
  name,
  code: `const response = await (${call}); return response.text()`,
  ...more,
})
const unresolved = { tame: 'no name server and no system reads this as an address' }
/** Gives the granted port first and the other one from then on. */
const turning = `(() => { let reads = 0; return () => (reads++ === 0 ? target.webPort : target.port) })()`

export const network: Chapter = {
  name: 'network',
  grant: ({ target }) => ({
    net: {
      connect: [`127.0.0.1:${target.webPort}`, `localhost:${target.webPort}`, 'granted.invalid:1-65535'],
    },
  }),
  cases: [
    connect('the port itself', `target.port, '127.0.0.1'`, { smoke: true }),
    connect('the default host', `target.port`),
    connect('localhost', `target.port, 'localhost'`),
    connect('localhost in capitals', `target.port, 'LOCALHOST'`),
    connect('localhost with a dot', `target.port, 'localhost.'`, unresolved),
    connect('a mapped address', `{ host: '::ffff:127.0.0.1', port: target.port }`),
    connect('a mapped address in hexadecimal', `{ host: '::ffff:7f00:1', port: target.port }`),
    connect('the unspecified address', `target.port, '0.0.0.0'`, { smoke: true }),
    connect('the unspecified address in IPv6', `target.port, '::ffff:0.0.0.0'`),
    connect('a short address', `target.port, '127.1'`),
    connect('a decimal address', `target.port, '2130706433'`),
    connect('a hexadecimal address', `target.port, '0x7f000001'`),
    connect('an octal address', `target.port, '0177.0.0.1'`),
    connect('zero', `target.port, '0'`),
    connect('an address with a port in it', `target.webPort, '127.0.0.1:' + target.port`, unresolved),
    connect('an address with spaces', `target.port, ' 127.0.0.1'`, unresolved),
    connect('an address with a NUL', `target.port, '127.0.0.1\\0.granted.invalid'`),
    connect('an address with an at sign', `target.port, 'granted.invalid@127.0.0.1'`, unresolved),
    connect('full-width digits', `target.port, '\\uff11\\uff12\\uff17.0.0.1'`),
    connect('a port as text', `{ host: '127.0.0.1', port: String(target.port) }`),
    connect('a port in hexadecimal', `{ host: '127.0.0.1', port: '0x' + target.port.toString(16) }`),
    connect('a port plus 65,536', `{ host: '127.0.0.1', port: target.port + 65536 }`, {
      tame: 'Node refuses it as well',
    }),
    connect(
      'a port that changes',
      `{ host: '127.0.0.1', get port() { return (this.turn ??= ${turning})() } }`,
      { smoke: true },
    ),
    connect(
      'a port that is an object',
      `{ host: '127.0.0.1', port: { toString: ${turning}, valueOf: ${turning}, [Symbol.toPrimitive]: ${turning} } }`,
      { tame: 'Node refuses it as well' },
    ),
    connect(
      'a host that changes',
      `{ port: target.port, get host() { return (this.seen = !this.seen) ? 'granted.invalid' : '127.0.0.1' } }`,
    ),
    connect('a host that is an object', `{ port: target.port, host: { toString: () => '127.0.0.1' } }`, {
      tame: 'Node refuses it as well',
    }),
    connect(
      'a look-up of its own',
      `{ host: 'granted.invalid', port: target.port, lookup: (host, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4) }`,
      { smoke: true },
    ),
    connect(
      'a look-up that answers twice',
      `{ host: 'granted.invalid', port: target.port, lookup: (host, options, done) => { for (const address of ['203.0.113.1', '127.0.0.1']) options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, address, 4) } }`,
    ),
    connect('a local address', `{ host: '127.0.0.1', port: target.port, localAddress: '127.0.0.1' }`),
    connect('a unix socket by path', `target.socketPath`, { smoke: true }),
    connect(
      'a unix socket in options',
      `{ path: target.socketPath, host: '127.0.0.1', port: target.webPort }`,
    ),
    connect('a unix socket as a host', `{ host: target.socketPath, port: target.webPort }`, unresolved),
    {
      name: 'a socket that connects twice',
      code: `const net = require('net'); ${settle} const socket = net.connect(target.webPort, '127.0.0.1'); await settle(socket); socket.destroy(); await new Promise((resolve) => setTimeout(resolve, 20)); return settle(socket.connect(target.port, '127.0.0.1'))`,
    },
    {
      name: 'a socket made by its class',
      code: `const { Socket } = require('net'); ${settle} return settle(new Socket().connect({ port: target.port, host: '127.0.0.1' }))`,
    },
    {
      name: 'a socket by Stream',
      code: `const { Stream } = require('net'); ${settle} return settle(new Stream().connect(target.port, '127.0.0.1'))`,
    },
    {
      name: 'Socket.prototype.connect on something else',
      code: `const { Socket } = require('net'); ${settle} const other = new Socket(); return settle(Reflect.apply(Socket.prototype.connect, other, [{ port: target.port, host: '127.0.0.1' }]))`,
    },
    {
      name: 'normalised arguments',
      code: `const net = require('net'); ${settle} const args = net._normalizeArgs?.([target.port, '127.0.0.1']) ?? [{ port: target.port, host: '127.0.0.1' }, null]; return settle(new net.Socket().connect(args))`,
    },
    {
      name: 'the constructor of a handle',
      code: `const net = require('net'); const socket = net.connect(target.webPort, '127.0.0.1'); await new Promise((resolve) => { socket.on('connect', resolve); socket.on('error', resolve) }); const Handle = socket._handle.constructor; return Handle && 'escaped to 1'`,
      smoke: true,
    },
    {
      name: 'a symbol that leads to a handle',
      code: `const net = require('net'); const socket = net.connect(target.webPort, '127.0.0.1'); await new Promise((resolve) => { socket.on('connect', resolve); socket.on('error', resolve) }); for (const key of Reflect.ownKeys(socket)) { const value = socket[key]; if (/TCP|Pipe|Wrap|Handle/.test(value?.constructor?.name ?? '')) return 'escaped to 1' }`,
    },
    {
      name: 'a socket over a descriptor',
      code: `const { Socket } = require('net'); for (let fd = 3; fd < 40; fd++) try { const socket = new Socket({ fd }); socket.on('error', () => 0); socket.write('x'); if (socket.remotePort !== undefined || socket._handle) return 'escaped to 1' } catch {}`,
    },
    {
      name: 'listening on a unix socket',
      code: `const server = require('net').createServer(); await new Promise((resolve) => { server.listen(target.marker, resolve); server.on('error', resolve) })`,
      smoke: true,
    },
    {
      name: 'listening without a grant',
      code: `const server = require('net').createServer(); await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); server.on('error', resolve) }); return server.listening && 'escaped to 1'`,
    },
    {
      name: 'an HTTP server without a grant',
      code: `const server = require('http').createServer(); await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); server.on('error', resolve) }); return server.listening && 'escaped to 1'`,
    },
    get('an HTTP request', `{ host: '127.0.0.1', port: target.port }`),
    get(
      'an HTTP request over a unix socket',
      `{ socketPath: target.socketPath, host: '127.0.0.1', port: target.webPort }`,
    ),
    get(
      'an agent that connects elsewhere',
      `{ host: '127.0.0.1', port: target.webPort, agent: Object.assign(new http.Agent(), { createConnection: () => net.connect(target.port, '127.0.0.1') }) }`,
    ),
    get(
      'a connection that was made elsewhere',
      `{ host: '127.0.0.1', port: target.webPort, createConnection: () => net.connect(target.socketPath) }`,
    ),
    get(
      'an agent with other options',
      `{ host: '127.0.0.1', port: target.webPort, agent: new http.Agent({ host: '127.0.0.1', port: target.port, path: target.socketPath, socketPath: target.socketPath }) }`,
    ),
    get(
      'a host name in the options',
      `{ hostname: '127.0.0.1', host: 'granted.invalid', port: target.port }`,
    ),
    get(
      'a URL and options that contradict it',
      `'http://127.0.0.1:' + target.webPort, { host: '127.0.0.1', hostname: '127.0.0.1', port: target.port }`,
    ),
    get(
      'a URL with a port that changes',
      `{ host: '127.0.0.1', get port() { return (this.turn ??= ${turning})() } }`,
      { tame: 'an agent copies what it is given' },
    ),
    get(
      'a proxied URL',
      `{ host: '127.0.0.1', port: target.port, path: 'http://127.0.0.1:' + target.webPort + '/' }`,
    ),
    {
      name: 'a CONNECT and what comes behind it',
      code: `const http = require('http'), net = require('net'); ${settle} const request = http.request({ host: '127.0.0.1', port: target.webPort, method: 'CONNECT', path: '127.0.0.1:' + target.port }); request.end(); const socket = await new Promise((resolve) => { request.on('connect', (response, socket) => resolve(socket)); request.on('error', resolve) }); if (socket?.connect) return settle(socket.destroy().connect(target.port, '127.0.0.1'))`,
    },
    {
      name: 'an HTTPS request',
      code: `${settle} return settle(require('https').get({ host: '127.0.0.1', port: target.port, rejectUnauthorized: false }))`,
    },
    {
      name: 'a TLS connection',
      code: `${settle} return settle(require('tls').connect({ host: '127.0.0.1', port: target.port, rejectUnauthorized: false }))`,
      smoke: true,
    },
    {
      name: 'a TLS connection over a unix socket',
      code: `${settle} return settle(require('tls').connect({ path: target.socketPath, rejectUnauthorized: false }))`,
    },
    {
      name: 'a TLS connection with a look-up of its own',
      code: `${settle} return settle(require('tls').connect({ host: 'granted.invalid', port: target.port, lookup: (host, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4) }))`,
    },
    {
      name: 'HTTP/2',
      code: `${settle} return settle(require('http2').connect('http://127.0.0.1:' + target.port))`,
    },
    fetched('fetch', `fetch('http://127.0.0.1:' + target.port)`, { smoke: true }),
    fetched('fetch of a short address', `fetch('http://127.1:' + target.port)`),
    fetched('fetch of a decimal address', `fetch('http://2130706433:' + target.port)`),
    fetched('fetch of a mapped address', `fetch('http://[::ffff:127.0.0.1]:' + target.port)`),
    fetched('fetch of full-width digits', `fetch('http://\\uff11\\uff12\\uff17.0.0.1:' + target.port)`),
    fetched(
      'fetch with a name before it',
      `fetch(new Request(new URL('http://localhost.:' + target.port)))`,
      unresolved,
    ),
    fetched(
      'a redirect',
      `fetch('http://127.0.0.1:' + target.webPort + '/to?' + encodeURIComponent('http://127.0.0.1:' + target.port + '/'))`,
      { smoke: true },
    ),
    fetched(
      'a redirect to a short address',
      `fetch('http://127.0.0.1:' + target.webPort + '/to?' + encodeURIComponent('http://0x7f.1:' + target.port + '/'))`,
    ),
    fetched(
      'a redirect to a redirect',
      `fetch('http://127.0.0.1:' + target.webPort + '/to?' + encodeURIComponent('http://127.0.0.1:' + target.webPort + '/to?' + encodeURIComponent('http://127.0.0.1:' + target.port + '/')))`,
    ),
    fetched(
      'a redirect to a file',
      `fetch('http://127.0.0.1:' + target.webPort + '/to?' + encodeURIComponent('file://' + target.secretFile))`,
      { tame: 'fetch reads no files' },
    ),
    fetched('a file URL', `fetch('file://' + target.secretFile)`, { tame: 'fetch reads no files' }),
    fetched(
      'a request whose URL changes',
      `fetch({ toString: (() => { let reads = 0; return () => 'http://127.0.0.1:' + (reads++ === 0 ? target.webPort : target.port) })() })`,
      { tame: 'it is read once' },
    ),
    fetched(
      'a dispatcher of its own',
      `fetch('http://127.0.0.1:' + target.webPort, { dispatcher: { dispatch: (options, handler) => { require('net').connect(target.port, '127.0.0.1').on('error', () => 0); return false } } })`,
    ),
    {
      name: 'a web socket',
      code: `const socket = new WebSocket('ws://127.0.0.1:' + target.port); await new Promise((resolve) => { socket.onerror = socket.onopen = socket.onclose = resolve })`,
      tame: 'Node 20 has none',
    },
    {
      name: 'a datagram',
      code: `const socket = require('dgram').createSocket('udp4'); await new Promise((resolve) => socket.send('x', target.udpPort, '127.0.0.1', resolve)); socket.close()`,
      smoke: true,
    },
    {
      name: 'a query to a name server of its own',
      code: `const { Resolver } = require('dns'); const resolver = new Resolver({ timeout: 100, tries: 1 }); resolver.setServers(['127.0.0.1:' + target.udpPort]); return new Promise((resolve) => resolver.resolve4('secret.granted.invalid', (error) => resolve(error)))`,
      smoke: true,
    },
    {
      name: 'name servers of the process',
      code: `const dns = require('dns'); dns.setServers(['127.0.0.1:' + target.udpPort]); return Promise.race([new Promise((resolve) => dns.resolveTxt('granted.invalid', (error) => resolve(error))), new Promise((resolve) => setTimeout(resolve, 1000))])`,
    },
    {
      name: 'name servers by promise',
      code: `const { Resolver } = require('dns').promises; const resolver = new Resolver({ timeout: 100, tries: 1 }); resolver.setServers(['127.0.0.1:' + target.udpPort]); return resolver.resolve4('granted.invalid').catch(String)`,
    },
    {
      name: 'an answer of headers with a line end',
      code: `const http = require('http'); ${settle} const request = http.request({ host: '127.0.0.1', port: target.webPort, path: '/x HTTP/1.1\\r\\nx: y' }); request.end(); return settle(request)`,
      tame: 'Node refuses it as well',
    },
  ],
}
