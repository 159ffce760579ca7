/** Two requests of one plugin held against each other, rule by rule, in words for whoever has to approve the later one. */
import { describeRequest, limitText, type Ask } from './describe.js'
import { DEFAULT_LIMITS, type Limits, type PolicyRequest } from './document.js'

export interface RequestDiff {
  /** Asked for now and not before. A rule that an earlier, wider one covers counts too: nothing is computed between patterns. */
  readonly more: readonly Ask[]
  /** Asked for before and not now. */
  readonly less: readonly Ask[]
}

export function diffRequests(before: PolicyRequest, after: PolicyRequest): RequestDiff {
  const [earlier, later] = [rulesOf(before), rulesOf(after)]
  const limits = limitChanges(before, after)
  return {
    more: [...without(later, earlier), ...limits.filter(({ raised }) => raised).map(({ ask }) => ask)],
    less: [...without(earlier, later), ...limits.filter(({ raised }) => !raised).map(({ ask }) => ask)],
  }
}

function rulesOf(request: PolicyRequest): readonly Ask[] {
  return describeRequest(request).filter(({ capability }) => capability !== 'limits')
}

function without(asks: readonly Ask[], others: readonly Ask[]): readonly Ask[] {
  const known = new Set(others.map(keyOf))
  return asks.filter((ask) => !known.has(keyOf(ask)))
}

function keyOf({ capability, package: name, pattern }: Ask): string {
  return JSON.stringify([capability, name, pattern])
}

/** A limit that is left out is its default: one that was approved below it and is left out now is raised. */
function limitChanges(
  before: PolicyRequest,
  after: PolicyRequest,
): readonly { readonly ask: Ask; readonly raised: boolean }[] {
  const keys = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  return keys.flatMap((key) => {
    const [was, is] = [before, after].map(({ limits }) => limits?.[key] ?? DEFAULT_LIMITS[key]) as [
      number,
      number,
    ]
    if (was === is) return []
    const text = limitText(key, is, was, 'before')
    const ask: Ask = { risk: 'low', capability: 'limits', package: null, pattern: `${key}=${is}`, text }
    return [{ ask, raised: is > was }]
  })
}
