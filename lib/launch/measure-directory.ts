/**
 * What a directory holds on disk, counted without keeping the event loop or the pool
 * for long: one entry at a time, links not followed. The plugin's own thread counts the same way
 * (workers/attenuate/fs/quota.ts).
 */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskBytes, isListed } from '../protocol/disk-usage.js'

/** Enough to know that something is wrong; about a minute of looking. */
const MOST_ENTRIES = 1_000_000

/** @returns `null` when the directory cannot be read, `Infinity` when something in it was made so that it cannot be measured */
export async function measureDirectory(path: string): Promise<number | null> {
  const waiting = [path]
  let bytes = 0
  let entries = 0
  let readable = false
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    try {
      for await (const entry of await opendir(directory)) {
        const place = join(directory, entry.name)
        const found = await lstat(place).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENAMETOOLONG') throw error
          return undefined // gone meanwhile
        })
        if (found === undefined) continue
        bytes += diskBytes(found.blocks)
        entries++
        if (found.isDirectory() && !isListed(found.mode)) return Infinity
        if (found.isDirectory()) waiting.push(place)
        if (entries >= MOST_ENTRIES) return bytes
      }
      readable = true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return Infinity
      // Gone meanwhile, or someone else's: nothing of the plugin's is in it.
    }
  }
  return readable ? bytes : null
}
