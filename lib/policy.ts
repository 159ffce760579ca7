/**
 * 'bulkhead/policy': the policy language as a library, for tools that read policies,
 * translate old ones, write approvals or ask what a grant allows. Opens no file but
 * the ones that ship with Bulkhead.
 */
import { sha256 } from './node-powers.js'
import type { Approval, PolicyRequest } from './policy/document.js'
import { makeGrant as makeCheckedGrant, type Grant, type GrantContext } from './policy/grant.js'
import { parseJavaPolicy } from './policy/java/parse.js'
import type { JavaPolicy } from './policy/java/policy.js'
import {
  translate as translateByTable,
  type TranslateOptions,
  type Translation,
} from './policy/java/translate.js'
import { expandPresets } from './policy/presets.js'
import { approvalFor } from './policy/approval.js'
import { shippedPermissionTable, shippedPresets } from './shipped-policies.js'

export { CAPABILITIES, type Capability } from './policy/capability.js'
export { checkPattern } from './policy/check-pattern.js'
export {
  clusterScope,
  clusterScopeKey,
  decide,
  permissionPaths,
  type AccessRequest,
  type ClusterScope,
  type Decision,
  type RulePlace,
} from './policy/decide.js'
export { describeRequest, type Ask, type Risk } from './policy/describe.js'
export { diffRequests, type RequestDiff } from './policy/diff-request.js'
export { nextExpiry } from './policy/expiry.js'
export {
  DEFAULT_LIMITS,
  type Addition,
  type Approval,
  type GrantRules,
  type Limits,
  type PackageRules,
  type PolicyRequest,
} from './policy/document.js'
export {
  approvalFor,
  asksForAnything,
  canonicalRequest,
  freezeGrant,
  requestHash,
  selfApprovalDenials,
  type ApprovalOptions,
  type Candidate,
  type DeniedPaths,
  type Grant,
  type GrantContext,
  type SelfApprovalOptions,
  type Sha256,
} from './policy/grant.js'
export { translateEntitlements, type EntitlementOptions } from './policy/entitlement/translate.js'
export { implies } from './policy/java/implies.js'
export { parseJavaPolicy, type JavaPolicyOptions } from './policy/java/parse.js'
export type {
  JavaDiagnostic,
  JavaDialect,
  JavaGrant,
  JavaKeystore,
  JavaPermission,
  JavaPermissionText,
  JavaPolicy,
  JavaPrincipal,
} from './policy/java/policy.js'
export { lint, LINT_CODES, type Finding, type LintCode, type LintInput } from './policy/lint/lint.js'
export { compilePattern, type Pattern, type PatternKind, type PatternTargets } from './policy/match.js'
export { makePolicyParser, type PolicyParser, type PolicySchemas } from './policy/parse.js'
export { readPermissionTable, type JavaPermissionTable } from './policy/java/permission-table.js'
export type { Outcome, TranslatedLine, TranslationReport } from './policy/java/report.js'
export type { TranslateOptions, Translation } from './policy/java/translate.js'
export { shippedPermissionTable, shippedPolicyParser } from './shipped-policies.js'

/** What an approval says without its hashes. */
export type Answer = Pick<Approval, 'narrow' | 'add' | 'limits'>

/** Where a plugin that is nowhere yet would stand. */
const PREVIEW = { home: '/plugin', data: '/data', plugin: 'preview', bundleHash: sha256('') }

/**
 * The grant of a request and the operator's answer to it.
 * With a `context` it is what a node makes: the approval has to be for exactly this
 * request and this code. Without one it is a preview, for tools and tests: as if the
 * request were approved with this answer, `null` for as it stands; hashes are not
 * compared, home and data are `/plugin` and `/data`, and nothing is always denied.
 * @throws PluginError as lib/policy/grant.ts says
 */
export function makeGrant(
  request: PolicyRequest | null,
  approval: Approval | null,
  context: GrantContext,
): Grant
export function makeGrant(request: PolicyRequest | null, answer: Answer | null): Grant
export function makeGrant(
  request: PolicyRequest | null,
  answer: Approval | Answer | null,
  context?: GrantContext,
): Grant {
  const expanded = request === null ? null : expandPresets(request, shippedPresets())
  if (context !== undefined) return makeCheckedGrant(expanded, answer as Approval | null, context)
  const candidate = { ...PREVIEW, sha256 }
  const asked = expanded ?? { policyVersion: 1, grant: {} }
  const { narrow, add, limits } = answer ?? {}
  const approval: Approval = {
    ...approvalFor(asked, candidate),
    ...(narrow === undefined ? {} : { narrow }),
    ...(add === undefined ? {} : { add }),
    ...(limits === undefined ? {} : { limits }),
  }
  return makeCheckedGrant(asked, approval, {
    ...candidate,
    wallTime: Date.now(),
    denied: { read: [], write: [] },
  })
}

/**
 * A Java policy as a request, never wider, and what became of each of its lines.
 * @param policy - parsed, or its text, which is then read leniently
 * @param options - without a `table` the shipped one counts
 * @throws PluginError `CONFIG_INVALID` for options that cannot be used; `JAVA_POLICY_INVALID` for a text that
 *   nobody reads
 */
export function translate(
  policy: JavaPolicy | string,
  options: Omit<TranslateOptions, 'table'> & Partial<Pick<TranslateOptions, 'table'>> = {},
): Translation {
  const parsed = typeof policy === 'string' ? parseJavaPolicy(policy) : policy
  return translateByTable(parsed, { table: shippedPermissionTable(), ...options })
}
