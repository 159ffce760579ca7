/** What a launcher gives the supervisor, the same for a thread and for a process. */
import type { ExitReport, Sample } from '../powers.js'
import type { Port } from '../rpc/port.js'

export interface LaunchedPlugin {
  readonly pid: number | null
  readonly threadId: number | null
  /** Where the plugin thread's channel goes; its `closed` comes after the exit report is known. */
  readonly port: Port
  readonly exited: Promise<ExitReport>
  sample(): Promise<Sample>
  /** Called once it stands locked down, before any code of the plugin: bounds its memory, lowers its priority. */
  confine(): Promise<void>
  /** Ends it as hard as the isolation can; `exited` follows. */
  kill(): void
}
