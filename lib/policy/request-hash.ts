/**
 * The canonical form of a request and its hash: what an approval names. Two requests
 * that ask for the same have the same hash, however they are written.
 *
 * Canonical: keys in code-unit order, lists sorted without duplicates, empty lists
 * and objects left out, `$schema` and `$comment` left out, presets put in, limits only where asked for (so that new
 * defaults do not void approvals). `${plugin.home}` and `${plugin.data}` stay as they
 * are written: the hash of a request is the same on every machine, while a path
 * spelled out is another request.
 */
import { CAPABILITIES, patternsOf, rulesFrom } from './capability.js'
import type { GrantRules, PolicyRequest } from './document.js'

/** SHA-256 over UTF-8, written `sha256-<base64>`. */
export type Sha256 = (text: string) => string

/** What a plugin without a policy file asks for. */
export const EMPTY_REQUEST: PolicyRequest = Object.freeze({ policyVersion: 1, grant: Object.freeze({}) })

export function requestHash(request: PolicyRequest, sha256: Sha256): string {
  return sha256(JSON.stringify(canonicalRequest(request)))
}

/** The request in canonical form, a new value. */
export function canonicalRequest(request: PolicyRequest): PolicyRequest {
  const packages = Object.entries(request.packages ?? {})
    .map(([name, rules]) => [name, canonicalRules(rules)] as const)
    .filter(([, rules]) => !isEmpty(rules))
  const limits = Object.entries(request.limits ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sortKeys({
    grant: canonicalRules(request.grant),
    ...(limits.length === 0 ? {} : { limits: Object.fromEntries(limits) }),
    ...(packages.length === 0 ? {} : { packages: Object.fromEntries(packages) }),
    policyVersion: request.policyVersion,
  })
}

function canonicalRules(rules: GrantRules): GrantRules {
  return sortKeys(
    rulesFrom((capability) => {
      const sorted = [...new Set(patternsOf(rules, capability))].toSorted()
      return sorted.length === 0 ? undefined : sorted
    }),
  )
}

/** Whether the rules grant nothing at all. */
export function isEmpty(rules: GrantRules): boolean {
  return CAPABILITIES.every((capability) => (patternsOf(rules, capability) ?? []).length === 0)
}

function sortKeys<T extends object>(value: T): T {
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => [
    key,
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? sortKeys(inner) : inner,
  ])
  return Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))) as T
}
