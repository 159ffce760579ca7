/** Bytes of messages: made for writing, or taken as they were received. */
import { httpError, invalidType } from './errors.js'
import { isBytes } from './kit.js'

/** A text of Latin-1 characters, which heads are. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

export const CRLF: Uint8Array = latin1Bytes('\r\n')

/** The line before a chunk. */
export function sizeLine(length: number): Uint8Array {
  return latin1Bytes(`${length.toString(16)}\r\n`)
}

/** All in one when that is at most `most` bytes, or one already; pieces of a Buffer stay what they are. */
export function joined(pieces: readonly Uint8Array[], most: number): Uint8Array | undefined {
  if (pieces.length === 1) return pieces[0]
  let length = 0
  for (const piece of pieces) length += piece.length
  if (length > most) return undefined
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Received bytes as a Buffer over the same memory. */
export function bufferOver(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}

/** What a program wants to send. */
export function bytesOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding as BufferEncoding | undefined)
  if (isBytes(chunk)) return chunk
  if (chunk === null)
    throw httpError('ERR_STREAM_NULL_VALUES', 'May not write null values to stream', TypeError)
  throw invalidType('chunk', 'of type string or an instance of Buffer or Uint8Array')
}
