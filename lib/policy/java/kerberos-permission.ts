/** The two permissions of `javax.security.auth.kerberos` in JDK 17: using a service, delegating to one. */
import { actionsCover, readActions } from './actions.js'
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'
import { trimJava } from './trim.js'

export interface ServicePermission {
  /** `krbtgt/EXAMPLE.COM@EXAMPLE.COM`; granted `*` is every service, asked `@REALM` any of that realm. */
  readonly principal: string
  readonly actions: readonly ('initiate' | 'accept')[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` without a principal, and for bad or no actions */
export function readServicePermission(text: JavaPermissionText): ServicePermission {
  const { target, actions } = text
  // The JDK itself asks with '-', which is no action at all, to see whether a principal is known.
  const read = actions === '-' ? [] : readActions(text, ['initiate', 'accept'], true)
  if (target === null) {
    throw invalidPermission(text, 'the principal is missing', "name a service principal; '*' is any")
  }
  return { principal: target, actions: read }
}

export function servicePermissionCovers(granted: ServicePermission, asked: ServicePermission): boolean {
  if (!actionsCover(granted.actions, asked.actions)) return false
  if (granted.principal === '*' || granted.principal === asked.principal) return true
  return asked.principal.startsWith('@') && granted.principal.endsWith(asked.principal)
}

export interface DelegationPermission {
  readonly subordinate: string
  readonly service: string
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` unless the target is two quoted principals */
export function readDelegationPermission(text: JavaPermissionText): DelegationPermission {
  const [before, subordinate, between, service, after, ...more] = (text.target ?? '').split('"')
  const quoted = before === '' && after === '' && more.length === 0
  if (!quoted || !subordinate || !service || !between || trimJava(between) !== '') {
    throw invalidPermission(
      text,
      'the target is not two principals in quotes',
      'write "\\"host/a@REALM\\" \\"host/b@REALM\\""',
    )
  }
  return { subordinate, service }
}

export function delegationPermissionCovers(
  granted: DelegationPermission,
  asked: DelegationPermission,
): boolean {
  return granted.subordinate === asked.subordinate && granted.service === asked.service
}
