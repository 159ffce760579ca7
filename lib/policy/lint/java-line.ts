/**
 * The permission lines of a Java policy, with actions and separators in one form. What
 * a permission grants is implies.ts's word.
 */
import type { JavaGrant, JavaPermission } from '../java/policy.js'
import { placeInJava, type Place } from './finding.js'
import type { LintInput } from './input.js'

export interface JavaLine {
  readonly permission: JavaPermission
  readonly grant: JavaGrant
  readonly place: Place
  /** Without package: `FilePermission`. */
  readonly className: string
  /** `${/}` and `${file.separator}` written as `/`; empty when left out. */
  readonly target: string
  /** Lower case, without empty ones. */
  readonly actions: readonly string[]
}

export const FILE_PERMISSION = 'java.io.FilePermission'
export const SOCKET_PERMISSION = 'java.net.SocketPermission'
export const RUNTIME_PERMISSION = 'java.lang.RuntimePermission'
export const ALL_PERMISSION = 'java.security.AllPermission'

export function javaLinesOf({ java }: LintInput): readonly JavaLine[] {
  if (java === undefined) return []
  return java.policy.grants.flatMap((grant) =>
    grant.permissions.map((permission) => ({
      permission,
      grant,
      place: placeInJava(java.file, permission),
      className: permission.class.slice(permission.class.lastIndexOf('.') + 1),
      target: withSlashes(permission.target ?? ''),
      actions: (permission.actions ?? '')
        .split(',')
        .map((action) => action.trim().toLowerCase())
        .filter((action) => action !== ''),
    })),
  )
}

export function withSlashes(text: string): string {
  return text.replaceAll('${/}', '/').replaceAll('${file.separator}', '/')
}

/** Whether the grant is for all code, whoever signed it and whoever runs it. */
export function isGlobal({ codeBase, signedBy, principals }: JavaGrant): boolean {
  return codeBase === null && signedBy === null && principals.length === 0
}
