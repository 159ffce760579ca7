/**
 * Holds `limits.dataMb`: what a plugin writes below its data directory comes out of a
 * budget, and when that is used up the directory is measured again. So most writes cost
 * one subtraction. The host measures the same way behind this (lib/launch/measure-directory.ts).
 *
 * What no measurement can see takes all the room there is: a directory that may not be listed, a
 * path longer than the system takes (moved there piece by piece). A file that was removed while it is
 * open still has its blocks, and is counted with the open files.
 *
 * A measurement is done in the plugin's own time: with 100,000 entries about half a second.
 */
import { posix } from 'node:path'
import { diskBytes, ENTRY_BYTES, isListed } from '../../../lib/protocol/disk-usage.js'
import type { LimitReached } from '../limit-reached.js'
import { codeOf, failure, type Call } from './failure.js'
import type { FilePowers } from './file-powers.js'

export interface Quota {
  /** Whether a real path counts. */
  holds(real: string): boolean
  /**
   * Takes room for new contents of a file, before it is written.
   * @returns what to call when it is written: until then no measurement sees it
   * @throws Error `EDQUOT`
   */
  write(bytes: number, call: Call): () => void
  /** Takes room for one new entry, or for everything at a real path that comes in from elsewhere. @throws as `write` */
  entry(call: Call, from?: string): void
}

export interface QuotaOptions {
  readonly powers: FilePowers
  /** Real path of the data directory. */
  readonly data: string
  /** Directories at or below it that the thread's flags open; others cannot be measured, and nothing of the plugin's is there. */
  readonly roots: readonly string[]
  readonly mostBytes: number
  /** Bytes on disk of files in it that are open and have no name any more. */
  readonly unlinkedBytes: () => number
  readonly reached: LimitReached
}

const MIB = 1_048_576

export function makeQuota({ powers, data, roots, mostBytes, unlinkedBytes, reached }: QuotaOptions): Quota {
  /** What may be taken before the directory is measured again; nothing is known at first. */
  let left = 0
  /** Taken, and maybe not on the disk yet. */
  let underWay = 0

  function take(bytes: number, call: Call): void {
    if (bytes > left) left = mostBytes - measure(powers, roots, mostBytes) - unlinkedBytes() - underWay
    if (bytes > left) {
      reached('dataMb', Math.ceil((mostBytes - left) / MIB))
      const note = `the data directory holds all that limits.dataMb of the plugin's policy allows, ${mostBytes / MIB} MiB, or what cannot be measured`
      throw failure(powers, 'EDQUOT', call, note)
    }
    left -= bytes
  }
  return {
    holds: (real) => real === data || real.startsWith(`${data}/`),
    write(bytes, call) {
      // It may begin and end within blocks of their own.
      const blocks = (Math.ceil(bytes / ENTRY_BYTES) + 1) * ENTRY_BYTES
      take(blocks, call)
      underWay += blocks
      let done = false
      return () => {
        if (!done) underWay -= blocks
        done = true
      }
    },
    entry(call, from) {
      take(from === undefined ? ENTRY_BYTES : ENTRY_BYTES + measure(powers, [from], mostBytes), call)
    },
  }
}

/** Bytes on disk of everything below, links not followed; stops above `mostBytes`, which anything that cannot be seen is. */
function measure(powers: FilePowers, roots: readonly string[], mostBytes: number): number {
  const waiting = [...roots]
  let bytes = 0
  for (let path = waiting.pop(); path !== undefined && bytes <= mostBytes; path = waiting.pop()) {
    try {
      const found = powers.lstatSync(path, { throwIfNoEntry: false })
      if (found === undefined) continue
      if (!roots.includes(path) || !found.isDirectory()) bytes += diskBytes(found.blocks)
      if (!found.isDirectory()) continue
      if (!isListed(found.mode)) return mostBytes + 1
      for (const name of powers.readdirSync(path)) waiting.push(posix.join(path, name))
    } catch (error) {
      if (codeOf(error) === 'ENAMETOOLONG') return mostBytes + 1
      // Gone meanwhile, or a directory of someone else's: nothing of the plugin's is in it.
    }
  }
  return bytes
}
