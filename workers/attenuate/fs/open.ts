/**
 * Opens a file: decided before, opened without following a link and without waiting
 * (a FIFO stops no thread), and decided again when something else was opened. Only then
 * is it emptied, if that was asked.
 */
import { attempt, codeOf, failure, type Call, shownPath } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { FileKind, Gate } from './gate.js'
import type { Quota } from './quota.js'
import type { Settle } from './settle.js'

/** Gives a descriptor of the process, and whether it lies in the data directory. */
export type Open = (
  path: unknown,
  flags: unknown,
  mode: unknown,
) => { readonly descriptor: number; readonly counts: boolean }

export function makeOpen(powers: FilePowers, gate: Gate, settle: Settle, quota: Quota): Open {
  const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } = powers.constants
  // Windows has none of these.
  const {
    O_DIRECTORY = 0,
    O_NOFOLLOW = 0,
    O_NONBLOCK = 0,
    O_NOCTTY = 0,
    O_SYNC = 0,
    O_DSYNC = 0,
  } = powers.constants as Partial<FilePowers['constants']>
  const known =
    O_WRONLY | O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_DIRECTORY | O_NOFOLLOW | O_SYNC | O_DSYNC

  const settled = (kinds: readonly FileKind[], path: unknown, flags: number, call: Call): string => {
    if ((flags & O_NOFOLLOW) !== 0 || ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0)) {
      return settle.entry(kinds, path, call)
    }
    try {
      return settle.target(kinds, path, call)
    } catch (error) {
      if ((flags & O_CREAT) === 0 || codeOf(error) !== 'ENOENT') throw error
      return settle.entry(kinds, path, call)
    }
  }

  /** A device may do something when it is opened, so it is looked at first. A new file takes room. */
  const checkKind = (kinds: readonly FileKind[], real: string, makes: boolean, call: Call): void => {
    const found = attempt(powers, call, () => powers.lstatSync(real, { throwIfNoEntry: false }))
    if (found === undefined && makes && quota.holds(real)) quota.entry(call)
    if (found === undefined || found.isFile() || found.isDirectory() || found.isSymbolicLink()) return
    gate.passSpecial(kinds, real, call)
  }

  /** `real` is decided already. */
  const checkOpened = (descriptor: number, kinds: readonly FileKind[], real: string, call: Call): string => {
    const found = attempt(powers, call, () => powers.fstatSync(descriptor))
    const opened = openedPath(powers, descriptor, real)
    if (opened === undefined) throw failure(powers, 'EACCES', call, 'the path changed while it was opened')
    if (opened !== real) gate.pass(kinds, opened, call)
    if (!found.isFile() && !found.isDirectory()) gate.passSpecial(kinds, opened, call)
    return opened
  }

  return (path, wanted, mode) => {
    const call = { syscall: 'open', path: shownPath(path) }
    const flags = typeof wanted === 'number' ? wanted : -1
    const access = flags & 3
    const isUnknown = !Number.isInteger(flags) || (flags & ~known) !== 0 || access === 3
    if (isUnknown || (access === 0 && (flags & (O_TRUNC | O_APPEND)) !== 0)) {
      throw failure(powers, 'EINVAL', call, 'flags that are not known here')
    }
    const kinds: FileKind[] = []
    if (access !== O_WRONLY) kinds.push('fs.read')
    if (access !== 0 || (flags & O_CREAT) !== 0) kinds.push('fs.write')
    const real = settled(kinds, path, flags, call)
    checkKind(kinds, real, (flags & O_CREAT) !== 0, call)
    const safe = (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    const permissions = typeof mode === 'number' ? mode & 0o777 : 0o666
    const descriptor = attempt(powers, call, () => powers.openSync(real, safe, permissions))
    try {
      const opened = checkOpened(descriptor, kinds, real, call)
      if ((flags & O_TRUNC) !== 0 && powers.fstatSync(descriptor).isFile()) {
        attempt(powers, call, () => powers.ftruncateSync(descriptor, 0))
      }
      return { descriptor, counts: quota.holds(opened) }
    } catch (error) {
      powers.closeSync(descriptor)
      throw error
    }
  }
}

/**
 * Where the kernel says that the open file lies. Without /proc (no Linux): the path that was
 * opened if nothing on it has changed, else `undefined`.
 */
function openedPath(powers: FilePowers, descriptor: number, real: string): string | undefined {
  if (powers.platform === 'linux') {
    try {
      return powers.readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return undefined
    }
  }
  try {
    const { dev, ino } = powers.fstatSync(descriptor)
    const now = powers.lstatSync(real)
    return powers.realpath(real) === real && now.dev === dev && now.ino === ino ? real : undefined
  } catch {
    return undefined
  }
}
