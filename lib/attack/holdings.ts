/** What this process holds, to be compared before and after an attack. Linux: read from /proc; elsewhere nothing is seen. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How many of each kind: `child process`, `thread`, and descriptors by what they stand for. */
export type Holdings = ReadonlyMap<string, number>

export function holdings(): Holdings {
  const counts = new Map<string, number>()
  const add = (kind: string): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1)
  for (const task of entriesOf('/proc/self/task')) {
    add('thread')
    for (const child of textOf(`/proc/self/task/${task}/children`).split(' '))
      if (child !== '') add('child process')
  }
  for (const fd of entriesOf('/proc/self/fd')) add(`descriptor of ${targetOf(`/proc/self/fd/${fd}`)}`)
  return counts
}

/** What there is more of than before; words for people. */
export function leftBehind(before: Holdings, now: Holdings): readonly string[] {
  return [...now].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0)
    return more > 0 ? [`${more} ${kind}`] : []
  })
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Without the number of a socket, a pipe or a process. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path)
      .replace(/:\[.*\]$/, '')
      .replace(/^\/proc\/\d+\//, '/proc/…/')
  } catch {
    return 'the list itself'
  }
}

/** Bytes of the files below a directory that take room on the disk; one that is not there has none. */
export function bytesBelow(directory: string): number {
  return entriesOf(directory).reduce((sum, name) => {
    const path = join(directory, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return sum
    return sum + found.blocks * 512 + (found.isDirectory() ? bytesBelow(path) : 0)
  }, 0)
}

let collect: (() => void) | undefined

/** Resident memory of this process after a garbage collection. */
export function settledRss(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return process.memoryUsage.rss()
}
