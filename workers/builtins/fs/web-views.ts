/**
 * A file as the web classes look at it: the bytes behind a Blob, read when somebody asks
 * for them, and the stream of a FileHandle. The classes are those of web/, which is run
 * at the first need.
 */
import type { BytesElsewhere } from '../web/blob.js'
import type { Module } from '../module.js'
import { argumentError } from './argument-error.js'
import { optionsOf } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'

const CHUNK_BYTES = 65_536
/** What shows that a file is another one, or was written to. */
const MARKS = ['dev', 'ino', 'size', 'mtimeNs'] as const

type BlobOf = (bytes: BytesElsewhere, type: string) => unknown

/** Each reading opens the file by its name again, and is decided again. */
export function openAsBlob(web: Module, given: unknown, options?: unknown): unknown {
  const path = pathOf(given)
  const { type = '' } = optionsOf(options)
  if (typeof type !== 'string') throw argumentError('The "options.type" property must be of type string')
  const facts = power.stat(path, true)

  async function read(from: number, to: number): Promise<Uint8Array> {
    const id = power.open(path, power.constants['O_RDONLY'], undefined)
    try {
      const found = power.fstat(id, true)
      if (MARKS.some((mark) => found[mark] !== facts[mark])) throw new Error('The file is not what it was')
      const bytes = await power.readLater(id, to - from, from)
      if (bytes.length !== to - from) throw new Error('The file has become shorter')
      return bytes
    } finally {
      power.close(id)
    }
  }
  const part = (from: number, to: number): BytesElsewhere => ({
    byteLength: to - from,
    subarray: (first, last) => part(from + first, Math.min(from + last, to)),
    read: async () => {
      try {
        return await read(from, to)
      } catch (cause) {
        const error = new DOMException('The blob could not be read', 'NotReadableError')
        throw Object.defineProperty(error, 'cause', { value: cause })
      }
    },
  })
  return (web['blobOf'] as BlobOf)(part(0, Number(facts['size'])), type)
}

/**
 * From where the file stands to its end.
 * @param idOf - the number of the open file; -1 once it is closed, which ends the stream
 * @param atEnd - called after the last byte, a cancel or an error
 */
export function webStream(web: Module, idOf: () => number, atEnd: () => Promise<void>): unknown {
  const Stream = web['ReadableStream'] as typeof ReadableStream
  return new Stream({
    type: 'bytes',
    async pull(controller) {
      try {
        const id = idOf()
        const bytes = id === -1 ? new Uint8Array() : await power.readLater(id, CHUNK_BYTES, null)
        if (bytes.length > 0) return controller.enqueue(bytes as Uint8Array<ArrayBuffer>)
      } catch (error) {
        await atEnd()
        throw error
      }
      controller.close()
      controller.byobRequest?.respond(0)
      await atEnd()
    },
    cancel: atEnd,
  })
}
