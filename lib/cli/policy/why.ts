/** Why a plugin may or may not do something, and what would have to be written so that it may. Pure. */
import { patternsOf, rulesFrom } from '../../policy/capability.js'
import { decide, permissionPaths, type AccessRequest, type RulePlace } from '../../policy/decide.js'
import type { Addition, GrantRules } from '../../policy/document.js'
import type { Grant } from '../../policy/grant.js'
import { deniedPrefix, isWithin } from '../../policy/self-approval.js'
import type { Question } from './target.js'

export type Why =
  /** `rules`: the rule that asks and the one that leaves it, or the one that was added. */
  | { readonly kind: 'allowed'; readonly rules: readonly RulePlace[] }
  | { readonly kind: 'not asked' }
  /** A rule grants it to the code of these npm packages only. */
  | {
      readonly kind: 'other package'
      readonly packages: readonly string[]
      readonly rules: readonly RulePlace[]
    }
  | { readonly kind: 'narrowed'; readonly rules: readonly RulePlace[] }
  | { readonly kind: 'expired'; readonly rules: readonly RulePlace[]; readonly addition: Addition }
  /** Whatever a policy says. `prefix`: the path that is closed. */
  | { readonly kind: 'always denied'; readonly prefix: string }
  /** Of an odd target: `decide` says why. */
  | { readonly kind: 'refused'; readonly rule: string }

/** @param unexpired - the grant as if nothing had expired */
export function whyOf(grant: Grant, unexpired: Grant, { request }: Question): Why {
  const decision = decide(grant, request)
  if (decision.allowed) return { kind: 'allowed', rules: decision.rules }
  if (request.kind === 'fs.read' || request.kind === 'fs.write') {
    const prefix = deniedPrefix(grant.denied, request.kind === 'fs.read' ? 'read' : 'write', request.path)
    if (prefix !== undefined) return { kind: 'always denied', prefix }
  }
  const before = decide(unexpired, request)
  const addition = before.allowed ? additionOf(unexpired, before.rules) : undefined
  if (addition !== undefined) return { kind: 'expired', rules: before.rules, addition }
  if (decision.rules.length > 0) return { kind: 'narrowed', rules: decision.rules }
  const packages = Object.keys(grant.packages).flatMap((name) => {
    const { allowed, rules } = decide(grant, asPackage(request, name))
    return allowed ? [{ name, rules }] : []
  })
  if (packages.length > 0)
    return {
      kind: 'other package',
      packages: packages.map(({ name }) => name),
      rules: packages.flatMap(({ rules }) => rules),
    }
  return decision.rule === 'nothing grants it'
    ? { kind: 'not asked' }
    : { kind: 'refused', rule: decision.rule }
}

/** The others belong to the plugin as a whole. */
function asPackage(request: AccessRequest, name: string): AccessRequest {
  switch (request.kind) {
    case 'fs.read':
    case 'fs.write':
    case 'net.connect':
    case 'net.listen':
    case 'net.resolve':
    case 'env':
      return { ...request, package: name }
    case 'settings':
    case 'clusterState.read':
    case 'extensionPoint':
    case 'plugins.call':
      return request
  }
}

function additionOf({ add }: Grant, rules: readonly RulePlace[]): Addition | undefined {
  const [, index] = /^\/add\/(\d+)\//.exec(rules[0]?.pointer ?? '') ?? []
  return index === undefined ? undefined : add[Number(index)]
}

/** The pattern as rules: `{ "net": { "connect": ["…"] } }`. */
export function rulesWith({ capability, pattern }: Question): GrantRules {
  return rulesFrom((each) => (each === capability ? [pattern] : undefined))
}

/** The list of the narrowing with the pattern in it. */
export function narrowedWith(narrow: GrantRules, { capability, pattern }: Question): GrantRules {
  return rulesFrom((each) =>
    each === capability ? [...(patternsOf(narrow, each) ?? []), pattern] : undefined,
  )
}

/** How the second wall, Node's permission flags, stands to this file; `null` for what is no file. */
export function secondWall(grant: Grant, { request }: Question): 'open' | 'shut' | null {
  if (request.kind !== 'fs.read' && request.kind !== 'fs.write') return null
  // To these flags what may be written may be read too (lib/supervisor/worker-options.ts).
  const paths = [
    ...permissionPaths(grant, 'write'),
    ...(request.kind === 'fs.read' ? permissionPaths(grant, 'read') : []),
  ]
  return paths.some((path) => isWithin(request.path, path)) ? 'open' : 'shut'
}
