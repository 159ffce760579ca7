/**
 * The web platform as a plugin's own copy: streams, Blob, and fetch with its classes. Built into a
 * script of its own (dist/workers/web.cjs), which the plugin's built-ins run at the first need of
 * one of these names. `require` leads to those built-ins, and nothing here is trusted.
 */
import type { Module } from '../module.js'
import * as adapters from './adapters.js'
import { Blob, blobOf, File } from './blob.js'
import { TextDecoderStream, TextEncoderStream } from './coding-streams.js'
import { CompressionStream, DecompressionStream } from './compression-streams.js'
import { STREAM_CLASSES } from './streams.js'

/** A path of undici is resolved when the script is built; its files run at the first need of what they make. */
declare const require: (name: string) => Module

const STREAMS: Module = {
  ...STREAM_CLASSES,
  TextEncoderStream,
  TextDecoderStream,
  CompressionStream,
  DecompressionStream,
}

const FETCH: Readonly<Record<string, () => unknown>> = {
  FormData: () => require('undici/lib/web/fetch/formdata.js')['FormData'],
  Headers: () => require('undici/lib/web/fetch/headers.js')['Headers'],
  Request() {
    // It takes what reads a body from there while it loads.
    require('undici/lib/web/fetch/response.js')
    return require('undici/lib/web/fetch/request.js')['Request']
  },
  Response: () => require('undici/lib/web/fetch/response.js')['Response'],
  fetch: () => makeFetch(require('undici/lib/web/fetch/index.js')['fetch'] as typeof fetch),
}

function makeFetch(undici: typeof fetch): typeof fetch {
  return async function fetch(input, ...init) {
    return undici(input, ...init)
  }
}

/** Every global of this script, and what `stream`, `buffer`, `fs` and `stream/web` take from it. */
export const web: Module = { ...STREAMS, Blob, File, blobOf, adapters, streams: STREAMS }

for (const [name, make] of Object.entries(FETCH)) {
  Object.defineProperty(web, name, { get: make, enumerable: true })
}
