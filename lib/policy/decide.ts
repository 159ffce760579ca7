/**
 * May this plugin do this? Pure, and every answer says which rule gave it. Allowed is
 * what the request allows and the operator's narrowing leaves, or what an addition
 * allows; what is always denied comes first. The grant keeps all three as written, so
 * the answer is exact: no intersection of patterns is ever computed.
 *
 * Paths are compared as text. Symlinks and races are for the one who opens the file;
 * resolving a host, and asking again about the address, for the one who connects.
 */
import type { Capability } from './capability.js'
import {
  compileGrant,
  type CompiledCapability,
  type CompiledGrant,
  type Rule,
  type RulePlace,
} from './compile.js'
import type { Grant } from './grant.js'
import type { Host } from './host.js'
import { readEndpoint, readHost, readKey, readPath, readPoint } from './match.js'
import { deniedPrefix } from './self-approval.js'

export { clusterScope, clusterScopeKey, clusterScopeRules, type ClusterScope } from './cluster-scope.js'
export type { RulePlace } from './compile.js'
export { permissionPaths, permitsNetwork } from './permission-paths.js'

export type AccessRequest =
  /** `path` absolute and normalised, symlinks resolved. */
  | (FromPackage & { readonly kind: 'fs.read' | 'fs.write'; readonly path: string })
  /** `host` a name in A-labels or an address, brackets around IPv6 optional. */
  | (FromPackage & {
      readonly kind: 'net.connect' | 'net.listen'
      readonly host: string
      readonly port: number
    })
  /** Allowed when `net.connect` allows the host at some port: whoever may connect may know the address. */
  | (FromPackage & { readonly kind: 'net.resolve'; readonly host: string })
  | (FromPackage & { readonly kind: 'env'; readonly name: string })
  | { readonly kind: 'settings'; readonly key: string }
  /** Allowed when everything at and below the path may be seen; clusterScope says more. */
  | { readonly kind: 'clusterState.read'; readonly path: readonly string[] }
  /** As registered: `rest:/_plugins/_demo/{id}`, `ingest:user-agent`, `repository`. */
  | { readonly kind: 'extensionPoint'; readonly point: string }
  | { readonly kind: 'plugins.call'; readonly plugin: string }

interface FromPackage {
  /** The npm package whose code asks: what the policy grants to that package counts too. */
  readonly package?: string
}

export interface Decision {
  readonly allowed: boolean
  /** Which rule decided, for people and audit events: `request.grant.env[0] "AWS_REGION"`, `denied /etc/bulkhead`. */
  readonly rule: string
  /**
   * The same as places: the rule that asks and the one of `narrow` that leaves it, or the
   * one that was added; when only the narrowing refuses, the one that asks. Of several that
   * match it is the first in its document. Empty when no rule speaks for the request.
   */
  readonly rules: readonly RulePlace[]
}

/**
 * Never throws for a request, however odd: what cannot be read is refused.
 * @throws PluginError `POLICY_INVALID` for a grant that did not come from makeGrant and holds a broken pattern
 */
export function decide(grant: Grant, request: AccessRequest): Decision {
  const rules = compileGrant(grant)
  switch (request.kind) {
    case 'fs.read':
    case 'fs.write': {
      const { kind, path } = request
      const segments = readText(path, readPath)
      if (segments === undefined) return refuse('the path is not absolute and normalised')
      const prefix = deniedPrefix(grant.denied, kind === 'fs.read' ? 'read' : 'write', path)
      if (prefix !== undefined) return refuse(`denied ${prefix}`)
      return weigh(kind, rules[kind], segments, request.package)
    }
    case 'net.connect':
    case 'net.listen': {
      const { kind, port } = request
      const endpoint = readText(request.host, (host) => readEndpoint(host, port))
      if (endpoint === undefined) return refuse('the host or port is not in its plain form')
      return weigh(kind, rules[kind], endpoint, request.package)
    }
    case 'net.resolve': {
      const { host, package: from } = request
      return weighAnyPort(rules, readText(host, readHost), from)
    }
    case 'env': {
      const name = readText(request.name, asIs)
      return name === undefined ? refuse(NO_TEXT) : weigh('env', rules.env, name, request.package)
    }
    case 'settings': {
      const key = readText(request.key, readKey)
      return key === undefined ? refuse('the key has an empty part') : weigh('settings', rules.settings, key)
    }
    case 'clusterState.read':
      if (!isPath(request.path)) return refuse('the path is not a list of keys')
      return weigh('clusterState.read', rules['clusterState.read'], request.path)
    case 'extensionPoint': {
      const point = readText(request.point, readPoint)
      if (point === undefined) return refuse('the extension point is not in its plain form')
      return weigh('extensionPoints', rules.extensionPoints, point)
    }
    case 'plugins.call': {
      const plugin = readText(request.plugin, asIs)
      return plugin === undefined ? refuse(NO_TEXT) : weigh('plugins.call', rules['plugins.call'], plugin)
    }
    default:
      return refuse(unknownKind(request))
  }
}

function weigh<Target>(
  capability: Capability,
  rules: CompiledCapability<Target>,
  target: Target,
  from?: unknown,
): Decision {
  const asked = rules.request.first(target) ?? rules.packages.get(from)?.first(target)
  const left = asked === undefined ? undefined : rules.narrow?.first(target)
  if (asked !== undefined && rules.narrow === null) return allow(asked)
  if (asked !== undefined && left !== undefined) return allow(asked, left)
  const added = rules.additions.first(target)
  if (added !== undefined) return allow(added)
  return asked === undefined
    ? UNGRANTED
    : refuse(`narrow.${capability} leaves it out of ${asked.label}`, [asked.place])
}

/** The lowest port that is open starts a range of some rule, so those are the only ones to ask about. */
function weighAnyPort(rules: CompiledGrant, host: Host | undefined, from: unknown): Decision {
  if (host === undefined) return refuse('the host is not in its plain form')
  let best = UNGRANTED
  for (const port of rules.connectPorts) {
    const answer = weigh('net.connect', rules['net.connect'], { host, port }, from)
    if (answer.allowed) return answer
    if (answer.rules.length > best.rules.length) best = answer
  }
  return best
}

type Deciding = Pick<Rule<never>, 'label' | 'place'>

function allow(rule: Deciding, left?: Deciding): Decision {
  return left === undefined
    ? { allowed: true, rule: rule.label, rules: [rule.place] }
    : { allowed: true, rule: `${rule.label}, ${left.label}`, rules: [rule.place, left.place] }
}

const UNGRANTED: Decision = Object.freeze({
  allowed: false,
  rule: 'nothing grants it',
  rules: Object.freeze([]),
})

function refuse(rule: string, rules: readonly RulePlace[] = []): Decision {
  return { allowed: false, rule, rules }
}

/** Types end where the plugin begins: what is no string is not read. */
function readText<T>(value: unknown, read: (text: string) => T | undefined): T | undefined {
  return typeof value === 'string' ? read(value) : undefined
}

const NO_TEXT = 'the name is no text'
function asIs(name: string): string {
  return name
}

function isPath(value: unknown): boolean {
  return Array.isArray(value) && value.every((key) => typeof key === 'string')
}

function unknownKind(_request: never): string {
  return 'nobody knows this kind of request'
}
