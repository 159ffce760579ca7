/**
 * Checks every pattern of a rules object. Used by the parser on files, and by
 * makeGrant on requests that came from code, so that no grant holds a pattern that
 * was never looked at.
 */
import { CAPABILITIES, patternsOf, pointerOf } from './capability.js'
import { checkPattern } from './check-pattern.js'
import type { GrantRules } from './document.js'
import type { Unfit } from './host.js'

export interface PatternFault extends Unfit {
  /** JSON pointer below the rules object: `/fs/read/0`. */
  readonly pointer: string
}

/** All faults in all lists. Values of a wrong type are passed over: the schema speaks about those. */
export function checkRules(rules: GrantRules): readonly PatternFault[] {
  return CAPABILITIES.flatMap((capability) => {
    const list: unknown = patternsOf(rules, capability)
    if (!Array.isArray(list)) return []
    const firsts = new Map<unknown, number>()
    for (const [index, text] of list.entries()) if (!firsts.has(text)) firsts.set(text, index)
    return list.flatMap((text: unknown, index) => {
      if (typeof text !== 'string') return []
      const pointer = `${pointerOf(capability)}/${index}`
      const first = firsts.get(text)
      if (first !== index) {
        const fault = `'${text.slice(0, 80)}' stands here a second time`
        return [{ pointer, fault, remedy: `remove it; item ${first} of the list says the same` }]
      }
      const unfit = checkPattern(capability, text)
      return unfit === undefined ? [] : [{ pointer, ...unfit }]
    })
  })
}
