/** Every rule about one capability, with where it was written and whether it grants anything now. */
import { patternsOf, pointerOf, type Capability } from '../../policy/capability.js'
import type { RulePlace } from '../../policy/decide.js'
import type { GrantRules } from '../../policy/document.js'
import { pointerToken } from '../../policy/json-text.js'
import { originOf, type Origin } from './origin.js'
import type { Subject } from './subject.js'

export interface ListedRule extends Origin {
  readonly role: 'asked' | 'narrowed' | 'added'
  /** The npm package that asks; `null` for the whole plugin. */
  readonly package: string | null
  /** A narrowing grants nothing by itself, and an addition nothing once it has expired. */
  readonly grants: boolean
  /** Of an addition. */
  readonly reason?: string
  readonly expires?: string
}

export function rulesOf(subject: Subject, capability: Capability): readonly ListedRule[] {
  const { grant, unexpired } = subject
  const listed = (
    rules: GrantRules,
    document: RulePlace['document'],
    pointer: string,
    more: Pick<ListedRule, 'role' | 'package' | 'grants' | 'reason' | 'expires'>,
  ): readonly ListedRule[] =>
    (patternsOf(rules, capability) ?? []).map((pattern, index) => ({
      ...originOf({ document, pointer: `${pointer}${pointerOf(capability)}/${index}`, pattern }, subject),
      ...more,
    }))
  const asked = { role: 'asked', grants: true } as const
  return [
    ...listed(grant.request, 'policy', '/grant', { ...asked, package: null }),
    ...Object.entries(grant.packages).flatMap(([name, rules]) =>
      listed(rules, 'policy', `/packages${pointerToken(name)}`, { ...asked, package: name }),
    ),
    ...listed(grant.narrow ?? {}, 'approval', '/narrow', { role: 'narrowed', package: null, grants: false }),
    ...unexpired.add.flatMap(({ grant: rules, reason, expires }, index) =>
      listed(rules, 'approval', `/add/${index}/grant`, {
        role: 'added',
        package: null,
        grants: patternsOf(grant.add[index]?.grant ?? {}, capability) !== undefined,
        reason,
        ...(expires === undefined ? {} : { expires }),
      }),
    ),
  ]
}
