/** Two requests of one plugin held against each other, rule by rule, in words for whoever has to approve the later one. */
import { describeRequest, type Ask } from './describe.js'
import { DEFAULT_LIMITS, type Limits, type PolicyRequest } from './document.js'

export interface RequestDiff {
  /** Asked for now and not before. A rule that an earlier, wider one covers counts too: nothing is computed between patterns. */
  readonly more: readonly Ask[]
  /** Asked for before and not now. */
  readonly less: readonly Ask[]
}

export function diffRequests(before: PolicyRequest, after: PolicyRequest): RequestDiff {
  const [earlier, later] = [describeRequest(before), describeRequest(after)]
  const without = (asks: readonly Ask[], others: readonly Ask[]): readonly Ask[] => {
    const known = new Set(others.map(keyOf))
    return asks.filter((ask) => !known.has(keyOf(ask)))
  }
  const isRaised = ({ capability, pattern }: Ask): boolean =>
    capability !== 'limits' || limitOf(after, pattern) > limitOf(before, pattern)
  const more = without(later, earlier).filter(isRaised)
  return { more, less: without(earlier, later).filter((ask) => !more.some((one) => sameLimit(one, ask))) }
}

function keyOf({ capability, package: name, pattern }: Ask): string {
  return JSON.stringify([capability, name, pattern])
}

function limitOf({ limits }: PolicyRequest, pattern: string): number {
  const key = limitKey(pattern)
  return limits?.[key] ?? DEFAULT_LIMITS[key]
}

function sameLimit(a: Ask, b: Ask): boolean {
  return a.capability === 'limits' && b.capability === 'limits' && limitKey(a.pattern) === limitKey(b.pattern)
}

function limitKey(pattern: string): keyof Limits {
  return pattern.slice(0, pattern.indexOf('=')) as keyof Limits
}
