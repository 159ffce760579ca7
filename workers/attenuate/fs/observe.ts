/** `fs.watch` of one granted file or directory: names only, counted as an open file. */
import { posix } from 'node:path'
import { attempt, shownPath } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { OpenFiles } from './open-files.js'
import type { Settle } from './settle.js'

/** Gives what ends it. `tell` gets 'rename' or 'change' and the name in the directory; what it throws is its own. */
export type Observe = (path: unknown, tell: unknown) => () => void

export interface ObserveOptions {
  readonly powers: FilePowers
  readonly settle: Settle
  readonly files: OpenFiles
  readonly guarded: (run: () => void) => void
}

export function makeObserve({ powers, settle, files, guarded }: ObserveOptions): Observe {
  return (path, tell) => {
    const call = { syscall: 'watch', path: shownPath(path) }
    files.admit(call)
    const real = settle.target(['fs.read'], path, call)
    const own = posix.basename(call.path)
    const isDirectory = attempt(powers, call, () => powers.statSync(real)).isDirectory()
    const watcher = attempt(powers, call, () =>
      powers.watch(real, (event, name) => {
        const shown = isDirectory ? name : own
        guarded(() => void Reflect.apply(tell as () => unknown, undefined, [event, shown]))
      }),
    )
    const end = files.hold(() => watcher.close())
    watcher.on('error', end)
    return end
  }
}
