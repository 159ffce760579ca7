/**
 * What `bulkhead doctor` tries: each guarantee's name, how it is tried, and where it
 * has to hold. Only words are here; whether one holds is found out by probe.ts and
 * orphan.ts, each time anew.
 */
import process from 'node:process'
import type { WallReport } from '../../protocol/plugin-api.js'
import type { Isolation } from '../../supervisor/options.js'

/** `null`: there is nothing to try in this isolation or on this system. */
export interface Outcome {
  readonly holds: boolean | null
  /** What the attempt met. */
  readonly detail: string
}

export interface Guarantee {
  readonly id: string
  readonly title: string
  readonly how: string
  /** Isolations in which a node should not run plugins without it. */
  readonly required: readonly Isolation[]
  /** Whether it is promised on Linux only. */
  readonly linuxOnly?: true
}

/** A guarantee and what was found of it. */
export interface Row extends Guarantee {
  readonly process: Outcome
  readonly thread: Outcome
}

const BOTH: readonly Isolation[] = ['process', 'thread']

export const GUARANTEES: readonly Guarantee[] = [
  {
    id: 'heap',
    title: 'a leak is ended',
    how: 'a plugin keeps 1 MiB more each turn',
    required: BOTH,
  },
  {
    id: 'heap-piece',
    title: 'a huge allocation is survived',
    how: 'a plugin asks for pieces larger than its heap',
    required: ['process'],
  },
  {
    id: 'external',
    title: 'buffers count as memory',
    how: 'a plugin fills buffers past its externalMb',
    required: ['process'],
    linuxOnly: true,
  },
  { id: 'blocked', title: 'a blocked thread is ended', how: 'a plugin loops for ever', required: BOTH },
  {
    id: 'orphan',
    title: 'plugins die with the node',
    how: 'kill -9 of a node: is its plugin gone in 1 s?',
    required: ['process'],
  },
  {
    id: 'orphan-stopped',
    title: 'even stopped ones (pdeathsig)',
    how: 'the same, its plugin frozen by SIGSTOP',
    required: [],
    linuxOnly: true,
  },
  {
    id: 'sigusr1-node',
    title: 'no inspector in the node',
    how: 'SIGUSR1 to a node: does its inspector open?',
    required: BOTH,
  },
  {
    id: 'sigusr1-plugin',
    title: 'no inspector in the plugin',
    how: "SIGUSR1 to the plugin's process: does it listen?",
    required: [],
    linuxOnly: true,
  },
  {
    id: 'network',
    title: 'flags block the network',
    how: 'a script under the flags of a plugin without a rule for it connects',
    required: [],
  },
  {
    id: 'rss',
    title: 'memory of the process is read',
    how: '/proc/<pid>/stat of its process',
    required: [],
    linuxOnly: true,
  },
  {
    id: 'cgroup',
    title: 'a cgroup (v2) for each plugin',
    how: "is one writable below the node's own, with cpu, memory and pids?",
    required: [],
    linuxOnly: true,
  },
  {
    id: 'no-new-privs',
    title: 'no new privileges (setpriv)',
    how: 'NoNewPrivs in /proc/<pid>/status',
    required: [],
    linuxOnly: true,
  },
  {
    id: 'oom-score',
    title: 'the kernel ends plugins first',
    how: "/proc/<pid>/oom_score_adj against the node's",
    required: [],
    linuxOnly: true,
  },
  {
    id: 'rlimits',
    title: 'the kernel limits plugins (prlimit)',
    how: 'data, open files, file size and core in /proc/<pid>/limits',
    required: [],
    linuxOnly: true,
  },
  {
    id: 'bwrap',
    title: 'namespaces can be had (bwrap)',
    how: 'Node is started as the launcher bwrap would',
    required: [],
    linuxOnly: true,
  },
  {
    id: 'priority',
    title: 'the node goes first',
    how: "/proc/<pid>/autogroup, or its threads, against the node's",
    required: [],
    linuxOnly: true,
  },
  {
    id: 'cores',
    title: 'a core of its own for the node',
    how: "Cpus_allowed_list in /proc/<pid>/status against the node's",
    required: [],
    linuxOnly: true,
  },
  {
    id: 'niceness',
    title: 'plugin threads are nicer',
    how: "/proc/<pid>/task against the node's",
    required: [],
    linuxOnly: true,
  },
]

/** How a plugin thread tries each wall of its own at every start (workers/self-check.ts). */
const WALL_ATTEMPTS: { readonly [wall: string]: string } = {
  'fs.read': 'tries to read a file that no grant names',
  'fs.list': 'tries to list its working directory',
  'fs.write': 'tries to make a file there',
  worker: 'tries to start a thread',
  'child-process': 'tries to start a program',
  binding: 'tries process.binding',
  inspector: 'tries to connect to the inspector',
  addons: 'tries to load a native addon',
  'permission-flags': 'asks process.permission what is granted',
  network: 'tries to listen on a free port (from Node 25 on)',
  env: 'looks for environment variables',
  'closed-builtins': 'looks for require, fetch, process.kill and such',
  'function-constructor': 'tries to make code with constructors of functions',
  intrinsics: 'looks for shared prototypes it can change',
  'dynamic-import': 'tries to import node:fs',
}

/** A wall of the plugin thread as a guarantee; which ones are required is the thread's own word. */
export function wallGuarantee({ wall, required }: WallReport): Guarantee {
  const attempt = Object.hasOwn(WALL_ATTEMPTS, wall) ? WALL_ATTEMPTS[wall] : undefined
  return {
    id: `wall:${wall}`,
    title: `wall ${wall}`,
    how: attempt ?? 'the plugin thread tries it at its start',
    required: required ? BOTH : [],
  }
}

/** Whether a node should not run plugins in this isolation while the outcome is what it is. */
export function isBroken(row: Row, isolation: Isolation, platform: string = process.platform): boolean {
  if (row.linuxOnly === true && platform !== 'linux') return false
  return row.required.includes(isolation) && row[isolation].holds === false
}

/** What to know of a platform before the table is read. */
export function platformNotes(platform: string): readonly string[] {
  switch (platform) {
    case 'linux':
      return []
    case 'darwin':
      return [
        'macOS: memory of plugin processes cannot be read, so buffers outside the heap are not limited.',
        'macOS: no pdeathsig and no niceness of single threads; plugins end when their pipe to the node closes.',
      ]
    case 'win32':
      return [
        'Windows: memory of plugin processes cannot be read, so buffers outside the heap are not limited.',
        'Windows: no signals, no pdeathsig, no niceness of single threads; plugins end when their pipe to the node closes.',
      ]
    default:
      return [`${platform}: Bulkhead is not tested here; guarantees are for Linux.`]
  }
}
