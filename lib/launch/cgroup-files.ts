/** The files of cgroups (supervisor/cgroup.ts). Synchronous: the kernel answers from memory, once at the start and the end of a plugin. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import type { CgroupFiles } from '../powers.js'

export const cgroupFiles: CgroupFiles = {
  read: (path) => attempt(() => readFileSync(path, 'utf8')),
  // Opened as it is: a file that the kernel does not have is not made.
  write: (path, text) => done(() => writeFileSync(path, text, { flag: 'r+' })),
  makeDirectory: (path) => done(() => mkdirSync(path)),
  removeDirectory: (path) => done(() => rmdirSync(path)),
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function done(run: () => unknown): boolean {
  return (
    attempt(() => {
      run()
      return true
    }) ?? false
  )
}
