/** Pings that are out: each is answered once, by its id. */
import type { PluginError } from '../errors.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import { deferred, type Deferred } from './deferred.js'
import type { Frame } from './frame.js'
import { violation, type Wire } from './wire.js'

export interface Pings {
  /** Resolves when the peer's thread answered. */
  ping(): Promise<void>
  answered(frame: Frame): void
  close(reason: PluginError): void
}

/** @param random - makes ids that a peer which reads nothing cannot guess; they count up without it */
export function makePings(wire: Wire, random: (() => number) | undefined): Pings {
  const out = new Map<number, Deferred<void>>()
  let next = 0
  return {
    ping() {
      const id = random === undefined ? next : Math.floor(random() * 2 ** 32)
      next = (next + 1) >>> 0
      const ping = deferred<void>()
      out.set(id, ping)
      wire.write(FRAME_KIND.ping, id, 0)
      return ping.promise
    },
    answered(frame) {
      const ping = out.get(frame.id)
      if (ping === undefined) throw violation('no such ping is outstanding', frame)
      out.delete(frame.id)
      ping.resolve()
    },
    close(reason) {
      for (const ping of out.values()) ping.reject(reason)
      out.clear()
    },
  }
}
