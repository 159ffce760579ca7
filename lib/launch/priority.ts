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
 * Best effort, and never waited for: without privileges a thread's niceness only grows, an autogroup's goes both ways.
 * @param niceness - above that of this process; threads made later have that of the thread that makes them
 */
export function setNiceness(pid: number, niceness: number): void {
  if (process.platform !== 'linux') return
  const target = Math.min(LOWEST, getPriority() + niceness)
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, target)
    } catch {
      // gone meanwhile, or not allowed
    }
  }
  if (hasAutogroups()) setAutogroup(pid, target, MOST_ATTEMPTS)
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

/** The last one wins: an earlier attempt that comes late would undo a later one. */
const wanted = new Map<number, number>()

function setAutogroup(pid: number, niceness: number, attempts: number): void {
  wanted.set(pid, niceness)
  attempt(attempts)

  function attempt(left: number): void {
    if (wanted.get(pid) !== niceness) return
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN' && left > 1) {
        setTimeout(() => attempt(left - 1), AGAIN_AFTER_MS).unref()
        return
      }
    }
    wanted.delete(pid)
  }
}
