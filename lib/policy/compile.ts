/**
 * A grant's rules with every pattern compiled and indexed, once per frozen grant.
 */
import { patternsOf, pointerOf, type Capability, type PATTERN_KINDS } from './capability.js'
import type { GrantRules } from './document.js'
import { parseEndpoint, type EndpointTarget } from './endpoint.js'
import type { Grant } from './grant.js'
import { pointerToken } from './json-text.js'
import { compilePattern, type Pattern, type PatternKind, type PatternTargets } from './match.js'
import { makeRuleIndex, type RuleIndex } from './rule-index.js'

/** Where a rule stands. */
export interface RulePlace {
  /** The plugin's policy.json, or the operator's approval. */
  readonly document: 'policy' | 'approval'
  /** JSON pointer in that document: `/grant/net/connect/0`. */
  readonly pointer: string
  /** The pattern as it is matched, placeholders expanded. */
  readonly pattern: string
}

/** A pattern and the place it stands in. */
export interface Rule<Target> extends Pattern<Target> {
  /** The place for people: `request.grant.env[0] "AWS_REGION"`. */
  readonly label: string
  readonly place: RulePlace
}
export type Rules<Target> = RuleIndex<Target, Rule<Target>>

/** All rules about one capability. */
export interface CompiledCapability<Target> {
  readonly request: Rules<Target>
  /** What the code of one package may do besides, by the package's name; only packages that have such rules. */
  readonly packages: ReadonlyMap<unknown, Rules<Target>>
  /** `null` when the operator does not narrow this capability. */
  readonly narrow: Rules<Target> | null
  readonly additions: Rules<Target>
}

export type CompiledGrant = {
  readonly [C in Capability]: CompiledCapability<TargetOf<C>>
} & {
  /** The first port of each rule of `net.connect`, once, in the order of the documents. */
  readonly connectPorts: readonly number[]
}
type TargetOf<C extends Capability> = PatternTargets[(typeof PATTERN_KINDS)[C]]

const compiled = new WeakMap<Grant, CompiledGrant>()

/** A grant that is not frozen could change, so it is compiled at every call. */
export function compileGrant(grant: Grant): CompiledGrant {
  const known = compiled.get(grant)
  if (known !== undefined) return known
  const connect = compileCapability(grant, 'net.connect', 'endpoint')
  const fresh: CompiledGrant = {
    'fs.read': compileCapability(grant, 'fs.read', 'path'),
    'fs.write': compileCapability(grant, 'fs.write', 'path'),
    'net.connect': connect,
    'net.listen': compileCapability(grant, 'net.listen', 'endpoint'),
    env: compileCapability(grant, 'env', 'name'),
    settings: compileCapability(grant, 'settings', 'dotted'),
    'clusterState.read': compileCapability(grant, 'clusterState.read', 'dotted'),
    extensionPoints: compileCapability(grant, 'extensionPoints', 'point'),
    'plugins.call': compileCapability(grant, 'plugins.call', 'name'),
    connectPorts: firstPorts(connect),
  }
  if (Object.isFrozen(grant)) compiled.set(grant, fresh)
  return fresh
}

function firstPorts({
  request,
  packages,
  narrow,
  additions,
}: CompiledCapability<EndpointTarget>): readonly number[] {
  const lists = [request, ...packages.values(), ...(narrow === null ? [] : [narrow]), additions]
  const parsed = lists.flatMap(({ rules }) => rules.map(({ text }) => parseEndpoint(text)))
  return [...new Set(parsed.flatMap((rule) => ('fault' in rule ? [] : [rule.from])))]
}

/** A rules object within one of the documents. */
interface Source {
  readonly rules: GrantRules
  readonly document: RulePlace['document']
  /** JSON pointer of the rules object. */
  readonly pointer: string
  /** The same place for people. */
  readonly label: string
}

function compileCapability<K extends PatternKind>(
  grant: Grant,
  capability: Capability,
  kind: K,
): CompiledCapability<PatternTargets[K]> {
  const compile = (sources: readonly Source[]): Rules<PatternTargets[K]> =>
    makeRuleIndex(
      kind,
      sources.flatMap((source) => compileSource(source, capability, kind)),
    )
  const { request, packages, narrow, add } = grant
  return {
    request: compile([{ rules: request, document: 'policy', pointer: '/grant', label: 'request.grant' }]),
    packages: new Map(
      Object.entries(packages)
        .filter(([, rules]) => patternsOf(rules, capability) !== undefined)
        .map(([name, rules]) => {
          const label = `request.packages[${JSON.stringify(name)}]`
          const pointer = `/packages${pointerToken(name)}`
          return [name, compile([{ rules, document: 'policy', pointer, label }])]
        }),
    ),
    narrow:
      narrow === null || patternsOf(narrow, capability) === undefined
        ? null
        : compile([{ rules: narrow, document: 'approval', pointer: '/narrow', label: 'narrow' }]),
    additions: compile(
      add.map((addition, index) => ({
        rules: addition.grant,
        document: 'approval',
        pointer: `/add/${index}/grant`,
        label: `approval.add[${index}].grant`,
      })),
    ),
  }
}

function compileSource<K extends PatternKind>(
  { rules, document, pointer, label }: Source,
  capability: Capability,
  kind: K,
): readonly Rule<PatternTargets[K]>[] {
  return (patternsOf(rules, capability) ?? []).map((text, index) => ({
    ...compilePattern(kind, text),
    label: `${label}.${capability}[${index}] "${text}"`,
    place: Object.freeze({ document, pointer: `${pointer}${pointerOf(capability)}/${index}`, pattern: text }),
  }))
}
