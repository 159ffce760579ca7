/** The options of zlib as plain values, each read once, and never wider than the plugin's memory. */
import { bytesIn, wrongType } from '../arguments.js'
import { refusal } from '../refusal.js'
import type { Form, HostOptions } from './host.js'

/** One piece of output; larger ones only take memory. */
const MOST_CHUNK_BYTES = 1_048_576
const NUMBERS = ['flush', 'finishFlush', 'windowBits', 'level', 'memLevel', 'strategy'] as const
/** BROTLI_PARAM_LARGE_WINDOW and BROTLI_DECODER_PARAM_LARGE_WINDOW: windows of up to 1 GB. */
const LARGE_WINDOW: Partial<Record<Form, number>> = { BrotliCompress: 6, BrotliDecompress: 1 }

export interface ZlibSettings {
  readonly host: HostOptions
  /** Most bytes of a result. */
  readonly mostBytes: number
}

/** @param mostBytes - the bound of `maxOutputLength`, and its default */
export function readOptions(form: Form, options: unknown, mostBytes: number): ZlibSettings {
  const host: { -readonly [K in keyof HostOptions]: HostOptions[K] } = {}
  if (options === undefined || options === null) return { host: { maxOutputLength: mostBytes }, mostBytes }
  if (typeof options !== 'object') throw wrongType('options', 'an object')
  const given = options as Readonly<Record<string, unknown>>
  for (const name of NUMBERS) {
    const value = numberOf(given[name], name)
    if (value !== undefined) host[name] = value
  }
  const chunkBytes = numberOf(given['chunkSize'], 'chunkSize')
  if (chunkBytes !== undefined) host.chunkSize = Math.min(chunkBytes, MOST_CHUNK_BYTES)
  const asked = numberOf(given['maxOutputLength'], 'maxOutputLength')
  const most = asked === undefined ? mostBytes : Math.min(asked, mostBytes)
  host.maxOutputLength = most
  const dictionary = given['dictionary']
  if (dictionary !== undefined) host.dictionary = bytesIn(dictionary, 'options.dictionary')
  const params = given['params']
  if (params !== undefined && params !== null) host.params = paramsOf(form, params)
  return { host, mostBytes: most }
}

function paramsOf(form: Form, params: unknown): Record<number, number | boolean> {
  if (typeof params !== 'object' || params === null) throw wrongType('options.params', 'an object')
  const read: Record<number, number | boolean> = {}
  for (const key of Object.keys(params).slice(0, 32)) {
    const value: unknown = Reflect.get(params, key)
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw wrongType(`options.params[${key.slice(0, 20)}]`, 'a number or a boolean')
    }
    const id = Number(key)
    if (!Number.isInteger(id) || id < 0 || id > 32) throw invalidParam(key)
    if (id === LARGE_WINDOW[form] && Boolean(value)) throw invalidParam(key)
    read[id] = value
  }
  return read
}

function invalidParam(key: string): Error {
  const message = `${key.slice(0, 20)} is not a valid Brotli parameter`
  return refusal('ERR_BROTLI_INVALID_PARAM', message, RangeError)
}

function numberOf(value: unknown, name: string): number | undefined {
  if (value === undefined || typeof value === 'number') return value
  throw wrongType(`options.${name}`, 'a number')
}
