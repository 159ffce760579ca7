/**
 * zlib for a plugin, as functions over bytes. The API that programs know (classes,
 * callbacks, constants) is the plugin's own, workers/builtins/zlib.
 */
import { alone, bytesIn, callbackIn, integerIn, outOfRange } from '../arguments.js'
import { hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { WorkLine } from '../work-line.js'
import { FORMS, type Form, type HostOptions, type HostZlib } from './host.js'
import { readOptions } from './options.js'
import { makeZlibStream, type ZlibStream } from './stream.js'

/** Streams that may be open at once: each holds about 270 KB of native memory, Brotli up to 20 MB. */
const MOST_OPEN = 64
/**
 * Most input of a synchronous call, bytes: it cannot be stopped while it codes. Measured on the worst input
 * known, of two symbols: 1.2 s for 8 MiB at level 6, 22 s at level 9; Brotli 6 s for 1 MiB at quality 11.
 * Decoding gives the thread back after each piece of output.
 */
const MOST_SYNC_BYTES = {
  deflate: 8_388_608,
  slowDeflate: 1_048_576,
  brotli: 4_194_304,
  slowBrotli: 262_144,
  decode: 67_108_864,
}
const SLOW_DEFLATE_LEVEL = 7
const BROTLI_PARAM_QUALITY = 1
const SLOW_BROTLI_QUALITY = 10

export interface ZlibPowers {
  readonly forms: readonly Form[]
  readonly constants: Readonly<Record<string, number>>
  readonly codes: Readonly<Record<string, number | string>>
  readonly numbers: Readonly<Record<string, number>>
  crc32(bytes: unknown, start: unknown): number
  /** The whole input at once, in this thread. */
  sync(form: unknown, bytes: unknown, options: unknown): Uint8Array
  /** The whole input at once, on the pool; `done(error)` or `done(null, bytes)`, later. */
  whole(form: unknown, bytes: unknown, options: unknown, done: unknown): void
  open(form: unknown, options: unknown): ZlibStream
}

export interface ZlibLimits {
  /** The bound of `maxOutputLength`, and its default. */
  readonly mostBytes: number
  readonly line: WorkLine
  /** Runs a function of the plugin; does not throw. */
  readonly call: (run: () => void) => void
}

export function makeZlib(
  host: HostZlib,
  { mostBytes, line, call }: ZlibLimits,
): { readonly powers: ZlibPowers; closeAll(): void } {
  const opened = new Set<ZlibStream>()
  let stopped = false

  const open = (form: Form, options: HostOptions): ZlibStream => {
    if (stopped) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can open no stream any more')
    if (opened.size >= MOST_OPEN) {
      const message = `${MOST_OPEN} zlib streams of this plugin are open: end, destroy or close some first`
      throw refusal('ERR_ZLIB_STREAM_LIMIT', message, RangeError)
    }
    const stream: ZlibStream = makeZlibStream(
      hosted(() => host.create[form](options)),
      call,
      () => opened.delete(stream),
    )
    opened.add(stream)
    return stream
  }

  const powers: ZlibPowers = {
    forms: [...FORMS],
    constants: host.constants,
    codes: host.codes,
    numbers: host.numbers,
    crc32: (bytes, start) => host.crc32(bytesIn(bytes, 'data'), integerIn(start, 'value', 0, 0xffff_ffff)),
    sync(kind, value, options) {
      const form = formIn(kind)
      const { host: plain } = readOptions(form, options, mostBytes)
      const bytes = bytesIn(value, 'buffer')
      const most = mostSyncBytes(form, plain)
      if (bytes.length > most) {
        throw outOfRange(
          'buffer.byteLength',
          `at most ${most} in a synchronous call of a plugin`,
          bytes.length,
        )
      }
      return hosted(() => alone(host.sync[form](bytes, plain)))
    },
    whole(kind, value, options, done) {
      const form = formIn(kind)
      const { host: plain, mostBytes: most } = readOptions(form, options, mostBytes)
      const bytes = bytesIn(value, 'buffer')
      const answer = callbackIn(done)
      hosted(() => host.create[form](plain)).destroy() // what is wrong with the options is thrown now, as Node does
      line.add((leave) => {
        const finish = (...values: readonly unknown[]): void => {
          call(() => answer(...values))
          leave()
        }
        try {
          collect(open(form, plain), bytes, most, finish)
        } catch (error) {
          finish(error)
        }
      })
    },
    open: (kind, options) => {
      const form = formIn(kind)
      return Object.freeze(open(form, readOptions(form, options, mostBytes).host))
    },
  }
  return {
    powers,
    closeAll() {
      stopped = true
      for (const stream of opened) stream.close()
    },
  }
}

/** Everything that comes out for `bytes`, as one; `done` gets an error or the result, once. */
function collect(
  stream: ZlibStream,
  bytes: Uint8Array,
  most: number,
  done: (...values: readonly unknown[]) => void,
): void {
  const pieces: Uint8Array[] = []
  let length = 0
  let ended = false
  const pull = (): void => {
    try {
      for (;;) {
        const piece = stream.next(pull)
        if (piece === undefined) return
        if (piece === null) {
          if (ended) break
          ended = true
          stream.end()
          continue
        }
        pieces.push(piece)
        length += piece.length
        if (length > most) {
          const message = `Cannot create a Buffer larger than ${most} bytes`
          throw refusal('ERR_BUFFER_TOO_LARGE', message, RangeError)
        }
      }
    } catch (error) {
      stream.close()
      return done(error)
    }
    const whole = new Uint8Array(length)
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    done(null, whole)
  }
  stream.write(bytes)
  pull()
}

function formIn(value: unknown): Form {
  const form = FORMS.find((name) => name === value)
  if (form === undefined) throw refusal('ERR_INVALID_ARG_VALUE', 'There is no such form of coding', TypeError)
  return form
}

function mostSyncBytes(form: Form, { level = 0, params }: HostOptions): number {
  if (form === 'BrotliCompress') {
    const quality = Number(params?.[BROTLI_PARAM_QUALITY] ?? SLOW_BROTLI_QUALITY)
    return quality < SLOW_BROTLI_QUALITY ? MOST_SYNC_BYTES.brotli : MOST_SYNC_BYTES.slowBrotli
  }
  if (form !== 'Deflate' && form !== 'DeflateRaw' && form !== 'Gzip') return MOST_SYNC_BYTES.decode
  return level < SLOW_DEFLATE_LEVEL ? MOST_SYNC_BYTES.deflate : MOST_SYNC_BYTES.slowDeflate
}
