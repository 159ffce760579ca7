/** What a socket stands on: the Duplex of the plugin's own `stream`. */
import type { Callback } from './options.js'

/** Told once, with what went wrong. */
export type Done = (error?: unknown) => void

/** The part of `readable-stream` that stands here. */
export interface Duplex {
  readonly destroyed: boolean
  readonly readable: boolean
  readonly writable: boolean
  readonly writableFinished: boolean
  readonly writableLength: number
  allowHalfOpen: boolean
  push(chunk: unknown): boolean
  read(size?: number): unknown
  end(...args: readonly unknown[]): unknown
  destroy(error?: unknown): this
  emit(name: string, ...args: readonly unknown[]): boolean
  on(name: string, listener: Callback): this
  once(name: string, listener: Callback): this
  removeListener(name: string, listener: Callback): this
  isPaused(): boolean
  pause(): this
  _undestroy(): void
}
export type DuplexClass = new (options: object) => Duplex
