/** From a raw socket to a secured one behind the same number: what both sides of a connection share. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { wrongType } from '../arguments.js'
import { socketEvents, type Deliver } from '../net/events.js'
import type { SocketEvents } from '../net/net.js'
import type { OpenSocket, Sockets } from '../net/sockets.js'
import type { Streams } from '../net/stream.js'
import { refusal } from '../refusal.js'
import type { SystemError } from '../system-errors.js'
import type { Contexts } from './contexts.js'
import { tlsFailure } from './failure.js'
import { factsOf, type Facts } from './facts.js'
import type { HostTls } from './host.js'

export interface Parts {
  readonly host: HostTls
  readonly sockets: Sockets
  readonly streams: Streams
  readonly deliver: Deliver
  readonly systemError: SystemError
  readonly contexts: Contexts
  readonly secured: WeakMap<object, TLSSocket>
}

export interface SecureEvents extends SocketEvents {
  readonly secure: (facts: Facts) => void
  readonly session: (bytes: Uint8Array) => void
}

/** The callbacks of one socket, each taken once. */
export function secureEvents(given: unknown): SecureEvents {
  const events = socketEvents(given)
  const more = ['secure', 'session'].map((name) => {
    const value: unknown = Reflect.get(given as object, name)
    if (typeof value !== 'function') throw wrongType(`events.${name}`, 'a function')
    return [name, value] as const
  })
  return { ...events, ...(Object.fromEntries(more) as unknown as Pick<SecureEvents, 'secure' | 'session'>) }
}

/** A socket whose raw bytes are TLS's from now on. */
export interface Handshake {
  readonly id: number
  readonly open: OpenSocket
  readonly raw: Socket
  readonly events: SecureEvents
  /** Who used the socket before, and is told of its end. */
  readonly before: SocketEvents | undefined
}

/** Takes the raw socket from behind the number. @throws Error for a number that is no connected, idle socket */
export function beginHandshake({ sockets, streams }: Parts, id: unknown, given: unknown): Handshake {
  const events = secureEvents(given)
  const open = sockets.connected(id, 'tls')
  if (open.waiting) throw refusal('ERR_INVALID_STATE', 'The last write is still under way')
  const raw = open.host
  const before = open.events
  streams.release(open)
  raw.on('error', nothing) // the secured socket tells of it
  open.events = events
  return { id: id as number, open, raw, events, before }
}

/** Puts the secured socket behind the number once the peer is accepted; ends the number when it is not. */
export function awaitSecure(
  { sockets, streams, deliver, systemError, secured }: Parts,
  { id, open, events, before }: Handshake,
  host: TLSSocket,
  event: 'secureConnect' | 'accepted',
): { accept(): void; fail(error: unknown): void; closed(hadError: boolean): void } {
  let over = false
  let gone = false
  let failed = false
  const toError = (error: unknown): Error => tlsFailure(systemError, error)
  const fail = (error: unknown): void => {
    if (over || failed) return
    failed = true
    deliver(events.error, toError(error))
  }
  const closed = (hadError: boolean): void => {
    if (gone) return
    gone = true
    if (!over) {
      over = true
      sockets.remove(id)
      deliver(events.close, hadError)
    }
    if (before !== undefined) deliver(before.close, hadError)
  }
  const accept = (): void => {
    if (over || host.destroyed) return
    over = true
    open.abandon = undefined
    host.removeListener('error', fail)
    secured.set(open, host)
    streams.wire(id, open, host, events, toError)
    deliver(events.secure, factsOf(host))
  }
  open.abandon = () => {
    over = true
    host.destroy()
  }
  host.on('error', fail)
  host.on('close', closed)
  host.on('session', (bytes: Buffer) => deliver(events.session, new Uint8Array(bytes)))
  if (event === 'secureConnect') host.once('secureConnect', accept)
  return { accept, fail, closed }
}

const nothing = (): void => undefined
