/** `java.util.PropertyPermission` of JDK 17: a name pattern, for reading, writing or both. */
import { actionsCover, readActions } from './actions.js'
import { namePatternCovers, readNamePattern, type NamePattern } from './name-pattern.js'
import type { JavaPermissionText } from './policy.js'

const PROPERTY_ACTIONS = ['read', 'write'] as const
export type PropertyAction = (typeof PROPERTY_ACTIONS)[number]

export interface PropertyPermission {
  readonly name: NamePattern
  readonly actions: readonly PropertyAction[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` without a name, and for bad or no actions */
export function readPropertyPermission(text: JavaPermissionText): PropertyPermission {
  return { name: readNamePattern(text), actions: readActions(text, PROPERTY_ACTIONS, true) }
}

export function propertyPermissionCovers(granted: PropertyPermission, asked: PropertyPermission): boolean {
  return actionsCover(granted.actions, asked.actions) && namePatternCovers(granted.name, asked.name)
}
