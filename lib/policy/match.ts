/**
 * Patterns compiled once and matched often. Each kind of pattern has its own
 * target, read once by `readPath`, `readEndpoint`, …: a target that is not in its
 * normal form is `undefined` and must be refused, never repaired.
 * Whether a pattern is well written is checkPattern's question; which list it
 * stands in and what a match means is decide's.
 */
import { PluginError } from '../errors.js'
import { compileGlob, matchGlob, mayMatchBelow, type Steps } from './glob.js'
import { parseEndpoint, type EndpointTarget } from './endpoint.js'
import { literal, literalsOf, portStart, type Literal } from './literal.js'

export { readEndpoint } from './endpoint.js'
export { readHost } from './host.js'

/** An absolute, normalised path and its segments; those of `/` are none. */
export interface PathTarget {
  readonly text: string
  readonly segments: readonly string[]
}
/** `rest:/_plugins/_demo` is kind `rest` and the segments of what follows. */
export type PointTarget = { readonly kind: string; readonly parts: readonly string[] }
/** Parts of a setting key, or keys on the way into the cluster state. */
export type DottedTarget = readonly string[]

export interface PatternTargets {
  readonly path: PathTarget
  readonly endpoint: EndpointTarget
  readonly name: string
  readonly dotted: DottedTarget
  readonly point: PointTarget
}
export type PatternKind = keyof PatternTargets

export interface Pattern<Target> {
  /** As written, placeholders expanded. */
  readonly text: string
  /** By which an index finds the pattern, see rule-index.ts. */
  readonly literals: readonly Literal[]
  matches(target: Target, steps?: Steps): boolean
  /** Whether something below the target could match; kinds that have no below answer as `matches`. */
  mayMatchBelow(target: Target): boolean
}

/**
 * @throws PluginError `POLICY_INVALID` when the pattern cannot mean anything (an endpoint
 *   without a host); only for patterns that checkPattern has not seen
 */
export function compilePattern<K extends PatternKind>(kind: K, text: string): Pattern<PatternTargets[K]> {
  return COMPILERS[kind](text)
}

const COMPILERS: { readonly [K in PatternKind]: (text: string) => Pattern<PatternTargets[K]> } = {
  path: compilePath,
  endpoint: compileEndpoint,
  name: compileName,
  dotted: (text) => {
    const parts = [...text.split('.'), '**'] // a pattern covers everything below it
    const glob = compileGlob(parts)
    return {
      text,
      literals: literalsOf(parts.join('.'), '.', parts),
      matches: (target, steps) => matchGlob(glob, target, steps),
      mayMatchBelow: (target) => mayMatchBelow(glob, target),
    }
  },
  point: compilePoint,
}

/**
 * At and below these stand the devices and the processes of the whole machine, so no
 * wildcard reaches there: the first two segments of the pattern have to be spelled out.
 */
export const NAMED_ONLY: readonly string[] = ['proc', 'dev']

function compilePath(text: string): Pattern<PathTarget> {
  const parts = text === '/' ? [] : text.slice(1).split('/')
  const glob = compileGlob(parts)
  const named = !parts.slice(0, 2).some((part) => part.includes('*'))
  return leaf(text, literalsOf(text, '/', parts), ({ segments }, steps) =>
    named || !NAMED_ONLY.includes(segments[0] ?? '') ? matchGlob(glob, segments, steps) : false,
  )
}

function compileEndpoint(text: string): Pattern<EndpointTarget> {
  const parsed = parseEndpoint(text)
  if ('fault' in parsed) throw new PluginError('POLICY_INVALID', { pattern: text, ...parsed })
  const { host, from, to } = parsed
  const port = portStart(from, to)
  const literals =
    host.only === null
      ? [...host.literals, ...literal('port', port)]
      : literal('start', `${host.only}:${port}`)
  return leaf(
    text,
    literals,
    (target, steps) => target.port >= from && target.port <= to && host.matches(target.host, steps),
  )
}

function compileName(text: string): Pattern<string> {
  return leaf(text, [], (target, steps) => {
    if (steps !== undefined) steps.count += text.length + 1
    return target === text
  })
}

function compilePoint(text: string): Pattern<PointTarget> {
  const { kind, parts } = splitPoint(text)
  // Without parts, everything of this kind.
  if (parts.length === 0) return leaf(text, literal('start', `${kind}:`), (target) => target.kind === kind)
  const glob = compileGlob(parts)
  return leaf(
    text,
    literalsOf(text, '/', parts),
    (target, steps) => target.kind === kind && matchGlob(glob, target.parts, steps),
  )
}

function leaf<Target>(
  text: string,
  literals: readonly Literal[],
  matches: Pattern<Target>['matches'],
): Pattern<Target> {
  return { text, literals, matches, mayMatchBelow: (target) => matches(target) }
}

/** `undefined` unless absolute and normalised: no `.`, `..`, `//`, final slash or NUL. */
export function readPath(path: string): PathTarget | undefined {
  if (!path.startsWith('/') || path.includes('\0')) return undefined
  if (path === '/') return { text: path, segments: [] }
  const segments = path.slice(1).split('/')
  for (const part of segments) if (part === '' || part === '.' || part === '..') return undefined
  return { text: path, segments }
}

/** `undefined` when a part of the key is empty. */
export function readKey(key: string): DottedTarget | undefined {
  const parts = key.split('.')
  return parts.includes('') ? undefined : parts
}

/**
 * Reads an extension point as a plugin registers it. A part with a hole in it, like a
 * route's `{id}`, stands for any text, so it becomes a text that no pattern spells:
 * only a part that is `*` or `**` as a whole covers it.
 */
export function readPoint(point: string): PointTarget | undefined {
  const { kind, parts } = splitPoint(point)
  const inner = parts[0] === '' ? parts.slice(1) : parts
  const odd = inner.some((part) => part === '.' || part === '..' || (part === '' && inner.length > 1))
  if (kind === '' || odd || point.endsWith(':') || point.includes('\0')) return undefined
  return { kind, parts: parts.map((part) => (/[{}*]/.test(part) ? '\0' : part)) }
}

function splitPoint(text: string): PointTarget {
  const colon = text.indexOf(':')
  return colon === -1
    ? { kind: text, parts: [] }
    : { kind: text.slice(0, colon), parts: text.slice(colon + 1).split('/') }
}
