/** Rules about patterns that say what another pattern of the same list says already. */
import { PATTERN_KINDS } from '../../capability.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import { covers } from '../patterns.js'
import type { RuleList } from '../rule-list.js'

/** Longer lists are compared as far as this: each pattern is held against each. */
const MAX_COMPARED = 400

export function coveredRules({ lists }: Facts): readonly Hit[] {
  return lists.flatMap((list): readonly Hit[] => {
    const patterns = list.patterns.slice(0, MAX_COMPARED)
    return patterns.flatMap((text, index) => {
      const by = patterns.findIndex((wide, at) => at !== index && coversAt(list, wide, text, at < index))
      if (by === -1) return []
      const twice = patterns[by] === text
      const message = twice
        ? `${quote(text)} stands here a second time`
        : `${quote(text)} grants nothing beyond ${quote(patterns[by] ?? '')} of the same list`
      return [
        {
          code: twice ? 'duplicate-rule' : 'covered-rule',
          place: placeInJson(list.file, `${list.pointer}/${index}`),
          message,
          fix: twice
            ? 'remove one of the two'
            : 'remove the wide one if the narrow one is enough, else the narrow one',
        },
      ]
    })
  })
}

/** Of two patterns that cover each other the later one is told. */
function coversAt({ capability }: RuleList, wide: string, narrow: string, isEarlier: boolean): boolean {
  const kind = PATTERN_KINDS[capability]
  return covers(kind, wide, narrow) && (isEarlier || !covers(kind, narrow, wide))
}

/** The patterns that cover `text`, of lists about the same capability. */
export function coveringPattern(
  lists: readonly RuleList[],
  list: RuleList,
  text: string,
): string | undefined {
  const kind = PATTERN_KINDS[list.capability]
  return lists
    .filter(({ capability }) => capability === list.capability)
    .flatMap(({ patterns }) => patterns.slice(0, MAX_COMPARED))
    .find((wide) => covers(kind, wide, text))
}
