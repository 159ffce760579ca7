/**
 * The one file of the host that touches node: built-ins (beside the CLI, the bundler
 * and the cluster-state sources): clock, entropy, files, child processes and threads
 * as the interfaces of powers.ts.
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { lstat, open, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { PluginError } from './errors.js'
import { cgroupFiles } from './node-powers/cgroup-files.js'
import { measureDirectory } from './node-powers/measure-directory.js'
import { readProcess } from './node-powers/read-process.js'
import type {
  Clock,
  Defer,
  Entropy,
  ExitReport,
  LaunchPowers,
  LogFile,
  ProcessSettings,
  SpawnedProcess,
  SpawnedThread,
  ThreadBoot,
  ThreadSettings,
  TimerHandle,
} from './powers.js'
import { workerOptions } from './supervisor/worker-options.js'

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

/** The script of a child's main thread and the code that goes into every plugin thread. */
export const hostScript: string = fileURLToPath(new URL('../workers/plugin-host.cjs', import.meta.url))
const threadScript = fileURLToPath(new URL('../workers/plugin-thread.cjs', import.meta.url))
const auditScript = fileURLToPath(new URL('../workers/audit-thread.cjs', import.meta.url))
const builtinScripts = ['builtins', 'web'].map((name) =>
  fileURLToPath(new URL(`../workers/${name}.cjs`, import.meta.url)),
)

/** The plugin's own copies of the built-ins, and of the web platform that stands on them, as a script each. */
export function readBuiltinsCode(): readonly Uint8Array[] {
  return builtinScripts.map((script) => readFileSync(script))
}

/** The empty directory, mode 0700, that children stand in: always the same one, so that a killed node leaves nothing new. */
export function workDirectoryIn(dataDir: string): string {
  const path = join(dataDir, '.work')
  makeDirectory(path)
  return realPathOf(path)
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

/** Environment of the node itself; a plugin sees of it what its grant names. */
export const nodeEnvironment: Readonly<Record<string, string | undefined>> = process.env

export const nodeVersion: string = process.versions.node

const OUTPUT_TAIL_BYTES = 8192

/** Keeps the last bytes of a stream, whatever its length. */
function tail(): { add(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0)
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk.subarray(-OUTPUT_TAIL_BYTES)]).subarray(-OUTPUT_TAIL_BYTES)
    },
    text: () => kept.toString('utf8'),
  }
}

/** `setpriv` of util-linux, where the machine has it: the child then dies with its parent thread and gains no privileges. */
const setpriv: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'setpriv'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** Makes the kernel prefer the plugin over the node when memory runs out; 0..1000. */
const OOM_SCORE_ADJ = '500'

function spawnProcess(settings: ProcessSettings): SpawnedProcess {
  const nodeArgs = [...settings.execArgv, hostScript, String(settings.generation)]
  const [file, args] =
    setpriv === undefined
      ? [process.execPath, nodeArgs]
      : [setpriv, ['--pdeathsig', 'KILL', '--no-new-privs', '--', process.execPath, ...nodeArgs]]
  const child = spawn(file, args, {
    cwd: settings.cwd,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true, // a session of its own: signals to the node's terminal group do not reach it
    windowsHide: true,
  })
  const output = tail()
  child.stdout?.on('data', (chunk: Buffer) => output.add(chunk))
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk))
  const { pid } = child
  if (pid !== undefined && process.platform === 'linux') {
    // Best effort: a system that forbids it has lost a preference, not a wall.
    writeFile(`/proc/${pid}/oom_score_adj`, OOM_SCORE_ADJ).catch(() => undefined)
  }
  return {
    pid: pid ?? 0,
    channel: child.stdio[3] as Socket,
    supervision: child.stdio[4] as Socket,
    exited: new Promise((resolve) => {
      child.on('error', (error) => {
        output.add(Buffer.from(String(error)))
        if (child.pid === undefined) resolve({ code: 127, signal: null })
      })
      // 'close' follows 'exit' once the output is read, so the tail is whole.
      child.on('close', (code, signal) => resolve({ code, signal }))
    }),
    outputTail: () => output.text(),
    kill: () => void child.kill('SIGKILL'),
  }
}

function spawnThread(code: string, settings: ThreadSettings, boot: ThreadBoot): SpawnedThread {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(code, {
    ...workerOptions(settings),
    workerData: { transport: port2, boot },
    transferList: [port2],
  })
  const output = tail()
  worker.stdout.on('data', (chunk: Buffer) => output.add(chunk))
  worker.stderr.on('data', (chunk: Buffer) => output.add(chunk))
  let loop = worker.performance.eventLoopUtilization()
  let cause: ExitReport['cause'] = 'exit'
  worker.on('error', (error: NodeJS.ErrnoException) => {
    cause = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'error'
    if (cause === 'error') output.add(Buffer.from(`${error.stack ?? String(error)}\n`))
  })
  // Both calls exist from Node 22 (heap) and 24 (cpu) on; @types/node@20 knows neither.
  const newer = worker as {
    getHeapStatistics?: () => Promise<{ used_heap_size: number }>
    cpuUsage?: () => Promise<{ user: number; system: number }>
  }
  return {
    threadId: worker.threadId,
    port: port1,
    exited: new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        port1.close()
        resolve({ code: exitCode, signal: null, cause, outputTail: output.text() })
      })
    }),
    loopUse() {
      const before = loop
      loop = worker.performance.eventLoopUtilization()
      return worker.performance.eventLoopUtilization(loop, before).utilization
    },
    heapBytes: async () => (await newer.getHeapStatistics?.().catch(() => null))?.used_heap_size ?? null,
    cpuMs: async () => {
      const used = (await newer.cpuUsage?.().catch(() => null)) ?? null
      return used === null ? null : Math.round((used.user + used.system) / 1000)
    },
    async terminate() {
      await worker.terminate()
    },
  }
}

/** Code of a plugin thread that can be audited, for `nodeLaunchPowers`. */
export function readAuditThreadCode(): Uint8Array {
  return readFileSync(auditScript)
}

/** @param threadCode - another script for the plugin thread; tests open a wall that way */
export function nodeLaunchPowers(threadCode?: Uint8Array): LaunchPowers {
  const bytes = threadCode ?? readFileSync(threadScript)
  const text = Buffer.from(bytes).toString('utf8')
  return {
    threadCode: bytes,
    spawnProcess,
    spawnThread: (settings, boot) => spawnThread(text, settings, boot),
    readProcess,
    cgroupFiles,
    measureDirectory,
  }
}

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
