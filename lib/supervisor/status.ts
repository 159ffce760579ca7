/** What a supervisor tells of its plugin at any moment. */
import type { PluginError } from '../errors.js'
import type { Sample } from '../powers.js'
import type { WallReport } from '../protocol/plugin-api.js'
import type { PluginState } from './lifecycle.js'
import type { Isolation } from './options.js'
import type { Spare } from './standby.js'
import type { Startup } from './startup.js'

export interface SupervisorStatus {
  readonly state: PluginState
  readonly isolation: Isolation
  readonly pid: number | null
  readonly threadId: number | null
  readonly sample: Sample
  readonly calls: number
  readonly inFlight: number
  readonly restarts: number
  /** Threads of it that could not be ended and still run in this process; always 0 on 'process'. */
  readonly lostThreads: number
  readonly lastError: PluginError | null
  readonly walls: readonly WallReport[]
  readonly startup: Startup | null
  readonly standby: Spare | null
}

/** Of a plugin that does not run. */
export const NO_SAMPLE: Sample = {
  rssBytes: null,
  cpuMs: null,
  threads: null,
  descriptors: null,
  children: null,
  heapBytes: null,
  loopUse: null,
  beats: null,
}
