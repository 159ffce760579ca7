/** What became of the attempts of kernel-attempts.ts, as the kernel tells it of their process, or the file system. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TAKEN_FILES, TAKEN_MIB, WRITTEN_MIB } from './kernel-attempts.js'

const MIB = 1_048_576

type Effect = (answer: string, pid: number) => boolean

export function kernelEffects(emptyDirectory: string): Readonly<Record<string, Effect>> {
  return {
    'take a gigabyte in one go': (_, pid) => keepsGigabyte(pid),
    'keep thousands of files open': (_, pid) => countFiles(pid) > TAKEN_FILES,
    'write a file larger than its data may be': () =>
      (statSync(join(emptyDirectory, 'large'), { throwIfNoEntry: false })?.size ?? 0) > WRITTEN_MIB * MIB,
    'list the processes of the machine': (answer) => answer.split(',').includes(String(process.pid)),
    'leave a program behind': () => processesNaming(emptyDirectory).length > 0,
  }
}

/** Large pieces of memory that are its own and writable. */
function keepsGigabyte(pid: number): boolean {
  const bytes = readOf(`/proc/${pid}/maps`)
    .split('\n')
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) rw-p/.exec(line))
    .reduce((sum, found) => {
      const length =
        found === null ? 0 : Number.parseInt(found[2] ?? '', 16) - Number.parseInt(found[1] ?? '', 16)
      return length >= 16 * MIB ? sum + length : sum
    }, 0)
  return bytes >= TAKEN_MIB * MIB
}

function countFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Processes of this machine in whose command `text` stands. */
export function processesNaming(text: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && readOf(`/proc/${pid}/cmdline`).includes(text))
}

function readOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
