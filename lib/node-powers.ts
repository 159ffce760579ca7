/**
 * Clock, entropy and files of the host as the interfaces of powers.ts. Processes and
 * threads are made in launch/; nothing else of the host touches node: built-ins (beside
 * the CLI, the bundler and the cluster-state sources).
 */
import { createHash, randomUUID } from 'node:crypto'
import { constants, mkdirSync, realpathSync, statSync } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PluginError } from './errors.js'
import type { Clock, Defer, Entropy, LogFile, TimerHandle } from './powers.js'

export const nodeClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs) as unknown as TimerHandle,
  clearTimeout: (timer) => clearTimeout(timer as unknown as NodeJS.Timeout),
}

export const nodeEntropy: Entropy = { random: Math.random, uuid: randomUUID }

/** Runs once the promises of this turn are done. */
export const nodeDefer: Defer = (run) => process.nextTick(run)

/** 'sha256-' and the hash in base64, as approvals hold it. */
export function sha256(data: string | Uint8Array): string {
  return `sha256-${createHash('sha256').update(data).digest('base64')}`
}

export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/** The path with every link resolved; of a path that does not exist, that of its nearest parent that does. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPathOf(parent), basename(path))
  }
}

/** Where a file would be made: every link but one at its own place resolved. */
function realPlaceOf(path: string): string {
  return join(realPathOf(dirname(path)), basename(path))
}

const NO_LOG: Readonly<Record<string, string>> = {
  ELOOP: 'a symbolic link stands there',
  EISDIR: 'a directory stands there',
  ENXIO: 'it is no regular file',
  ENOENT: 'its directory does not exist',
}

/**
 * Opens a file to append to, or makes it with mode 0600.
 * @throws PluginError `AUDIT_LOG_UNUSABLE`
 */
export async function openLogFile(path: string): Promise<LogFile> {
  const unusable = (message: string): PluginError =>
    new PluginError('AUDIT_LOG_UNUSABLE', {
      path,
      message,
      remedy:
        'give the path of a regular file, or of a new one in a directory that exists and may be written',
    })
  // Without O_NONBLOCK a FIFO would keep the node waiting for its reader.
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw unusable(NO_LOG[error.code ?? ''] ?? error.message)
  })
  const own = await handle.stat({ bigint: true })
  if (!own.isFile()) {
    await handle.close()
    throw unusable('it is no regular file')
  }
  return {
    append: async (bytes) => (await handle.write(bytes)).bytesWritten,
    async isAt(place) {
      const there = await lstat(place, { bigint: true }).catch(() => undefined)
      return there?.ino === own.ino && there.dev === own.dev
    },
    close: () => handle.close(),
  }
}

/** Directory of this package's own code. */
export const ownDirectory: string = realPathOf(fileURLToPath(new URL('..', import.meta.url)))

export const processIds: { readonly parentPid: number; readonly hostPid: number } = {
  parentPid: process.ppid,
  hostPid: process.pid,
}

let inspectorSignalHeld = false

/**
 * Takes SIGUSR1 away from Node, which would open the inspector for whoever sends it; a
 * plugin may be able to send signals. It stays taken: Node does not take the signal
 * back from its last listener, it would then end the process.
 */
export function holdInspectorSignal(): void {
  if (inspectorSignalHeld) return
  inspectorSignalHeld = true
  process.on('SIGUSR1', () => undefined)
}

/** Tells whoever runs the node, the way Node itself warns: once on standard error, and as an event of `process`. */
export function warn(message: string): void {
  process.emitWarning(message, { type: 'BulkheadWarning' })
}

/** Environment of the node itself; a plugin sees of it what its grant names. */
export const nodeEnvironment: Readonly<Record<string, string | undefined>> = process.env

export const nodeVersion: string = process.versions.node

/** V8's own flag overrides `resourceLimits` of every thread in the process, silently. */
const HEAP_FLAG = /--max[-_](?:old[-_]space|semi[-_]space|heap)[-_]size/

export const optionPowers: {
  readonly isDirectory: (path: string) => boolean
  readonly heapFlag: string | undefined
  readonly realPathOf: (path: string) => string
  readonly realPlaceOf: (path: string) => string
} = {
  realPathOf,
  realPlaceOf,
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
  heapFlag: HEAP_FLAG.exec([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '))?.[0],
}
