/**
 * What the policy tests share: the shipped schemas, a hash, and a grant context on
 * made-up paths. No test here touches a real plugin.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  approvalFor,
  makeGrant,
  selfApprovalDenials,
  type Grant,
  type GrantContext,
} from '../../lib/policy/grant.js'
import type { Addition, Approval, GrantRules, PolicyRequest } from '../../lib/policy/document.js'

export type JsonObject = { readonly [key: string]: unknown }

export function readShipped(name: string): JsonObject {
  const file = fileURLToPath(import.meta.resolve(`bulkhead/policies/${name}`))
  return JSON.parse(readFileSync(file, 'utf8')) as JsonObject
}

export function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

export const HOME = '/srv/plugins/demo'
export const DATA = '/var/data/demo'

export const context: GrantContext = {
  plugin: 'demo',
  home: HOME,
  data: DATA,
  bundleHash: sha256('the code'),
  wallTime: Date.UTC(2026, 5, 15, 12),
  sha256,
  denied: selfApprovalDenials({
    policiesDir: '/etc/node/policies',
    pluginsDir: '/srv/plugins',
    cacheDir: '/var/cache/bulkhead',
    ownDir: '/opt/node_modules/bulkhead',
    dataDir: '/var/data',
    plugin: 'demo',
    home: HOME,
    data: DATA,
    parentPid: 4242,
    hostPid: 4200,
  }),
}

export function asking(grant: GrantRules): PolicyRequest {
  return { policyVersion: 1, grant }
}

/** A grant for exactly these rules, approved as they are or narrowed and added to. */
export function grantOf(
  rules: GrantRules,
  answer: { readonly narrow?: GrantRules; readonly add?: readonly Addition[] } = {},
  more: Partial<GrantContext> = {},
): Grant {
  const request = asking(rules)
  const approval: Approval = { ...approvalFor(request, context), ...answer }
  return makeGrant(request, approval, { ...context, ...more })
}
