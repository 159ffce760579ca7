/**
 * Finds the process inside of a sandbox from outside: bwrap says on a pipe which process
 * is the first of the namespace, and that one's child is Node, with another id out here
 * than it knows of itself.
 */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'

/** Longer than all that bwrap says of one sandbox. */
const MOST_STATUS_CHARS = 4096

const AGAIN_AFTER_MS = 5

/** @returns asks for the id, at a time when Node is known to run; waits for as long as bwrap does */
export function innerProcess(status: Readable): () => Promise<number> {
  let text = ''
  status.setEncoding('utf8')
  status.on('data', (chunk: string) => (text = (text + chunk).slice(0, MOST_STATUS_CHARS)))
  status.on('error', () => undefined)
  let ended = false
  status.on('close', () => (ended = true))
  return async () => {
    for (;;) {
      const pid = await childOf(/"child-pid": *(\d+)/.exec(text)?.[1])
      if (pid > 0 || ended) return Math.max(0, pid)
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
    }
  }
}

/** 0: it has none yet, or is not known. */
async function childOf(pid: string | undefined): Promise<number> {
  if (pid === undefined) return 0
  const children = await readFile(childrenFile(pid), 'latin1').catch(() => '')
  return Number.parseInt(children, 10) || 0
}

/** Which processes a process has started; kernels may be built without it. */
export function childrenFile(pid: string | number): string {
  return `/proc/${pid}/task/${pid}/children`
}
