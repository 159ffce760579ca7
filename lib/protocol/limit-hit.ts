/** A limit that a plugin ran into, as the parts that enforce one tell it. Plain data. */

/** `hit` of one limit. Names are keys of `limits` in a policy, and those that no policy can change. */
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
  /** Share of the time in which its event loop is busy. */
  | 'loopUse'
  /** How long the main thread of its process may say nothing. */
  | 'silentMs'

/** Those that trusted code in the plugin's own thread holds, and tells the node of. */
export const THREAD_LIMITS = ['timers', 'files', 'sockets', 'dataMb'] as const
export type ThreadLimit = (typeof THREAD_LIMITS)[number]

/** What it tells: the notice `limit`. */
export interface LimitNotice {
  readonly limit: ThreadLimit
  readonly used: number
  /** How often since the last notice of this limit. */
  readonly count: number
}

/** @returns `null` for anything that is no such notice: it is input from outside */
export function parseLimitNotice(value: unknown): LimitNotice | null {
  if (typeof value !== 'object' || value === null) return null
  const { limit, used, count } = value as Readonly<Record<string, unknown>>
  const known = THREAD_LIMITS.find((one) => one === limit)
  if (known === undefined || !isCount(used) || !isCount(count) || count === 0) return null
  return { limit: known, used, count }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

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
