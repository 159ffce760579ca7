/**
 * Finds the first of thousands of rules that matches, looking at few of them. The index
 * only chooses candidates; a rule's own matcher says whether it matches, so a fault here
 * could miss a rule, but never grant what no rule grants.
 *
 * Each rule is filed once, under the literal (see literal.ts) that it shares with the
 * fewest others. Candidates are the rules filed under what the target starts or ends with.
 * The bound: rules whose literals tell nothing apart (`*a*`, or many with the same ones)
 * are all looked at, so an answer costs at most what a scan of the list would, the lengths
 * of all patterns times the length of the target, and one binary search per facet.
 * Memory is linear in the rules.
 */
import { FACET_NAMES, FACETS, type Facets } from './facets.js'
import type { Steps } from './glob.js'
import type { Pattern, PatternKind, PatternTargets } from './match.js'
import { longestKey, makePrefixTable, type PrefixTable } from './prefix-table.js'

export interface RuleIndex<Target, Rule extends Pattern<Target> = Pattern<Target>> {
  /** In the order of the document. */
  readonly rules: readonly Rule[]
  /** The first rule that matches. */
  first(target: Target, steps?: Steps): Rule | undefined
}

/** Numbers of rules, ascending, by their literals of one facet. */
interface File<Target> {
  readonly textOf: (target: Target) => string
  readonly table: PrefixTable<readonly number[]>
}

export function makeRuleIndex<K extends PatternKind, Rule extends Pattern<PatternTargets[K]>>(
  kind: K,
  rules: readonly Rule[],
): RuleIndex<PatternTargets[K], Rule> {
  const files = fileRules(FACETS[kind], rules)
  return {
    rules,
    first: (target, steps) => {
      let found = rules.length
      for (const { textOf, table } of files) {
        let place = longestKey(table, textOf(target))
        for (; place !== -1; place = table.shorter[place] ?? -1) {
          found = firstOf(table.values[place] ?? [], found, rules, target, steps)
        }
      }
      return rules[found]
    },
  }
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
  const numbers = [...rules.keys()]
  const offers = FACET_NAMES.flatMap((facet) => {
    const textOf = facets[facet]
    if (textOf === undefined) return []
    const literalOf = (number: number): string => rules[number]?.literals[facet] ?? ''
    return [{ textOf, literalOf, sharing: groupBy(numbers, literalOf) }]
  })
  const chosen = groupBy(numbers, (number) => {
    const crowd = ({ literalOf, sharing }: (typeof offers)[number]): number =>
      sharing.get(literalOf(number))?.length ?? 0
    const length = ({ literalOf }: (typeof offers)[number]): number => literalOf(number).length
    return offers.reduce((a, b) => ((crowd(a) - crowd(b) || length(b) - length(a)) > 0 ? b : a))
  })
  return [...chosen].map(([{ textOf, literalOf }, filed]) => ({
    textOf,
    table: makePrefixTable(groupBy(filed, literalOf)),
  }))
}

function groupBy<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
