/** What a plugin is given when it starts, of the node's environment and settings; each value is told to its audit. */
import type { AuditTrail } from './audit/trail.js'
import { decide, type AccessRequest } from './policy/decide.js'
import type { Grant } from './policy/grant.js'
import type { Json } from './protocol/cluster-state.js'

type Told = Pick<AuditTrail, 'decided'>

export function grantedEnvironment(
  grant: Grant,
  environment: { readonly [name: string]: string | undefined },
  audit: Told,
): { readonly [name: string]: string } {
  const granted: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && gives(grant, { kind: 'env', name }, name, audit)) granted[name] = value
  }
  return granted
}

export function grantedSettings(
  grant: Grant,
  settings: { readonly [key: string]: Json },
  audit: Told,
): { readonly [key: string]: Json } {
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => gives(grant, { kind: 'settings', key }, key, audit)),
  )
}

/** What is left out is no denial: the plugin did not ask for it. */
function gives(grant: Grant, request: AccessRequest, name: string, audit: Told): boolean {
  const answer = decide(grant, request)
  if (answer.allowed) audit.decided(request.kind, name, answer)
  return answer.allowed
}
