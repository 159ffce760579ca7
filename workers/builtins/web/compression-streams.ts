/** CompressionStream and DecompressionStream: the plugin's own zlib, with its bounds, as web streams. */
import type { Module } from '../module.js'
import { duplexToWeb, type WebPair } from './adapters.js'
import type { NodeDuplex } from './node-streams.js'
import { tag } from './tag.js'

declare const require: (name: string) => Module

const FORMS: Readonly<Record<string, readonly [string, string]>> = {
  deflate: ['createDeflate', 'createInflate'],
  'deflate-raw': ['createDeflateRaw', 'createInflateRaw'],
  gzip: ['createGzip', 'createGunzip'],
  brotli: ['createBrotliCompress', 'createBrotliDecompress'],
}

function open(format: unknown, direction: 0 | 1): WebPair {
  const name = `${format as string}`
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined
  if (form === undefined) {
    const message = `The argument 'format' must be one of: ${Object.keys(FORMS).join(', ')}. Received '${name}'`
    throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  return duplexToWeb((require('node:zlib')[form[direction]] as () => NodeDuplex)())
}

export class CompressionStream {
  readonly #pair: WebPair
  constructor(format: unknown) {
    this.#pair = open(format, 0)
  }
  get readable(): WebPair['readable'] {
    return this.#pair.readable
  }
  get writable(): WebPair['writable'] {
    return this.#pair.writable
  }
}

export class DecompressionStream {
  readonly #pair: WebPair
  constructor(format: unknown) {
    this.#pair = open(format, 1)
  }
  get readable(): WebPair['readable'] {
    return this.#pair.readable
  }
  get writable(): WebPair['writable'] {
    return this.#pair.writable
  }
}

tag(CompressionStream, 'CompressionStream')
tag(DecompressionStream, 'DecompressionStream')
