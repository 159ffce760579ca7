/**
 * The web platform as a plugin's own copy: streams, Blob, and fetch with its classes. Built into a
 * script of its own (dist/workers/web.cjs), which the plugin's built-ins run at the first need of
 * one of these names. `require` leads to those built-ins, and nothing here is trusted.
 */
import type { Module } from '../module.js'
import * as adapters from './adapters.js'
import { Blob, blobOf, File } from './blob.js'
import { TextDecoderStream, TextEncoderStream } from './coding-streams.js'
import { followingDispatcher } from './dispatcher.js'
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
  fetch: () => makeFetch(require('undici/lib/web/fetch/index.js')['fetch'] as Fetch),
}

type Fetch = (input: unknown, ...init: readonly unknown[]) => Promise<unknown>

function makeFetch(undici: Fetch): Fetch {
  const { Request, getRequestDispatcher } = require('undici/lib/web/fetch/request.js') as unknown as {
    readonly Request: new () => { readonly redirect: string }
    readonly getRequestDispatcher: (request: object) => unknown
  }
  return async function fetch(input, ...init) {
    const [options = {}] = init
    if (typeof options !== 'object' || options === null) return undici(input, ...init)
    const given = options as { readonly redirect?: unknown; readonly dispatcher?: unknown }
    const request = input instanceof Request ? input : undefined
    const own = given.dispatcher ?? (request === undefined ? undefined : getRequestDispatcher(request))
    const redirect = given.redirect ?? request?.redirect
    if (own !== undefined || redirect === 'manual') return undici(input, ...init)
    // Over the caller's own options, so that those of a class or with getters count as they are.
    return undici(input, Object.create(given, { dispatcher: { value: followingDispatcher } }))
  }
}

/** Every global of this script, and what `stream`, `buffer`, `fs` and `stream/web` take from it. */
export const web: Module = { ...STREAMS, Blob, File, blobOf, adapters, streams: STREAMS }

for (const [name, make] of Object.entries(FETCH)) {
  Object.defineProperty(web, name, { get: make, enumerable: true })
}
