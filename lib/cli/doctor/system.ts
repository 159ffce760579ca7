/** What the system says of a process, read live; `null` where it cannot be asked. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import process from 'node:process'

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Fields of a proc(5) stat file behind the name, which may hold spaces and brackets: state is the first. */
function statFields(path: string): readonly string[] | null {
  const text = read(path)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Position of `nice` among `statFields`: field 19 of the file, `state` being field 3. */
const NICE = 16

/** Niceness of every thread of a process. */
export function threadNiceness(pid: number): readonly number[] | null {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const nice = statFields(`/proc/${pid}/task/${thread}/stat`)?.[NICE]
      return nice === undefined ? [] : [Number(nice)]
    })
  } catch {
    return null
  }
}

export function oomScoreAdj(pid: number): number | null {
  const text = read(`/proc/${pid}/oom_score_adj`)
  return text === null ? null : Number(text)
}

/** Of the group that shares the processor as one with its session; `null` where there are none (sched(7)). */
export function autogroupNiceness(pid: number): number | null {
  if (read('/proc/sys/kernel/sched_autogroup_enabled')?.trim() !== '1') return null
  const found = /nice (-?\d+)/.exec(read(`/proc/${pid}/autogroup`) ?? '')
  return found === null ? null : Number(found[1])
}

/** A soft limit by its name in /proc/<pid>/limits; `Infinity`: unlimited. */
export function resourceLimit(pid: number, name: string): number | null {
  const found = new RegExp(`^${name} +(\\S+)`, 'm').exec(read(`/proc/${pid}/limits`) ?? '')?.[1]
  if (found === undefined) return null
  return found === 'unlimited' ? Infinity : Number(found)
}

export function noNewPrivileges(pid: number): boolean | null {
  const found = /^NoNewPrivs:\s*(\d)/m.exec(read(`/proc/${pid}/status`) ?? '')
  return found === null ? null : found[1] === '1'
}

/** A zombie counts as gone: it runs nothing, someone has yet to ask how it ended. */
export function isGone(pid: number): boolean {
  const state = statFields(`/proc/${pid}/stat`)?.[0]
  if (state !== undefined) return state === 'Z' || state === 'X'
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** State of a listening socket in /proc/net/tcp. */
const LISTENING = '0A'

/** How many TCP ports a process listens on. */
export function listeningPorts(pid: number): number | null {
  try {
    const inodes = new Set(
      ['tcp', 'tcp6'].flatMap((table) =>
        (read(`/proc/${pid}/net/${table}`) ?? '').split('\n').flatMap((line) => {
          const fields = line.trim().split(/\s+/)
          return fields[3] === LISTENING ? [fields[9]] : []
        }),
      ),
    )
    return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
      const target = linkOf(`/proc/${pid}/fd/${fd}`)
      return inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1])
    }).length
  } catch {
    return null
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed meanwhile
  }
}
