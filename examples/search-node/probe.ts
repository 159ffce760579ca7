/** Keeps searching the node at a steady pace and remembers how long each answer took. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { summarise, type LatencySummary, type ProbeSample } from './latency.js'
import type { ProbeSettings } from './probe-thread.js'

export interface Probe {
  /** Of the searches sent in a span of time, ms since 1970; of all without one. */
  summary(fromMs?: number, toMs?: number): LatencySummary
  /** Ends once every search under way has its answer or its timeout. */
  stop(): Promise<void>
}

export async function startProbe(settings: ProbeSettings): Promise<Probe> {
  const samples: ProbeSample[] = []
  const thread = new Worker(new URL('./probe-thread.js', import.meta.url), {
    workerData: settings,
    execArgv: [],
  })
  const ended = once(thread, 'exit')
  thread.on('message', (sample: ProbeSample) => samples.push(sample))
  await once(thread, 'online')
  return {
    summary: (fromMs, toMs) => summarise(samples, fromMs, toMs),
    async stop() {
      thread.postMessage('stop')
      await ended
    },
  }
}

/** Now, on the clock that samples use. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
