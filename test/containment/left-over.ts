/** What this process holds, so that a test can compare before with after. Linux: read from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Holdings {
  /** How many child processes. */
  readonly children: number
  readonly threads: number
  /** What the open descriptors stand for, sorted; without the one that lists them. */
  readonly descriptors: readonly string[]
  /** Timers, sockets and the like that keep the loop alive. */
  readonly resources: readonly string[]
  /** Listeners on `process`, by event. */
  readonly listeners: Readonly<Record<string, number>>
}

/** Children of a process, dead ones that nobody waited for included. */
export function childrenOf(pid: number | 'self'): readonly number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' '))
    .filter((text) => text !== '')
    .map(Number)
}

/** Whether a process runs; a dead one whose parent did not look yet does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

export function holdings(): Holdings {
  const descriptors = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      // Which process a reading is of, and the number of a pipe, differ from run to run.
      return target.includes('/fd')
        ? []
        : [target.replace(/:\[\d+\]$/, '').replace(/^\/proc\/\d+/, '/proc/*')]
    } catch {
      return [] // the directory's own descriptor, gone by now
    }
  })
  return {
    children: childrenOf('self').length,
    threads: readdirSync('/proc/self/task').length,
    descriptors: descriptors.toSorted(),
    resources: process.getActiveResourcesInfo().toSorted(),
    listeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
  }
}
