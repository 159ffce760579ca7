/**
 * The limit of a child's data (RLIMIT_DATA), which counts from zero and so has to be
 * above what an idle child takes; that differs by a gigabyte between versions of Node
 * and is measured. The first children of a node get the limit from outside, while they
 * stand idle, and are measured by that; the later ones are started with it.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { KernelLimits } from '../powers.js'
import { dataArgument } from './kernel-limits.js'

export interface DataLimit {
  /** To start a child with; `undefined` until one was measured. */
  bytesFor(kernel: KernelLimits): number | undefined
  /** Measures an idle child that was started without the limit, and sets it. */
  setOn(pid: number, kernel: KernelLimits): Promise<void>
}

export function makeDataLimit(prlimit: string | undefined): DataLimit {
  let floorBytes: number | undefined
  return {
    bytesFor: ({ dataRoomBytes }) => (floorBytes === undefined ? undefined : floorBytes + dataRoomBytes),
    async setOn(pid, { dataRoomBytes }) {
      const idleBytes = await dataBytes(pid)
      if (idleBytes === null || prlimit === undefined) return
      floorBytes = Math.max(floorBytes ?? 0, idleBytes)
      await run(prlimit, ['--pid', String(pid), dataArgument(floorBytes + dataRoomBytes)])
    },
  }
}

/** Memory of a process that is its own and writable; `null` where the system cannot say. */
async function dataBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  const kibibytes = /^VmData:\s*(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? null : Number(kibibytes) * 1024
}

/** A child that is gone meanwhile needs no limit; its exit tells the rest. */
function run(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(file, args, { env: {} }, () => resolve())
  })
}
