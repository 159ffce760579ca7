/**
 * Which cores plugins may run on: those of the node but the first ones, which stay the
 * node's own. A low priority alone does not do it: a thread that wakes up on a core where
 * another runs waits for the end of that one's slice (docs/decisions/priority.md).
 */
import { readFileSync } from 'node:fs'

/**
 * @param allowed - what the node itself may use, as `Cpus_allowed_list` has it: `0-3,8`
 * @param reserved - cores that stay the node's own
 * @returns the others as taskset(1) takes them; `undefined` when there would be none
 */
export function coresForPlugins(allowed: string, reserved: number): string | undefined {
  const cores = allowed.split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const others = cores.slice(reserved)
  return reserved === 0 || others.length === 0 || others.some(Number.isNaN) ? undefined : others.join(',')
}

/** Those a process may use; '' where the system cannot say. */
export function allowedCores(pid: number | 'self'): string {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? ''
  } catch {
    return ''
  }
}
