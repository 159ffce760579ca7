/** Starts a plugin thread in the node's own process. Its options are made elsewhere (supervisor/worker-options.ts). */
import { MessageChannel, Worker } from 'node:worker_threads'
import type { ExitReport, SpawnedThread, ThreadBoot, ThreadData, ThreadSettings } from '../powers.js'
import { THREAD_LOADER, workerOptions } from '../supervisor/worker-options.js'
import { makeOutputTail } from './output-tail.js'
import type { ThreadScript } from './thread-script.js'

export function spawnThread(script: ThreadScript, settings: ThreadSettings, boot: ThreadBoot): SpawnedThread {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(THREAD_LOADER, {
    ...workerOptions(settings),
    workerData: {
      transport: port2,
      boot,
      code: script.code,
      cache: script.cache(),
      startedAt: performance.timeOrigin + performance.now(),
      before: {},
    } satisfies ThreadData,
    transferList: [port2],
  })
  const output = makeOutputTail()
  output.of(worker.stdout)
  output.of(worker.stderr)
  let loop = worker.performance.eventLoopUtilization()
  let cause: ExitReport['cause'] = 'exit'
  worker.on('error', (error: NodeJS.ErrnoException) => {
    cause = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'error'
    if (cause === 'error') output.add(Buffer.from(`${error.stack ?? String(error)}\n`))
  })
  // Both calls exist from Node 22 (heap) and 24 (cpu) on; @types/node@20 knows neither.
  const newer = worker as {
    getHeapStatistics?: () => Promise<{ used_heap_size: number }>
    cpuUsage?: () => Promise<{ user: number; system: number }>
  }
  return {
    threadId: worker.threadId,
    port: port1,
    exited: new Promise((resolve) => {
      worker.on('exit', (exitCode) => {
        port1.close()
        resolve({ code: exitCode, signal: null, cause, outputTail: output.text() })
      })
    }),
    loopUse() {
      const before = loop
      loop = worker.performance.eventLoopUtilization()
      return worker.performance.eventLoopUtilization(loop, before).utilization
    },
    heapBytes: async () => (await newer.getHeapStatistics?.().catch(() => null))?.used_heap_size ?? null,
    cpuMs: async () => {
      const used = (await newer.cpuUsage?.().catch(() => null)) ?? null
      return used === null ? null : Math.round((used.user + used.system) / 1000)
    },
    async terminate() {
      await worker.terminate()
    },
  }
}
