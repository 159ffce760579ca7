/**
 * The lists of patterns in a policy and an approval, each with its place and with who
 * wrote it.
 */
import { CAPABILITIES, patternsOf, pointerOf, type Capability } from '../capability.js'
import type { GrantRules } from '../document.js'
import { pointerToken } from '../json-text.js'
import { placeInJson, type Place } from './finding.js'
import type { LintInput } from './input.js'

/** Whose list it is: the plugin's, one of its npm packages', or the operator's. */
export type RuleOwner = 'plugin' | 'package' | 'narrow' | 'addition'

export interface RuleList {
  readonly owner: RuleOwner
  /** The npm package; `null` unless `owner` is 'package'. */
  readonly packageName: string | null
  readonly capability: Capability
  readonly patterns: readonly string[]
  readonly file: string
  readonly pointer: string
}

/** One pattern of a list. */
export interface RuleEntry {
  readonly list: RuleList
  readonly text: string
  readonly place: Place
}

export function ruleListsOf({ policy, approval }: LintInput): readonly RuleList[] {
  const lists: RuleList[] = []
  const take = (
    rules: GrantRules,
    at: Pick<RuleList, 'owner' | 'packageName' | 'file'> & { base: string },
  ): void => {
    const { base, ...whose } = at
    for (const capability of CAPABILITIES) {
      const patterns = patternsOf(rules, capability)
      if (patterns !== undefined)
        lists.push({ ...whose, capability, patterns, pointer: base + pointerOf(capability) })
    }
  }
  if (policy !== undefined) {
    const { file, request } = policy
    take(request.grant, { owner: 'plugin', packageName: null, file, base: '/grant' })
    for (const [packageName, rules] of Object.entries(request.packages ?? {})) {
      take(rules, { owner: 'package', packageName, file, base: `/packages${pointerToken(packageName)}` })
    }
  }
  if (approval !== undefined) {
    const { file } = approval
    const { narrow, add } = approval.approval
    if (narrow !== undefined) take(narrow, { owner: 'narrow', packageName: null, file, base: '/narrow' })
    for (const [index, addition] of (add ?? []).entries()) {
      take(addition.grant, { owner: 'addition', packageName: null, file, base: `/add/${index}/grant` })
    }
  }
  return lists
}

/** The patterns of the lists, one by one. */
export function entriesOf(
  lists: readonly RuleList[],
  ...capabilities: readonly Capability[]
): readonly RuleEntry[] {
  return lists
    .filter(({ capability }) => capabilities.length === 0 || capabilities.includes(capability))
    .flatMap((list) =>
      list.patterns.map((text, index) => ({
        list,
        text,
        place: placeInJson(list.file, `${list.pointer}/${index}`),
      })),
    )
}

/** A narrowing only takes away, so however wide it is, it opens nothing. */
export function opening(lists: readonly RuleList[]): readonly RuleList[] {
  return lists.filter(({ owner }) => owner !== 'narrow')
}

/** Every pattern of the lists about one capability. */
export function patternsIn(lists: readonly RuleList[], capability: Capability): readonly string[] {
  return lists.filter((list) => list.capability === capability).flatMap(({ patterns }) => patterns)
}
