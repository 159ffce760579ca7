/**
 * What became of each permission line of a Java policy, or of each entitlement of an
 * entitlement policy, and how many had which fate.
 */
import type { Capability } from '../capability.js'
import type { JavaPermissionText } from './policy.js'

/**
 * `mapped`: at least a part of it is granted. `no-counterpart`: nothing in Node asks for
 * it, so nothing is lost. `refused`: the plugin does not get it.
 */
export type Outcome = 'mapped' | 'no-counterpart' | 'refused'

export interface RuleText {
  readonly capability: Capability
  readonly pattern: string
}

/** What becomes of one permission, wherever it stands. */
export interface Verdict {
  readonly outcome: Outcome
  readonly rules: readonly RuleText[]
  /** One plain sentence. */
  readonly reason: string
  /** Whether someone has to look: the line is granted in part only, or a rule by hand may be wanted. */
  readonly needsPerson: boolean
  /** What to write by hand, if it is wanted. */
  readonly suggestion: string | null
}

export interface TranslatedLine {
  /** Of the word `permission`, or of the entitlement; both from 1. */
  readonly line: number
  readonly column: number
  /** The Java code it was granted to: a code base, or a module; `null` for all of the plugin. */
  readonly codeBase: string | null
  /** As the policy names it. The class of an entitlement is its name: `files`, `/srv/words`, `read`. */
  readonly permission: JavaPermissionText
  readonly outcome: Outcome
  /** `package`: the npm package that gets the rule, `null` for the plugin as a whole. */
  readonly grants: readonly (RuleText & { readonly package: string | null })[]
  readonly reason: string
  readonly needsPerson: boolean
  readonly suggestion: string | null
}

export interface TranslationReport {
  /** `mapped + noCounterpart + refused = lines`; `needPerson` counts lines of every outcome. */
  readonly counts: {
    readonly lines: number
    readonly mapped: number
    readonly noCounterpart: number
    readonly refused: number
    readonly needPerson: number
  }
  /** In the order of the policy. */
  readonly lines: readonly TranslatedLine[]
  /** What else of the policy was left out, one sentence each. */
  readonly notes: readonly string[]
}

/** What was found of the parts of one permission: rules, and a sentence for each part that is not granted. */
export interface Parts {
  readonly rules: readonly RuleText[]
  /** Parts that the Java line granted and the rules do not, as clauses: `a plugin starts no programs`. */
  readonly lost: readonly string[]
  /** Parts that nothing in Node asks for. */
  readonly idle: readonly string[]
  readonly suggestion: string | null
}

/** One verdict of the parts: what is lost in part needs a person. */
export function verdictOf({ rules, lost, idle, suggestion }: Parts): Verdict {
  const said = [...lost, ...idle].join('; ')
  if (rules.length > 0) {
    const how = lost.length > 0 ? 'Granted, except: ' : 'Granted exactly'
    const reason = `${how}${lost.length === 0 && idle.length > 0 ? '; ' : ''}${said}.`
    return { outcome: 'mapped', rules, reason, needsPerson: lost.length > 0, suggestion }
  }
  const reason = `${said.slice(0, 1).toUpperCase()}${said.slice(1)}.`
  return lost.length > 0
    ? { outcome: 'refused', rules, reason, needsPerson: suggestion !== null, suggestion }
    : { outcome: 'no-counterpart', rules, reason, needsPerson: false, suggestion }
}

/** A verdict without rules that someone has to look at. */
export function refusal(reason: string, suggestion: string | null): Verdict {
  return { outcome: 'refused', rules: [], reason, needsPerson: true, suggestion }
}

/** How rules are written by hand: `fs.write "/var/cache/**"`. */
export function byHand(capability: Capability, patterns: readonly string[]): string {
  return `${capability} ${patterns.map((pattern) => JSON.stringify(pattern)).join(', ')}`
}

/** All of these rules by hand, those of one capability together. */
export function allByHand(rules: readonly RuleText[]): string {
  const capabilities = [...new Set(rules.map(({ capability }) => capability))]
  return capabilities
    .map((one) =>
      byHand(
        one,
        rules.flatMap((rule) => (rule.capability === one ? [rule.pattern] : [])),
      ),
    )
    .join('; ')
}

export function countLines(lines: readonly TranslatedLine[]): TranslationReport['counts'] {
  const of = (outcome: Outcome): number => lines.filter((line) => line.outcome === outcome).length
  return {
    lines: lines.length,
    mapped: of('mapped'),
    noCounterpart: of('no-counterpart'),
    refused: of('refused'),
    needPerson: lines.filter((line) => line.needsPerson).length,
  }
}
