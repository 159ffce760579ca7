/**
 * Request + approval -> one frozen Grant. A Grant is plain data: it goes to the
 * plugin thread as JSON, decisions are made from it on both sides.
 */
import { faultsError, PluginError, type Fault } from '../errors.js'
import { checkApproval, type Candidate } from './approval.js'
import { patternsOf, PATTERN_KINDS, rulesFrom } from './capability.js'
import { checkRules } from './check-rules.js'
import {
  DEFAULT_LIMITS,
  type Addition,
  type Approval,
  type GrantRules,
  type Limits,
  type PackageRules,
  type PolicyRequest,
} from './document.js'
import { hasExpired } from './expiry.js'
import { freezeDeep } from './freeze.js'
import { pointerToken } from './json-text.js'
import { readPath } from './match.js'
import { EMPTY_REQUEST } from './request-hash.js'
import type { DeniedPaths } from './self-approval.js'

export { approvalFor, asksForAnything, type ApprovalOptions, type Candidate } from './approval.js'
export { canonicalRequest, requestHash, type Sha256 } from './request-hash.js'
export { selfApprovalDenials, type DeniedPaths, type SelfApprovalOptions } from './self-approval.js'

export interface Grant {
  readonly plugin: string
  /** What the plugin asked for, with ${plugin.home} and ${plugin.data} expanded. */
  readonly request: GrantRules
  /** What the code of each npm package may do besides, by its name; placeholders expanded. */
  readonly packages: Readonly<Record<string, PackageRules>>
  /** What the operator left of both; `null` when the approval does not narrow. */
  readonly narrow: GrantRules | null
  /** In the approval's order; one that has expired keeps its place and grants nothing. */
  readonly add: readonly Addition[]
  readonly limits: Limits
  /** Real path of the plugin's directory. */
  readonly home: string
  /** Real path of the directory the plugin may write to, if its rules say so. */
  readonly data: string
  /** Paths refused whatever the rules say (self-approval, other plugins, /proc/<ppid>). */
  readonly denied: DeniedPaths
}

export interface GrantContext extends Candidate {
  /** Real paths; without `*`, since they become part of patterns. */
  readonly home: string
  readonly data: string
  /** Now, milliseconds since 1970; additions that have expired by then grant nothing. */
  readonly wallTime: number
  readonly denied: DeniedPaths
}

/**
 * @param request - the checked policy.json, or `null` when the plugin has none: nothing but compute
 * @param approval - the operator's checked answer, or `null` when there is none
 * @throws PluginError `APPROVAL_MISSING`, `APPROVAL_MISMATCH` (see checkApproval); `CONFIG_INVALID` for
 *   a home or data directory that cannot stand in a pattern; `POLICY_INVALID`, `APPROVAL_INVALID` when
 *   the documents did not come from the parser and hold patterns that it would have refused
 */
export function makeGrant(
  request: PolicyRequest | null,
  approval: Approval | null,
  context: GrantContext,
): Grant {
  const asked = request ?? EMPTY_REQUEST
  checkDirectories(context)
  checkDocuments(asked, approval)
  checkApproval(asked, approval, context)
  const expanded = (rules: GrantRules): GrantRules => expand(rules, context)
  return freezeGrant({
    plugin: context.plugin,
    request: expanded(asked.grant),
    packages: Object.fromEntries(
      Object.entries(asked.packages ?? {}).map(([name, rules]) => [name, expanded(rules)]),
    ),
    narrow: approval?.narrow === undefined ? null : expanded(approval.narrow),
    add: (approval?.add ?? []).map((addition) => ({
      ...addition,
      grant: hasExpired(addition, context.wallTime) ? {} : expanded(addition.grant),
    })),
    limits: { ...DEFAULT_LIMITS, ...asked.limits, ...approval?.limits },
    home: context.home,
    data: context.data,
    denied: structuredCopy(context.denied),
  })
}

/**
 * Freezes a grant that was read from JSON, as the plugin thread does. Decisions are
 * compiled once for a frozen grant, and each time anew for one that is not.
 */
export function freezeGrant(grant: Grant): Grant {
  return freezeDeep(grant)
}

/** Placeholders stand in path patterns only, and only at their start; a new value in any case. */
function expand(rules: GrantRules, { home, data }: GrantContext): GrantRules {
  return rulesFrom((capability) => {
    const list = patternsOf(rules, capability)
    if (PATTERN_KINDS[capability] !== 'path') return list === undefined ? undefined : [...list]
    return list?.map((text) => {
      if (text.startsWith('${plugin.home}')) return home + text.slice('${plugin.home}'.length)
      if (text.startsWith('${plugin.data}')) return data + text.slice('${plugin.data}'.length)
      return text
    })
  })
}

function checkDirectories({ home, data }: GrantContext): void {
  for (const [option, path] of Object.entries({ home, data })) {
    const read = readPath(path)
    if (read === undefined || read.segments.length === 0 || path.includes('*')) {
      throw new PluginError('CONFIG_INVALID', {
        option,
        path,
        remedy: "give an absolute real path below '/' without '*'",
      })
    }
  }
}

function checkDocuments(request: PolicyRequest, approval: Approval | null): void {
  if (request.extends !== undefined && request.extends.length > 0) {
    throw faultsError('POLICY_INVALID', [
      {
        code: 'POLICY_INVALID',
        file: 'policy.json',
        pointer: '/extends',
        message: 'the presets are not put in yet',
        remedy: 'read the policy with makePolicyParser, or use expandPresets',
      },
    ])
  }
  const asked = [
    ...faultsIn(request.grant, 'POLICY_INVALID', 'policy.json', '/grant'),
    ...Object.entries(request.packages ?? {}).flatMap(([name, rules]) =>
      faultsIn(rules, 'POLICY_INVALID', 'policy.json', `/packages${pointerToken(name)}`),
    ),
  ]
  if (asked.length > 0) throw faultsError('POLICY_INVALID', asked)
  const answered = [
    ...(approval?.narrow === undefined
      ? []
      : faultsIn(approval.narrow, 'APPROVAL_INVALID', 'approval', '/narrow')),
    ...(approval?.add ?? []).flatMap((addition, index) =>
      faultsIn(addition.grant, 'APPROVAL_INVALID', 'approval', `/add/${index}/grant`),
    ),
  ]
  if (answered.length > 0) throw faultsError('APPROVAL_INVALID', answered)
}

function faultsIn(rules: GrantRules, code: Fault['code'], file: string, base: string): readonly Fault[] {
  return checkRules(rules).map(({ pointer, fault, remedy }) => ({
    code,
    file,
    pointer: base + pointer,
    message: fault,
    remedy,
  }))
}

function structuredCopy(denied: DeniedPaths): DeniedPaths {
  return {
    read: [...denied.read],
    write: [...denied.write],
    ...(denied.logs === undefined ? {} : { logs: [...denied.logs] }),
    ...(denied.shared === undefined
      ? {}
      : { shared: denied.shared.map(({ below, except }) => ({ below, except: [...except] })) }),
  }
}
