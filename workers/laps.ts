/** A stopwatch for the parts of a thread's start: each lap ends one and begins the next. */
import type { StartupPart, StartupParts } from '../lib/protocol/startup-parts.js'

export interface Laps {
  /** The time since the last lap was this part. */
  end(part: StartupPart): void
  /** The time since the last lap was nothing of the start. */
  skip(): void
  /** Everything so far. */
  readonly parts: StartupParts
}

/** @param before - parts that ended before */
export function makeLaps(now: () => number, before: StartupParts): Laps {
  const parts: { [part in StartupPart]?: number } = { ...before }
  let last = now()
  return {
    end(part) {
      const at = now()
      parts[part] = Math.round((at - last) * 100) / 100
      last = at
    },
    skip: () => void (last = now()),
    parts,
  }
}
