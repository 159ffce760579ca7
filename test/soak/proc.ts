/** What the system says of a process and its children; Linux, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs'
import { childrenOf as listChildren } from '../containment/left-over.js'

export interface ProcessUse {
  readonly rssBytes: number
  readonly descriptors: number
  readonly threads: number
  readonly children: number
}

const PAGE_BYTES = 4096

/** `undefined` once it is gone. */
export function useOf(pid: number): ProcessUse | undefined {
  try {
    const resident = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]
    return {
      rssBytes: Number(resident) * PAGE_BYTES,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: readdirSync(`/proc/${pid}/task`).length,
      children: childrenOf(pid).length,
    }
  } catch {
    return undefined
  }
}

/** None once it is gone. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return listChildren(pid)
  } catch {
    return []
  }
}

/** False when it is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
