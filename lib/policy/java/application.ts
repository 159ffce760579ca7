/**
 * To which code a Java grant applies: the whole plugin, one npm package, or nothing of
 * ours. What depends on a signer, a principal or code that nobody knows is never
 * granted to the whole plugin instead.
 */
import { PluginError } from '../../errors.js'
import { findCodeBase, type JavaPermissionTable } from './permission-table.js'
import type { JavaGrant, JavaPermission } from './policy.js'
import type { Outcome } from './report.js'

export type Application =
  | { readonly kind: 'plugin' }
  | { readonly kind: 'package'; readonly name: string }
  /** `byPackage`: a rule of one package, by hand, could take its place. */
  | {
      readonly kind: 'nowhere'
      readonly outcome: Exclude<Outcome, 'mapped'>
      readonly reason: string
      readonly byPackage: boolean
    }

export interface ApplicationOptions {
  readonly table: JavaPermissionTable
  /**
   * The npm package that stands in for Java code, by the alias in its code base
   * (`netty-common` for `${codebase.netty-common}`) or by the code base as written.
   */
  readonly packages?: Readonly<Record<string, string>>
}

/** As policies/policy.schema.json has it. */
const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/

/** @throws PluginError `CONFIG_INVALID` for a name that no npm package has */
export function applicationOf(
  grant: JavaGrant,
  permission: JavaPermission,
  options: ApplicationOptions,
): Application {
  if (grant.signedBy !== null || permission.signedBy !== null) {
    return nowhere('It is granted to what somebody signed, and no signer is known here.')
  }
  if (grant.principals.length > 0) {
    return nowhere("It is granted in the name of a principal, and a plugin runs in nobody's name.")
  }
  const { codeBase } = grant
  if (codeBase === null) return { kind: 'plugin' }
  const reason = findCodeBase(options.table, codeBase)
  if (reason !== undefined) return { kind: 'nowhere', outcome: 'no-counterpart', reason, byPackage: false }
  const name = packageOf(codeBase, options.packages ?? {})
  return toPackage(codeBase, name)
}

/**
 * To the npm package that is named for some Java code, or to nothing.
 * @param code - as the policy names it: a code base or a module
 * @throws PluginError `CONFIG_INVALID` for a name that no npm package has
 */
export function toPackage(code: string, name: string | undefined): Application {
  if (name === undefined) {
    return {
      kind: 'nowhere',
      outcome: 'refused',
      reason: `It is granted to ${code} only, and no npm package is named for that.`,
      byPackage: true,
    }
  }
  if (!PACKAGE_NAME.test(name)) {
    throw new PluginError('CONFIG_INVALID', {
      option: `packages.${code}`,
      value: name,
      remedy: 'write the name of an npm package, like @aws-sdk/client-s3',
    })
  }
  return { kind: 'package', name }
}

function nowhere(reason: string): Application {
  return { kind: 'nowhere', outcome: 'refused', reason, byPackage: false }
}

function packageOf(codeBase: string, packages: Readonly<Record<string, string>>): string | undefined {
  const alias = /^\$\{codebase\.([^{}]+)\}$/.exec(codeBase)?.[1]
  const key = [codeBase, alias].find((one) => one !== undefined && Object.hasOwn(packages, one))
  return key === undefined ? undefined : packages[key]
}
