/**
 * From a name to the real path that the decision is about: links resolved by the
 * kernel, never by comparing text. Both the path as named and where it leads have to
 * be granted, so nothing is touched, and nothing told of what exists, before the
 * first decision.
 */
import { posix } from 'node:path'
import { attempt, codeOf, failure, fromHost, type Call } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { FileKind, Gate } from './gate.js'
import type { Names } from './names.js'

export interface Settle {
  /** What is there, links followed. @throws Error `ENOENT`, `EACCES` ... */
  target(kinds: readonly FileKind[], path: unknown, call: Call): string
  /** The entry of that name in its directory, whether it exists or not: a link is not followed. @throws as `target` */
  entry(kinds: readonly FileKind[], path: unknown, call: Call): string
}

export function makeSettle(powers: FilePowers, names: Names, gate: Gate): Settle {
  const named = (kinds: readonly FileKind[], path: unknown, call: Call): string => {
    const real = names.toReal(path)
    if (real === '') throw failure(powers, 'ENOENT', call)
    gate.pass(kinds, real, call)
    return real
  }
  return {
    target(kinds, path, call) {
      const first = named(kinds, path, call)
      const real = attempt(powers, call, () => powers.realpath(first))
      if (real !== first) gate.pass(kinds, real, call)
      return real
    },
    entry(kinds, path, call) {
      const first = named(kinds, path, call)
      if (first === '/') return first
      const parent = realParent(powers, first, call)
      if (parent === undefined) return first
      const real = posix.join(parent, posix.basename(first))
      if (real !== first) gate.pass(kinds, real, call)
      return real
    },
  }
}

/**
 * `undefined` where the thread's flags do not open the directory, because a rule spells one file
 * of it: the plugin may change nothing on the way there, and the path is taken as it was granted.
 */
function realParent(powers: FilePowers, path: string, call: Call): string | undefined {
  try {
    return powers.realpath(posix.dirname(path))
  } catch (error) {
    if (codeOf(error) === 'ERR_ACCESS_DENIED') return undefined
    throw fromHost(powers, error, call)
  }
}
