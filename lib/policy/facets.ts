/**
 * The texts of a target that the literals of a pattern are held against, by kind of
 * pattern. The one law: when a pattern matches a target, then for each of the pattern's
 * literals one of the target's texts of the same facet starts with it.
 */
import { hostText } from './host.js'
import { backwards, portText, type Facet } from './literal.js'
import type { DottedTarget, PatternKind, PatternTargets, PointTarget } from './match.js'

/** One text or several; `null` for none. A facet left out is one that this kind of pattern has no literals of. */
export type Facets<Target> = {
  readonly [F in Facet]?: (target: Target) => string | readonly string[] | null
}

export const FACETS: { readonly [K in PatternKind]: Facets<PatternTargets[K]> } = {
  path: {
    start: ({ text }) => `${text}/`,
    end: ({ text }) => backwards(text),
    part: ({ segments }) => segments,
  },
  endpoint: {
    start: ({ host, port }) => `${hostText(host)}:${portText(port)}`,
    end: ({ host }) => (host.kind === 'name' ? backwards(host.name) : null),
    part: ({ host }) => (host.kind === 'name' ? host.labels : null),
    port: ({ port }) => portText(port),
  },
  name: {},
  dotted: {
    start: (keys: DottedTarget) => `${keys.join('.')}.`,
    part: (keys: DottedTarget) => keys,
  },
  point: {
    start: (point) => `${writePoint(point)}/`,
    end: (point) => backwards(writePoint(point)),
    part: ({ parts }) => parts,
  },
}

function writePoint({ kind, parts }: PointTarget): string {
  return `${kind}:${parts.join('/')}`
}
