/** What a launcher gives the supervisor, the same for a thread and for a process. */
import type { ExitReport, Sample } from '../powers.js'
import type { Port } from '../rpc/port.js'

export interface LaunchedPlugin {
  readonly pid: number | null
  readonly threadId: number | null
  /** Where the plugin thread's channel goes; its `closed` comes after the exit report is known. */
  readonly port: Port
  readonly exited: Promise<ExitReport>
  /** Nothing of it runs any more: with `exited`, or later where that came with the cause 'lost'. */
  readonly gone: Promise<unknown>
  /** Now, without waiting: what takes a question to the plugin's thread is of the last answer. */
  sample(): Sample
  /** The longest that one of its threads waited for a core since the last call, ms; 0 where the host cannot know. */
  waitedMs(): number
  /** Looks at what costs more (descriptors, child processes); the next samples have it. */
  lookCloser(): Promise<void>
  /** Lets everything else go first while `low`; what the system allows no one is no error. */
  lowerPriority(low: boolean): void
  /** Called once it stands locked down, before any code of the plugin: bounds its memory, lowers its priority. */
  confine(): Promise<void>
  /** Ends it as hard as the isolation can; `exited` follows. */
  kill(): void
}
