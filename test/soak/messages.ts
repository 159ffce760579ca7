/** What the driver and the node under soak tell each other over the IPC channel; the node is trusted. */
import type { CallCounts } from './call-tally.js'
import type { PluginCounts } from './plugin-ledger.js'

/** The index that searches go to; filled by the node itself at its start. */
export const CORPUS = 'corpus'

export type ToNode =
  | { readonly kind: 'sample'; readonly gc: boolean }
  /** Sets the wall clock so far from the real time. */
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | { readonly kind: 'release'; readonly plugin: string }
  /** Stop as an operator would, then end. */
  | { readonly kind: 'stop' }

export type FromNode =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'sample'; readonly sample: NodeSample }
  | { readonly kind: 'stopped'; readonly sample: NodeSample }

/** What the node alone can tell of itself. */
export interface NodeSample {
  /** After a forced collection; `null` when none was asked for. */
  readonly heapBytes: number | null
  readonly externalBytes: number
  /** How late its timers were since the last sample, ms; a forced collection is in it. */
  readonly loopP99Ms: number
  readonly loopMaxMs: number
  /** Calls into plugins, as the node's routes made them. */
  readonly calls: CallCounts
  readonly counts: PluginCounts
  readonly plugins: readonly { readonly name: string; readonly state: string; readonly pid: number | null }[]
}
