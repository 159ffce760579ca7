/**
 * Finds the first of thousands of rules that matches, looking at few of them. The index
 * only chooses candidates; a rule's own matcher says whether it matches, so a fault here
 * could miss a rule, but never grant what no rule grants.
 *
 * Each rule is filed once, under that one of its literals (see literal.ts) that the fewest
 * others have. Candidates are the rules filed under what the target's texts start with.
 * The bound: rules that no literal tells apart (`*a*`, or many with the same ones) are all
 * looked at, each once, so an answer costs at most what a scan of the list costs, the
 * lengths of all patterns times the length of the target, and one binary search for each
 * part of the target. Memory is linear in the rules.
 */
import { FACETS, type Facets } from './facets.js'
import type { Steps } from './glob.js'
import type { Facet, Literal } from './literal.js'
import type { Pattern, PatternKind, PatternTargets } from './match.js'
import { makePrefixTable, type PrefixTable } from './prefix-table.js'

export interface RuleIndex<Target, Rule extends Pattern<Target> = Pattern<Target>> {
  /** In the order of the document. */
  readonly rules: readonly Rule[]
  /** The first rule that matches. */
  first(target: Target, steps?: Steps): Rule | undefined
}

/** The rules filed under literals of one facet. */
interface File<Target> {
  readonly textsOf: (target: Target) => string | readonly string[] | null
  /** Numbers of rules, ascending, by literal. */
  readonly table: PrefixTable<readonly number[]>
}

export function makeRuleIndex<K extends PatternKind, Rule extends Pattern<PatternTargets[K]>>(
  kind: K,
  rules: readonly Rule[],
): RuleIndex<PatternTargets[K], Rule> {
  if (kind === 'name') return makeNameIndex(rules)
  const files = fileRules(FACETS[kind], rules)
  return {
    rules,
    first: (target, steps) => {
      let found = rules.length
      for (const { textsOf, table } of files) {
        const texts = textsOf(target)
        if (texts === null) continue
        if (typeof texts === 'string') {
          found = firstAlong(table, table.longest(texts), null, found, rules, target, steps)
          continue
        }
        let only = -1
        let seen: Set<number> | undefined
        for (const text of texts) {
          const place = table.longest(text)
          if (place === -1 || place === only) continue // as for most texts
          if (only === -1) {
            found = firstAlong(table, place, null, found, rules, target, steps)
            only = place
            continue
          }
          seen ??= along(table, only)
          found = firstAlong(table, place, seen, found, rules, target, steps)
        }
      }
      return rules[found]
    },
  }
}

/** A name is matched by the rule that spells it and by no other. */
function makeNameIndex<Target, Rule extends Pattern<Target>>(
  rules: readonly Rule[],
): RuleIndex<Target, Rule> {
  const byText = new Map<unknown, Rule>()
  for (const rule of rules) if (!byText.has(rule.text)) byText.set(rule.text, rule)
  return {
    rules,
    first: (target, steps) => {
      const rule = byText.get(target)
      return rule?.matches(target, steps) === true ? rule : undefined
    },
  }
}

/** The place and those along the shorter literals from there. */
function along(table: PrefixTable<unknown>, place: number): Set<number> {
  const places = new Set<number>()
  for (let at = place; at !== -1; at = table.shorter[at] ?? -1) places.add(at)
  return places
}

/**
 * The lowest number below `limit` whose rule matches, or else `limit`, among those filed at `place` and along
 * the shorter literals from there. Under a place already seen stand only places already seen.
 */
function firstAlong<Target>(
  table: PrefixTable<readonly number[]>,
  place: number,
  seen: Set<number> | null,
  limit: number,
  rules: readonly Pattern<Target>[],
  target: Target,
  steps: Steps | undefined,
): number {
  let found = limit
  for (let at = place; at !== -1 && seen?.has(at) !== true; at = table.shorter[at] ?? -1) {
    seen?.add(at)
    found = firstOf(table.values[at] ?? [], found, rules, target, steps)
  }
  return found
}

/** The lowest of `numbers` below `limit` whose rule matches, or else `limit`. */
function firstOf<Target>(
  numbers: readonly number[],
  limit: number,
  rules: readonly Pattern<Target>[],
  target: Target,
  steps: Steps | undefined,
): number {
  for (const number of numbers) {
    if (number >= limit) return limit
    if (rules[number]?.matches(target, steps) === true) return number
  }
  return limit
}

function fileRules<Target>(
  facets: Facets<Target>,
  rules: readonly Pattern<Target>[],
): readonly File<Target>[] {
  const sharing = new Map<Facet, Map<string, number>>()
  const crowd = ({ facet, text }: Literal): number => sharing.get(facet)?.get(text) ?? 0
  for (const literal of rules.flatMap(({ literals }) => literals)) {
    entryOf(sharing, literal.facet, () => new Map()).set(literal.text, crowd(literal) + 1)
  }
  const filed = new Map<Facet, Map<string, number[]>>()
  for (const [number, { literals }] of rules.entries()) {
    const { facet, text } = literals.reduce(
      (a, b) => (crowd(b) < crowd(a) ? b : a),
      literals[0] ?? NO_LITERAL,
    )
    entryOf(
      entryOf(filed, facet, () => new Map()),
      text,
      () => [],
    ).push(number)
  }
  return [...filed].flatMap(([facet, table]) => {
    const textsOf = facets[facet]
    return textsOf === undefined ? [] : [{ textsOf, table: makePrefixTable(table) }]
  })
}

/** Every text starts with nothing, and targets of every kind with wildcards have this facet: always a candidate. */
const NO_LITERAL: Literal = { facet: 'start', text: '' }

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
