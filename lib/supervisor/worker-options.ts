/**
 * The one place where the flags of plugin threads and of their processes are made.
 * Two facts force that: a worker started with `execArgv: []` under a parent that has
 * permission flags has no restriction at all, and a worker without `execArgv`
 * inherits the host's loaders. So nothing else may set these options.
 */
import type { Limits } from '../policy/document.js'
import type { KernelLimits, ProcessSettings, ThreadSettings } from '../powers.js'

/** How a process is started: as it is, or inside of bubblewrap's namespaces. */
export type Launcher = 'plain' | 'bwrap'

/** What the flags depend on beside the grant. */
export interface Runtime {
  /** `process.versions.node`. */
  readonly nodeVersion: string
  /** The script of the child's main thread: the one file that process may read. */
  readonly hostScript: string
}

/** What Node's permission model shall grant. */
export interface Permissions {
  /** Paths, already cut at their first wildcard (policy/decide.ts, permissionPaths). */
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** The network as a whole, since the flags know no hosts. */
  readonly network: boolean
}

/** Node 20 knows the permission model under an experimental name only and refuses the other. */
function permissionFlag(nodeVersion: string): string {
  return majorOf(nodeVersion) >= 22 ? '--permission' : '--experimental-permission'
}

function majorOf(nodeVersion: string): number {
  return Number.parseInt(nodeVersion, 10)
}

/**
 * Where the thread asks which file it really opened. Each entry is one that the process has open
 * already, and no `..` leads out of it: Node compares these paths as text.
 */
const OPEN_FILES = '/proc/self/fd/'

function pathFlags(paths: Permissions): string[] {
  if (paths.read.length + paths.write.length === 0) return []
  // Resolving a link is reading to these flags, and so is moving a file: what may be written is open to
  // reading at this wall; `decide` keeps the two apart. Node 20 ends the process when a path comes twice.
  const read = new Set([OPEN_FILES, ...paths.read, ...paths.write])
  return [
    ...[...read].toSorted().map((path) => `--allow-fs-read=${path}`),
    ...paths.write.map((path) => `--allow-fs-write=${path}`),
  ]
}

/** The permission model covers the network from Node 25 on; an older Node does not know the flag. */
const FIRST_WITH_NETWORK = 25

function networkFlags({ network }: Permissions, { nodeVersion }: Runtime): string[] {
  return network && majorOf(nodeVersion) >= FIRST_WITH_NETWORK ? ['--allow-net'] : []
}

/** Settings of a plugin thread, the same in both isolations. */
export function threadSettings(
  plugin: string,
  limits: Limits,
  permissions: Permissions,
  runtime: Runtime,
): ThreadSettings {
  return {
    name: `plugin ${plugin}`,
    execArgv: [
      permissionFlag(runtime.nodeVersion),
      // From 22 on a worker may read the whole working directory unless its entry is no file.
      ...(majorOf(runtime.nodeVersion) >= 22 ? ['--eval=0'] : []),
      '--no-addons',
      '--no-warnings',
      ...pathFlags(permissions),
      ...networkFlags(permissions, runtime),
    ],
    resourceLimits: {
      maxOldGenerationSizeMb: limits.heapMb,
      maxYoungGenerationSizeMb: limits.youngMb,
      stackSizeMb: limits.stackMb,
    },
  }
}

export interface ChildOptions {
  readonly workDir: string
  readonly reservedCores: number
  readonly generation: number
  readonly limits: Limits
  readonly niceness: ProcessSettings['niceness']
  readonly launcher: Launcher
  readonly permissions: Permissions
  readonly runtime: Runtime
}

/**
 * Settings of the child process around a plugin thread. Its main thread may read its
 * own script and start the one worker; that worker's flags are its own, and it needs no network for that.
 */
export function processSettings(options: ChildOptions): ProcessSettings {
  const { workDir, reservedCores, generation, limits, niceness, launcher, permissions, runtime } = options
  return {
    execArgv: [
      permissionFlag(runtime.nodeVersion),
      '--allow-worker',
      `--allow-fs-read=${runtime.hostScript}`,
      '--no-addons',
      '--no-warnings',
      ...pathFlags(permissions),
    ],
    workDir,
    reservedCores,
    generation,
    kernel: kernelLimits(limits),
    niceness,
    sandbox: launcher === 'bwrap' ? permissions : undefined,
  }
}

/**
 * Beside its heap and its buffers: stacks of the pool's threads (4 of 8 MiB), what the
 * collector and the compiler take for a while, pieces that an allocator does not give back.
 */
const DATA_MARGIN_MB = 96
const MIB = 1_048_576

/** The host's own look at the child's memory comes first; these stop what is quicker than that. */
function kernelLimits(limits: Limits): KernelLimits {
  const { heapMb, youngMb, externalMb, stackMb, files, sockets, dataMb } = limits
  return {
    dataRoomBytes: (heapMb + youngMb + externalMb + stackMb + DATA_MARGIN_MB) * MIB,
    openFiles: files + sockets,
    fileBytes: dataMb * MIB,
  }
}

/** Everything a plugin thread is started with, in a child and in the node alike; `workerData` and ports come beside it. */
export function workerOptions(settings: ThreadSettings): {
  readonly eval: true
  readonly name: string
  readonly env: Record<string, never>
  readonly argv: never[]
  readonly execArgv: string[]
  readonly resourceLimits: ThreadSettings['resourceLimits']
  readonly stdin: false
  readonly stdout: true
  readonly stderr: true
} {
  return {
    eval: true, // the thread's code comes as text: it reads no file
    name: settings.name,
    env: {},
    argv: [],
    execArgv: [...settings.execArgv],
    resourceLimits: { ...settings.resourceLimits },
    stdin: false,
    stdout: true, // captured: what a thread prints is a bounded tail, never the node's output
    stderr: true,
  }
}

/** The name of the thread's script in stacks; that of a worker started with text. */
export const THREAD_SCRIPT_NAME = '[worker eval]'

/**
 * The text that a plugin's worker is started with: it runs the thread's script, which comes as `code` with what V8
 * made of it before as `cache`. Compiling that script anew takes longer than anything it does. The cache is bytes of
 * the node's own memory, made by the node from the script itself and copied to each thread: no file holds it, so
 * nobody can put another in its place. A V8 that was started otherwise refuses it and compiles.
 */
export const THREAD_LOADER: string = `'use strict'
{ // in a block, so that its names are none of the realm
  const { Script } = require('node:vm')
  const { code, cache } = require('node:worker_threads').workerData
  new Script(code, { cachedData: cache, filename: ${JSON.stringify(THREAD_SCRIPT_NAME)} }).runInThisContext()
}`
