/**
 * 'bulkhead/policy': the policy language as a library, for tools that read policies,
 * write approvals or ask what a grant allows. Pure; files are read by the caller.
 */
export { CAPABILITIES, type Capability } from './capability.js'
export { checkPattern } from './check-pattern.js'
export {
  clusterScope,
  clusterScopeKey,
  decide,
  permissionPaths,
  type AccessRequest,
  type ClusterScope,
  type Decision,
  type RulePlace,
} from './decide.js'
export {
  DEFAULT_LIMITS,
  type Addition,
  type Approval,
  type GrantRules,
  type Limits,
  type PolicyRequest,
} from './document.js'
export {
  approvalFor,
  asksForAnything,
  canonicalRequest,
  freezeGrant,
  makeGrant,
  nextExpiry,
  requestHash,
  selfApprovalDenials,
  type ApprovalOptions,
  type Candidate,
  type DeniedPaths,
  type Grant,
  type GrantContext,
  type SelfApprovalOptions,
  type Sha256,
} from './grant.js'
export { compilePattern, type Pattern, type PatternKind, type PatternTargets } from './match.js'
export { makePolicyParser, type PolicyParser, type PolicySchemas } from './parse.js'
