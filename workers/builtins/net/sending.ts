/**
 * What a socket sends: one write at a time, handed to its link in pieces of the size
 * that the link takes. When there is a link, and what a program is told, is the socket's.
 */
import type { Done } from './duplex.js'
import type { Link } from './placed.js'
import { power } from './power.js'

export interface Sending {
  /** Bytes that the writes which are over handed to the link. */
  readonly over: number
  /** Whether there is a write that is not over. */
  readonly held: boolean
  /** The one write until `done` is told; nothing of it leaves before `pump`. */
  begin(bytes: Uint8Array, done: Done): void
  /** Hands over what the link takes, and tells the write's end. */
  pump(link: Link, id: number | undefined): void
  /** Drops what is left. @returns whom to tell about it */
  drop(): Done | undefined
}

export function makeSending(): Sending {
  let over = 0
  let handed = 0
  let left: Uint8Array | undefined
  let done: Done | undefined
  const drop = (): Done | undefined => {
    const told = done
    over += handed
    handed = 0
    left = done = undefined
    return told
  }
  return {
    get over() {
      return over
    },
    get held() {
      return done !== undefined
    },
    begin(bytes, then) {
      left = bytes
      done = then
    },
    pump(link, id) {
      while (left !== undefined && left.length > 0 && id !== undefined) {
        const piece = left.length > power.mostBytes ? left.subarray(0, power.mostBytes) : left
        left = left.length === piece.length ? undefined : left.subarray(piece.length)
        handed += piece.length
        if (!link.write(id, piece)) return
      }
      drop()?.()
    },
    drop,
  }
}

export type Chunks = readonly { readonly chunk: Uint8Array }[]

/** What was written while the link was busy, to go out as one. */
export function joinedChunks(chunks: Chunks): Uint8Array {
  let length = 0
  for (const { chunk } of chunks) length += chunk.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const { chunk } of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}
