/** What the modules that stand on native code share: the plugin's own classes, and input as bytes. */
import type { Module } from './module.js'

export interface OwnBuffer extends Uint8Array {
  toString(encoding?: string): string
}
export interface BufferClass {
  from(value: unknown, encoding?: unknown): OwnBuffer
  from(memory: ArrayBufferLike, at: number, length: number): OwnBuffer
  alloc(length: number): OwnBuffer
  isEncoding(name: unknown): boolean
}

/** `Buffer` of the module, for callers that know its shape. */
export function bufferOf(buffer: Module): BufferClass {
  return buffer['Buffer'] as BufferClass
}

/** A buffer over bytes that native code made, which nobody else holds. */
export function own(Buffer: BufferClass, bytes: Uint8Array): OwnBuffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function invalidArgument(name: string, expected: string): TypeError {
  const message = `The "${name}" argument must be ${expected}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

export type Callback = (...values: readonly unknown[]) => void

/** Calls `callback` without a `this`, in a later turn of the microtask queue. */
export function later(callback: Callback, ...values: readonly unknown[]): void {
  queueMicrotask(() => callback(...values))
}
