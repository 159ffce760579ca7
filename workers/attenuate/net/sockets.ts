/**
 * The open sockets and servers of one plugin, by numbers of its own: no descriptor of
 * the process is ever one. Counted together, capped, closed together.
 */
import type { Server, Socket } from 'node:net'
import type { LimitReached } from '../limit-reached.js'
import { refusal } from '../refusal.js'
import type { SystemError } from '../system-errors.js'
import { failure } from './failure.js'
import type { ServerEvents, SocketEvents } from './net.js'

export interface OpenSocket {
  readonly kind: 'socket'
  /** Node's own socket, or one of `tls`; `undefined` until it is connected. */
  host: Socket | undefined
  /** `undefined` for an accepted socket that nobody adopted yet. */
  events: SocketEvents | undefined
  /** Writes whose callback has not come yet, and whether the plugin waits for the last of them. */
  writes: number
  waiting: boolean
  /** Ends what is under way before there is a socket. */
  abandon: (() => void) | undefined
}

export interface OpenServer {
  readonly kind: 'server'
  readonly host: Server
  readonly events: ServerEvents
}

type Open = OpenSocket | OpenServer

export interface Sockets {
  /** @throws Error `EMFILE` at the cap, `PLUGIN_STOPPED` after `closeAll` */
  admit(syscall: string): void
  /** Whether one more fits. */
  hasRoom(): boolean
  add(open: Open): number
  /** @throws Error `EBADF` for a number that is no open socket here, `PLUGIN_STOPPED` after `closeAll` */
  socket(id: unknown, syscall: string): OpenSocket
  /** Of one that is connected. @throws as `socket`, and `ENOTCONN` */
  connected(id: unknown, syscall: string): OpenSocket & { readonly host: Socket }
  /** @throws as `socket` */
  server(id: unknown, syscall: string): OpenServer
  /** Nothing for a number that is not open. @throws Error `PLUGIN_STOPPED` after `closeAll` */
  find(id: unknown): Open | undefined
  /** As `find`, for trusted callbacks: never throws. */
  isOpen(id: number): boolean
  remove(id: number): void
  /** @throws Error `PLUGIN_STOPPED` after `closeAll` */
  checkRunning(): void
  isStopped(): boolean
  closeAll(): void
}

export function newSocket(host: Socket | undefined, events: SocketEvents | undefined): OpenSocket {
  return { kind: 'socket', host, events, writes: 0, waiting: false, abandon: undefined }
}

/** The first number; the ones below mean standard streams and channels everywhere. */
const FIRST_ID = 1000

export function makeSockets(systemError: SystemError, limit: number, reached?: LimitReached): Sockets {
  const open = new Map<number, Open>()
  let lastId = FIRST_ID - 1
  let stopped = false

  const checkRunning = (): void => {
    if (stopped) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can use no socket any more')
  }
  const find = (id: unknown): Open | undefined => {
    checkRunning()
    return open.get(id as number)
  }
  const socket = (id: unknown, syscall: string): OpenSocket => {
    const found = find(id)
    if (found?.kind !== 'socket') throw failure(systemError, 'EBADF', { syscall })
    return found
  }
  return {
    checkRunning,
    find,
    socket,
    isStopped: () => stopped,
    isOpen: (id) => open.has(id),
    hasRoom() {
      if (!stopped && open.size >= limit) reached?.('sockets', open.size)
      return !stopped && open.size < limit
    },
    admit(syscall) {
      checkRunning()
      if (open.size < limit) return
      reached?.('sockets', open.size)
      const note = `${open.size} sockets are open and limits.sockets of the plugin's policy is ${limit}`
      throw failure(systemError, 'EMFILE', { syscall }, note)
    },
    add(one) {
      lastId += 1
      open.set(lastId, one)
      return lastId
    },
    connected(id, syscall) {
      const found = socket(id, syscall)
      if (found.host === undefined) throw failure(systemError, 'ENOTCONN', { syscall })
      return found as OpenSocket & { readonly host: Socket }
    },
    server(id, syscall) {
      const found = find(id)
      if (found?.kind !== 'server') throw failure(systemError, 'EBADF', { syscall })
      return found
    },
    remove: (id) => void open.delete(id),
    closeAll() {
      stopped = true
      for (const one of open.values()) {
        if (one.kind === 'server') {
          one.host.close()
        } else {
          one.abandon?.()
          one.host?.destroy()
        }
      }
      open.clear()
    },
  }
}
