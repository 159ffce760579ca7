/**
 * A connected socket behind a number: bytes in, bytes out, no more of either in the
 * host than one piece. It knows nothing of where the socket came from, so that one
 * of TLS is the same to it.
 *
 * Bytes cross in memory of their own in both directions: a plugin could change or give
 * away its buffer while the system still reads it.
 */
import type { Socket } from 'node:net'
import { alone, outOfRange, viewIn } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { SystemError } from '../system-errors.js'
import { socketEvents, type Deliver } from './events.js'
import { fromHost } from './failure.js'
import type { Ends, SocketEvents, StreamPowers } from './net.js'
import type { OpenSocket, Sockets } from './sockets.js'

/** Most bytes of one write: 1 MiB, and the head of a message before it. */
export const MOST_BYTES: number = 1_048_576 + 65_536
/** Longest delay of a timer, milliseconds. */
const MAX_DELAY_MS = 2_147_483_647

export interface StreamOptions {
  readonly sockets: Sockets
  readonly systemError: SystemError
  readonly deliver: Deliver
  readonly setImmediate: (run: () => void) => unknown
}

export interface Streams {
  readonly powers: StreamPowers
  /**
   * Puts a connected or accepted socket of Node behind the number, paused, and tells `events` what happens to it.
   * @param toError - makes the plugin's error of one of Node's
   */
  wire(
    id: number,
    open: OpenSocket,
    host: Socket,
    events: SocketEvents,
    toError?: (error: unknown) => Error,
  ): void
  /** Takes the socket from behind the number: nobody is told of it any more, and the number is not connected. */
  release(open: OpenSocket): void
}

export function makeStreams({ sockets, systemError, deliver, setImmediate }: StreamOptions): Streams {
  const ofSystem = (error: unknown): Error => fromHost(systemError, error, { syscall: 'read' })
  const copies = makeCopies()
  const listening = new WeakMap<OpenSocket, () => void>()
  const wire: Streams['wire'] = (id, open, host, events, toError = ofSystem) => {
    open.host = host
    open.events = events
    host.pause()
    const listeners = {
      data: (bytes: Buffer) => deliver(events.data, alone(bytes)),
      end: () => deliver(events.end),
      finish: () => deliver(events.finish),
      error: (error: unknown) => deliver(events.error, toError(error)),
      close: (hadError: boolean) => {
        sockets.remove(id)
        deliver(events.close, hadError)
      },
    }
    for (const [name, listener] of Object.entries(listeners)) host.on(name, listener)
    listening.set(open, () => {
      for (const [name, listener] of Object.entries(listeners)) host.removeListener(name, listener)
      host.pause()
    })
  }
  const release = (open: OpenSocket): void => {
    listening.get(open)?.()
    listening.delete(open)
    open.host = undefined
  }
  const powers: StreamPowers = {
    adopt(id, given) {
      const events = socketEvents(given)
      const open = sockets.connected(id, 'adopt')
      if (open.events !== undefined) throw refusal('ERR_INVALID_STATE', 'The socket was adopted already')
      wire(id as number, open, open.host, events)
    },
    ends(id) {
      const open = sockets.find(id)
      return open?.kind === 'socket' && open.host !== undefined ? endsOf(open.host) : {}
    },
    write(id, ...values) {
      const open = sockets.connected(id, 'write')
      if (open.waiting) throw refusal('ERR_INVALID_STATE', 'The last write is still under way')
      const views = values.map((value) => viewIn(value, 'bytes'))
      const length = views.reduce((sum, view) => sum + view.length, 0)
      if (length > MOST_BYTES) throw outOfRange('bytes.length', `at most ${MOST_BYTES}`, length)
      const { host } = open
      const copy = copies.take(views, length)
      open.writes += 1
      host.write(copy, (error) => {
        open.writes -= 1
        if (!open.waiting || open.writes > 0) return
        open.waiting = false
        copies.giveBack(copy)
        if (error === null || error === undefined) deliver(open.events?.written ?? nothing)
      })
      // Nothing left in the stream: the system took all of it at once.
      if (host.writableLength === 0) {
        copies.giveBack(copy)
        return true
      }
      open.waiting = true
      return false
    },
    end: (id) => void sockets.connected(id, 'shutdown').host.end(),
    pause: (id) => void sockets.connected(id, 'read').host.pause(),
    resume: (id) => void sockets.connected(id, 'read').host.resume(),
    setNoDelay: (id, on) => void sockets.connected(id, 'setsockopt').host.setNoDelay(on === true),
    setKeepAlive(id, on, initialDelayMs) {
      const delay =
        typeof initialDelayMs === 'number' && initialDelayMs > 0 ? Math.min(initialDelayMs, MAX_DELAY_MS) : 0
      sockets.connected(id, 'setsockopt').host.setKeepAlive(on === true, delay)
    },
    destroy(id, reset) {
      const open = sockets.find(id)
      if (open?.kind !== 'socket') return
      if (open.host !== undefined) {
        const { host } = open
        if (reset === true) hosted(() => host.resetAndDestroy())
        else host.destroy()
        return
      }
      const { abandon, events } = open
      open.abandon = undefined
      if (abandon === undefined) return
      abandon()
      setImmediate(() => {
        sockets.remove(id as number)
        deliver(events?.close ?? nothing, false)
      })
    },
  }
  return { powers, wire, release }
}

/** From this size on the memory of a copy is used again: fresh pages cost more than the copying. */
const LARGE_BYTES = 65_536

interface Copies {
  /** The views one after the other, in memory that nobody else has. */
  take(views: readonly Uint8Array[], length: number): Uint8Array
  /** Only once the system has taken what is in it. */
  giveBack(copy: Uint8Array): void
}

function makeCopies(): Copies {
  let spare: Uint8Array | undefined
  return {
    take(views, length) {
      const large = length >= LARGE_BYTES
      const memory = large ? (spare ?? new Uint8Array(MOST_BYTES)) : new Uint8Array(length)
      if (large) spare = undefined
      let at = 0
      for (const view of views) {
        memory.set(view, at)
        at += view.length
      }
      return large ? memory.subarray(0, length) : memory
    },
    giveBack({ buffer }) {
      if (buffer.byteLength === MOST_BYTES) spare = new Uint8Array(buffer)
    },
  }
}

const nothing = (): void => undefined

/** Reads what Node tells of both ends; each only where it is known. */
function endsOf(host: Socket): Ends {
  const read = {
    localAddress: host.localAddress,
    localPort: host.localPort,
    localFamily: host.localFamily,
    remoteAddress: host.remoteAddress,
    remotePort: host.remotePort,
    remoteFamily: host.remoteFamily,
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}
