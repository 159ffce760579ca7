/**
 * Interfaces of everything impure that lib/ needs. Implementations are handed in:
 * lib/node-powers.ts on the host, workers/powers.ts in a plugin thread, fakes in
 * tests. A module that names no power here can touch nothing but its arguments.
 */

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

/** Runs `run` once everything queued in this turn is done: the batching point of a channel. */
export type Defer = (run: () => void) => void

/** The end of a plugin thread or process, as its launcher saw it. */
export interface ExitReport {
  /** Exit code, or `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** `out-of-memory`: the heap limit; `error`: an error nobody caught in trusted code; `exit`: anything else. */
  readonly cause: 'out-of-memory' | 'error' | 'exit'
  /** Last bytes of what it wrote to standard error, for people. */
  readonly stderrTail: string
}

/** Resources of one plugin, as the host can read them itself or as its supervisor reports them. */
export interface Sample {
  readonly atMs: Milliseconds
  /** Resident bytes of the whole child process; `null` on 'thread'. Read by the host. */
  readonly rssBytes: number | null
  /** Used heap of the plugin's isolate in bytes; `null` when this Node cannot say. Reported by the supervisor. */
  readonly heapBytes: number | null
  /** CPU time used so far in ms; of the child process, or of the thread; `null` when unknown. */
  readonly cpuMs: number | null
}
