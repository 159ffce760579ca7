/** Findings about a Java policy, with the classes that the shipped table knows. */
import { findClass } from '../../policy/java/permission-table.js'
import type { JavaPolicy } from '../../policy/java/policy.js'
import { lint, type Finding } from '../../policy/lint/lint.js'
import { shippedPermissionTable } from '../../shipped-policies.js'

export function lintJava(file: string, policy: JavaPolicy): readonly Finding[] {
  const table = shippedPermissionTable()
  const classes = policy.grants.flatMap(({ permissions }) => permissions.map((each) => each.class))
  const knownClasses = classes.filter((name) => findClass(table, name) !== undefined)
  return lint({ java: { file, policy }, knownClasses })
}
