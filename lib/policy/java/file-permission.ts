/**
 * `java.io.FilePermission` of JDK 17 on Unix, as its constructor makes it. A policy
 * file grants more: for a relative path the JDK's policy provider adds the absolute
 * one and the other way round, which is left to the translator.
 */
import { actionsCover, readActions } from './actions.js'
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'
import { depthBelow, normalizePath } from './unix-path.js'

const FILE_ACTIONS = ['read', 'write', 'execute', 'delete', 'readlink'] as const
export type FileAction = (typeof FILE_ACTIONS)[number]

export interface FileTarget {
  /**
   * `all`: `<<ALL FILES>>`; `directory`: what lies right in the path, not the path itself;
   * `recursive`: everything below the path, not the path itself; `path`: the path alone;
   * `none`: no path (a NUL, or what UTF-8 cannot say), which the JDK accepts and only `all` covers.
   */
  readonly kind: 'all' | 'directory' | 'recursive' | 'path' | 'none'
  /** Normalised, absolute or relative; `''` is the working directory, and of `all` and `none`. */
  readonly path: string
}

export interface FilePermission {
  readonly target: FileTarget
  readonly actions: readonly FileAction[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` without a target, and for bad or no actions */
export function readFilePermission(text: JavaPermissionText): FilePermission {
  const actions = readActions(text, FILE_ACTIONS)
  if (text.target === null) {
    throw invalidPermission(text, 'the path is missing', "name a path, or '<<ALL FILES>>'")
  }
  return { target: readFileTarget(text.target), actions }
}

/**
 * Only a last name that is `*` or `-` as a whole is a wildcard, after normalising: `a/-/.`
 * is one and `/a/**` is none. The JDK reads a final `*` as `-` first, so `/a/b*` is the
 * file `/a/b-`.
 */
export function readFileTarget(target: string): FileTarget {
  if (target === '<<ALL FILES>>') return { kind: 'all', path: '' }
  if (target.includes('\0') || /[\ud800-\udfff]/u.test(target)) return { kind: 'none', path: '' }
  const star = target.endsWith('*')
  const path = normalizePath(star ? `${target.slice(0, -1)}-` : target)
  const slash = path.lastIndexOf('/')
  if (path.slice(slash + 1) !== '-') return { kind: 'path', path }
  const parent = slash === 0 ? '/' : path.slice(0, Math.max(slash, 0))
  return { kind: star ? 'directory' : 'recursive', path: parent }
}

export function filePermissionCovers(granted: FilePermission, asked: FilePermission): boolean {
  return actionsCover(granted.actions, asked.actions) && fileTargetCovers(granted.target, asked.target)
}

/** Whether every path of `asked` is one of `granted`. */
export function fileTargetCovers(granted: FileTarget, asked: FileTarget): boolean {
  if (granted.kind === 'all') return true
  if (asked.kind === 'all' || asked.kind === 'none') return false
  const depth = depthBelow(granted.path, asked.path)
  if (depth === undefined) return false
  switch (granted.kind) {
    case 'none':
      return false
    case 'path':
      return asked.kind === 'path' && depth === 0
    case 'directory':
      return asked.kind === 'path' ? depth === 1 : asked.kind === 'directory' && depth === 0
    case 'recursive':
      return asked.kind !== 'path' || depth >= 1
  }
}
