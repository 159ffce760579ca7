/** A limit that a plugin ran into, as the parts that enforce one tell it. Plain data. */

/** `hit` of one limit. Names are keys of `limits` in a policy, and the three that no policy can change. */
export type LimitName =
  | 'heapMb'
  | 'youngMb'
  | 'stackMb'
  | 'externalMb'
  | 'cpuShare'
  | 'blockedMs'
  | 'callTimeoutMs'
  | 'startTimeoutMs'
  | 'inFlight'
  | 'queue'
  | 'callsPerSecond'
  | 'noticesPerSecond'
  | 'bytesPerSecond'
  | 'messageBytes'
  | 'messageDepth'
  | 'hostMb'
  | 'logBytesPerSecond'
  | 'timers'
  | 'files'
  | 'sockets'
  | 'dataMb'
  /** Processes that the plugin started: always 0. */
  | 'processes'
  /** Time of the node's own thread that its messages take, ms a second. */
  | 'nodeTime'
  /** Open descriptors of its process: `files`, `sockets` and what Node itself holds. */
  | 'descriptors'

/** What was done about it. */
export type LimitAction =
  /** It has to wait: its sender, its queue, its share of the processor. */
  | 'slowed'
  /** What was too much is counted and gone. */
  | 'dropped'
  /** The one operation failed with an error. */
  | 'refused'
  /** The plugin is 'degraded'. */
  | 'degraded'
  /** The plugin was ended. */
  | 'ended'

export interface LimitHit {
  readonly limit: LimitName
  readonly action: LimitAction
  /** What it used or wanted, in the unit of the limit; `null` where that is not known. */
  readonly used: number | null
  /** What it may. */
  readonly most: number
}
