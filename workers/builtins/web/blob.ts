/**
 * Blob and File: bytes that cannot change, in pieces that slices share. Pieces are the plugin's own memory,
 * or of `fs.openAsBlob`, which reads them when they are asked for. No `blob:` URL leads to one.
 */
import { TextDecoderStream } from './coding-streams.js'
import { ReadableStream } from './streams.js'
import { tag } from './tag.js'

interface BlobOptions {
  readonly type?: unknown
  readonly endings?: unknown
}
interface FileOptions extends BlobOptions {
  readonly lastModified?: unknown
}

/** A piece that is read when somebody asks for it. */
export interface BytesElsewhere {
  readonly byteLength: number
  subarray(from: number, to: number): BytesElsewhere
  /** Memory that nobody else has. */
  read(): Promise<Uint8Array>
}
type Piece = Uint8Array | BytesElsewhere

/** Bytes a stream hands over at once. */
const PIECE_BYTES = 65_536
const encoder = new TextEncoder()
const { isView } = ArrayBuffer
/** The pieces themselves, or `undefined` for what is no blob; for this file only. */
let piecesOfBlob: (value: unknown) => readonly Piece[] | undefined
/** A Blob of one piece. */
export let blobOf: (piece: Piece, type: string) => Blob

export class Blob {
  #pieces: readonly Piece[]
  #size: number
  readonly #type: string

  constructor(parts: unknown = [], options: unknown = {}) {
    const { type = '', endings = 'transparent' } = dictionary<BlobOptions>(options, 'options')
    const ending = `${endings as string}`
    if (ending !== 'transparent' && ending !== 'native')
      throw argumentError('ERR_INVALID_ARG_VALUE', `The property 'options.endings' is invalid: '${ending}'`)
    this.#pieces = [...sequence(parts)].flatMap((part) => piecesOf(part, ending === 'native'))
    this.#size = this.#pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
    this.#type = typeOf(type)
  }

  get size(): number {
    return this.#size
  }
  get type(): string {
    return this.#type
  }

  slice(start: unknown = 0, end: unknown = this.#size, type: unknown = ''): Blob {
    const from = position(start, this.#size)
    const to = Math.max(from, position(end, this.#size))
    const blob = new Blob([], { type })
    const pieces: Piece[] = []
    let at = 0
    for (const piece of this.#pieces) {
      const [first, last] = [Math.max(from - at, 0), Math.min(to - at, piece.byteLength)]
      if (first < last) pieces.push(piece.subarray(first, last))
      at += piece.byteLength
    }
    blob.#pieces = pieces
    blob.#size = to - from
    return blob
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#joined()).buffer
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#joined()
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#joined())
  }
  async #joined(): Promise<Uint8Array<ArrayBuffer>> {
    const joined = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      joined.set(piece instanceof Uint8Array ? piece : await piece.read(), at)
      at += piece.byteLength
    }
    return joined
  }

  stream(): InstanceType<typeof ReadableStream> {
    const pieces = this.#pieces
    let [index, at] = [0, 0]
    return new ReadableStream({
      type: 'bytes',
      async pull(controller) {
        const piece = pieces[index]
        if (piece === undefined) {
          controller.close()
          controller.byobRequest?.respond(0)
          return
        }
        // A copy: the reader may change it or give its memory away.
        const part = piece.subarray(at, at + PIECE_BYTES)
        const chunk = part instanceof Uint8Array ? part.slice() : await part.read()
        at += chunk.byteLength
        if (at === piece.byteLength) [index, at] = [index + 1, 0]
        controller.enqueue(chunk as Uint8Array<ArrayBuffer>)
      },
    })
  }

  textStream(): InstanceType<typeof ReadableStream<string>> {
    return this.stream().pipeThrough(new TextDecoderStream())
  }

  static {
    piecesOfBlob = (value) =>
      typeof value === 'object' && value !== null && #pieces in value ? value.#pieces : undefined
    blobOf = (piece, type) => {
      const blob = new Blob([], { type })
      blob.#pieces = piece.byteLength === 0 ? [] : [piece]
      blob.#size = piece.byteLength
      return blob
    }
  }
}

export class File extends Blob {
  readonly #name: string
  readonly #lastModified: number
  constructor(...values: readonly unknown[]) {
    if (values.length < 2)
      throw argumentError('ERR_MISSING_ARGS', 'The "fileBits" and "fileName" arguments must be specified')
    super(values[0], values[2])
    const { lastModified } = dictionary<FileOptions>(values[2], 'options')
    this.#name = wellFormed(`${values[1] as string}`)
    this.#lastModified = lastModified === undefined ? Date.now() : Math.trunc(Number(lastModified)) || 0
  }
  get name(): string {
    return this.#name
  }
  get lastModified(): number {
    return this.#lastModified
  }
}

for (const [Class, names] of [
  [Blob, ['size', 'type', 'slice', 'arrayBuffer', 'bytes', 'text', 'stream', 'textStream']],
  [File, ['name', 'lastModified']],
] as const) {
  for (const name of names) Object.defineProperty(Class.prototype, name, { enumerable: true })
}
tag(Blob, 'Blob')
tag(File, 'File')

function piecesOf(part: unknown, native: boolean): readonly Piece[] {
  const pieces = piecesOfBlob(part)
  if (pieces !== undefined) return pieces
  const bytes = isView(part)
    ? new Uint8Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength))
    : part instanceof ArrayBuffer
      ? new Uint8Array(part.slice(0))
      : encoder.encode(native ? `${part as string}`.replaceAll(/\r\n?/g, '\n') : `${part as string}`)
  return bytes.byteLength === 0 ? [] : [bytes]
}

/** With each lone surrogate replaced. */
function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoder.encode(text))
}

function sequence(parts: unknown): Iterable<unknown> {
  if (typeof parts === 'object' && parts !== null && Symbol.iterator in parts)
    return parts as Iterable<unknown>
  throw argumentError('ERR_INVALID_ARG_TYPE', 'The "sources" argument must be a sequence')
}

function dictionary<T extends object>(options: unknown, name: string): Partial<T> {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' || typeof options === 'function') return options as Partial<T>
  throw argumentError('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be an object`)
}

/** In lower case; '' for what no header could carry. */
function typeOf(type: unknown): string {
  const text = `${type as string}`
  return /[^\x20-\x7e]/.test(text) ? '' : text.toLowerCase()
}

/** A place in a blob of that size, counted from the end when it is negative. */
function position(value: unknown, size: number): number {
  const at = Math.trunc(Number(value)) || 0
  return at < 0 ? Math.max(size + at, 0) : Math.min(at, size)
}

function argumentError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}
