/**
 * Interfaces of everything impure that lib/ needs. Implementations are handed in:
 * lib/node-powers.ts on the host, workers/powers.ts in a plugin thread, fakes in
 * tests. A module that names no power here can touch nothing but its arguments.
 */
import type { Rates, WireLimits } from './protocol/limits.js'

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

/** Resources of one plugin, as its supervisor reports them or the host reads them itself. */
export interface Sample {
  /** Resident bytes of the whole child process, read by the host; `null` on 'thread'. */
  readonly rssBytes: number | null
  /** Used heap of the plugin's isolate in bytes; `null` when this Node cannot say. */
  readonly heapBytes: number | null
  /** CPU time used so far in ms, of the child process or of the thread; `null` when unknown. */
  readonly cpuMs: number | null
}

/** A child process that holds one plugin thread; made by node-powers.ts. */
export interface SpawnedProcess {
  readonly pid: number
  /** fd 3 of the child: the plugin thread's end of the channel. */
  readonly channel: SocketLike
  /** fd 4 of the child: its supervising main thread. */
  readonly supervision: SocketLike
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** The last bytes it wrote to stdout and stderr; bounded. */
  outputTail(): string
  /** SIGKILL; a child that is gone already is no error. */
  kill(): void
}

/** What a child process is started with; all of it comes from supervisor/worker-options.ts. */
export interface ProcessSettings {
  readonly execArgv: readonly string[]
  readonly cwd: string
  /** Stamped on the frames of fd 4. */
  readonly generation: number
}

/** A plugin thread in this process; made by node-powers.ts. */
export interface SpawnedThread {
  readonly threadId: number
  readonly port: MessagePortLike
  readonly exited: Promise<ExitReport>
  heapBytes(): Promise<number | null>
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

export interface LaunchPowers {
  /** The plugin thread's own code, UTF-8: one script, so that no thread reads a file. */
  readonly threadCode: Uint8Array
  spawnProcess(settings: ProcessSettings): SpawnedProcess
  spawnThread(settings: ThreadSettings, boot: ThreadBoot): SpawnedThread
  /** Resident bytes of a process, read from the system; `null` where that cannot be done. */
  residentBytes(pid: number): Promise<number | null>
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
