/**
 * What the plugin's own `tls` (workers/builtins/tls) stands on. It puts TLS around a
 * socket that the plugin has already, by its number: where that leads was decided when
 * it was connected or accepted (net), so nothing is decided here. The number stays, and
 * everything that `net` does with it does it to the secured socket from then on.
 *
 * Until the handshake is done and the certificate is checked, the number is a socket
 * that is not connected: no byte of the plugin goes out before.
 */
import type { TLSSocket } from 'node:tls'
import type { Deliver } from '../net/events.js'
import type { Sockets } from '../net/sockets.js'
import type { Streams } from '../net/stream.js'
import type { Harden } from '../../lockdown.js'
import type { SystemError } from '../system-errors.js'
import { makeClient } from './client.js'
import { makeContexts } from './contexts.js'
import type { HostTls } from './host.js'
import { makeInspect, type Inspect } from './inspect.js'
import { makeServers, type TlsServer } from './server.js'

export interface Tls extends Inspect {
  /** A token for a secure context made of these options. */
  context(options: unknown): object
  /**
   * Speaks TLS as a client over a connected socket.
   * @param request - options of `tls.connect`; `context` a token; `ownIdentityCheck`: the plugin
   *   checks by itself whose the certificate is, and trusted code only who signed it
   */
  start(id: unknown, request: unknown, events: unknown): void
  /** What accepted sockets are secured by. @param sni - gets a name and a function that takes a token */
  openServer(options: unknown, sni: unknown): TlsServer
}

export interface TlsOptions {
  readonly host: HostTls
  readonly sockets: Sockets
  readonly streams: Streams
  readonly deliver: Deliver
  readonly systemError: SystemError
  readonly harden: Harden
}

export function makeTls({ host, sockets, streams, deliver, systemError, harden }: TlsOptions): Tls {
  const contexts = makeContexts(host)
  /** By the socket it is, while it is open. */
  const secured = new WeakMap<object, TLSSocket>()
  const parts = { host, sockets, streams, deliver, systemError, contexts, secured }
  const openServer = makeServers(parts)
  return {
    context: (options) => {
      sockets.checkRunning()
      return contexts.make(options)
    },
    start: makeClient(parts),
    openServer: (options, sni) => harden(openServer(options, sni)),
    ...makeInspect(parts),
  }
}
