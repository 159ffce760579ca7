/**
 * The texts of a target that can be held against the literals of a pattern, by kind of
 * pattern: facet `start` of a path is the path itself, `end` the same read backwards.
 * The one law: when a pattern matches a target, the target's text starts with the
 * pattern's literal, in every facet.
 */
import { hostText } from './host.js'
import { backwards, portText, type Literals } from './literal.js'
import type { DottedTarget, PathTarget, PatternKind, PatternTargets, PointTarget } from './match.js'

export type Facet = keyof Literals
/** The same facets as the literals of this kind of pattern have. */
export type Facets<Target> = { readonly [F in Facet]?: (target: Target) => string }
export const FACET_NAMES: readonly Facet[] = ['start', 'end', 'port']

export const FACETS: { readonly [K in PatternKind]: Facets<PatternTargets[K]> } = {
  path: { start: writePath, end: (path) => backwards(writePath(path)) },
  endpoint: {
    start: ({ host, port }) => `${hostText(host)}:${portText(port)}`,
    end: ({ host }) => (host.kind === 'name' ? backwards(host.name) : ''),
    port: ({ port }) => portText(port),
  },
  name: { start: (name) => name },
  dotted: { start: (keys: DottedTarget) => keys.join('.') },
  point: { start: writePoint, end: (point) => backwards(writePoint(point)) },
}

function writePath(segments: PathTarget): string {
  return `/${segments.join('/')}`
}

function writePoint({ kind, parts }: PointTarget): string {
  return `${kind}:${parts.join('/')}`
}
