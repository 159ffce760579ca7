/** Packing and unpacking, at once and as streams. */
import { of, type Exercise } from './exercise.js'

export const ZLIB: readonly Exercise[] = [
  {
    covers: of(
      'zlib',
      'deflate inflateSync inflate gzip gunzipSync gunzip deflateRaw inflateRawSync inflateRaw unzipSync unzip brotliCompress brotliDecompressSync brotliDecompress',
    ),
    run: `
      const zlib = require('zlib')
      for (const [pack, unpack] of [['deflate', 'inflate'], ['gzip', 'gunzip'], ['deflateRaw', 'inflateRaw'], ['gzip', 'unzip'], ['brotliCompress', 'brotliDecompress']]) {
        const packed = await called((callback) => zlib[pack](Buffer.from('text'), callback))
        keep(await called((callback) => zlib[unpack](packed, callback)))
        keep(zlib[unpack + 'Sync'](zlib[pack + 'Sync']('text')))
      }`,
  },
  {
    covers: of(
      'zlib',
      'Unzip createUnzip BrotliCompress createBrotliCompress BrotliDecompress createBrotliDecompress',
    ),
    run: `
      const zlib = require('zlib'), { pipeline } = require('stream/promises')
      for (const [pack, unpack] of [['Gzip', 'Unzip'], ['BrotliCompress', 'BrotliDecompress']]) {
        const packing = keep(zlib['create' + pack]()), unpacking = keep(new zlib[unpack]())
        await pipeline(['text'], packing, unpacking, async (chunks) => { for await (const chunk of chunks) keep(chunk) })
        keep(new zlib[pack]()).destroy()
        keep(zlib['create' + unpack]()).destroy()
      }`,
  },
]
