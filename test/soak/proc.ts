/** What the system says of a process and its children; Linux, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs'
import { childrenOf as listChildren } from '../containment/left-over.js'

export interface ProcessUse {
  readonly rssBytes: number
  /** Open files and sockets, but for the connections of the load: how many of those there are is up to the load. */
  readonly descriptors: number
  readonly threads: number
  readonly children: number
}

const PAGE_BYTES = 4096
/** As the kernel numbers the states of TCP. */
const LISTENING = '0A'

/**
 * @param port - where it serves HTTP
 * @returns `undefined` once it is gone
 */
export function useOf(pid: number, port: number): ProcessUse | undefined {
  try {
    const connections = connectionsOf(pid, port)
    const resident = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]
    return {
      rssBytes: Number(resident) * PAGE_BYTES,
      descriptors: readdirSync(`/proc/${pid}/fd`).length - connections,
      threads: readdirSync(`/proc/${pid}/task`).length,
      children: childrenOf(pid).length,
    }
  } catch {
    return undefined
  }
}

/** Connections that a process has accepted on a port of IPv4. */
function connectionsOf(pid: number, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync(`/proc/${pid}/net/tcp`, 'latin1')
    .split('\n')
    .slice(1)
    .filter((line) => {
      const [, address = '', , state, , , , , , inode] = line.trim().split(/\s+/)
      return address.endsWith(local) && state !== LISTENING && inode !== '0' // 0: not accepted yet, or closed already
    }).length
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
