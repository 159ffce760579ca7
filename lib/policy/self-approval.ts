/**
 * What no policy can grant: files with which a plugin could approve itself, change
 * what runs, look at its neighbours or reach the process that holds it.
 * Pure text on paths: the caller gives real paths (symlinks resolved), and resolves
 * what a plugin names before it asks.
 */
import { PluginError } from '../errors.js'
import { readPath } from './match.js'

export interface DeniedPaths {
  /** Refused with everything below. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Files that are refused for reading and writing, with everything whose path begins so: rotation renames logs. */
  readonly logs?: readonly string[]
  /** Shared directories: refused with everything below, for reading and writing, but for the plugin's own parts. */
  readonly shared?: readonly { readonly below: string; readonly except: readonly string[] }[]
}

export interface SelfApprovalOptions {
  /** Absolute real paths, all of them. */
  readonly policiesDir: string
  readonly pluginsDir: string
  readonly cacheDir: string
  /** Bulkhead's own files. */
  readonly ownDir: string
  readonly dataDir: string
  readonly plugin: string
  readonly home: string
  readonly data: string
  /** Real path of the audit log. */
  readonly auditLog?: string
  /** Real path of the directory of crash reports, in which other plugins' logs stand. */
  readonly crashReports?: string
  /** The process that started this one, and the search node's own. */
  readonly parentPid?: number
  readonly hostPid?: number
}

/**
 * Home and data are exempt only where they lie below a shared directory: a data directory
 * that *is* pluginsDir, or holds it, opens nothing of the neighbours.
 * @throws PluginError `CONFIG_INVALID` when a path is not absolute and normalised
 */
export function selfApprovalDenials(options: SelfApprovalOptions): DeniedPaths {
  const { policiesDir, pluginsDir, cacheDir, ownDir, dataDir, home, data, auditLog, crashReports } = options
  for (const [option, path] of Object.entries({
    policiesDir,
    pluginsDir,
    cacheDir,
    ownDir,
    dataDir,
    home,
    data,
    ...(auditLog === undefined ? {} : { auditLog }),
    ...(crashReports === undefined ? {} : { crashReports }),
  })) {
    if (readPath(path) === undefined) {
      throw new PluginError('CONFIG_INVALID', { option, path, remedy: 'give its absolute real path' })
    }
  }
  const pids = [options.parentPid, options.hostPid].filter((pid) => pid !== undefined)
  const never = [
    ...[...new Set(pids)].map((pid) => `/proc/${pid}`),
    ...(crashReports === undefined ? [] : [crashReports]),
  ]
  return {
    read: [policiesDir, ...never],
    write: [policiesDir, pluginsDir, cacheDir, ownDir, ...never],
    ...(auditLog === undefined ? {} : { logs: [auditLog] }),
    // A plugins directory that is one plugin's own has no neighbours in it.
    shared: (pluginsDir === home ? [dataDir] : [pluginsDir, dataDir]).map((below) => ({
      below,
      except: [home, data].filter((own) => own !== below && isWithin(own, below)),
    })),
  }
}

/** The prefix that refuses the path, or `undefined`. */
export function deniedPrefix(
  denied: DeniedPaths,
  access: 'read' | 'write',
  path: string,
): string | undefined {
  // Loops, not callbacks: this stands before every decision about a file.
  for (const root of denied[access]) if (isWithin(path, root)) return root
  for (const log of denied.logs ?? []) if (path.startsWith(log)) return log
  for (const { below, except } of denied.shared ?? []) {
    if (isWithin(path, below) && !except.some((own) => isWithin(path, own))) return below
  }
  return undefined
}

/** Whether some path at or below `tree` is refused. */
export function treeMeetsDenied(denied: DeniedPaths, access: 'read' | 'write', tree: string): boolean {
  if (deniedPrefix(denied, access, tree) !== undefined) return true
  const shared = (denied.shared ?? []).map(({ below }) => below)
  return [...denied[access], ...(denied.logs ?? []), ...shared].some((root) => isWithin(root, tree))
}

/** Whether `path` is `root` or lies below it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || root === '/' || (path.startsWith(root) && path.charAt(root.length) === '/')
}
