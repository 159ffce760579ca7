/**
 * A cgroup of its own for a plugin's process (Linux, cgroup v2): a hard cap behind the
 * watch, held by the kernel. Only where the node's own group, or the one above it, hands
 * out the controllers already: nothing of the machine is changed to get there. Files
 * are the power; what is written where is decided here.
 */
import type { Limits } from '../policy/document.js'
import type { CgroupFiles } from '../powers.js'

export type CgroupHome =
  | { readonly path: string }
  /** Why there is none, for people. */
  | { readonly none: string }

const ROOT = '/sys/fs/cgroup'
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const
const PERIOD_US = 100_000
/** The kernel takes no less. */
const LEAST_QUOTA_US = 1000
/** The watch ends a plugin before the kernel does; what is above that is for the kernel. */
const MEMORY_SLACK_MB = 64
/** Threads that Node starts when it needs them first. */
const TASK_SLACK = 16

/** Where groups of plugins can be made. Makes one and takes it away again. */
export function findCgroupHome(files: CgroupFiles, name: string): CgroupHome {
  const own = /^0::(\/.*)$/m.exec(files.read('/proc/self/cgroup') ?? '')?.[1]
  if (own === undefined) return { none: 'there is no cgroup v2' }
  // A group with processes of its own hands nothing out, so it is often the one above.
  const above = own.slice(0, own.lastIndexOf('/'))
  let why = ''
  for (const group of new Set([own, above === '' ? '/' : above])) {
    const path = `${ROOT}${group === '/' ? '' : group}`
    const given = (files.read(`${path}/cgroup.subtree_control`) ?? '').split(/\s+/)
    const missing = CONTROLLERS.filter((controller) => !given.includes(controller))
    const probe = `${path}/${name}`
    if (missing.length > 0) why = `${path} hands out no ${missing.join(', ')}`
    else if (!files.makeDirectory(probe)) why = `no group can be made in ${path}`
    else {
      files.removeDirectory(probe)
      return { path }
    }
  }
  return { none: why }
}

/** What it holds before any code of the plugin ran. */
export interface CgroupStart {
  readonly pid: number
  readonly rssBytes: number
  readonly threads: number
}

export interface Cgroup {
  /** Caps its processor time at its share while `slowed`; before that it may have all that is free. */
  slow(slowed: boolean): void
  /** Ends whatever is left in it and takes the group away. */
  leave(): void
}

/** Puts a process into a group of its own; `undefined` where that cannot be done, and then nothing is left of it. */
export function joinCgroup(
  files: CgroupFiles,
  limits: Limits,
  { pid, rssBytes, threads }: CgroupStart,
): Cgroup | undefined {
  const name = `bulkhead-${pid}`
  const home = findCgroupHome(files, name)
  if ('none' in home) return undefined
  const path = `${home.path}/${name}`
  if (!files.makeDirectory(path)) return undefined
  const { cpuShare, heapMb, youngMb, externalMb } = limits
  const memory = rssBytes + (heapMb + youngMb + externalMb + MEMORY_SLACK_MB) * 1_048_576
  const settings = [
    ['memory.max', String(memory)],
    ['memory.oom.group', '1'],
    ['pids.max', String(threads + TASK_SLACK)],
    ['cgroup.procs', String(pid)],
  ] as const
  const cgroup: Cgroup = {
    slow(slowed) {
      const quota = Math.max(LEAST_QUOTA_US, Math.round(cpuShare * PERIOD_US))
      files.write(`${path}/cpu.max`, `${slowed ? quota : 'max'} ${PERIOD_US}`)
    },
    leave() {
      files.write(`${path}/cgroup.kill`, '1')
      files.removeDirectory(path)
    },
  }
  if (settings.every(([file, text]) => files.write(`${path}/${file}`, text))) return cgroup
  cgroup.leave()
  return undefined
}
