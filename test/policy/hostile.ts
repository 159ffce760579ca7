/**
 * A thousand patterns made to be dear, each with a target that nearly matches: for
 * holding the bound of the matcher, and for saying in a bench how near they come.
 */
import fc from 'fast-check'
import type { Steps } from '../../lib/policy/glob.js'
import {
  compilePattern,
  readEndpoint,
  readKey,
  readPath,
  readPoint,
  type PatternKind,
  type PatternTargets,
} from '../../lib/policy/match.js'

const times = fc.integer({ min: 1, max: 60 })
const end = fc.constantFrom('b', 'b*', '*b*') // with a star behind it, the end does not give the miss away

/** Patterns as lists of parts. */
export const HOSTILE: readonly (readonly string[])[] = fc.sample(
  fc.oneof(
    fc
      .tuple(times, fc.constantFrom('a*', 'aa*', '*a*a', 'aaaa*'), end)
      .map(([n, unit, last]) => [unit.repeat(n) + last]),
    fc.tuple(times, end).map(([n, last]) => [`*${'a'.repeat(n)}${last}`]),
    fc
      .tuple(times, fc.constantFrom('a', '*', 'a*', '*a*'), end)
      .map(([n, unit, last]) => [...Array.from({ length: n }, () => ['**', unit]).flat(), last, '**']),
    fc.tuple(times, end).map(([n, last]) => ['**', ...Array.from({ length: n }, () => '*a*'), last, '**']),
    fc.array(fc.constantFrom('**', 'a', '*', 'a*a', '*b', '*a*a*a*'), { minLength: 1, maxLength: 80 }),
  ),
  { numRuns: 1_000, seed: 11 },
)

/** As a policy may hold them: `**` only as a part of its own, parts no longer than a DNS label. */
const WELL_FORMED = HOSTILE.map((parts) =>
  parts.map((part) => (part === '**' ? part : part.replaceAll('**', '*').slice(0, 63))),
)

/** Targets that a search has to read to the end, as lists of parts. */
export const LONG_INPUTS: readonly (readonly string[])[] = [
  ['a'.repeat(5_000)],
  Array.from({ length: 2_500 }, () => 'a'),
  Array.from({ length: 200 }, () => 'a'.repeat(24)),
]
/** The same within what DNS allows: 253 characters, 63 in a label. */
const LONG_NAMES: readonly (readonly string[])[] = [
  Array.from({ length: 126 }, () => 'a'),
  ['a'.repeat(63), 'a'.repeat(63), 'a'.repeat(63), 'a'.repeat(61)],
]

/** Characters and parts: what the cost of a pattern or a target is measured by. */
export function sizeOf(parts: readonly string[]): number {
  return parts.join('/').length + parts.length + 1
}

/** For each kind of pattern with wildcards the steps of its dearest match, as a share of pattern × target. */
export function worstShares(): Readonly<Record<Exclude<PatternKind, 'name'>, number>> {
  return {
    path: worst(
      'path',
      (parts) => `/${parts.join('/')}`,
      LONG_INPUTS,
      (text) => readPath(text),
    ),
    dotted: worst(
      'dotted',
      (parts) => parts.join('.'),
      LONG_INPUTS,
      (text) => readKey(text),
    ),
    point: worst(
      'point',
      (parts) => `rest:/${parts.join('/')}`,
      LONG_INPUTS,
      (text) => readPoint(text),
    ),
    endpoint: worst(
      'endpoint',
      (parts) => `${parts.join('.')}:443`,
      LONG_NAMES,
      (text) => readEndpoint(text.slice(0, -':443'.length), 443),
    ),
  }
}

function worst<K extends PatternKind>(
  kind: K,
  write: (parts: readonly string[]) => string,
  inputs: readonly (readonly string[])[],
  read: (text: string) => PatternTargets[K] | undefined,
): number {
  let share = 0
  for (const input of inputs) {
    const target = read(write(input))
    if (target === undefined) throw new Error(`no target of kind ${kind}`)
    for (const parts of WELL_FORMED) {
      const steps: Steps = { count: 0 }
      compilePattern(kind, write(parts)).matches(target, steps)
      share = Math.max(share, steps.count / (sizeOf(parts) * sizeOf(input)))
    }
  }
  return share
}
