/**
 * What part of the cluster state a grant shows, asked place by place, so that a
 * projection can walk the state from the top and cut what is not granted.
 */
import { patternsOf } from './capability.js'
import { compileGrant } from './compile.js'
import type { GrantRules } from './document.js'
import type { Grant } from './grant.js'

/** 'all': this and all below; 'some': look further down; 'none': nothing here or below. */
export type ClusterScope = 'all' | 'some' | 'none'

/**
 * 'none' and 'all' are exact promises; 'some' may turn out to be nothing further down,
 * where request and narrowing part.
 */
export function clusterScope(grant: Grant, path: readonly string[]): ClusterScope {
  const { request, narrow, additions } = compileGrant(grant)['clusterState.read']
  const covers = (rules: typeof request): boolean => rules.first(path) !== undefined
  const touches = (rules: typeof request): boolean => rules.rules.some((rule) => rule.mayMatchBelow(path))
  if (covers(additions) || (covers(request) && (narrow === null || covers(narrow)))) return 'all'
  return touches(additions) || (touches(request) && (narrow === null || touches(narrow))) ? 'some' : 'none'
}

/** The rules that make the scope, in words for the audit. */
export function clusterScopeRules(grant: Grant): string {
  const { request, narrow, additions } = compileGrant(grant)['clusterState.read']
  const rules = [...request.rules, ...(narrow?.rules ?? []), ...additions.rules]
  return rules.map(({ label }) => label).join(', ')
}

/** Equal for grants with the same rules about the cluster state: they can share projections and diffs. */
export function clusterScopeKey(grant: Grant): string {
  const sorted = (rules: GrantRules): readonly string[] =>
    [...new Set(patternsOf(rules, 'clusterState.read'))].toSorted()
  const narrowed = grant.narrow !== null && patternsOf(grant.narrow, 'clusterState.read') !== undefined
  const added = [...new Set(grant.add.flatMap((addition) => sorted(addition.grant)))].toSorted()
  return JSON.stringify([
    sorted(grant.request),
    narrowed && grant.narrow !== null ? sorted(grant.narrow) : null,
    added,
  ])
}
