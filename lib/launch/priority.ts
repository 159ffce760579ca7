/**
 * Lets the node go first where cores are scarce. With autogroups (sched(7); on in common
 * distributions) a session shares the processor as one, and the niceness of its threads
 * counts among themselves only; without, or within a cgroup, each thread's counts. So both are set.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

const LOWEST = 19
/** Without privileges the kernel takes one such write in 100 ms, from all processes together. */
const AGAIN_AFTER_MS = 110
const MOST_ATTEMPTS = 50

/**
 * Best effort, and never waited for.
 * @param niceness - added to that of each thread; threads made later have that of the thread that makes them
 */
export function lowerPriority(pid: number, niceness: number): void {
  if (process.platform !== 'linux' || niceness <= 0) return
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, Math.min(LOWEST, getPriority(thread) + niceness))
    } catch {
      // gone meanwhile
    }
  }
  if (hasAutogroups()) lowerAutogroup(pid, Math.min(LOWEST, getPriority() + niceness), MOST_ATTEMPTS)
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}

function hasAutogroups(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'latin1').trim() === '1'
  } catch {
    return false
  }
}

function lowerAutogroup(pid: number, niceness: number, attempts: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || attempts <= 1) return
    setTimeout(() => lowerAutogroup(pid, niceness, attempts - 1), AGAIN_AFTER_MS).unref()
  }
}
