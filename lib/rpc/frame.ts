/**
 * Frames as bytes. Layout, little-endian (docs/protocol.md):
 *
 *   u32 length of what follows · u8 version · u8 kind · u8 sections · u8 method bytes ·
 *   u32 generation · u32 id · u32 aux · u32 body bytes · u32 bytes of each section ·
 *   method (ASCII) · body (JSON) · sections
 *
 * The writer collects frames into chunks that a port sends whole; the reader takes
 * chunks cut anywhere. Neither knows what a frame means: that is channel.ts.
 */
import { PluginError } from '../errors.js'
import { isFrameKind, PROTOCOL_VERSION, type FrameKind } from '../protocol/frame-kind.js'
import { MAX_METHOD_BYTES, MAX_SECTIONS } from '../protocol/limits.js'

/** Bytes before the section lengths, the length field included. */
export const HEADER_BYTES = 24
const LENGTH_BYTES = 4
const SLAB_BYTES = 65_536
/** From this size on a body or a section travels as a chunk of its own instead of through the scratch buffer. */
const LARGE_BYTES = 32_768

export interface Frame {
  readonly kind: FrameKind
  readonly generation: number
  readonly id: number
  readonly aux: number
  readonly method: string
  /** Views into the received chunk: whoever keeps them copies them. */
  readonly body: Buffer
  readonly sections: readonly Buffer[]
}

export interface FrameToWrite {
  readonly kind: FrameKind
  readonly id: number
  readonly aux: number
  readonly method: string
  /** JSON text, or JSON already in UTF-8. */
  readonly body: string | Uint8Array
  readonly sections: readonly Uint8Array[]
}

const NO_SECTIONS: readonly Buffer[] = []

/** Bytes that a frame will have. @throws PluginError `MESSAGE_TOO_LARGE` when it has a part too many or too long */
export function frameBytes(
  method: string,
  body: string | Uint8Array,
  sections: readonly Uint8Array[],
): number {
  if (method.length > MAX_METHOD_BYTES || sections.length > MAX_SECTIONS) {
    throw new PluginError('MESSAGE_TOO_LARGE', { ...named(method), sections: sections.length })
  }
  let bytes = HEADER_BYTES + 4 * sections.length + method.length + Buffer.byteLength(body)
  for (const section of sections) bytes += section.length
  return bytes
}

export interface FrameWriter {
  /**
   * Adds a frame. @returns its size in bytes
   * @throws PluginError `MESSAGE_TOO_LARGE`; nothing was added then
   */
  add(frame: FrameToWrite, maxFrameBytes: number): number
  /** Everything added since the last take, in order; the caller owns the bytes. */
  take(): Uint8Array[]
  /** Bytes waiting to be taken. */
  readonly pending: number
}

export function makeFrameWriter(generation: number): FrameWriter {
  // Chunks are views of a slab that is written once and never again, so that a port may keep them:
  // one allocation for many frames, and no copy on the way to a socket.
  let scratch = Buffer.allocUnsafeSlow(SLAB_BYTES)
  let begun = 0
  let used = 0
  let chunks: Uint8Array[] = []
  let chunkBytes = 0

  function room(bytes: number): void {
    if (used + bytes <= scratch.length) return
    const fresh = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, used - begun + bytes))
    scratch.copy(fresh, 0, begun, used)
    scratch = fresh
    used -= begun
    begun = 0
  }

  function cutScratch(): void {
    if (used === begun) return
    chunks.push(scratch.subarray(begun, used))
    chunkBytes += used - begun
    begun = used
  }

  function add(frame: FrameToWrite, maxFrameBytes: number): number {
    const { method, sections } = frame
    if (method.length > MAX_METHOD_BYTES || sections.length > MAX_SECTIONS) {
      throw new PluginError('MESSAGE_TOO_LARGE', { ...named(method), sections: sections.length })
    }
    let sectionBytes = 0
    for (const section of sections) sectionBytes += section.length
    const fixed = HEADER_BYTES + 4 * sections.length + method.length
    // UTF-8 takes at least one byte for each UTF-16 unit, and at most three.
    const least = fixed + sectionBytes + frame.body.length
    if (least > maxFrameBytes)
      throw new PluginError('MESSAGE_TOO_LARGE', { ...named(method), bytes: least, maxFrameBytes })
    const isLargeText = typeof frame.body === 'string' && frame.body.length >= LARGE_BYTES
    const body = isLargeText ? Buffer.from(frame.body, 'utf8') : frame.body
    const apart = typeof body !== 'string' && body.length >= LARGE_BYTES
    room(fixed + (apart ? 0 : 3 * body.length))
    const start = used
    let at = start + HEADER_BYTES
    for (const section of sections) at = scratch.writeUInt32LE(section.length, at)
    if (method.length > 0) at += scratch.write(method, at, 'latin1')
    let bodyBytes = body.length
    if (typeof body !== 'string') {
      if (!apart) scratch.set(body, at)
    } else if (bodyBytes > 0) {
      bodyBytes = scratch.write(body, at, 'utf8')
    }
    const total = fixed + bodyBytes + sectionBytes
    if (total > maxFrameBytes)
      throw new PluginError('MESSAGE_TOO_LARGE', { ...named(method), bytes: total, maxFrameBytes })
    scratch.writeUInt32LE(total - LENGTH_BYTES, start)
    scratch[start + 4] = PROTOCOL_VERSION
    scratch[start + 5] = frame.kind
    scratch[start + 6] = sections.length
    scratch[start + 7] = method.length
    scratch.writeUInt32LE(generation, start + 8)
    scratch.writeUInt32LE(frame.id, start + 12)
    scratch.writeUInt32LE(frame.aux, start + 16)
    scratch.writeUInt32LE(bodyBytes, start + 20)
    used = at
    if (!apart) used += bodyBytes
    else if (isLargeText) addChunk(body)
    else addChunk(new Uint8Array(body))
    for (const section of sections) addSection(section)
    return total
  }

  function addSection(section: Uint8Array): void {
    if (section.length >= LARGE_BYTES) return addChunk(new Uint8Array(section)) // the owner may change its bytes after the call
    room(section.length)
    scratch.set(section, used)
    used += section.length
  }

  /** @param chunk - owned by nobody else */
  function addChunk(chunk: Uint8Array): void {
    cutScratch()
    chunks.push(chunk)
    chunkBytes += chunk.length
  }

  return {
    add,
    take() {
      cutScratch()
      const taken = chunks
      chunks = []
      chunkBytes = 0
      return taken
    },
    get pending() {
      return used - begun + chunkBytes
    },
  }
}

export interface FrameReader {
  /**
   * Takes the next chunk and hands every frame that is whole now to `onFrame`.
   * @throws PluginError `PROTOCOL_VIOLATION`; the reader must not be used after that
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void
  /** True between frames: the peer may end here. */
  readonly atBoundary: boolean
  /** Bytes of a frame that is not whole yet. */
  readonly held: number
}

export function makeFrameReader(generation: number, maxFrameBytes: number): FrameReader {
  const prefix = Buffer.alloc(LENGTH_BYTES)
  /** The frame that an earlier chunk began, once its length is known; never larger than `maxFrameBytes`. */
  let partial: Buffer | undefined
  /** Bytes of it that have come. */
  let held = 0

  function sizeOf(length: number): number {
    const bytes = length + LENGTH_BYTES
    if (bytes > maxFrameBytes) throw violation('frame size', { bytes, maxFrameBytes })
    if (bytes < HEADER_BYTES) throw violation('frame header', { bytes })
    return bytes
  }

  /** Adds to the frame begun before. @returns how many bytes it took */
  function complete(bytes: Buffer, onFrame: (frame: Frame) => void): number {
    let at = 0
    if (partial === undefined) {
      at = bytes.copy(prefix, held)
      held += at
      if (held < LENGTH_BYTES) return at
      partial = Buffer.allocUnsafeSlow(sizeOf(prefix.readUInt32LE(0)))
      prefix.copy(partial)
    }
    const took = bytes.copy(partial, held, at)
    held += took
    if (held === partial.length) {
      const whole = partial
      partial = undefined
      held = 0
      onFrame(readFrame(whole, 0, whole.length, generation))
    }
    return at + took
  }

  return {
    push(chunk, onFrame) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      let at = held === 0 ? 0 : complete(bytes, onFrame)
      while (bytes.length - at >= LENGTH_BYTES) {
        const size = sizeOf(bytes.readUInt32LE(at))
        if (bytes.length - at < size) break
        onFrame(readFrame(bytes, at, size, generation))
        at += size
      }
      if (at < bytes.length) complete(bytes.subarray(at), onFrame)
    },
    get atBoundary() {
      return held === 0
    },
    get held() {
      return held
    },
  }
}

function readFrame(bytes: Buffer, start: number, total: number, generation: number): Frame {
  if (bytes[start + 4] !== PROTOCOL_VERSION) throw violation('version', { version: bytes[start + 4] })
  const kind = bytes[start + 5] as number
  if (!isFrameKind(kind)) throw violation('frame kind', { kind })
  const sectionCount = bytes[start + 6] as number
  const methodBytes = bytes[start + 7] as number
  if (sectionCount > MAX_SECTIONS || methodBytes > MAX_METHOD_BYTES) throw violation('frame header', { kind })
  const frameGeneration = bytes.readUInt32LE(start + 8)
  if (frameGeneration !== generation) throw violation('generation', { generation: frameGeneration })
  const bodyBytes = bytes.readUInt32LE(start + 20)
  let at = start + HEADER_BYTES + 4 * sectionCount
  const end = start + total
  if (at + methodBytes + bodyBytes > end) throw violation('frame length', { kind })
  const method = methodBytes === 0 ? '' : bytes.toString('latin1', at, at + methodBytes)
  at += methodBytes
  const body = bytes.subarray(at, at + bodyBytes)
  at += bodyBytes
  let sections = NO_SECTIONS
  if (sectionCount > 0) {
    const list: Buffer[] = []
    for (let index = 0; index < sectionCount; index++) {
      const length = bytes.readUInt32LE(start + HEADER_BYTES + 4 * index)
      if (at + length > end) throw violation('frame length', { kind })
      list.push(bytes.subarray(at, at + length))
      at += length
    }
    sections = list
  }
  if (at !== end) throw violation('frame length', { kind })
  return {
    kind,
    generation: frameGeneration,
    id: bytes.readUInt32LE(start + 12),
    aux: bytes.readUInt32LE(start + 16),
    method,
    body,
    sections,
  }
}

/** Answers have no method of their own. */
function named(method: string): { readonly method?: string } {
  return method === '' ? {} : { method }
}

function violation(rule: string, facts: Readonly<Record<string, unknown>>): PluginError {
  return new PluginError('PROTOCOL_VIOLATION', { rule, ...facts })
}
