/** Small documents for the linter's tests, and the form of its cases. */
import type { Approval, GrantRules, PolicyRequest } from '../../../lib/policy/document.js'
import type { JavaGrant, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { lint, type Finding, type LintCode, type LintInput } from '../../../lib/policy/lint/lint.js'

export interface Case {
  readonly hits: readonly LintInput[]
  /** What looks much like it and is fine. */
  readonly misses: readonly LintInput[]
}

export function asks(grant: GrantRules, more: Partial<PolicyRequest> = {}): LintInput {
  return { policy: { file: 'policy.json', request: { policyVersion: 1, grant, ...more } } }
}

export function connect(...patterns: readonly string[]): LintInput {
  return asks({ net: { connect: patterns } })
}

export function listen(...patterns: readonly string[]): LintInput {
  return asks({ net: { listen: patterns } })
}

export function read(...patterns: readonly string[]): LintInput {
  return asks({ fs: { read: patterns } })
}

export function write(...patterns: readonly string[]): LintInput {
  return asks({ fs: { write: patterns } })
}

export function answers(more: Partial<Approval>, acceptUpdates: 'none' | 'code' = 'none'): LintInput {
  const approves = { request: 'sha256-r', bundle: 'sha256-b', acceptUpdates }
  return { approval: { file: 'approval.json', approval: { plugin: 'demo', approves, ...more } } }
}

export function narrowed(asked: LintInput, narrow: GrantRules): LintInput {
  return { ...asked, ...answers({ narrow }) }
}

export function added(grant: GrantRules, expires?: string): LintInput {
  return answers({ add: [{ grant, reason: 'test', ...(expires === undefined ? {} : { expires }) }] })
}

type JavaText = readonly [className: string, target?: string | null, actions?: string | null]

/** One grant for all code. */
export function java(...permissions: readonly JavaText[]): LintInput {
  return javaPolicy({ permissions })
}

/** Lines are counted over the whole policy: each head and each permission has one. */
export function javaPolicy(
  ...grants: readonly (Partial<Omit<JavaGrant, 'permissions'>> & {
    readonly permissions: readonly JavaText[]
  })[]
): LintInput {
  let line = 0
  const policy: JavaPolicy = {
    keystore: null,
    diagnostics: [],
    grants: grants.map(({ permissions, ...head }) => ({
      codeBase: null,
      signedBy: null,
      principals: [],
      line: ++line,
      column: 1,
      ...head,
      permissions: permissions.map(([className, target = null, actions = null]) => {
        line += 1
        return { class: className, target, actions, signedBy: null, line, column: 3 }
      }),
    })),
  }
  return { java: { file: 'plugin-security.policy', policy } }
}

export function file(target: string, actions = 'read'): LintInput {
  return java([FILE, target, actions])
}

export function socket(target: string, actions = 'connect'): LintInput {
  return java([SOCKET, target, actions])
}

/** A grant for the code of one place. */
export function codeBase(base: string, ...permissions: readonly JavaText[]): LintInput {
  return javaPolicy({ codeBase: base, permissions })
}

export const FILE = 'java.io.FilePermission'
export const SOCKET = 'java.net.SocketPermission'
export const RUNTIME = 'java.lang.RuntimePermission'
export const PROPERTY = 'java.util.PropertyPermission'
export const ALL = 'java.security.AllPermission'

/** Noon of a day. */
export const NOW: number = Date.UTC(2026, 5, 15, 12)

export function codesOf(input: LintInput): readonly LintCode[] {
  return lint(input).map(({ code }) => code)
}

/** Where a finding stands: a pointer, or a line. */
export function placeOf({ pointer, line }: Finding): string | number | null {
  return pointer ?? line
}
