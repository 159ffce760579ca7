/** The shipped table of Java permissions, and what of a policy it knows. */
import type { JavaPolicy } from '../../policy/java/policy.js'
import {
  findClass,
  readPermissionTable,
  type JavaPermissionTable,
} from '../../policy/java/permission-table.js'
import { lint, type Finding } from '../../policy/lint/lint.js'
import { shippedFile } from '../../shipped-policies.js'

export function shippedJavaTable(): JavaPermissionTable {
  return readPermissionTable(shippedFile('java-permissions.json'))
}

export function lintJava(file: string, policy: JavaPolicy): readonly Finding[] {
  const table = shippedJavaTable()
  const classes = policy.grants.flatMap(({ permissions }) => permissions.map((each) => each.class))
  const knownClasses = classes.filter((name) => findClass(table, name) !== undefined)
  return lint({ java: { file, policy }, knownClasses })
}
