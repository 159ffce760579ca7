/** Asks the search node without pause from a thread of its own (probe-thread.ts), and hands over what it saw. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SearchSample } from './measure.js'

export interface ProbeSettings {
  readonly port: number
  readonly everyMs: number
  /** A search without an answer by then has failed. */
  readonly timeoutMs: number
}

export interface ProbeAnswer {
  readonly samples: readonly SearchSample[]
  /** Highest resident memory of this process. */
  readonly peakBytes: number
}

export interface Probe {
  /** What was seen since the last time. Searches without an answer yet come with a later one. */
  take(): Promise<ProbeAnswer>
  stop(): Promise<void>
}

const EVERY_MS = 5
const TIMEOUT_MS = 5000

export async function startProbe(port: number): Promise<Probe> {
  const settings: ProbeSettings = { port, everyMs: EVERY_MS, timeoutMs: TIMEOUT_MS }
  const worker = new Worker(new URL('./probe-thread.js', import.meta.url), {
    workerData: settings,
    execArgv: [],
    env: {},
  })
  await once(worker, 'online')
  return {
    async take() {
      worker.postMessage('take')
      const [answer] = (await once(worker, 'message')) as [ProbeAnswer]
      return answer
    },
    async stop() {
      const gone = once(worker, 'exit')
      worker.postMessage('stop')
      await gone
    },
  }
}
