/** Programs of the system that put limits around a child, looked for on the node's own PATH once and named by absolute path from then on. */
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

export interface Programs {
  /** util-linux: the child dies with the thread that started it, and gains no privileges. */
  readonly setpriv: string | undefined
  /** util-linux: resource limits, from before the child's first instruction. */
  readonly prlimit: string | undefined
  /** util-linux: which cores it runs on. */
  readonly taskset: string | undefined
  /** bubblewrap: namespaces. */
  readonly bwrap: string | undefined
}

export const systemPrograms: Programs = {
  setpriv: findProgram('setpriv'),
  prlimit: findProgram('prlimit'),
  taskset: findProgram('taskset'),
  bwrap: findProgram('bwrap'),
}

function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
