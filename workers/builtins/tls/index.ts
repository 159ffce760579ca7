/**
 * `tls` of a plugin: its own copy over its own `net`; the handshake and the checks are
 * trusted code's (power.ts). What Node has and this has not: docs/built-ins.md.
 */
import type { Module } from '../module.js'
import { bufferOf, type BufferClass } from '../native-module.js'
import { wrongType } from '../net/errors.js'
import { callOf, type Options } from '../net/options.js'
import type { ServerClass } from '../net/server.js'
import type { SocketClass } from '../net/socket.js'
import { createSecureContext, SecureContext } from './context.js'
import { power } from './power.js'
import { tlsServerClass, type Server } from './server.js'
import { tlsSocketClass, type TLSSocket } from './socket.js'

export interface Parts {
  readonly net: Module
  readonly buffer: Module
}

export function makeTlsModule({ net, buffer }: Parts): Module {
  const Buffer = bufferOf(buffer)
  const TLSSocket = tlsSocketClass(net['Socket'] as SocketClass, Buffer, checkServerIdentity)
  const Server = tlsServerClass(net['Server'] as ServerClass, TLSSocket)
  const { compressions } = power
  return {
    ...power.defaults,
    TLSSocket,
    Server,
    SecureContext,
    createSecureContext,
    checkServerIdentity,
    connect(...args: readonly unknown[]): TLSSocket {
      const { options, callback } = connectCall(args)
      const socket = new TLSSocket(options['socket'], options)
      if (callback !== undefined) socket.once('secureConnect', callback)
      if (options['socket'] === undefined || options['socket'] === null) socket.connect(options)
      return socket
    },
    createServer: (options?: unknown, listener?: unknown): Server => new Server(options, listener),
    convertALPNProtocols: (protocols: unknown, out: unknown) => convertALPNProtocols(Buffer, protocols, out),
    getCiphers: () => [...power.ciphers()],
    get rootCertificates() {
      return roots()
    },
    getCACertificates,
    ...(compressions === undefined ? {} : { getCertificateCompressionAlgorithms: () => [...compressions] }),
  }
}

/** `connect(options)`, `connect(port, host, options)`, `connect(port, options)`, each with a callback at the end. */
function connectCall(args: readonly unknown[]): ReturnType<typeof callOf> {
  const more = args.find((value, index) => index > 0 && typeof value === 'object' && value !== null)
  const { options, callback } = callOf(args)
  const merged: Options = more === undefined ? options : { ...(more as Options), ...options }
  return { options: merged, callback }
}

function checkServerIdentity(hostname: unknown, certificate: unknown): Error | undefined {
  const error = power.checkServerIdentity(String(hostname), certificate)
  return error === undefined ? undefined : Object.assign(error, { cert: certificate })
}

let rootList: readonly string[] | undefined
/** 150 certificates: read when somebody asks. */
function roots(): readonly string[] {
  rootList ??= Object.freeze([...power.rootCertificates()])
  return rootList
}

/** The ones Node brings along. Those of the machine and of the node's environment are its own business. */
function getCACertificates(type: unknown = 'default'): readonly string[] {
  if (type === 'default' || type === 'bundled') return roots()
  if (type === 'system' || type === 'extra') return []
  throw Object.assign(new TypeError("The argument 'type' is invalid"), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** Names of protocols as the bytes of the extension, put on `out`. */
function convertALPNProtocols(Buffer: BufferClass, protocols: unknown, out: unknown): void {
  if (typeof out !== 'object' || out === null) throw wrongType('out', 'an object')
  if (Array.isArray(protocols)) {
    const names = protocols.map((name) => Buffer.from(name))
    const long = names.findIndex((name) => name.length > 255)
    if (long !== -1) {
      const message = `The byte length of the protocol at index ${long} exceeds the maximum length. It must be <= 255`
      throw Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
    }
    Reflect.set(out, 'ALPNProtocols', Buffer.from(names.flatMap((name) => [name.length, ...name])))
  } else if (ArrayBuffer.isView(protocols)) {
    const { buffer, byteOffset, byteLength } = protocols
    Reflect.set(out, 'ALPNProtocols', Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)))
  }
}
