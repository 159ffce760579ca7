/** Rules about patterns that say what another pattern of the same list says already. */
import { CAPABILITIES, PATTERN_KINDS } from '../../capability.js'
import { compared, comparedTexts } from '../compared.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import { covers } from '../patterns.js'
import { patternsIn, type RuleEntry, type RuleList } from '../rule-list.js'

export function coveredRules({ lists }: Facts): readonly Hit[] {
  return lists.flatMap((list): readonly Hit[] => {
    const patterns = comparedTexts(list.patterns)
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

/** Of the entries, as far as they are compared, those that a list of `wide` covers, and by which pattern. */
export function coveredEntries(
  entries: readonly RuleEntry[],
  wide: readonly RuleList[],
): readonly { readonly entry: RuleEntry; readonly by: string }[] {
  const patterns = new Map(
    CAPABILITIES.map((capability) => [capability, comparedTexts(patternsIn(wide, capability))]),
  )
  return compared(entries, ({ text }) => text).flatMap((entry) => {
    const { capability } = entry.list
    const kind = PATTERN_KINDS[capability]
    const by = patterns.get(capability)?.find((pattern) => covers(kind, pattern, entry.text))
    return by === undefined ? [] : [{ entry, by }]
  })
}
