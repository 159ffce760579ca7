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
  begin(chunks: readonly Uint8Array[], done: Done): void
  /** Hands over what the link takes, and tells the write's end. */
  pump(link: Link, id: number | undefined): void
  /** Drops what is left. @returns whom to tell about it */
  drop(): Done | undefined
}

/** Most chunks of one crossing, which are arguments of one call. */
const MOST_CHUNKS = 1000

export function makeSending(): Sending {
  let over = 0
  let handed = 0
  let left: Uint8Array[] = []
  let at = 0
  let done: Done | undefined
  /** As much as the link takes at once: it joins chunks, and it copies them anyway. */
  const next = (): readonly Uint8Array[] => {
    const chunks: Uint8Array[] = []
    let room = power.mostBytes
    while (room > 0 && chunks.length < MOST_CHUNKS) {
      const chunk = left[at]
      if (chunk === undefined) break
      const whole = chunk.length <= room
      chunks.push(whole ? chunk : chunk.subarray(0, room))
      if (whole) at += 1
      else left[at] = chunk.subarray(room)
      room -= Math.min(room, chunk.length)
    }
    handed += power.mostBytes - room
    return chunks
  }
  const drop = (): Done | undefined => {
    const told = done
    over += handed
    handed = at = 0
    left = []
    done = undefined
    return told
  }
  return {
    get over() {
      return over
    },
    get held() {
      return done !== undefined
    },
    begin(chunks, then) {
      left = chunks.filter(({ length }) => length > 0)
      done = then
    },
    pump(link, id) {
      while (at < left.length && id !== undefined) {
        if (!link.write(id, ...next())) return
      }
      drop()?.()
    },
    drop,
  }
}
