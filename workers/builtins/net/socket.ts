/** `net.Socket` as programs see it, and as the classes that stand on it do; what it does is socket-class.ts. */
import type { SocketEvents } from '../../attenuate/net/net.js'
import type { Link, Placed } from './placed.js'

export interface Socket extends Placed {
  readonly timeout: number | undefined
  connect(...args: readonly unknown[]): this
  setTimeout(delayMs: unknown, callback?: unknown): this
  setNoDelay(on?: unknown): this
  setKeepAlive(on?: unknown, initialDelayMs?: unknown): this
  ref(): this
  unref(): this
  destroySoon(): void
  resetAndDestroy(): this
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Gets a number from `begin` and follows what happens to it; what `begin` throws is an error of the socket. */
  [START](begin: (events: SocketEvents) => number): void
  /** Takes over a socket that is connected already. */
  [ADOPT](id: number): void
  /** Called when it is connected; tells the program. */
  [OPENED](): void
}
export type SocketClass = new (options?: unknown, link?: Link) => Socket

/** What a class that stands on Socket uses; no program can name them. */
export const START: unique symbol = Symbol('start')
export const ADOPT: unique symbol = Symbol('adopt')
export const OPENED: unique symbol = Symbol('opened')
