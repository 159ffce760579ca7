/**
 * `TLSSocket`: a `net.Socket` whose number trusted code secures before anything is
 * written to it. Until then it counts as connecting, so that writes wait.
 */
import type { Facts } from '../../attenuate/tls/facts.js'
import type { SecureEvents } from '../../attenuate/tls/secure.js'
import type { SocketEvents } from '../../attenuate/net/net.js'
import type { BufferClass } from '../native-module.js'
import { netError, wrongType } from '../net/errors.js'
import type { Options } from '../net/options.js'
import { ID } from '../net/placed.js'
import { OPENED, START, type Socket, type SocketClass } from '../net/socket.js'
import { SecureContext } from './context.js'
import { ownBytes } from './own-bytes.js'
import { power } from './power.js'

type Check = (hostname: unknown, certificate: unknown) => unknown
/** How the number of an accepted socket is secured. */
type Accept = (id: number, events: SecureEvents) => void

export interface TLSSocket extends Socket {
  readonly encrypted: true
  authorized: boolean
  authorizationError: unknown
  alpnProtocol: string | false | null
  servername: string | false | null
  secureConnecting: boolean
  getPeerCertificate(detailed?: unknown): unknown
  /** Secures an accepted socket; `failed` is told what went wrong before it was secure. */
  [SERVE](id: number, accept: Accept, failed: (error: Error) => void): void
}
export type TLSSocketClass = new (socket?: unknown, options?: unknown) => TLSSocket

/** What the server class uses; no program can name it. */
export const SERVE: unique symbol = Symbol('serve')

export function tlsSocketClass(
  NetSocket: SocketClass,
  Buffer: BufferClass,
  defaultCheck: Check,
): TLSSocketClass {
  return class TLSSocket extends NetSocket {
    readonly encrypted = true
    authorized = false
    authorizationError: unknown = null
    alpnProtocol: string | false | null = null
    servername: string | false | null = null
    secureConnecting = true
    readonly #options: Options
    #asked: { readonly servername?: string; readonly session?: unknown } = {}
    #reused = false
    #failed: ((error: Error) => void) | undefined

    constructor(socket?: unknown, given?: unknown) {
      const options = typeof given === 'object' && given !== null ? (given as Options) : {}
      super(streamOptions(options))
      this.#options = options
      if (socket !== undefined && socket !== null) this.#over(socket)
    }

    /** TLS over a socket of this plugin that is or will be connected. */
    #over(socket: unknown): void {
      if (!(socket instanceof NetSocket))
        throw wrongType('options.socket', 'a net.Socket or tls.TLSSocket of this plugin')
      const isServer = this.#options['isServer'] === true
      const begin = (): void => {
        if (this.destroyed) return
        super[START]((events) => {
          const id = socket[ID]
          if (id === undefined) throw netError('ERR_SOCKET_CLOSED', 'Socket is closed')
          if (isServer) power.openServer(this.#request(), undefined).accept(id, this.#events(events))
          else power.start(id, this.#request(), this.#events(events))
          return id
        })
      }
      this.connecting = true
      // After this turn: a program may set the name and the session first.
      if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', begin)
      else queueMicrotask(begin)
    }

    override [START](begin: (events: SocketEvents) => number): void {
      let secured = false
      super[START]((events) =>
        begin({
          ...events,
          connect: () => {
            if (this.destroyed) return
            this.emit('connect')
            this.emit('ready')
            const id = this[ID]
            if (id === undefined || this.destroyed) return
            try {
              power.start(id, this.#request(), this.#events(events))
              secured = true
            } catch (error) {
              this.destroy(error)
              events.close(true)
            }
          },
          close: (hadError) => {
            if (!secured) events.close(hadError)
          },
        }),
      )
    }

    [SERVE](id: number, accept: Accept, failed: (error: Error) => void): void {
      this.#failed = failed
      super[START]((events) => {
        accept(id, this.#events(events))
        return id
      })
    }

    #request(): object {
      const { secureContext, checkServerIdentity } = this.#options
      return {
        ...this.#options,
        ...this.#asked,
        ...(secureContext === undefined || secureContext === null
          ? {}
          : { context: SecureContext.tokenOf(secureContext) }),
        ownIdentityCheck: typeof checkServerIdentity === 'function' && checkServerIdentity !== defaultCheck,
      }
    }

    #events(events: SocketEvents): SecureEvents {
      return {
        ...events,
        secure: (facts) => {
          if (!this.destroyed && this.#accepts(facts)) events.connect()
        },
        session: (bytes) => void this.emit('session', ownBytes(Buffer, bytes)),
        error: (error) => {
          if (this.secureConnecting && this.#failed !== undefined) this.#failed(error)
          else events.error(error)
        },
      }
    }

    #accepts({ authorized, authorizationError, alpnProtocol, servername, reused }: Facts): boolean {
      this.authorized = authorized
      this.authorizationError = authorizationError
      this.alpnProtocol = alpnProtocol
      this.servername = servername
      this.#reused = reused
      const { checkServerIdentity: check, rejectUnauthorized, host } = this.#options
      if (
        !authorized ||
        this.#options['isServer'] === true ||
        typeof check !== 'function' ||
        check === defaultCheck
      )
        return true
      const error = this.#checked(
        check as Check,
        this.#asked.servername ?? this.#options['servername'] ?? host ?? 'localhost',
      )
      if (error === undefined || error === null) return true
      if (rejectUnauthorized !== false) {
        this.destroy(error)
        return false
      }
      const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
      this.authorized = false
      this.authorizationError = code ?? message
      return true
    }

    #checked(check: Check, hostname: unknown): unknown {
      try {
        return Reflect.apply(check, this.#options, [hostname, this.getPeerCertificate(true)])
      } catch (error) {
        return error ?? netError('ERR_TLS_CERT_ALTNAME_INVALID', 'The check of the certificate failed')
      }
    }

    override [OPENED](): void {
      this.secureConnecting = false
      this.emit('secure')
      if (this.#failed === undefined && this.#options['isServer'] !== true) this.emit('secureConnect')
      if (this[ID] !== undefined && !this.isPaused()) this.read(0)
    }

    #look(what: string): unknown {
      const id = this[ID]
      return id === undefined ? undefined : ownBytes(Buffer, power.look(id, what))
    }

    getPeerCertificate(detailed?: unknown): unknown {
      return this.#look(detailed ? 'peerCertificates' : 'peerCertificate') ?? null
    }
    getCertificate(): unknown {
      return this.#look('certificate') ?? null
    }
    getCipher(): unknown {
      return this.#look('cipher')
    }
    getProtocol(): unknown {
      return this.#look('protocol') ?? null
    }
    getSession(): unknown {
      return this.#look('session')
    }
    getTLSTicket(): unknown {
      return this.#look('ticket')
    }
    getEphemeralKeyInfo(): unknown {
      return this.#look('ephemeralKey') ?? null
    }
    getFinished(): unknown {
      return this.#look('finished')
    }
    getPeerFinished(): unknown {
      return this.#look('peerFinished')
    }
    getSharedSigalgs(): unknown {
      return this.#look('sharedSigalgs') ?? []
    }
    isSessionReused(): boolean {
      return this.#reused
    }

    exportKeyingMaterial(length: unknown, label: unknown, context?: unknown): unknown {
      if (this.secureConnecting)
        throw netError('ERR_TLS_INVALID_STATE', 'TLS socket connection must be securely established')
      return ownBytes(Buffer, power.exportKeyingMaterial(this[ID], length, label, context))
    }

    setServername(name: unknown): void {
      if (typeof name !== 'string') throw wrongType('name', 'of type string')
      this.#asked = { ...this.#asked, servername: name }
    }

    setSession(session: unknown): void {
      this.#asked = {
        ...this.#asked,
        session: typeof session === 'string' ? Buffer.from(session, 'latin1') : session,
      }
    }
  }
}

/** What a caller may say to the stream; nothing of a handle or a descriptor. */
function streamOptions(options: Options): Options {
  const names = ['allowHalfOpen', 'readableHighWaterMark', 'writableHighWaterMark', 'signal', 'onread']
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
}
