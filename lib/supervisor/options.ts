/** What a supervisor is given for one plugin: limits, flags, what to load, powers, and whom to tell. */
import type { PluginError } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { Clock, Defer, Entropy, ExitReport, LaunchPowers, Sample } from '../powers.js'
import type { LoadArguments } from '../protocol/plugin-api.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import type { PluginState, RestartPolicy } from './lifecycle.js'
import type { Launcher, Permissions, Runtime } from './worker-options.js'

export type Isolation = 'process' | 'thread'

export interface Terms {
  readonly permissions: Permissions
  readonly load: LoadArguments
}

export interface SupervisorOptions {
  readonly plugin: string
  readonly isolation: Isolation
  /** Of no meaning on 'thread'. */
  readonly launcher: Launcher
  readonly limits: Limits
  /** What the grant of this moment gives a run; asked for at each launch, because a grant may lose what has expired. */
  readonly terms: () => Terms
  readonly runtime: Runtime
  /** Where each child gets a working directory of its own. */
  readonly workDir: string
  /** Cores on which no process of a plugin runs. */
  readonly reservedCores: number
  /** The plugin's data directory, where its grant lets it write there. */
  readonly dataDirectory: string | undefined
  readonly restart: RestartPolicy
  /** Whether a spare waits for its next crash (standby.ts). */
  readonly standby: boolean
  /** Walls that must hold beside those the thread itself requires. */
  readonly requireWalls: readonly string[]
  readonly bundle: Uint8Array
  /** The scripts of the plugin's own built-ins, in the order the thread expects them. */
  readonly builtins: readonly Uint8Array[]
  /** Turns a raw stack of the plugin thread into the author's own files and lines. */
  readonly mapStack: (stack: string) => string
  readonly powers: {
    readonly launch: LaunchPowers
    readonly clock: Clock
    readonly defer: Defer
    readonly entropy: Entropy
  }
  /** Checks what the loaded plugin registers; what it throws quarantines the plugin. */
  readonly onLoaded: (registrations: unknown) => void
  /** The plugin can take notices from here on; called before its start(). */
  readonly onReady: () => void
  readonly onGone: () => void
  readonly onSample: (sample: Sample) => void
  /** A run ended that should have gone on, or never came to run. */
  readonly onCrash: (error: PluginError, report: ExitReport, generation: number) => void
  readonly onNotice: (method: string, value: unknown) => void
  /** It ran into one of its limits. */
  readonly onLimit: (hit: LimitHit) => void
  readonly onTransition: (from: PluginState, to: PluginState, reason: string) => void
}
