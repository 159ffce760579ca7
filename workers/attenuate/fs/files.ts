/**
 * What the plugin's own `fs` (workers/builtins/fs) stands on: functions of plain
 * values, each decided by the grant. That `fs` is the plugin's copy and as little
 * trusted as the plugin, so every check is here and none of it there.
 *
 * Names and facts are answered in the plugin's thread at once; only contents go
 * through the pool of the process, which all its threads share. So nothing that a
 * plugin does itself can come between a decision and what it decided about.
 */
import type { Grant } from '../../../lib/policy/grant.js'
import type { Harden } from '../../lockdown.js'
import { permissionPaths } from '../../../lib/policy/decide.js'
import type { LimitReached } from '../limit-reached.js'
import type { Realm } from '../realm.js'
import type { Tell } from '../tell.js'
import { makeChange, type Change } from './change.js'
import { makeContent, type Content } from './content.js'
import { shownPath } from './failure.js'
import type { FilePowers } from './file-powers.js'
import { makeGate } from './gate.js'
import { makeLook, type Look } from './look.js'
import { makeNames } from './names.js'
import { makeObserve, type Observe } from './observe.js'
import { makeOpenFiles } from './open-files.js'
import { makeOpen } from './open.js'
import { makeQuota } from './quota.js'
import { makeSettle } from './settle.js'

export interface Files extends Look, Change, Content {
  /** Gives a number of the plugin's own; `flags` as bits. */
  open(path: unknown, flags: unknown, mode: unknown): number
  close(id: unknown): void
  readonly watch: Observe
  /** Runs it after the I/O of this turn; not a timer of the plugin, and it comes after a stop too. */
  later(run: unknown): void
  /** Runs a callback of the plugin now, as `undefined`; what it throws is reported, not thrown. */
  call(callback: unknown, ...args: readonly unknown[]): void
  readonly constants: Readonly<Record<string, number>>
  /** Most bytes of one reading. */
  readonly mostBytes: number
}

export interface FilesOptions {
  readonly grant: Grant
  readonly powers: FilePowers
  readonly realm: Realm
  readonly harden: Harden
  readonly limits: { readonly files: number; readonly externalMb: number }
  readonly tell: Tell
  readonly reached?: LimitReached | undefined
  readonly onUncaught: (error: unknown) => void
}

export interface FilesKit {
  readonly files: Files
  /** Closes everything; each call after it ends with `PLUGIN_STOPPED`. */
  teardown(): void
}

export function makeFiles(options: FilesOptions): FilesKit {
  const { grant, powers, realm, harden, limits, tell, reached, onUncaught } = options
  const names = makeNames(grant.home, grant.data)
  const gate = makeGate({ grant, powers, names, tell })
  const settle = makeSettle(powers, names, gate)
  const files = makeOpenFiles(powers, limits.files, reached)
  const quota = makeQuota({
    powers,
    data: grant.data,
    roots: dataRoots(grant),
    mostBytes: grant.limits.dataMb * 1024 * 1024,
    unlinkedBytes: files.unlinkedBytes,
    reached: reached ?? (() => undefined),
  })
  const open = makeOpen(powers, gate, settle, quota)
  const mostBytes = limits.externalMb * 1024 * 1024
  const guarded = (run: () => void): void => {
    try {
      run()
    } catch (error) {
      onUncaught(error)
    }
  }
  const facade: Files = {
    ...makeLook({ powers, names, gate, settle, files }),
    ...makeChange({ powers, names, gate, settle, files, quota }),
    ...makeContent(powers, files, mostBytes, quota),
    open(path, flags, mode) {
      files.admit({ syscall: 'open', path: shownPath(path) })
      const { descriptor, counts } = open(path, flags, mode)
      return files.add(descriptor, counts)
    },
    close: (id) => files.close(id),
    watch: makeObserve({ powers, settle, files, guarded }),
    later: (run) =>
      void realm.setImmediate(() => guarded(() => void Reflect.apply(run as () => unknown, undefined, []))),
    call: (callback, ...args) =>
      guarded(() => void Reflect.apply(callback as () => unknown, undefined, args)),
    constants: { ...powers.constants },
    mostBytes,
  }
  return { files: harden(facade), teardown: () => files.closeAll() }
}

/** Where in its data directory the plugin may write; one does not lie in another. */
function dataRoots(grant: Grant): readonly string[] {
  const { data } = grant
  const paths = permissionPaths(grant, 'write').map((path) => path.replace(/\/$/, ''))
  if (paths.some((path) => `${data}/`.startsWith(`${path}/`))) return [data]
  return paths.filter((path) => path.startsWith(`${data}/`))
}
