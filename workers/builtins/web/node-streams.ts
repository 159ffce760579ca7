/** What of the plugin's own `stream` this folder uses. */
import type { Module } from '../module.js'

type Done = (error?: unknown) => void
export interface NodeStream {
  readonly destroyed: boolean
  on(name: string, listener: (...values: never) => void): this
  once(name: string, listener: (...values: never) => void): this
  destroy(error?: unknown): this
}
export interface NodeReadable extends NodeStream {
  readonly readableObjectMode: boolean
  readonly readableHighWaterMark: number
  pause(): this
  resume(): this
  push(chunk: unknown): boolean
}
export interface NodeWritable extends NodeStream {
  readonly writableObjectMode: boolean
  readonly writableHighWaterMark: number
  readonly writableNeedDrain: boolean
  readonly writableEnded: boolean
  write(chunk: unknown): boolean
  end(): this
}
export type NodeDuplex = NodeReadable & NodeWritable

/** How a stream of Node's is made: the functions it is asked through. */
export interface StreamMethods {
  read?(): void
  write?(chunk: unknown, encoding: unknown, done: Done): void
  final?(done: Done): void
  destroy?(error: unknown, done: Done): void
}
type StreamClass<T> = new (options: object) => T

export interface StreamModule {
  readonly Readable: StreamClass<NodeReadable>
  readonly Writable: StreamClass<NodeWritable>
  readonly Duplex: StreamClass<NodeDuplex>
  finished(stream: NodeStream, options: object, done: Done): () => void
}

declare const require: (name: string) => Module

export function streamModule(): StreamModule {
  return require('node:stream') as unknown as StreamModule
}
