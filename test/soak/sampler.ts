/** Looks at the node once a second and keeps what it saw. */
import { nowMs, type Probe } from '../../examples/search-node/probe.js'
import type { NodeSample } from './messages.js'
import type { NodeHandle } from './node-handle.js'
import type { ProcessUse } from './proc.js'
import { rest } from './rest.js'

export interface SoakSample extends ProcessUse {
  /** Since the soak began, s. */
  readonly atS: number
  /** `null` where no collection was forced before. */
  readonly heapBytes: number | null
  readonly externalBytes: number
  readonly loopP99Ms: number
  readonly loopMaxMs: number
  /** Of the searches within the last second. */
  readonly searchP50Ms: number
  readonly searchP99Ms: number
  readonly notRunning: readonly string[]
}

export interface Sampler {
  readonly samples: readonly SoakSample[]
  /** The newest that the node said of itself. */
  latest(): NodeSample | undefined
  /** Resolves when `over` is aborted. @throws Error when the node gives no sample */
  run(over: AbortSignal): Promise<void>
}

const EVERY_MS = 1000
/** A collection stops the node for tens of ms, so not every sample asks for one. */
const COLLECT_EVERY = 5

export function makeSampler(node: NodeHandle, probe: Probe): Sampler {
  const samples: SoakSample[] = []
  let latest: NodeSample | undefined
  return {
    samples,
    latest: () => latest,
    async run(over) {
      const startedAt = nowMs()
      for (let turn = 1; !over.aborted; turn += 1) {
        await rest(Math.max(0, startedAt + turn * EVERY_MS - nowMs()), over)
        if (over.aborted) return
        const taken = await node.sample(turn % COLLECT_EVERY === 0)
        latest = taken
        const now = nowMs()
        const { p50Ms, p99Ms } = probe.summary(now - EVERY_MS, now)
        const { heapBytes, externalBytes, loopP99Ms, loopMaxMs, plugins } = taken
        samples.push({
          atS: Math.round((now - startedAt) / 100) / 10,
          ...node.use(),
          heapBytes,
          externalBytes,
          loopP99Ms,
          loopMaxMs,
          searchP50Ms: p50Ms,
          searchP99Ms: p99Ms,
          notRunning: plugins.filter(({ state }) => state !== 'running').map(({ name }) => name),
        })
      }
    },
  }
}
