/**
 * Which targets one or more FilePermissions cover, by look-up: a policy may have many
 * thousand lines, and each asks about all the others.
 */
import type { FileAction, FilePermission, FileTarget } from './file-permission.js'

/** Absolute targets, by the action that they were granted for. */
export type FileIndex = ReadonlyMap<FileAction, ReadonlySet<string>>

export function indexFiles(permissions: readonly FilePermission[]): FileIndex {
  const index = new Map<FileAction, Set<string>>()
  for (const { target, actions } of permissions) {
    for (const action of actions) {
      const targets = index.get(action) ?? new Set()
      index.set(action, targets.add(keyOf(target)))
    }
  }
  return index
}

/**
 * Whether one of the permissions with the action covers the target, as `fileTargetCovers` has it.
 * @param target - absolute, or `<<ALL FILES>>`
 */
export function isCovered(index: FileIndex, action: FileAction, target: FileTarget): boolean {
  const targets = index.get(action)
  if (targets === undefined) return false
  const { kind, path } = target
  if (targets.has(keyOf(target)) || targets.has(ALL)) return true
  if (!path.startsWith('/') || (kind === 'path' && path === '/')) return false
  let above = kind === 'path' ? parentOf(path) : path
  if (kind === 'path' && targets.has(keyOf({ kind: 'directory', path: above }))) return true
  while (!targets.has(keyOf({ kind: 'recursive', path: above }))) {
    if (above === '/') return false
    above = parentOf(above)
  }
  return true
}

const ALL = keyOf({ kind: 'all', path: '' })

function keyOf({ kind, path }: FileTarget): string {
  return `${kind} ${path}`
}

/** Of a path that is not `/`. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
