/**
 * Writing an approval, and holding one against what a plugin asks for and brings.
 * The operator's decision is in the document; here is only whether it covers this.
 */
import { faultsError, PluginError } from '../errors.js'
import { diffRequests, type RequestDiff } from './diff-request.js'
import {
  DEFAULT_LIMITS,
  type Approval,
  type GrantRules,
  type Limits,
  type PolicyRequest,
} from './document.js'
import { canonicalRequest, isEmpty, requestHash, type Sha256 } from './request-hash.js'

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
    asked: canonicalRequest(request),
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
 * Returns when nobody has to be asked, or when the approval covers this: the request
 * that was approved or one that asks for less, and the code that was approved or any
 * where the operator said so.
 * @throws PluginError `APPROVAL_MISSING` with the document to write as `approval` (JSON text);
 *   `APPROVAL_MISMATCH` with what `changed`, what is asked for `more` and `less` than before (sentences; left
 *   out where the approval does not hold what it approved) and, unless it is the plugin's name, the same
 *   `approval`; `APPROVAL_INVALID` when `asked` is not what `approves.request` names
 */
export function checkApproval(request: PolicyRequest, approval: Approval | null, candidate: Candidate): void {
  const { plugin, sha256 } = candidate
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
  checkAsked(approval, sha256)
  const diff = approval.asked === undefined ? null : diffRequests(approval.asked, request)
  const { acceptUpdates } = approval.approves
  const differs = {
    request: approval.approves.request !== wanted.approves.request && diff?.more.length !== 0,
    bundle: acceptUpdates === 'none' && approval.approves.bundle !== wanted.approves.bundle,
  }
  const changed = (['request', 'bundle'] as const).filter((part) => differs[part])
  if (changed.length === 0) return
  const { asked, approves } = wanted
  throw new PluginError('APPROVAL_MISMATCH', {
    plugin,
    changed,
    ...Object.fromEntries(
      changed.flatMap((part) => [
        [`${part}Approved`, approval.approves[part] ?? 'none'],
        [`${part}Now`, wanted.approves[part]],
      ]),
    ),
    ...(differs.request ? differenceOf(diff, request) : {}),
    approval: JSON.stringify({ ...approval, asked, approves: { ...approves, acceptUpdates } }, null, 2),
  })
}

function differenceOf(diff: RequestDiff | null, request: PolicyRequest): object {
  if (diff === null) return { asksFor: JSON.stringify(canonicalRequest(request)) }
  const { more, less } = diff
  return { more: more.map(({ text }) => text), less: less.map(({ text }) => text) }
}

function checkAsked({ plugin, asked, approves }: Approval, sha256: Sha256): void {
  if (asked === undefined || requestHash(asked, sha256) === approves.request) return
  throw faultsError('APPROVAL_INVALID', [
    {
      code: 'APPROVAL_INVALID',
      file: `${plugin}.json`,
      pointer: '/asked',
      message: "'asked' is not the request that 'approves' names",
      remedy: "remove 'asked', or write the approval anew; to change what is granted use 'narrow' and 'add'",
    },
  ])
}

/** Compute within the default limits needs nobody's leave; everything else does. */
export function asksForAnything(request: PolicyRequest): boolean {
  if ([request.grant, ...Object.values(request.packages ?? {})].some((rules) => !isEmpty(rules))) return true
  const keys = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  return keys.some((key) => (request.limits?.[key] ?? 0) > DEFAULT_LIMITS[key])
}
