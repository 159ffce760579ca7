/**
 * Objects that powers hand out: constructors, callbacks with their `this` and arguments,
 * promises and thenables, iterators, errors. None leads to a maker of code outside.
 */
import type { Chapter, EscapeCase } from '../escape-case.js'
import { OWN_FILES } from './files.js'

const climb = (name: string, code: string, more: Partial<EscapeCase> = {}): EscapeCase => ({
  name,
  code,
  climb: true,
  ...more,
})
const all = '(...values) => told.push(...values)'
const spy = 'function (...values) { told.push(this, ...values) }'
const soon = 'await new Promise((resolve) => setTimeout(resolve, 200))'
const fs = "const fs = require('fs');"
const words = "target.home + '/words.txt'"

export const climbs: Chapter = {
  name: 'climbs',
  grant: ({ target }) => ({
    ...OWN_FILES,
    net: { connect: [`127.0.0.1:${target.webPort}`], listen: ['127.0.0.1:0'] },
  }),
  cases: [
    climb(
      'file facts',
      `${fs} return [fs.statSync(${words}), fs.statSync(${words}, { bigint: true }), fs.lstatSync(${words}).mtime]`,
    ),
    climb(
      'directory entries',
      `${fs} return [fs.readdirSync(target.home, { withFileTypes: true }), fs.opendirSync(target.home)]`,
    ),
    climb(
      'a file handle',
      `${fs} const file = await fs.promises.open(${words}); const read = await file.read(Buffer.alloc(4)); return [file, read, file.fd, await file.stat()]`,
      { smoke: true },
    ),
    climb(
      'file streams',
      `${fs} return [fs.createReadStream(${words}), fs.createWriteStream(target.data + '/climb')]`,
    ),
    climb(
      'a watcher',
      `${fs} const watcher = fs.watch(target.data, ${spy}); watcher.on('change', ${spy}); fs.writeFileSync(target.data + '/seen', 'x'); ${soon}; watcher.close(); return watcher`,
    ),
    climb(
      'callbacks of fs',
      `${fs} fs.readFile(${words}, ${spy}); fs.stat(${words}, ${spy}); fs.readdir(target.home, ${spy}); fs.open('nothing', ${spy}); fs.access(target.secretFile, ${spy}); ${soon}`,
    ),
    climb(
      'promises of fs',
      `${fs} const made = [fs.promises.readFile(${words}), fs.promises.stat('nothing').catch((error) => error), fs.promises.readdir(target.home)]; return [made, await Promise.all(made)]`,
    ),
    climb(
      'denials of fs',
      `${fs} for (const read of [() => fs.readFileSync(target.secretFile), () => fs.openSync(null), () => fs.readFileSync(Symbol('x')), () => fs.mkdirSync(target.outside + '/x')]) try { read() } catch (error) { told.push(error) }`,
    ),
    climb(
      'an error at the end of the stack',
      `${fs} const deep = () => { try { deep() } catch (error) { try { fs.readFileSync(${words}) } catch (inner) { told.push(inner) } told.push(error) } }; deep(); told.length = Math.min(told.length, 50)`,
      { smoke: true },
    ),
    climb(
      'an error of a host function at the end of the stack',
      `const { inflateSync } = require('zlib'); const deep = () => { try { deep() } catch (error) { if (told.length > 20) return; told.push(error); try { inflateSync('x') } catch (inner) { told.push(inner) } } }; deep()`,
    ),
    climb(
      'stack frames by prepareStackTrace',
      `const frames = []; Error.prepareStackTrace = (error, sites) => { frames.push(...sites, ...sites.map((site) => site.getThis?.()), ...sites.map((site) => site.getFunction?.())); return 'x' }; try { require('fs').readFileSync('nothing') } catch (error) { told.push(error.stack) } return frames`,
      { alone: true, smoke: true },
    ),
    climb(
      'captureStackTrace of a host error',
      `const caught = {}; Error.captureStackTrace?.(caught); try { require('fs').openSync(7) } catch (error) { Error.captureStackTrace?.(error); told.push(error.stack) } return caught`,
    ),
    climb(
      'the stack trace limit',
      `Error.stackTraceLimit = Infinity; const seen = []; try { require('zlib').inflateSync('x') } catch (error) { seen.push(error, error.stack) } return seen`,
      { alone: true },
    ),
    climb(
      'the cause and errors of host errors',
      `const seen = []; try { await require('fs').promises.rm('nothing') } catch (error) { seen.push(error.cause, error.errors, Object.getOwnPropertySymbols(error), error) } return seen`,
    ),
    climb(
      'callbacks of zlib',
      `const zlib = require('zlib'); zlib.gzip('x', ${spy}); zlib.inflate('x', ${spy}); ${soon}`,
    ),
    climb(
      'a zlib stream and its events',
      `const stream = require('zlib').createGzip(); for (const event of ['data', 'end', 'close', 'drain', 'error']) stream.on(event, ${spy}); stream.end('x'); ${soon}; return [stream, stream._handle, stream._handle?.constructor]`,
    ),
    climb(
      'a broken zlib stream',
      `const stream = require('zlib').createInflate(); stream.on('error', ${spy}); stream.end('not deflated'); ${soon}; return stream`,
    ),
    climb(
      'crypto callbacks',
      `const crypto = require('crypto'); crypto.randomBytes(8, ${spy}); crypto.pbkdf2('a', 'b', 1, 8, 'sha256', ${spy}); crypto.scrypt('a', 'b', 8, ${spy}); crypto.randomFill(Buffer.alloc(4), ${spy}); ${soon}`,
    ),
    climb(
      'crypto objects',
      `const crypto = require('crypto'); const hash = crypto.createHash('sha256'); return [hash, crypto.createHmac('sha256', 'k'), crypto.createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)), hash.digest(), crypto.constants, crypto.webcrypto]`,
    ),
    climb(
      'crypto errors',
      `const crypto = require('crypto'); for (const make of [() => crypto.createHash('none'), () => crypto.createCipheriv('none', 'a', 'b'), () => crypto.createDecipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)).final(), () => crypto.randomBytes(-1)]) try { make() } catch (error) { told.push(error) }`,
    ),
    climb(
      'subtle and its promises',
      `const { subtle } = globalThis.crypto; const made = subtle.digest('SHA-256', new Uint8Array(4)); return [subtle, made, await made, subtle.constructor, await subtle.digest('none', new Uint8Array(1)).catch((error) => error)]`,
    ),
    climb(
      'timers',
      `const timer = setTimeout(${spy}, 1, 'x'); const interval = setInterval(${spy}, 5); setImmediate(${spy}); process.nextTick(${spy}); queueMicrotask(${spy}); ${soon}; clearInterval(interval); return [timer, interval]`,
    ),
    climb(
      'an abort signal',
      `const controller = new AbortController(); controller.signal.addEventListener('abort', ${spy}); controller.signal.onabort = ${spy}; controller.abort(); return [controller, controller.signal, controller.signal.reason, AbortSignal.timeout(1)]`,
    ),
    climb(
      'events',
      `const target2 = new EventTarget(); target2.addEventListener('x', { handleEvent: ${spy} }); target2.dispatchEvent(new Event('x')); return target2`,
    ),
    climb(
      'a socket and its events',
      `const net = require('net'); const socket = net.connect(target.webPort, '127.0.0.1'); for (const event of ['connect', 'ready', 'data', 'end', 'close', 'error', 'lookup', 'drain', 'timeout']) socket.on(event, ${spy}); socket.write('GET / HTTP/1.0\\r\\n\\r\\n', ${spy}); ${soon}; return [socket, socket._handle, socket.address?.(), socket[Object.getOwnPropertySymbols(socket)[0]]]`,
      { smoke: true },
    ),
    climb(
      'a socket that fails',
      `const socket = require('net').connect(1, '127.0.0.1'); await new Promise((resolve) => socket.on('error', resolve)).then(${all}); return socket`,
    ),
    climb(
      'a server and what it accepts',
      `const net = require('net'); const server = net.createServer(${spy}); server.listen(0, '127.0.0.1', ${spy}); ${soon}; const address = server.address(); server.close(${spy}); return [server, address, server._handle]`,
    ),
    climb(
      'an HTTP exchange',
      `const http = require('http'); await new Promise((resolve) => { const request = http.get({ port: target.webPort, host: '127.0.0.1' }, function (response) { told.push(this, response, response.socket, response.headers, response.rawHeaders); response.on('data', ${spy}); response.on('end', resolve) }); for (const event of ['socket', 'finish', 'close', 'error', 'response']) request.on(event, ${spy}); request.on('error', resolve); told.push(request) }); return [http.globalAgent, http.globalAgent?.sockets, http.Agent]`,
      { smoke: true },
    ),
    climb(
      'an HTTP parser',
      `const http = require('http'); return [http._connectionListener, require('http').IncomingMessage, require('http').ClientRequest, http.globalAgent?.createConnection, require('http').Server]`,
    ),
    climb(
      'fetch and its classes',
      `const response = await fetch('http://127.0.0.1:' + target.webPort + '/'); const reader = response.body.getReader(); const step = reader.read(); told.push(response, response.headers, [...response.headers], reader, step, await step); return [new Headers(), new Request('http://a.test/'), new FormData()]`,
    ),
    climb(
      'an error of fetch',
      `return fetch('http://127.0.0.1:1/').catch((error) => [error, error.cause, error.cause?.errors])`,
    ),
    climb(
      'web streams',
      `const { ReadableStream, TransformStream } = require('stream/web'); const stream = new ReadableStream({ start: ${spy}, pull: ${spy}, cancel: ${spy} }); const reader = stream.getReader(); reader.read(); await 0; reader.cancel('x'); return [stream, reader, new TransformStream({ transform: ${spy} })]`,
    ),
    climb(
      'name look-ups',
      `const dns = require('dns'); dns.lookup('localhost', ${spy}); dns.resolve4('nothing.invalid', ${spy}); ${soon}; return [dns.promises, new dns.Resolver(), await dns.promises.lookup('nothing.invalid').catch((error) => error)]`,
    ),
    climb(
      'a TLS context',
      `const tls = require('tls'); const context = tls.createSecureContext({}); return [context, context.context, context.context?.constructor, tls.TLSSocket, tls.rootCertificates?.slice(0, 1)]`,
    ),
    climb(
      'a TLS socket that fails',
      `const socket = require('tls').connect({ port: target.webPort, host: '127.0.0.1' }); await new Promise((resolve) => socket.on('error', (error) => resolve(told.push(error)))); return [socket, socket.ssl, socket._handle, socket.getPeerCertificate?.()]`,
    ),
    climb(
      'thenables that are awaited',
      `const { then } = { then: ${spy} }; const made = { then(resolve, reject) { told.push(this, resolve, reject); resolve('x') } }; await made; await Promise.all([made]); return require('fs').promises.writeFile(target.data + '/then', made).catch((error) => error)`,
    ),
    climb(
      'a promise with a species',
      `class Own extends Promise { static get [Symbol.species]() { return function (executor) { told.push(executor); executor(${all}, ${all}) } } } const file = require('fs').promises.readFile(${words}); Object.setPrototypeOf?.(file, Own.prototype); return [file.then?.(${all}), Own.resolve(file)]`,
    ),
    climb(
      'an array with a species',
      `class Own extends Array { static get [Symbol.species]() { return class { constructor(...values) { told.push(this, ...values) } } } } const parts = Own.from([Buffer.from('a')]); const id = require('fs').openSync(target.data + '/v', 'w'); return require('fs').writevSync(id, parts)`,
    ),
    climb(
      'an iterator that is given',
      `const hostile = { [Symbol.iterator]() { told.push(this); return { next: function () { told.push(this, ...arguments); return { done: true } }, return: ${spy}, throw: ${spy} } } }; try { new Headers(hostile) } catch (error) { told.push(error) } try { new URLSearchParams(hostile) } catch (error) { told.push(error) } try { require('stream').Readable.from(hostile).read() } catch (error) { told.push(error) }`,
    ),
    climb(
      'an async iterator that is given',
      `const hostile = { [Symbol.asyncIterator]() { told.push(this); return { next: async function () { told.push(this, ...arguments); return { done: true } } } } }; await require('fs').promises.writeFile(target.data + '/it', hostile).catch(${all}); for await (const _ of require('stream').Readable.from(hostile)) told.push(_)`,
    ),
    climb(
      'an iterator of the host',
      `const lines = require('fs').createReadStream(${words})[Symbol.asyncIterator](); const step = lines.next(); return [lines, step, await step, lines.return?.('x')]`,
    ),
    climb(
      'a proxy as every argument',
      `const seen = new Proxy(function () {}, { get(self, key, receiver) { told.push(self, receiver); return key === Symbol.toPrimitive ? () => 'x' : undefined }, apply(self, thisArgument, values) { told.push(thisArgument, ...values) }, getPrototypeOf(self) { told.push(self); return null } }); for (const [name, module] of [['fs', 'readFileSync'], ['zlib', 'gzipSync'], ['crypto', 'createHash'], ['fs', 'createReadStream'], ['url', 'parse'], ['util', 'inspect']]) try { told.push(require(name)[module](seen, seen)) } catch (error) { told.push(error) }`,
    ),
    climb(
      'a getter in options',
      `const seen = { get encoding() { told.push(this); return 'utf8' }, get flag() { told.push(this); return 'r' }, get signal() { told.push(this) } }; return require('fs').readFileSync(${words}, seen)`,
    ),
    climb(
      'a toString that is called',
      `const loud = { toString() { told.push(this, ...arguments); throw this }, valueOf() { told.push(this); throw this } }; for (const call of [() => require('fs').readFileSync(loud), () => require('crypto').createHash(loud), () => new URL(loud), () => setTimeout(() => 0, loud), () => console.log(loud), () => Buffer.from(loud), () => process.hrtime(loud)]) try { call() } catch (error) { told.push(error) }`,
    ),
    climb(
      'async stack and unhandled rejections',
      `process.on('unhandledRejection', ${spy}); process.on('uncaughtException', ${spy}); Promise.reject(new Error('late')); ${soon}`,
    ),
    climb(
      'the domain of an emitter',
      `const Emitter = require('events'); const emitter = new Emitter({ captureRejections: true }); emitter.on('x', async function () { told.push(this, ...arguments); throw new Error('x') }); emitter.on('error', ${spy}); emitter.emit('x', 1); ${soon}; return [emitter, Emitter.errorMonitor, Emitter.EventEmitterAsyncResource]`,
    ),
    climb(
      'weak references',
      `const registry = new FinalizationRegistry(${spy}); registry.register({}, 'held'); return [registry, new WeakRef(process)]`,
    ),
    climb(
      'structured clones',
      `return [structuredClone({ error: new TypeError('x'), map: new Map([[1, new Date(0)]]), bytes: new Uint8Array(2) }), structuredClone(new Error('x'))]`,
    ),
    climb(
      'inspect of everything',
      `const { inspect } = require('util'); const seen = { [inspect.custom](depth, options, inner) { told.push(this, options, inner, options?.stylize); return 'x' } }; return [inspect(seen), inspect(new Proxy(seen, {}), { showProxy: true }), console.log(seen)]`,
    ),
    climb(
      'the wrapper of the script',
      `return [globalThis.module, typeof module === 'object' ? [module, module.parent, module.children] : 0, require.main, require.extensions, require.resolve, (() => { try { return arguments.callee } catch (error) { return error } })()]`,
    ),
    climb(
      'memory behind bytes',
      `const views = [Buffer.from('x'), Buffer.allocUnsafe(8), require('fs').readFileSync(${words}), require('crypto').randomBytes(4), require('zlib').gzipSync('x'), new TextEncoder().encode('x')]; return views.map((view) => view.buffer.byteLength > 4096 && view.length < 4096 ? 'escaped to 1' : view.buffer)`,
    ),
  ],
}
