/**
 * What the rules look at, gathered once from the documents: every list of patterns with
 * its pointer, every line of a Java policy, and of both the paths and the endpoints in
 * one form, so that a rule about hosts is written once.
 */
import { endpointsOf, type EndpointFact } from './endpoint-fact.js'
import type { Hit } from './finding.js'
import type { LintInput } from './input.js'
import { javaLinesOf, type JavaLine } from './java-line.js'
import { pathsOf, type PathFact } from './path-fact.js'
import { ruleListsOf, type RuleList } from './rule-list.js'

export interface Facts {
  readonly input: LintInput
  readonly lists: readonly RuleList[]
  readonly lines: readonly JavaLine[]
  readonly paths: readonly PathFact[]
  readonly endpoints: readonly EndpointFact[]
}

export function gatherFacts(input: LintInput): Facts {
  const lists = ruleListsOf(input)
  const lines = javaLinesOf(input)
  return { input, lists, lines, paths: pathsOf(lists, lines), endpoints: endpointsOf(lists, lines) }
}

/** A rule sees everything and keeps nothing. */
export type Rule = (facts: Facts) => readonly Hit[]
