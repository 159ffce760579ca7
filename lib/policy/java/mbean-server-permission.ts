/** `javax.management.MBeanServerPermission` of JDK 17: a list of names, as other classes have actions. */
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'
import { trimJava } from './trim.js'

const NAMES: readonly string[] = [
  'createMBeanServer',
  'findMBeanServer',
  'newMBeanServer',
  'releaseMBeanServer',
]

/**
 * The names granted; whoever may create a server may also make a new one.
 * @throws PluginError `JAVA_PERMISSION_INVALID` for an unknown name or for actions
 */
export function readMBeanServerPermission(text: JavaPermissionText): ReadonlySet<string> {
  if (text.actions !== null && text.actions !== '') {
    throw invalidPermission(text, 'the class takes no actions', 'leave the actions out')
  }
  const target = text.target === null ? '' : trimJava(text.target)
  if (target === '*') return new Set(NAMES)
  const parts = target.includes(',') ? target.split(',').filter((part) => part !== '') : [target]
  const names = new Set(parts.length === 0 ? [''] : parts.map(trimJava))
  for (const name of names) {
    if (NAMES.includes(name)) continue
    throw invalidPermission(text, 'the class has no such name', `write '*', or some of ${NAMES.join(', ')}`)
  }
  return names.has('createMBeanServer') ? names.add('newMBeanServer') : names
}

export function mbeanServerPermissionCovers(
  granted: ReadonlySet<string>,
  asked: ReadonlySet<string>,
): boolean {
  return [...asked].every((name) => granted.has(name))
}
