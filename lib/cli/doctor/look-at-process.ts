/** What the kernel says of a plugin's process: the limits and preferences that it was to be started with. */
import { getPriority } from 'node:os'
import process from 'node:process'
import { cgroupFiles } from '../../launch/cgroup-files.js'
import { allowedCores } from '../../launch/cores.js'
import { findCgroupHome } from '../../supervisor/cgroup.js'
import type { Isolation } from '../../supervisor/options.js'
import type { Outcome } from './guarantees.js'
import { autogroupNiceness, noNewPrivileges, oomScoreAdj, resourceLimit, threadNiceness } from './system.js'

export const UNKNOWN: Outcome = { holds: null, detail: 'this system cannot be asked' }

/** @returns outcomes by the id of their guarantee */
export function lookAtProcess(
  isolation: Isolation,
  pid: number | null,
  rss: number | null,
): readonly (readonly [string, Outcome])[] {
  const missing =
    isolation === 'thread' ? { holds: null, detail: 'the plugin has no process of its own' } : UNKNOWN
  return [
    ['rss', residentMemory(isolation, rss, missing)],
    ['oom-score', (pid === null ? null : oomScore(pid)) ?? missing],
    ['no-new-privs', (pid === null ? null : privileges(pid)) ?? missing],
    ['rlimits', (pid === null ? null : limits(pid)) ?? missing],
    ['niceness', niceness(pid ?? process.pid) ?? UNKNOWN],
    ['cgroup', isolation === 'thread' ? missing : cgroup()],
    ['cores', (pid === null ? null : cores(pid)) ?? missing],
    ['priority', (pid === null ? null : priority(pid)) ?? missing],
  ]
}

function residentMemory(isolation: Isolation, rss: number | null, missing: Outcome): Outcome {
  if (rss === null) return { ...missing, holds: isolation === 'process' ? false : null }
  return { holds: true, detail: `${Math.round(rss / 1_048_576)} MiB` }
}

function oomScore(pid: number): Outcome | null {
  const own = oomScoreAdj(process.pid)
  const score = oomScoreAdj(pid)
  if (own === null || score === null) return null
  return { holds: score > own, detail: `oom_score_adj ${score}, the node ${own}` }
}

function privileges(pid: number): Outcome | null {
  const holds = noNewPrivileges(pid)
  return holds === null
    ? null
    : { holds, detail: holds ? 'set' : 'not set; is setpriv (util-linux) installed?' }
}

function cgroup(): Outcome {
  const home = findCgroupHome(cgroupFiles, `bulkhead-${process.pid}`)
  return 'none' in home ? { holds: false, detail: home.none } : { holds: true, detail: home.path }
}

const LIMITS = ['Max data size', 'Max open files', 'Max file size', 'Max core file size']

function limits(pid: number): Outcome | null {
  const found = LIMITS.map((name) => ({ name, limit: resourceLimit(pid, name) }))
  if (found.some(({ limit }) => limit === null)) return null
  const open = found.filter(({ limit }) => limit === Infinity).map(({ name }) => name)
  return open.length === 0
    ? { holds: true, detail: 'data, files and core are limited' }
    : { holds: false, detail: `unlimited: ${open.join(', ')}; is prlimit (util-linux) installed?` }
}

function niceness(pid: number): Outcome | null {
  const nice = threadNiceness(pid)
  if (nice === null) return null
  const main = getPriority(process.pid)
  const most = Math.max(...nice)
  return { holds: most > main, detail: `${most}, the node ${main}` }
}

function cores(pid: number): Outcome | null {
  const own = allowedCores('self')
  const others = allowedCores(pid)
  if (own === '' || others === '') return null
  return own === others
    ? { holds: false, detail: `both use ${own}; is taskset (util-linux) installed, is there more than one?` }
    : { holds: true, detail: `plugins ${others}, the node ${own}` }
}

/** Where there are autogroups they decide between the node and a process in a session of its own, and else its threads. */
function priority(pid: number): Outcome | null {
  const group = autogroupNiceness(pid)
  const ownGroup = autogroupNiceness(process.pid)
  if (group !== null && ownGroup !== null)
    return { holds: group > ownGroup, detail: `autogroup nice ${group}, the node's ${ownGroup}` }
  const least = Math.min(...(threadNiceness(pid) ?? []))
  if (least === Infinity) return null
  const own = getPriority(process.pid)
  return { holds: least > own, detail: `every thread from ${least} on, the node ${own}` }
}
