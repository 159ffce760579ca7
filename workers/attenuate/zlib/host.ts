/** Node's zlib as the files of this folder use it, taken before lockdown. Never given to a plugin. */
import * as zlib from 'node:zlib'
import type { Transform } from 'node:stream'

/** Each way of coding; the name is that of the class in Node. */
export const FORMS = [
  'Deflate',
  'Inflate',
  'Gzip',
  'Gunzip',
  'DeflateRaw',
  'InflateRaw',
  'Unzip',
  'BrotliCompress',
  'BrotliDecompress',
] as const
export type Form = (typeof FORMS)[number]

export type HostOptions = zlib.ZlibOptions & zlib.BrotliOptions
export type HostStream = Transform &
  Pick<zlib.Zlib & zlib.ZlibReset & zlib.ZlibParams, 'flush' | 'params' | 'reset'>

export interface HostZlib {
  readonly sync: Readonly<Record<Form, (bytes: Uint8Array, options: HostOptions) => Uint8Array>>
  readonly create: Readonly<Record<Form, (options: HostOptions) => HostStream>>
  readonly crc32: (bytes: Uint8Array, start: number) => number
  /** `zlib.constants`, `zlib.codes`, and the numbers that an older Node exports beside them. */
  readonly constants: Readonly<Record<string, number>>
  readonly codes: Readonly<Record<string, number | string>>
  readonly numbers: Readonly<Record<string, number>>
}

export function takeZlib(): HostZlib {
  const { crc32 } = zlib as unknown as { crc32(bytes: Uint8Array, start: number): number }
  const create = {
    Deflate: zlib.createDeflate,
    Inflate: zlib.createInflate,
    Gzip: zlib.createGzip,
    Gunzip: zlib.createGunzip,
    DeflateRaw: zlib.createDeflateRaw,
    InflateRaw: zlib.createInflateRaw,
    Unzip: zlib.createUnzip,
    BrotliCompress: zlib.createBrotliCompress,
    BrotliDecompress: zlib.createBrotliDecompress,
  }
  return {
    sync: {
      Deflate: zlib.deflateSync,
      Inflate: zlib.inflateSync,
      Gzip: zlib.gzipSync,
      Gunzip: zlib.gunzipSync,
      DeflateRaw: zlib.deflateRawSync,
      InflateRaw: zlib.inflateRawSync,
      Unzip: zlib.unzipSync,
      BrotliCompress: zlib.brotliCompressSync,
      BrotliDecompress: zlib.brotliDecompressSync,
    },
    create: create as unknown as HostZlib['create'],
    crc32,
    constants: numbersOf(zlib.constants),
    codes: JSON.parse(JSON.stringify(Reflect.get(zlib, 'codes'))) as HostZlib['codes'],
    numbers: numbersOf(zlib),
  }
}

/** Zstandard is left out: Node 20 has none, and one frame may ask for a window of 2 GB. */
function numbersOf(owner: object): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.getOwnPropertyNames(owner)
      .map((name) => [name, Reflect.get(owner, name) as unknown])
      .filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && !/zstd/i.test(String(entry[0])),
      ),
  )
}
