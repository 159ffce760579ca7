/**
 * Two patterns of one kind held against each other: does one cover the other, can
 * they meet at all? Both answers are sound and not complete: "covers" and "apart" are
 * only claimed where they hold for every target.
 */
import { compileGlob, matchGlob } from '../glob.js'
import { NAMED_ONLY, type PatternKind } from '../match.js'
import { readEndpointText, type EndpointText } from './endpoint-text.js'
import { isInside } from './network.js'

/** Whether everything `narrow` matches is matched by `wide` too; `false` when that is not sure. */
export function covers(kind: PatternKind, wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  switch (kind) {
    case 'name':
      return false
    case 'path':
      return pathCovers(wide, narrow)
    case 'dotted':
      return partsCover([...wide.split('.'), '**'], [...narrow.split('.'), '**'])
    case 'point':
      return pointCovers(wide, narrow)
    case 'endpoint': {
      const [a, b] = [readEndpointText(wide), readEndpointText(narrow)]
      return a !== undefined && b !== undefined && endpointCovers(a, b)
    }
  }
}

/** Whether no target matches both; `false` when that is not sure. */
export function apart(kind: PatternKind, one: string, other: string): boolean {
  switch (kind) {
    case 'name':
      return one !== other
    case 'path':
      return rootOf(one) === rootOf(other) && partsApart(pathParts(one), pathParts(other))
    case 'dotted':
      return partsApart([...one.split('.'), '**'], [...other.split('.'), '**'])
    case 'point':
      return pointsApart(one, other)
    case 'endpoint': {
      const [a, b] = [readEndpointText(one), readEndpointText(other)]
      return a !== undefined && b !== undefined && endpointsApart(a, b)
    }
  }
}

/**
 * The narrow pattern is matched as if it were a target. Its `*` is then a character that
 * only a star of the wide one takes, and its `**` becomes the empty part, which only `**`
 * takes: whatever stands there later is taken by the same star.
 */
function partsCover(wide: readonly string[], narrow: readonly string[]): boolean {
  return matchGlob(
    compileGlob(wide),
    narrow.map((part) => (part === '**' ? '' : part)),
  )
}

function pathCovers(wide: string, narrow: string): boolean {
  if (rootOf(wide) !== rootOf(narrow)) return false // where the placeholder leads is not known here
  const [a, b] = [pathParts(wide), pathParts(narrow)]
  const reachesNamed = isNamed(b) && NAMED_ONLY.includes(b[0] ?? '')
  if (rootOf(wide) === '/' && reachesNamed && !isNamed(a)) return false
  return partsCover(a, b)
}

/** `/`, or the placeholder the path starts with. */
function rootOf(path: string): string {
  return path.startsWith('/') ? '/' : (path.split('/', 1)[0] ?? '')
}

function pathParts(path: string): readonly string[] {
  const parts = path.split('/').slice(1)
  return parts.length === 1 && parts[0] === '' ? [] : parts
}

function isNamed(parts: readonly string[]): boolean {
  return !parts.slice(0, 2).some((part) => part.includes('*'))
}

function pointCovers(wide: string, narrow: string): boolean {
  const [a, b] = [splitPoint(wide), splitPoint(narrow)]
  if (a.kind !== b.kind || b.parts === null) return a.kind === b.kind && a.parts === null
  return a.parts === null || (a.rooted === b.rooted && partsCover(a.parts, b.parts))
}

function pointsApart(one: string, other: string): boolean {
  const [a, b] = [splitPoint(one), splitPoint(other)]
  if (a.kind !== b.kind) return true
  return a.parts !== null && b.parts !== null && a.rooted === b.rooted && partsApart(a.parts, b.parts)
}

/** `parts` is `null` for all of a kind. */
function splitPoint(text: string): {
  readonly kind: string
  readonly rooted: boolean
  readonly parts: readonly string[] | null
} {
  const colon = text.indexOf(':')
  if (colon === -1) return { kind: text, rooted: false, parts: null }
  const parts = text.slice(colon + 1).split('/')
  const rooted = parts[0] === ''
  return { kind: text.slice(0, colon), rooted, parts: rooted ? parts.slice(1) : parts }
}

function endpointCovers(wide: EndpointText, narrow: EndpointText): boolean {
  if (wide.from > narrow.from || narrow.to > wide.to) return false
  const [a, b] = [wide.host, narrow.host]
  if (a.kind === 'network') return b.kind === 'network' && isInside(b, a) && a.opens(b)
  if (b.kind === 'network') return false
  return isLocal(a.labels) === isLocal(b.labels) && partsCover(a.labels, b.labels)
}

/** Names below localhost are matched by patterns that spell it only. */
function isLocal(labels: readonly string[]): boolean {
  return labels.at(-1) === 'localhost'
}

function endpointsApart(one: EndpointText, other: EndpointText): boolean {
  if (one.to < other.from || other.to < one.from) return true
  const [a, b] = [one.host, other.host]
  if (a.kind === 'network' && b.kind === 'network') {
    if (isInside(a, b)) return !b.opens(a)
    return !isInside(b, a) || !a.opens(b)
  }
  if (a.kind === 'network' || b.kind === 'network') return true
  return isLocal(a.labels) !== isLocal(b.labels) || partsApart(a.labels, b.labels)
}

/** Compares the parts before the first `**` and those behind the last; what lies between may always meet. */
function partsApart(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [one.indexOf('**'), other.indexOf('**')]
  if (a === -1 && b === -1 && one.length !== other.length) return true
  if (a === -1 && b !== -1 && one.length < other.filter((part) => part !== '**').length) return true
  if (b === -1 && a !== -1 && other.length < one.filter((part) => part !== '**').length) return true
  return anyPartApart(ahead(one), ahead(other)) || anyPartApart(behind(one), behind(other))
}

function ahead(parts: readonly string[]): readonly string[] {
  const stars = parts.indexOf('**')
  return stars === -1 ? parts : parts.slice(0, stars)
}

/** From the end backwards. */
function behind(parts: readonly string[]): readonly string[] {
  return parts.slice(parts.lastIndexOf('**') + 1).toReversed()
}

function anyPartApart(one: readonly string[], other: readonly string[]): boolean {
  return one.slice(0, other.length).some((part, index) => partApart(part, other[index] ?? ''))
}

function partApart(one: string, other: string): boolean {
  if (!one.includes('*')) return !matchGlob(compileGlob([other]), [one])
  if (!other.includes('*')) return !matchGlob(compileGlob([one]), [other])
  const [startA, startB] = [one.slice(0, one.indexOf('*')), other.slice(0, other.indexOf('*'))]
  const [endA, endB] = [one.slice(one.lastIndexOf('*') + 1), other.slice(other.lastIndexOf('*') + 1)]
  return (
    !(startA.startsWith(startB) || startB.startsWith(startA)) || !(endA.endsWith(endB) || endB.endsWith(endA))
  )
}
