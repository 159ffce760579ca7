/**
 * What `http` stands on, given as arguments: the plugin's own streams, emitters and
 * sockets. The types are Node's, since the copies keep Node's contract.
 */
import type { EventEmitter } from 'node:events'
import type { Duplex, Readable, Stream } from 'node:stream'

export type Listener = (...values: readonly never[]) => void
export type Callback = (...values: readonly unknown[]) => void

/** A socket of `net` or `tls`, or whatever stream an agent's createConnection gave. */
export interface Socket extends Duplex {
  readonly encrypted?: boolean
  readonly connecting?: boolean
  readonly timeout?: number
  setTimeout?(ms: number, listener?: () => void): unknown
  setNoDelay?(on: boolean): unknown
  setKeepAlive?(on: boolean, initialDelayMs?: number): unknown
  ref?(): unknown
  unref?(): unknown
  destroySoon?(): void
  /** The message that is being sent or, on the client, answered. */
  _httpMessage?: unknown
  /** Reading waits for more than the current message. */
  _paused?: boolean
  /** A request has reported an error of this socket. */
  _hadError?: boolean
}

export interface NetServer extends EventEmitter {
  readonly listening: boolean
  close(callback?: (error?: Error) => void): this
}
export type NetServerClass = new (options: object) => NetServer

export interface Kit {
  readonly Stream: new () => Stream
  readonly Readable: new (options: object) => Readable
  readonly EventEmitter: new () => EventEmitter
}

/**
 * A class that can be called without `new`, and by the constructor of an older-style
 * subclass. For programs alone: what is constructed through a proxy, or extends one,
 * is several times slower to make.
 */
export function callable<Class extends new (...values: never[]) => object>(Class: Class): Class {
  const construct = (target: Class, values: unknown[], newTarget: NewableFunction): object =>
    Reflect.construct(target, values, newTarget) as object
  const called = new Proxy(Class, {
    apply: (target, self: unknown, values: unknown[]) => {
      if (!(self instanceof target)) return construct(target, values, target)
      const made = construct(target, values, target)
      Object.defineProperties(self, Object.getOwnPropertyDescriptors(made))
      return undefined
    },
  })
  Object.defineProperty(Class.prototype, 'constructor', { value: called, writable: true, configurable: true })
  return called
}

/** Ends a socket once what was written is out; what comes in meanwhile is not waited for. */
export function destroySoon(socket: Socket): void {
  if (typeof socket.destroySoon === 'function') return socket.destroySoon()
  if (socket.writable) socket.end()
  if (socket.writableFinished) socket.destroy()
  else socket.once('finish', () => socket.destroy())
}

export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array
}

export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
