/**
 * What trusted code in a plugin thread needs of Node, taken before lockdown and before
 * the built-ins are closed; nothing is looked up on a global after that.
 */
import { createHash } from 'node:crypto'
import { Socket } from 'node:net'
import { getPriority, setPriority } from 'node:os'
import { workerData, type MessagePort } from 'node:worker_threads'
import type { Clock, Defer, ThreadBoot, ThreadData, TimerHandle } from '../lib/powers.js'
import type { StartupParts } from '../lib/protocol/startup-parts.js'
import { messagePortPort, socketPort, type Port } from '../lib/rpc/port.js'

export interface ThreadPowers {
  readonly boot: ThreadBoot
  /** What the start took until now. */
  readonly before: StartupParts
  readonly clock: Clock
  readonly defer: Defer
  sha256(bytes: Uint8Array): string
  /** Opens this thread's end of the channel; once. */
  openPort(): Port
  /** Used heap of this thread's isolate, bytes. */
  heapBytes(): number
  /** Whether the parent can ask for that itself (`worker.getHeapStatistics`, Node 22). */
  readonly parentKnowsHeap: boolean
  onUncaught(report: (kind: 'uncaught exception' | 'unhandled rejection', error: unknown) => void): void
}

/** The highest niceness there is. */
const LOWEST_PRIORITY = 19
/** fd 3 of a child process is the socket to the host (docs/architecture.md). */
const CHANNEL_FD = 3

export function takePowers(): ThreadPowers {
  const { transport, boot, startedAt, before } = workerData as ThreadData<MessagePort>
  const { setTimeout, clearTimeout, performance, Date } = globalThis
  const { now: wallTime } = Date
  const now = performance.now.bind(performance)
  const nextTick = process.nextTick.bind(process)
  const on = process.on.bind(process)
  const memoryUsage = process.memoryUsage.bind(process)
  const parentKnowsHeap = Number.parseInt(process.versions.node, 10) >= 22
  if (boot.niceness > 0 && process.platform === 'linux') {
    // On Linux this changes the calling thread alone (setpriority(2), PRIO_PROCESS with 0).
    setPriority(0, Math.min(LOWEST_PRIORITY, getPriority(0) + boot.niceness))
  }
  const thread = Math.max(0, performance.timeOrigin + now() - startedAt)
  Buffer.poolSize = 0 // no buffer of trusted code shares memory with one that a plugin can reach
  return {
    boot,
    before: { ...before, thread },
    clock: {
      now,
      wallTime,
      setTimeout: (run, delayMs) => setTimeout(run, delayMs) as unknown as TimerHandle,
      clearTimeout: (timer) => clearTimeout(timer as unknown as NodeJS.Timeout),
    },
    defer: (run) => nextTick(run),
    sha256: (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`,
    openPort: () =>
      transport === 'fd3' ? socketPort(new Socket({ fd: CHANNEL_FD })) : messagePortPort(transport),
    heapBytes: () => memoryUsage().heapUsed,
    parentKnowsHeap,
    onUncaught(report) {
      on('uncaughtException', (error) => report('uncaught exception', error))
      on('unhandledRejection', (error) => report('unhandled rejection', error))
    },
  }
}
