/**
 * Interfaces of everything impure that lib/ needs. Implementations are handed in:
 * lib/node-powers.ts and lib/launch on the host, workers/powers.ts in a plugin thread, fakes in
 * tests. A module that names no power here can touch nothing but its arguments.
 */
import type { Rates, WireLimits } from './protocol/limits.js'
import type { StartupParts } from './protocol/startup-parts.js'

/** Milliseconds, monotonic, as `performance.now()` counts them. */
export type Milliseconds = number

export interface Clock {
  now(): Milliseconds
  /** Wall clock, milliseconds since 1970, for timestamps and expiry only. */
  wallTime(): Milliseconds
  setTimeout(run: () => void, delayMs: Milliseconds): TimerHandle
  clearTimeout(timer: TimerHandle): void
}
declare const timerBrand: unique symbol
/** Opaque; only `clearTimeout` of the clock that made it understands it. */
export interface TimerHandle {
  readonly [timerBrand]?: true
}

export interface Entropy {
  /** From 0 up to 1, as `Math.random`. */
  random(): number
  /** RFC 4122 version 4. */
  uuid(): string
}

/** A file that is open for appending; made by node-powers.ts. */
export interface LogFile {
  /** @returns bytes written, maybe not all of them */
  append(bytes: Uint8Array): Promise<number>
  /** Whether the path still leads to this file. */
  isAt(path: string): Promise<boolean>
  close(): Promise<void>
}

/** A directory for files that are written once and whole; made by node-powers-crash.ts. */
export interface CrashDirectory {
  /** Names of all that is in it; makes it first when it is gone. */
  names(): Promise<readonly string[]>
  /** Bytes of a regular file; `null` when it is none. */
  sizeOf(name: string): Promise<number | null>
  /** @returns path of the file */
  write(name: string, bytes: Uint8Array): Promise<string>
  remove(name: string): Promise<void>
}

/** Runs `run` once everything queued in this turn is done: the batching point of a channel. */
export type Defer = (run: () => void) => void

/** The end of a plugin thread or process, as its launcher saw it. */
export interface ExitReport {
  /** Exit code, or `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** `out-of-memory`: the heap limit; `error`: an error nobody caught in trusted code; `lost`: a thread that cannot be ended; `exit`: anything else. */
  readonly cause: 'out-of-memory' | 'error' | 'lost' | 'exit'
  /** Last bytes of what it wrote to standard output and error, for people. */
  readonly outputTail: string
}

/** What one read of the system tells of a process. */
export interface ProcessUsage {
  readonly rssBytes: number
  /** Of all its threads, ended ones included, ms. */
  readonly cpuMs: number
  readonly threads: number
}

/** One process, read from the system and never asked. `null`: the system cannot say, or it is gone. */
export interface ProcessReading {
  /** Cheap enough for many times a second. */
  usage(): ProcessUsage | null
  descriptors(): Promise<number | null>
  /** Processes it started and that still are its own. */
  children(): Promise<number | null>
  /** The longest that one of its threads waited for a core since the last call, ms; 0 where the system cannot say. */
  waitedMs(): number
  /** It answers `null` from then on. */
  close(): void
}

/** Resources of one plugin at one moment; `null` where they cannot be known. */
export interface Sample {
  /** Resident bytes of the child process, read by the host; `null` on 'thread'. */
  readonly rssBytes: number | null
  /** CPU time used so far in ms, of the child process as the host reads it, or of the thread. */
  readonly cpuMs: number | null
  /** Threads and open descriptors of the child process, and processes it started, read by the host; `null` on 'thread'. */
  readonly threads: number | null
  readonly descriptors: number | null
  readonly children: number | null
  /** Used heap of the plugin's isolate in bytes. Of a child: what the child says, a hint. */
  readonly heapBytes: number | null
  /** Share of the last half second in which its event loop was busy, from 0 to 1. Of a child: a hint. */
  readonly loopUse: number | null
  /** How often the child's main thread has reported so far; `null` on 'thread'. */
  readonly beats: number | null
}

/** A child process that holds one plugin thread; made in launch/. */
export interface SpawnedProcess {
  /** As the host sees it; under 'bwrap' that of bwrap itself until the process inside is known. */
  readonly pid: number
  /** fd 3 of the child: the plugin thread's end of the channel. */
  readonly channel: SocketLike
  /** fd 4 of the child: its supervising main thread. */
  readonly supervision: SocketLike
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** The last bytes it wrote to stdout and stderr; bounded. */
  outputTail(): string
  /** Called once it stands locked down and idle: from here on its memory is bounded and the node goes first. Never fails, at most it does less. */
  confine(): Promise<void>
  /** SIGKILL to it and whatever it has started; a child that is gone already is no error. */
  kill(): void
  /** Lets everything else go first while `low`, as far as the system allows. */
  readonly lowerPriority: (low: boolean) => void
}

/** What the kernel holds against a child process, whatever runs in it. */
export interface KernelLimits {
  /** Bytes by which its data (memory that is its own and writable) may grow once it stands locked down. */
  readonly dataRoomBytes: number
  /** Descriptors beside those that Node itself needs. */
  readonly openFiles: number
  /** Length of a file it writes. */
  readonly fileBytes: number
}

/** What the file system and the network of a child are made of under the launcher 'bwrap'. */
export interface Sandbox {
  /** Paths to be there to be read, and to be written; each as permission flags have it. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** The machine's network, or none but a loopback of its own. */
  readonly network: boolean
}

/** What a child process is started with; all of it comes from supervisor/worker-options.ts. */
export interface ProcessSettings {
  readonly execArgv: readonly string[]
  /** Where its own working directory is made: empty, mode 0700, gone after its end. */
  readonly workDir: string
  readonly kernel: KernelLimits
  /** Of the whole process above the node's own, 0..19: once it stands, and while it takes more than its share. */
  readonly niceness: { readonly usual: number; readonly slowed: number }
  /** Cores of the node on which it may not run; one core is left to it in any case. */
  readonly reservedCores: number
  /** `undefined`: the launcher 'plain', which shows it the machine as the node sees it. */
  readonly sandbox: Sandbox | undefined
  /** Stamped on the frames of fd 4. */
  readonly generation: number
}

/** A plugin thread in this process; made in launch/. */
export interface SpawnedThread {
  readonly threadId: number
  readonly port: MessagePortLike
  readonly exited: Promise<ExitReport>
  heapBytes(): Promise<number | null>
  /** Share of the time since the last asking in which its event loop was busy. */
  loopUse(): number
  cpuMs(): Promise<number | null>
  /** Ends the thread; resolves when it is gone, which may be never while it sits in native code. */
  terminate(): Promise<void>
}

/** What a plugin thread is started with; all of it comes from supervisor/worker-options.ts. */
export interface ThreadSettings {
  readonly execArgv: readonly string[]
  readonly resourceLimits: {
    readonly maxOldGenerationSizeMb: number
    readonly maxYoungGenerationSizeMb: number
    readonly stackSizeMb: number
  }
  readonly name: string
}

/** Given to a plugin thread as its workerData; plain data. */
export interface ThreadBoot {
  readonly generation: number
  readonly limits: WireLimits
  /** What an honest thread keeps to by itself, where the host cannot slow it from the other side. */
  readonly rates: Rates
  /** Log lines and failures it may send a second. */
  readonly says: { readonly bytesPerSecond: number; readonly linesPerSecond: number }
  readonly queue: number
  /** Added to the thread's niceness where the system can do that for a thread; 0..19. */
  readonly niceness: number
  /** Paths its permission flags open; the self-check must not take them for a hole. */
  readonly openPaths: readonly string[]
  /** Whether they open the network. */
  readonly openNetwork: boolean
}

/** The workerData of a plugin thread. */
export interface ThreadData<Port = MessagePortLike> {
  /** fd 3 of its process, or a port to the node. */
  readonly transport: 'fd3' | Port
  readonly boot: ThreadBoot
  /** The thread's script, and V8's cache of it (supervisor/worker-options.ts). */
  readonly code: string
  readonly cache: Uint8Array
  /** Milliseconds since 1970 when the worker was made, and what came before: for people. */
  readonly startedAt: number
  readonly before: StartupParts
}

/** Files of the kernel that control groups of processes, each one call; what fails gives `false` or `undefined`. */
export interface CgroupFiles {
  read(path: string): string | undefined
  write(path: string, text: string): boolean
  makeDirectory(path: string): boolean
  removeDirectory(path: string): boolean
}

export interface LaunchPowers {
  /** Tries whether this machine lets it start plugins inside of bwrap. @throws PluginError `LAUNCHER_UNUSABLE` */
  checkBwrap(): Promise<void>
  /** The plugin thread's own code, UTF-8: one script, so that no thread reads a file. */
  readonly threadCode: Uint8Array
  /** V8's cache of it; made at the first call, which takes some 15 ms, and the same from then on. */
  threadCache(): Uint8Array
  spawnProcess(settings: ProcessSettings): SpawnedProcess
  spawnThread(settings: ThreadSettings, boot: ThreadBoot): SpawnedThread
  readProcess(pid: number): ProcessReading
  readonly cgroupFiles: CgroupFiles
  /** Bytes on disk of everything below a directory, links not followed; `null` when it cannot be read, `Infinity` when a part of it hides. */
  measureDirectory(path: string): Promise<number | null>
}

/** What a port needs of node's MessagePort; plain functions so that pure code can name it. */
export interface MessagePortLike {
  postMessage(value: unknown, transfer?: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (value: unknown) => void): unknown
  on(event: 'close' | 'messageerror', listener: () => void): unknown
  close(): void
}

/** What a port needs of node's net.Socket. */
export interface SocketLike {
  write(chunk: Uint8Array): boolean
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'close' | 'error' | 'end', listener: () => void): unknown
  cork(): void
  uncork(): void
  destroy(): unknown
  readonly writableLength: number
  /** Reads no more than what has come already, until `resume`. */
  pause(): unknown
  resume(): unknown
}
