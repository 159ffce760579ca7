/**
 * Launches a child process with one plugin thread in it ('process' isolation). fd 3 is
 * the plugin thread's channel, fd 4 the supervising main thread's. Everything that
 * comes from the child is a hint; a broken frame on fd 4 ends it.
 */
import { PluginError } from '../errors.js'
import type {
  Clock,
  Defer,
  ExitReport,
  LaunchPowers,
  ProcessSettings,
  ThreadBoot,
  ThreadSettings,
} from '../powers.js'
import type { Rates, WireLimits } from '../protocol/limits.js'
import { makeChannel } from '../rpc/channel.js'
import { socketPort } from '../rpc/port.js'
import { holdClosed } from './hold-closed.js'
import type { LaunchedPlugin } from './launch.js'

/** fd 4 carries a start call and a few small notices. */
const SUPERVISION_LIMITS: WireLimits = {
  maxFrameBytes: 65_536,
  maxDepth: 8,
  callWindow: 1,
  noticeWindow: 16,
  maxStreams: 1,
  streamWindow: 1,
}
/** Twice a second comes a sample; the rest is for a child that floods. */
const SUPERVISION_RATES: Rates = {
  noticesPerSecond: 20,
  intake: { bytesPerSecond: 65_536, nodeTime: 10 },
}
/** What the child may get: the plugin thread's code is a section of the start call. */
const START_THREAD_MS = 10_000

export function launchProcess(
  process: ProcessSettings,
  thread: ThreadSettings,
  boot: ThreadBoot,
  powers: LaunchPowers,
  clock: Clock,
  defer: Defer,
): LaunchedPlugin {
  const child = powers.spawnProcess(process)
  let reported: 'out-of-memory' | 'error' | undefined
  const reading = powers.readProcess(child.pid)
  const hints: { heapBytes: number | null; loopUse: number | null } = { heapBytes: null, loopUse: null }
  let beats = 0
  let counted: { readonly descriptors: number | null; readonly children: number | null } = {
    descriptors: null,
    children: null,
  }

  const supervision = makeChannel({
    port: socketPort(child.supervision),
    generation: boot.generation,
    limits: SUPERVISION_LIMITS,
    rates: SUPERVISION_RATES,
    queue: 4,
    clock,
    defer,
    onNotice(method, value) {
      if (method === 'sample') {
        hints.heapBytes = numberIn(value, 'heapBytes')
        hints.loopUse = numberIn(value, 'loopUse')
        beats++
      } else if (method === 'exit') {
        const cause = fieldIn(value, 'cause')
        if (cause === 'out-of-memory' || cause === 'error') reported = cause
      }
    },
    peerCodes: new Set(),
    fallbackCode: 'PLUGIN_START_FAILED',
    lostError: () => new PluginError('PLUGIN_CRASHED'),
  })
  // A refusal to start the thread ends the child; the exit report then tells the supervisor.
  supervision
    .call(
      'start',
      { value: { settings: thread, boot }, sections: [powers.threadCode, powers.threadCache()] },
      { deadlineMs: START_THREAD_MS },
    )
    .catch(() => child.kill())
  void supervision.closed.then(() => child.kill())

  const exited = child.exited.then(({ code, signal }): ExitReport => {
    reading.close()
    supervision.close(new PluginError('PLUGIN_CRASHED'))
    const outputTail = child.outputTail()
    return { code, signal, cause: reported ?? causeFrom(outputTail), outputTail }
  })
  return {
    get pid() {
      return child.pid
    },
    threadId: null,
    port: holdClosed(socketPort(child.channel), exited),
    exited,
    gone: exited,
    sample() {
      const { rssBytes = null, cpuMs = null, threads = null } = reading.usage() ?? {}
      return { rssBytes, cpuMs, threads, ...counted, ...hints, beats }
    },
    async lookCloser() {
      const [descriptors, children] = await Promise.all([reading.descriptors(), reading.children()])
      counted = { descriptors, children }
    },
    waitedMs: () => reading.waitedMs(),
    lowerPriority: (low) => child.lowerPriority(low),
    confine: () => child.confine(),
    kill: () => child.kill(),
  }
}

/**
 * V8 ends the whole process when one allocation passes the heap limit and its grace, and where the kernel refuses
 * memory (RLIMIT_DATA); it says so on stderr, in words of its own or of the C++ library.
 */
function causeFrom(outputTail: string): ExitReport['cause'] {
  return /heap out of memory|Reached heap limit|invalid (array|table) size|invalid size error|out of memory: |std::bad_alloc|\(result\.ptr\) != nullptr/i.test(
    outputTail,
  )
    ? 'out-of-memory'
    : 'exit'
}

function fieldIn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

function numberIn(value: unknown, key: string): number | null {
  const field = fieldIn(value, key)
  return typeof field === 'number' && Number.isFinite(field) && field >= 0 ? field : null
}
