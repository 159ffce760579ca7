/**
 * The server's side of TLS: accepted sockets go through a server of Node's that listens
 * nowhere, so that checking clients, tickets and time limits are Node's own.
 */
import type { Socket } from 'node:net'
import type { Server, TLSSocket, TlsOptions } from 'node:tls'
import { callbackIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import { connectionOptions, contextOptions, type Plain } from './options.js'
import { awaitSecure, beginHandshake, type Handshake, type Parts } from './secure.js'

export interface TlsServer {
  /** Takes over an accepted socket; to be called while `connection` of the server runs, or later for an adopted one. */
  accept(id: unknown, events: unknown): void
  /** Another context for clients that ask for this name; `*` as in Node. */
  addContext(name: unknown, token: unknown): void
  /** Other keys and certificates for connections to come. */
  setContext(options: unknown): void
}

export function makeServers(parts: Parts): (options: unknown, sni: unknown) => TlsServer {
  const { host, contexts, deliver, sockets } = parts
  return (given, givenSni) => {
    sockets.checkRunning()
    const options: TlsOptions = { ...connectionOptions(given), ...contexts.optionsOf(given) }
    if (givenSni !== undefined) {
      const sni = callbackIn(givenSni)
      options.SNICallback = (name, done) => {
        const answer = (token: unknown): void => {
          let context
          try {
            context = token === undefined || token === null ? undefined : contexts.behind(token)
          } catch (error) {
            done(error as Error)
            return
          }
          done(null, context)
        }
        deliver(sni, name, Object.freeze(answer))
      }
    }
    const server = contexts.counted(options as Plain, () => host.createServer(options), ownContext)
    const underWay = new WeakMap<object, Handshake>()
    follow(parts, server, underWay)
    return {
      accept(id: unknown, events: unknown) {
        const handshake = beginHandshake(parts, id, events)
        const { open, raw, before } = handshake
        underWay.set(raw, handshake)
        open.abandon = () => {
          underWay.delete(raw)
          if (before !== undefined) raw.once('close', (hadError) => deliver(before.close, hadError))
          raw.destroy()
        }
        raw.allowHalfOpen = false // a client that goes away during the handshake is gone
        raw.pause()
        server.emit('connection', raw)
      },
      addContext(name: unknown, token: unknown) {
        const context = contexts.behind(token)
        if (typeof name === 'string') hosted(() => server.addContext(name, context))
      },
      setContext(fresh: unknown) {
        const read = contextOptions(fresh)
        contexts.counted(
          read,
          () => {
            server.setSecureContext(read)
            return server
          },
          ownContext,
        )
      },
    }
  }
}

/** The handle of the context that a server made for itself; where a Node hides it, it lives as long as the server. */
function ownContext(server: Server): object {
  const { _sharedCreds: made } = server as Server & { readonly _sharedCreds?: { readonly context?: object } }
  return made?.context ?? server
}

/** The raw socket under one of TLS. Node says it since its first versions; without it no connection would come through. */
function rawOf(host: TLSSocket): Socket | undefined {
  return Reflect.get(host, '_parent') as Socket | undefined
}

function follow(parts: Parts, server: Server, underWay: WeakMap<object, Handshake>): void {
  const taken = (host: TLSSocket): Handshake | undefined => {
    const raw = rawOf(host)
    const handshake = raw === undefined ? undefined : underWay.get(raw)
    if (raw !== undefined) underWay.delete(raw)
    return handshake
  }
  server.on('secureConnection', (host) => {
    const handshake = taken(host)
    if (handshake === undefined) return void host.destroy()
    host.allowHalfOpen = true
    awaitSecure(parts, handshake, host, 'accepted').accept()
  })
  server.on('tlsClientError', (error, host) => {
    const handshake = taken(host)
    if (handshake !== undefined) {
      const { fail, closed } = awaitSecure(parts, handshake, host, 'accepted')
      fail(error)
      if (host.closed) closed(true) // a client that went away is told of when its socket closes: no event follows
    }
    host.destroy()
  })
}
