/**
 * The name of a `java.security.BasicPermission`: one name, or all names with a
 * prefix. Which names a class takes is basic-permission.ts's part.
 */
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'

/** `*` is the prefix `''`; `a.*` is the prefix `a.`, which `a` itself does not have. */
export interface NamePattern {
  readonly kind: 'name' | 'prefix'
  readonly name: string
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` without a name */
export function readNamePattern(text: JavaPermissionText): NamePattern {
  const { target } = text
  if (target === null || target === '') {
    throw invalidPermission(
      text,
      'the name is missing',
      "name what is granted; '*' is everything of this class",
    )
  }
  // Before Java 6 exitVM had no exit code behind it and meant all of them; every class keeps that.
  if (target === 'exitVM') return { kind: 'prefix', name: 'exitVM.' }
  return target === '*' || target.endsWith('.*')
    ? { kind: 'prefix', name: target.slice(0, -1) }
    : { kind: 'name', name: target }
}

export function namePatternCovers(granted: NamePattern, asked: NamePattern): boolean {
  if (granted.kind === 'name') return asked.kind === 'name' && asked.name === granted.name
  return asked.name.startsWith(granted.name) && (asked.kind === 'prefix' || asked.name !== granted.name)
}
