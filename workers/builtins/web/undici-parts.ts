/**
 * Stands where undici's fetch asks for its clients, for Node's `http`, `net`, `util` and `stream`,
 * and for what the Node it runs on can do (see .ci/build.mjs). Requests go through dispatcher.ts instead.
 */
import type { Module } from '../module.js'
import { dispatcher, type Dispatcher } from './dispatcher.js'

declare const require: (name: string) => Module

export function getGlobalDispatcher(): Dispatcher {
  return dispatcher
}

export const runtimeFeatures: { has(feature: string): boolean } = { has: (feature) => feature === 'crypto' }

/** Nothing here is one: undici looks for streams of this class that it has to end in another way. */
export class IncomingMessage {}

const { isView } = ArrayBuffer
const isDataView = (value: unknown): boolean => value instanceof DataView
const isArrayBuffer = (value: unknown): boolean => value instanceof ArrayBuffer

/** Without Node's own tests, by which a proxy can be told: undici then reads each object as if it were one. */
export const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  isProxy: () => true,
  isArrayBuffer,
  isAnyArrayBuffer: isArrayBuffer,
  isSharedArrayBuffer: () => false,
  isArrayBufferView: isView,
  isTypedArray: (value) => isView(value) && !isDataView(value),
  isDataView,
}
export const isUint8Array = (value: unknown): boolean => value instanceof Uint8Array

type Inspect = (...values: readonly unknown[]) => string
/** `util` is a large script of its own, which most requests do without. */
const util = (name: string): Inspect => require('node:util')[name] as Inspect
export const inspect: Inspect & { readonly custom: symbol } = Object.assign<Inspect, { custom: symbol }>(
  (...values) => util('inspect')(...values),
  { custom: Symbol.for('nodejs.util.inspect.custom') },
)
export const formatWithOptions: Inspect = (...values) => util('formatWithOptions')(...values)

const stream = require('node:stream')
export const Readable: unknown = stream['Readable']
export const Transform: unknown = stream['Transform']
export const pipeline: unknown = stream['pipeline']
export const isDestroyed: unknown = stream['isDestroyed']
export const isDisturbed: unknown = stream['isDisturbed']
export const isErrored: unknown = stream['isErrored']
export const isReadable: unknown = stream['isReadable']
/** undici only waits for the end of a body to report how long the request took, and nobody is told. */
export function finished(): void {}

/** Texts for WebSockets, which are not here. */
export const STATUS_CODES: Readonly<Record<number, string>> = {}
