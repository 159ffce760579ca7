/** Asks the search node without pause from a thread of its own (probe-thread.ts), and hands over what it saw. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SearchSample } from './measure.js'
import { sleep } from './wait.js'

export interface ProbeSettings {
  readonly port: number
  readonly everyMs: number
  readonly mostWaiting: number
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

/** Searches that may wait at once, each on a connection of its own. */
const MOST_WAITING = 4
const EVERY_MS = 5
const TIMEOUT_MS = 5000

export async function startProbe(port: number): Promise<Probe> {
  const settings: ProbeSettings = {
    port,
    everyMs: EVERY_MS,
    mostWaiting: MOST_WAITING,
    timeoutMs: TIMEOUT_MS,
  }
  const worker = new Worker(new URL('./probe-thread.js', import.meta.url), {
    workerData: settings,
    execArgv: [],
    env: {},
  })
  const take = async (): Promise<ProbeAnswer> => {
    worker.postMessage('take')
    const [answer] = (await once(worker, 'message')) as [ProbeAnswer]
    return answer
  }
  // Its connections are there before anybody counts descriptors.
  for (let seen = 0; seen < MOST_WAITING;) {
    await sleep(EVERY_MS)
    seen += (await take()).samples.length
  }
  return {
    take,
    async stop() {
      const gone = once(worker, 'exit')
      worker.postMessage('stop')
      await gone
    },
  }
}
