/** What the service tells of one plugin, running or broken. */
import type { PluginError } from './errors.js'
import type { BreakerInfo } from './failure/guard.js'
import type { WallReport } from './protocol/plugin-api.js'
import type { LimitName } from './protocol/limit-hit.js'
import type { PluginState } from './supervisor/lifecycle.js'
import type { Isolation } from './supervisor/options.js'
import type { Spare } from './supervisor/standby.js'
import type { Startup } from './supervisor/startup.js'

export interface PluginInfo {
  readonly name: string
  readonly version: string | null
  readonly state: PluginState
  readonly isolation: Isolation
  readonly pid: number | null
  readonly threadId: number | null
  /** Used heap of the plugin's isolate, bytes; `null` where this Node cannot say. */
  readonly heap: number | null
  /** Resident memory of the child process, bytes; `null` on 'thread'. */
  readonly rss: number | null
  /** CPU time so far, ms; `null` where unknown. */
  readonly cpu: number | null
  /** Share of the last half second in which its event loop was busy, from 0 to 1; `null` where unknown. */
  readonly loop: number | null
  /** Threads and open descriptors of the child process; `null` on 'thread'. */
  readonly threads: number | null
  readonly descriptors: number | null
  readonly calls: number
  readonly inFlight: number
  /** Privileged operations, allowed and denied; those of a running plugin within the last moment are not in it yet. */
  readonly operations: number
  /** Of those, the denied ones. */
  readonly denials: number
  /** Unhandled rejections and uncaught exceptions. */
  readonly failures: number
  /** How often it ran into each of its limits since the service started; a limit never reached is left out. */
  readonly limitHits: Readonly<Partial<Record<LimitName, number>>>
  /** What the operator should know of how it is run, a sentence each. */
  readonly warnings: readonly string[]
  readonly restarts: number
  /** Threads of it that could not be ended and still run in this process; always 0 on 'process'. */
  readonly lostThreads: number
  readonly lastError: PluginError | null
  /** Extension points that are not called for a while. */
  readonly breakers: readonly BreakerInfo[]
  /** Answers given in place of the plugin's own. */
  readonly fallbacks: number
  /** What the plugin thread found when it tried the walls from inside. */
  readonly walls: readonly WallReport[]
  /** Where the time of its last start went, ms; `null` before it ran. */
  readonly startup: Startup | null
  /** The spare that waits for its next crash; `null` when there is none. */
  readonly standby: Spare | null
}

export interface TransitionEvent {
  readonly plugin: string
  readonly from: PluginState
  readonly to: PluginState
  readonly reason: string
}

/** A plugin that never got as far as a thread. */
export function brokenInfo(name: string, version: string | null, error: PluginError): PluginInfo {
  return {
    name,
    version,
    state: 'quarantined',
    isolation: 'process',
    pid: null,
    threadId: null,
    heap: null,
    rss: null,
    cpu: null,
    loop: null,
    threads: null,
    descriptors: null,
    calls: 0,
    inFlight: 0,
    operations: 0,
    denials: 0,
    failures: 0,
    limitHits: {},
    warnings: [],
    restarts: 0,
    lostThreads: 0,
    lastError: error,
    breakers: [],
    fallbacks: 0,
    walls: [],
    startup: null,
    standby: null,
  }
}
