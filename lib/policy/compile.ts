/**
 * A grant's rules with every pattern compiled, once per frozen grant.
 */
import { patternsOf, type Capability, type PATTERN_KINDS } from './capability.js'
import type { GrantRules } from './document.js'
import type { Grant } from './grant.js'
import { compilePattern, type Pattern, type PatternKind, type PatternTargets } from './match.js'

/** A pattern and the place it stands in, for people: `request.grant.env[0] "AWS_REGION"`. */
interface Rule<Target> extends Pattern<Target> {
  readonly place: string
}

/** All rules about one capability. */
export interface CompiledCapability<Target> {
  readonly request: readonly Rule<Target>[]
  /** `null` when the operator does not narrow this capability. */
  readonly narrow: readonly Rule<Target>[] | null
  readonly additions: readonly Rule<Target>[]
}

export type CompiledGrant = {
  readonly [C in Capability]: CompiledCapability<TargetOf<C>>
}
type TargetOf<C extends Capability> = PatternTargets[(typeof PATTERN_KINDS)[C]]

const compiled = new WeakMap<Grant, CompiledGrant>()

/** A grant that is not frozen could change, so it is compiled at every call. */
export function compileGrant(grant: Grant): CompiledGrant {
  const known = compiled.get(grant)
  if (known !== undefined) return known
  const fresh: CompiledGrant = {
    'fs.read': compileCapability(grant, 'fs.read', 'path'),
    'fs.write': compileCapability(grant, 'fs.write', 'path'),
    'net.connect': compileCapability(grant, 'net.connect', 'endpoint'),
    'net.listen': compileCapability(grant, 'net.listen', 'endpoint'),
    env: compileCapability(grant, 'env', 'name'),
    settings: compileCapability(grant, 'settings', 'dotted'),
    'clusterState.read': compileCapability(grant, 'clusterState.read', 'dotted'),
    extensionPoints: compileCapability(grant, 'extensionPoints', 'point'),
    'plugins.call': compileCapability(grant, 'plugins.call', 'name'),
  }
  if (Object.isFrozen(grant)) compiled.set(grant, fresh)
  return fresh
}

function compileCapability<K extends PatternKind>(
  grant: Grant,
  capability: Capability,
  kind: K,
): CompiledCapability<PatternTargets[K]> {
  const rulesOf = (rules: GrantRules, base: string): readonly Rule<PatternTargets[K]>[] =>
    (patternsOf(rules, capability) ?? []).map((text, index) => ({
      ...compilePattern(kind, text),
      place: `${base}.${capability}[${index}] "${text}"`,
    }))
  const narrowed = grant.narrow !== null && patternsOf(grant.narrow, capability) !== undefined
  return {
    request: rulesOf(grant.request, 'request.grant'),
    narrow: narrowed && grant.narrow !== null ? rulesOf(grant.narrow, 'narrow') : null,
    additions: grant.add.flatMap((addition, index) =>
      rulesOf(addition.grant, `approval.add[${index}].grant`),
    ),
  }
}
