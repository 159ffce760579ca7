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
import { compileGrant, type CompiledCapability } from './compile.js'
import type { Grant } from './grant.js'
import { readEndpoint, readKey, readPath, readPoint } from './match.js'
import { deniedPrefix } from './self-approval.js'

export { clusterScope, clusterScopeKey, type ClusterScope } from './cluster-scope.js'
export { permissionPaths } from './permission-paths.js'

export type AccessRequest =
  /** `path` absolute and normalised, symlinks resolved. */
  | { readonly kind: 'fs.read' | 'fs.write'; readonly path: string }
  /** `host` a name in A-labels or an address, brackets around IPv6 optional. */
  | { readonly kind: 'net.connect' | 'net.listen'; readonly host: string; readonly port: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'settings'; readonly key: string }
  /** Allowed when everything at and below the path may be seen; clusterScope says more. */
  | { readonly kind: 'clusterState.read'; readonly path: readonly string[] }
  /** As registered: `rest:/_plugins/_demo/{id}`, `ingest:user-agent`, `repository`. */
  | { readonly kind: 'extensionPoint'; readonly point: string }
  | { readonly kind: 'plugins.call'; readonly plugin: string }

export interface Decision {
  readonly allowed: boolean
  /** Which rule decided, for people and audit events: `request.grant.env[0] "AWS_REGION"`, `denied /etc/bulkhead`. */
  readonly rule: string
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
      const path = readText(request.path, readPath)
      if (path === undefined) return refuse('the path is not absolute and normalised')
      const prefix = deniedPrefix(grant.denied, request.kind === 'fs.read' ? 'read' : 'write', request.path)
      return prefix === undefined
        ? weigh(request.kind, rules[request.kind], path)
        : refuse(`denied ${prefix}`)
    }
    case 'net.connect':
    case 'net.listen': {
      const endpoint = readText(request.host, (host) => readEndpoint(host, request.port))
      if (endpoint === undefined) return refuse('the host or port is not in its plain form')
      return weigh(request.kind, rules[request.kind], endpoint)
    }
    case 'env':
      return weigh('env', rules.env, request.name)
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
    case 'plugins.call':
      return weigh('plugins.call', rules['plugins.call'], request.plugin)
    default:
      return refuse(unknownKind(request))
  }
}

function weigh<Target>(capability: Capability, rules: CompiledCapability<Target>, target: Target): Decision {
  const asked = rules.request.find((rule) => rule.matches(target))
  const left = rules.narrow?.find((rule) => rule.matches(target))
  if (asked !== undefined && (rules.narrow === null || left !== undefined)) {
    return { allowed: true, rule: left === undefined ? asked.place : `${asked.place}, ${left.place}` }
  }
  const added = rules.additions.find((rule) => rule.matches(target))
  if (added !== undefined) return { allowed: true, rule: added.place }
  return refuse(
    asked === undefined ? 'nothing grants it' : `narrow.${capability} leaves it out of ${asked.place}`,
  )
}

function refuse(rule: string): Decision {
  return { allowed: false, rule }
}

/** Types end where the plugin begins: what is no string is not read. */
function readText<T>(value: unknown, read: (text: string) => T | undefined): T | undefined {
  return typeof value === 'string' ? read(value) : undefined
}

function isPath(value: unknown): boolean {
  return Array.isArray(value) && value.every((key) => typeof key === 'string')
}

function unknownKind(_request: never): string {
  return 'nobody knows this kind of request'
}
