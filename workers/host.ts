/**
 * Main thread of a child process: supervises the one plugin thread in it. It starts
 * the thread with the settings it gets on fd 4, reports samples and the thread's end
 * there, and dies with fd 4. It never touches fd 3, which is the plugin thread's.
 */
import { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { PluginError } from '../lib/errors.js'
import type { Clock, ThreadBoot, ThreadData, ThreadSettings, TimerHandle } from '../lib/powers.js'
import type { WireLimits } from '../lib/protocol/limits.js'
import { makeChannel } from '../lib/rpc/channel.js'
import { socketPort } from '../lib/rpc/port.js'
import { THREAD_LOADER, workerOptions } from '../lib/supervisor/worker-options.js'

/** Since the process began. */
const beganMs = performance.now()
const SAMPLE_EVERY_MS = 500
const LIMITS: WireLimits = {
  maxFrameBytes: 4_194_304,
  maxDepth: 16,
  callWindow: 4,
  noticeWindow: 16,
  maxStreams: 1,
  streamWindow: 1,
}

const clock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs) as unknown as TimerHandle,
  clearTimeout: (timer) => clearTimeout(timer as unknown as NodeJS.Timeout),
}

/** The kill that no handler can delay. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

// Node would open its inspector for whoever sends this signal.
process.on('SIGUSR1', () => undefined)

const socket = new Socket({ fd: 4 })
const generation = Number(process.argv[2])

const channel = makeChannel({
  port: socketPort(socket),
  generation,
  limits: LIMITS,
  queue: 64,
  clock,
  defer: (run) => process.nextTick(run),
  serve({ method, value, sections }) {
    const [code, cache] = sections
    if (method !== 'start' || code === undefined || cache === undefined)
      throw new PluginError('METHOD_UNKNOWN', { method })
    const { settings, boot } = value as { settings: ThreadSettings; boot: ThreadBoot }
    startThread(Buffer.from(code).toString('utf8'), new Uint8Array(cache), settings, boot)
    return { value: null }
  },
  onNotice: () => undefined,
  peerCodes: new Set(),
  fallbackCode: 'CHANNEL_CLOSED',
  lostError: () => new PluginError('CHANNEL_CLOSED'),
})
void channel.closed.then(die)

function startThread(code: string, cache: Uint8Array, settings: ThreadSettings, boot: ThreadBoot): void {
  const worker = new Worker(THREAD_LOADER, {
    ...workerOptions(settings),
    workerData: {
      transport: 'fd3',
      boot,
      code,
      cache,
      startedAt: performance.timeOrigin + performance.now(),
      before: { process: beganMs, script: performance.now() - beganMs },
    } satisfies ThreadData,
  })
  // Trusted code prints nothing; what comes is Node's own warnings or an escaped plugin. The host keeps a bounded tail.
  worker.stdout.pipe(process.stdout)
  worker.stderr.pipe(process.stderr)
  let loop = worker.performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const before = loop
    loop = worker.performance.eventLoopUtilization()
    const { utilization } = worker.performance.eventLoopUtilization(loop, before)
    void sample(worker, utilization)
  }, SAMPLE_EVERY_MS)
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const cause = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'error'
    channel.notify('exit', { value: { cause } })
    if (cause === 'error') process.stderr.write(`${error.stack ?? String(error)}\n`)
  })
  worker.on('exit', () => {
    clearInterval(timer)
    // One turn for the exit notice to be written, then the end.
    setImmediate(() => process.exit(70))
  })
}

let asking = false
let heapBytes: number | null = null

/** The beat is sent at once: a thread inside native code answers no question about its heap until it is done. */
async function sample(worker: Worker, loopUse: number): Promise<void> {
  channel.notify('sample', { value: { heapBytes, loopUse } })
  // getHeapStatistics exists from Node 22 on; @types/node@20 does not know it.
  const read = (worker as { getHeapStatistics?: () => Promise<{ used_heap_size: number }> }).getHeapStatistics
  if (read === undefined || asking) return
  asking = true
  heapBytes = await read.call(worker).then(
    (statistics) => statistics.used_heap_size,
    () => null,
  )
  asking = false
}
