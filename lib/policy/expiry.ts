/**
 * When additions of an approval stop granting. A grant never changes, so what has
 * expired is left out of the next one; who watches the clock is the caller's business.
 */
import type { Addition } from './document.js'
import { freezeDeep } from './freeze.js'

/** The part of a Grant that this is about. */
interface WithAdditions {
  readonly add: readonly Addition[]
}

/** The grant without what has expired by `wallTime` (milliseconds since 1970); the same one when nothing has. */
export function withoutExpired<G extends WithAdditions>(grant: G, wallTime: number): G {
  const expired = (addition: Addition): boolean =>
    hasExpired(addition, wallTime) && Object.keys(addition.grant).length > 0
  if (!grant.add.some(expired)) return grant
  return freezeDeep({
    ...grant,
    add: grant.add.map((addition) => (expired(addition) ? { ...addition, grant: {} } : addition)),
  })
}

/** The first moment, milliseconds since 1970, at which an addition still in force expires; `null` for none. */
export function nextExpiry(grant: WithAdditions, wallTime: number): number | null {
  const ends = grant.add.flatMap(({ expires }) => (expires === undefined ? [] : [startOfDay(expires)]))
  return ends
    .filter((end) => end > wallTime)
    .reduce<number | null>((a, b) => (a === null || b < a ? b : a), null)
}

export function hasExpired({ expires }: Addition, wallTime: number): boolean {
  // Said this way round, a date that cannot be read has expired.
  return expires !== undefined && !(wallTime < startOfDay(expires))
}

function startOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`)
}
