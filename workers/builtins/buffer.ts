/**
 * Makes the userland Buffer as a program expects Node's: the encodings it lacks, and
 * whole texts and fills through what is native, instead of a loop over characters or
 * bytes. A buffer here is never a slice of a shared pool.
 */
import type { Module } from './module.js'

interface BufferClass {
  readonly prototype: BufferInstance
  isEncoding(name: unknown): boolean
  byteLength(value: unknown, encoding?: unknown): number
  from(value: unknown, encodingOrOffset?: unknown, length?: unknown): Uint8Array
}
type Slice = (this: Uint8Array, start?: number, end?: number) => string
interface BufferInstance {
  toString(this: Uint8Array, encoding?: unknown, start?: number, end?: number): string
  fill(this: Uint8Array, value?: unknown, start?: unknown, end?: unknown, encoding?: unknown): Uint8Array
  utf8Slice?: Slice
  latin1Slice?: Slice
}

/** Of one string, on 64-bit systems. */
const MOST_CHARACTERS = 0x1fffffe8

/** Below this many characters or bytes the loops are faster than a native call. */
const SHORT = 32

export function addBuffer(module: Module): Module {
  const Buffer = module['Buffer'] as BufferClass
  const encoder = new TextEncoder()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const { from, byteLength, isEncoding } = Buffer
  const { toString, fill } = Buffer.prototype
  const isUtf8 = (encoding: unknown): boolean =>
    encoding === undefined || encoding === 'utf8' || encoding === 'utf-8' || encoding === 'UTF-8'

  const own: Partial<BufferClass> = {
    isEncoding: (name) => isBase64Url(name) || Reflect.apply(isEncoding, Buffer, [name]),
    byteLength: (value, encoding) => {
      if (typeof value === 'string' && isBase64Url(encoding))
        return Math.floor((value.replace(/=+$/, '').length * 3) / 4)
      if (typeof value !== 'string' || !isUtf8(encoding) || value.length < SHORT) {
        return Reflect.apply(byteLength, Buffer, [value, encoding])
      }
      return utf8Length(value)
    },
    from: (value, encoding, length) => {
      if (typeof value === 'string') {
        if (isBase64Url(encoding))
          return Reflect.apply(from, Buffer, [value.replaceAll('-', '+').replaceAll('_', '/'), 'base64'])
        const decoded = encoding === 'base64' && value.length >= SHORT ? bytesOfBase64(value) : undefined
        if (decoded !== undefined) return Reflect.apply(from, Buffer, [decoded.buffer])
        if (isUtf8(encoding) && value.length >= SHORT) {
          const bytes = encoder.encode(value)
          return Reflect.apply(from, Buffer, [bytes.buffer, bytes.byteOffset, bytes.byteLength])
        }
      }
      return Reflect.apply(from, Buffer, [value, encoding, length])
    },
  }
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(Buffer, name, { value, writable: true, configurable: true, enumerable: true })
  }
  const text = function text(this: Uint8Array, encoding?: unknown, start?: number, end?: number): string {
    if (isBase64Url(encoding)) {
      const base64 = Reflect.apply(toString, this, ['base64', start, end])
      return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
    }
    if (encoding === 'base64' && start === undefined && end === undefined) return btoa(binary(this))
    if (!isUtf8(encoding) || this.length < SHORT) return Reflect.apply(toString, this, [encoding, start, end])
    return decoder.decode(
      start === undefined && end === undefined
        ? this
        : this.subarray(clamp(start, 0), clamp(end, this.length)),
    )
  }
  Object.defineProperty(Buffer.prototype, 'toString', { value: text, writable: true, configurable: true })
  const filled = function filled(this: Uint8Array, ...args: readonly unknown[]): Uint8Array {
    const [value, ...where] = args
    return typeof value === 'number' && where.every((one) => one === undefined)
      ? Uint8Array.prototype.fill.call(this, value & 255)
      : Reflect.apply(fill, this, args)
  }
  Object.defineProperty(Buffer.prototype, 'fill', { value: filled, writable: true, configurable: true })
  Object.defineProperty(Buffer.prototype, 'toLocaleString', {
    value: text,
    writable: true,
    configurable: true,
  })
  module['kStringMaxLength'] ??= MOST_CHARACTERS
  module['constants'] ??= { MAX_LENGTH: module['kMaxLength'], MAX_STRING_LENGTH: MOST_CHARACTERS }
  module['transcode'] ??= (source: Uint8Array, from_: unknown, to: unknown) =>
    Buffer.from(Reflect.apply(text, source, [from_]), to)
  module['atob'] ??= atob
  module['resolveObjectURL'] ??= () => undefined // there is no URL.createObjectURL
  module['btoa'] ??= btoa
  module['isUtf8'] ??= (bytes: Uint8Array) => decodes('utf-8', bytes)
  module['isAscii'] ??= (bytes: Uint8Array) => bytes.every((byte) => byte < 128)
  return module
}

function isBase64Url(encoding: unknown): boolean {
  return typeof encoding === 'string' && encoding.toLowerCase() === 'base64url'
}

/** Bytes of well-formed base64; `undefined` for what only a lenient reader takes. */
function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    const decoded = atob(text)
    const bytes = new Uint8Array(decoded.length)
    for (let index = 0; index < decoded.length; index++) bytes[index] = decoded.charCodeAt(index)
    return bytes
  } catch {
    return undefined
  }
}

/** A character a byte. In pieces: an argument list has a limit. */
function binary(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}

function clamp(index: number | undefined, fallback: number): number {
  return index === undefined ? fallback : Math.max(0, Math.trunc(Number(index)) || 0)
}

/** Bytes of the text as UTF-8, a lone surrogate counted as its replacement, without encoding it. */
function utf8Length(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 2
    else {
      const next = unit < 0xdc00 ? text.charCodeAt(index + 1) : Number.NaN
      bytes += 2
      if (next >= 0xdc00 && next <= 0xdfff) index += 1
    }
  }
  return bytes
}

function decodes(encoding: string, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
