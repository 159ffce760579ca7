/** Resident memory of a process, as the kernel counts it. */
import { readFile } from 'node:fs/promises'

const PAGE_BYTES = 4096

/** `null` where the system cannot say. */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    // Second field of statm: resident pages (proc(5)).
    const statm = await readFile(`/proc/${pid}/statm`, 'latin1')
    return Number(statm.split(' ')[1]) * PAGE_BYTES
  } catch {
    return null
  }
}
