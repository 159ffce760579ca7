/** Launches a plugin thread in this process ('thread' isolation): no crash boundary. */
import type { Clock, ExitReport, LaunchPowers, ThreadBoot, ThreadSettings } from '../powers.js'
import { messagePortPort } from '../rpc/port.js'
import { holdClosed } from './hold-closed.js'
import type { LaunchedPlugin } from './launch.js'

/** How long a terminated thread may take to go before it counts as lost. */
const LOST_AFTER_MS = 2000

/** What is counted for a whole process says nothing of a thread of the node. */
const OF_PROCESS = { rssBytes: null, threads: null, descriptors: null, children: null, beats: null } as const

export function launchThread(
  settings: ThreadSettings,
  boot: ThreadBoot,
  powers: LaunchPowers,
  clock: Clock,
): LaunchedPlugin {
  const thread = powers.spawnThread(settings, boot)
  let markLost: (report: ExitReport) => void = () => undefined
  const lost = new Promise<ExitReport>((resolve) => (markLost = resolve))
  const exited = Promise.race([thread.exited, lost])
  let killed = false
  let heapBytes: number | null = null
  let cpuMs: number | null = null
  let loopUse: number | null = null
  return {
    pid: null,
    threadId: thread.threadId,
    port: holdClosed(messagePortPort(thread.port), exited),
    exited,
    gone: thread.exited,
    sample: () => ({ ...OF_PROCESS, heapBytes, cpuMs, loopUse }),
    // Never waited for by the watch: a thread inside native code answers no such question until it is done.
    async lookCloser() {
      loopUse = thread.loopUse()
      heapBytes = await thread.heapBytes()
      cpuMs = await thread.cpuMs()
    },
    confine: () => Promise.resolve(),
    waitedMs: () => 0,
    lowerPriority: () => undefined, // its threads share one process with the node's
    kill() {
      if (killed) return
      killed = true
      // A thread inside native code cannot be ended (sort, pbkdf2Sync, a read that never returns).
      const timer = clock.setTimeout(
        () => markLost({ code: null, signal: null, cause: 'lost', outputTail: '' }),
        LOST_AFTER_MS,
      )
      void thread.terminate().then(() => clock.clearTimeout(timer))
    },
  }
}
