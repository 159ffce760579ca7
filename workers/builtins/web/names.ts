/**
 * Names that the text of this script has free and that are no constants of the compartment: the
 * build binds each of them to this file, also in undici's own files.
 */
import type { Module } from '../module.js'

declare const require: (name: string) => Module

export { Blob, File } from './blob.js'
export { ReadableStream, TransformStream } from './streams.js'

export const Buffer: unknown = require('node:buffer')['Buffer']

/** undici tells it of each request; there is nobody to hear of them. */
export const performance: object = { ...globalThis.performance, markResourceTiming() {} }
