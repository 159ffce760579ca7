/**
 * What takes the place of an answer that does not come, chosen by extension point with
 * the patterns of `extensionPoints`: the most specific one that covers the point decides.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import { checkPattern } from '../policy/check-pattern.js'
import { compilePattern, readPoint } from '../policy/match.js'

/** `fail`: the error. `skip`: documents go on unchanged. `last-good`: the last good reply to the same request. */
export type FallbackKind = 'fail' | 'skip' | 'last-good'

/** In a reply or in documents that a fallback gave. */
export interface FallbackUse {
  readonly kind: 'skip' | 'last-good'
  /** Code of the error in whose place it stands. */
  readonly code: ErrorCode
  /** How old the reply is; of `last-good` only. */
  readonly ageMs?: number
}

/** The fallback of a point such as `rest:/_plugins/_demo/{id}` or `ingest:user-agent`. */
export type ChooseFallback = (point: string) => FallbackKind

/** What each kind of extension point can do without an answer. */
const KINDS: Readonly<Record<string, readonly FallbackKind[]>> = {
  ingest: ['fail', 'skip'],
  rest: ['fail', 'last-good'],
}

const WHY_NOT: Readonly<Record<string, string>> = {
  'ingest last-good': 'an earlier document is no answer for this one',
  'rest skip': 'a request that is passed over has no reply',
}

/** @throws PluginError `CONFIG_INVALID` naming the key of `fallback` */
export function makeFallbacks(given: Readonly<Record<string, unknown>>): ChooseFallback {
  const rules = Object.entries(given)
    .map(([text, kind]) => ({ text, kind: checkKind(text, kind), pattern: compilePattern('point', text) }))
    .toSorted((a, b) => bySpecificity(a.text, b.text))
  return (point) => {
    const target = readPoint(point)
    if (target === undefined) return 'fail'
    return rules.find(({ pattern }) => pattern.matches(target))?.kind ?? 'fail'
  }
}

function checkKind(text: string, kind: unknown): FallbackKind {
  const unfit = checkPattern('extensionPoints', text)
  if (unfit !== undefined) throw invalid(text, `${unfit.fault}; ${unfit.remedy}`)
  const point = text.split(':')[0] ?? ''
  const able = Object.hasOwn(KINDS, point) ? KINDS[point] : undefined
  if (able === undefined) {
    throw invalid(text, `there are fallbacks for ${Object.keys(KINDS).join(' and ')} only`)
  }
  const found = able.find((one) => one === kind)
  if (found !== undefined) return found
  const why = WHY_NOT[`${point} ${String(kind)}`]
  throw invalid(
    text,
    `is ${able.map((one) => `'${one}'`).join(' or ')}${why === undefined ? '' : `: ${why}`}`,
  )
}

/** One without a wildcard first, then by the length of the text before the first wildcard. */
function bySpecificity(a: string, b: string): number {
  return literalLength(b) - literalLength(a) || b.length - a.length || (a < b ? -1 : 1)
}

function literalLength(text: string): number {
  const star = text.indexOf('*')
  return star === -1 && text.includes(':') ? Infinity : star === -1 ? text.length : star
}

function invalid(key: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', { option: `fallback.${key}`, remedy })
}
