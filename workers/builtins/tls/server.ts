/** `tls.Server`: a `net.Server` whose connections are secured before anybody hears of them. */
import { wrongType } from '../net/errors.js'
import type { Callback, Options } from '../net/options.js'
import { ACCEPT, COUNT, type Server as NetServer, type ServerClass } from '../net/server.js'
import { SecureContext } from './context.js'
import { power } from './power.js'
import { SERVE, type TLSSocketClass } from './socket.js'

export interface Server extends NetServer {
  addContext(name: unknown, context: unknown): void
  setSecureContext(options: unknown): void
}
export type TlsServerClass = new (options?: unknown, listener?: unknown) => Server

type Sni = (name: string, done: (error: unknown, context?: unknown) => void) => unknown

export function tlsServerClass(Base: ServerClass, TLSSocket: TLSSocketClass): TlsServerClass {
  return class Server extends Base {
    readonly #secures: ReturnType<typeof power.openServer>

    constructor(given?: unknown, listener?: unknown) {
      const options = typeof given === 'object' && given !== null ? (given as Options) : {}
      super(options)
      const { SNICallback: sni } = options
      if (sni !== undefined && typeof sni !== 'function')
        throw wrongType('options.SNICallback', 'of type function')
      this.#secures = power.openServer(
        options,
        sni === undefined ? undefined : (name: string, answer: Answer) => this.#ask(sni as Sni, name, answer),
      )
      const onSecure = typeof given === 'function' ? given : listener
      if (typeof onSecure === 'function') this.on('secureConnection', onSecure as Callback)
    }

    #ask(sni: Sni, name: string, answer: Answer): void {
      Reflect.apply(sni, this, [
        name,
        (error: unknown, context: unknown) => {
          const none = (error !== null && error !== undefined) || context === null || context === undefined
          answer(none ? undefined : SecureContext.tokenOf(context))
        },
      ])
    }

    override [ACCEPT](id: number, options: Options): void {
      const { allowHalfOpen } = options
      const socket = new TLSSocket(undefined, { isServer: true, allowHalfOpen })
      this[COUNT](socket)
      socket.once('secure', () => void this.emit('secureConnection', socket))
      socket[SERVE](
        id,
        (number, events) => this.#secures.accept(number, events),
        (error) => void this.emit('tlsClientError', error, socket),
      )
      if (options['noDelay'] === true) socket.setNoDelay(true)
      if (options['keepAlive'] === true) socket.setKeepAlive(true, options['keepAliveInitialDelay'])
    }

    addContext(name: unknown, context: unknown): void {
      if (typeof name !== 'string' || name === '') throw wrongType('servername', 'a name')
      const made = context instanceof SecureContext ? context : new SecureContext(context)
      this.#secures.addContext(name, SecureContext.tokenOf(made))
    }

    setSecureContext(options: unknown): void {
      this.#secures.setContext(options)
    }
  }
}

type Answer = (token: object | undefined) => void
