/**
 * Writing an approval, and holding one against what a plugin asks for and brings.
 * The operator's decision is in the document; here is only whether it covers this.
 */
import { PluginError } from '../errors.js'
import {
  DEFAULT_LIMITS,
  type Approval,
  type GrantRules,
  type Limits,
  type PolicyRequest,
} from './document.js'
import { isEmpty, requestHash, type Sha256 } from './request-hash.js'

/** The plugin as it lies on the disk now. */
export interface Candidate {
  readonly plugin: string
  /** `sha256-<base64>` of the bundle. */
  readonly bundleHash: string
  readonly sha256: Sha256
}

/** What the operator may say beyond "exactly this". */
export interface ApprovalOptions {
  /** Default 'none'. */
  readonly acceptUpdates?: 'none' | 'code'
  readonly narrow?: GrantRules
  readonly limits?: Partial<Limits>
}

/** The approval for exactly this request and this bundle. */
export function approvalFor(
  request: PolicyRequest,
  candidate: Candidate,
  options: ApprovalOptions = {},
): Approval {
  const { acceptUpdates = 'none', narrow, limits } = options
  return {
    plugin: candidate.plugin,
    approves: {
      request: requestHash(request, candidate.sha256),
      bundle: candidate.bundleHash,
      acceptUpdates,
    },
    ...(narrow === undefined ? {} : { narrow }),
    ...(limits === undefined ? {} : { limits }),
  }
}

/**
 * Returns when nobody has to be asked, or when the approval is for this.
 * @throws PluginError `APPROVAL_MISSING` with the document to write as `approval` (JSON text), or
 *   `APPROVAL_MISMATCH` with what `changed` and, unless it is the plugin's name, the same `approval`
 */
export function checkApproval(request: PolicyRequest, approval: Approval | null, candidate: Candidate): void {
  const { plugin } = candidate
  const wanted = approvalFor(request, candidate)
  if (approval === null) {
    if (!asksForAnything(request)) return
    throw new PluginError('APPROVAL_MISSING', { plugin, approval: JSON.stringify(wanted, null, 2) })
  }
  if (approval.plugin !== plugin) {
    throw new PluginError('APPROVAL_MISMATCH', {
      plugin,
      changed: ['plugin'],
      approvedPlugin: approval.plugin,
    })
  }
  const { acceptUpdates } = approval.approves
  const differs = {
    request: approval.approves.request !== wanted.approves.request,
    bundle: acceptUpdates === 'none' && approval.approves.bundle !== wanted.approves.bundle,
  }
  const changed = (['request', 'bundle'] as const).filter((part) => differs[part])
  if (changed.length === 0) return
  throw new PluginError('APPROVAL_MISMATCH', {
    plugin,
    changed,
    ...Object.fromEntries(
      changed.flatMap((part) => [
        [`${part}Approved`, approval.approves[part] ?? 'none'],
        [`${part}Now`, wanted.approves[part]],
      ]),
    ),
    ...(differs.request ? { asksFor: JSON.stringify(request.grant) } : {}),
    approval: JSON.stringify({ ...approval, approves: { ...wanted.approves, acceptUpdates } }, null, 2),
  })
}

/** Compute within the default limits needs nobody's leave; everything else does. */
export function asksForAnything(request: PolicyRequest): boolean {
  if (!isEmpty(request.grant)) return true
  const keys = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  return keys.some((key) => (request.limits?.[key] ?? 0) > DEFAULT_LIMITS[key])
}
