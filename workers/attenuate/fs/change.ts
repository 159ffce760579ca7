/**
 * Changes of directories and of facts about files. The system offers no check after
 * these, so each works on an entry whose directory was resolved and decided just
 * before; the thread does nothing else meanwhile, so only another process that may
 * write to a directory above can come in between.
 */
import { posix } from 'node:path'
import { attempt, codeOf, failure, type Call, shownPath } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { Gate } from './gate.js'
import type { Names } from './names.js'
import type { OpenFiles } from './open-files.js'
import type { Quota } from './quota.js'
import type { Settle } from './settle.js'

export interface Change {
  /** Gives the first directory that `recursive` made. */
  mkdir(path: unknown, mode: unknown, recursive: unknown): string | undefined
  rmdir(path: unknown): void
  unlink(path: unknown): void
  /** Write access at both ends; what may not be read where it is cannot go where it may. */
  rename(from: unknown, to: unknown): void
  /** A hard link: both rights at both ends, because each name then reads and writes the same file. */
  link(existing: unknown, path: unknown): void
  chmod(path: unknown, mode: unknown): void
  /** Times in seconds since 1970. */
  utimes(path: unknown, accessed: unknown, modified: unknown): void
  /** As `utimes`, for a link itself. */
  lutimes(path: unknown, accessed: unknown, modified: unknown): void
}

export interface ChangeOptions {
  readonly powers: FilePowers
  readonly names: Names
  readonly gate: Gate
  readonly settle: Settle
  readonly files: OpenFiles
  readonly quota: Quota
}

const WRITE = ['fs.write'] as const
const BOTH = ['fs.read', 'fs.write'] as const

export function makeChange({ powers, names, gate, settle, files, quota }: ChangeOptions): Change {
  const begin = (syscall: string, path: unknown, dest?: unknown): Call => {
    files.checkRunning()
    return { syscall, path: shownPath(path), ...(dest === undefined ? {} : { dest: shownPath(dest) }) }
  }

  const exists = (real: string): boolean => {
    try {
      return powers.lstatSync(real, { throwIfNoEntry: false }) !== undefined
    } catch {
      return false // the operation itself will say why
    }
  }
  /** What comes into the data directory from elsewhere takes room there. */
  const takeIn = (source: string, target: string, call: Call): void => {
    if (quota.holds(target) && !quota.holds(source)) quota.entry(call, source)
  }

  const mkdir = (path: string, mode: number, call: Call): void => {
    const real = settle.entry(WRITE, path, call)
    if (quota.holds(real) && !exists(real)) quota.entry(call)
    attempt(powers, call, () => powers.mkdirSync(real, { mode }))
  }
  const makePath = (path: string, mode: number, call: Call): string | undefined => {
    try {
      mkdir(path, mode, call)
      return path
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EEXIST') {
        const real = settle.target(WRITE, path, call)
        if (attempt(powers, call, () => powers.statSync(real)).isDirectory()) return undefined
      }
      const above = posix.dirname(path)
      if (code !== 'ENOENT' || above === path) throw error
      const first = makePath(above, mode, call)
      mkdir(path, mode, call)
      return first ?? path
    }
  }

  return {
    mkdir(path, mode, recursive) {
      const call = begin('mkdir', path)
      const permissions = permissionsOf(mode, 0o777)
      if (recursive !== true) {
        mkdir(path as string, permissions, call)
        return undefined
      }
      return makePath(names.toVirtual(names.toReal(path)), permissions, call)
    },
    rmdir(path) {
      const call = begin('rmdir', path)
      const real = settle.entry(WRITE, path, call)
      attempt(powers, call, () => powers.rmdirSync(real))
    },
    unlink(path) {
      const call = begin('unlink', path)
      const real = settle.entry(WRITE, path, call)
      attempt(powers, call, () => powers.unlinkSync(real))
    },
    rename(from, to) {
      const call = begin('rename', from, to)
      const source = settle.entry(WRITE, from, call)
      const target = settle.entry(WRITE, to, call)
      // What may be written but not read must not become readable under another name.
      if (gate.allows('fs.read', target)) gate.pass(['fs.read'], source, call)
      takeIn(source, target, call)
      attempt(powers, call, () => powers.renameSync(source, target))
    },
    link(existing, path) {
      const call = begin('link', existing, path)
      const source = settle.entry(BOTH, existing, call)
      const target = settle.entry(BOTH, path, call)
      if (!attempt(powers, call, () => powers.lstatSync(source)).isFile()) {
        throw failure(powers, 'EPERM', call, 'only regular files can be linked')
      }
      if (quota.holds(target)) quota.entry(call, source) // counted with each of its names
      attempt(powers, call, () => powers.linkSync(source, target))
    },
    chmod(path, mode) {
      const call = begin('chmod', path)
      const real = settle.target(WRITE, path, call)
      attempt(powers, call, () => powers.chmodSync(real, permissionsOf(mode, 0o600)))
    },
    utimes(path, accessed, modified) {
      const call = begin('utime', path)
      const real = settle.target(WRITE, path, call)
      attempt(powers, call, () => powers.utimesSync(real, secondsOf(accessed), secondsOf(modified)))
    },
    lutimes(path, accessed, modified) {
      const call = begin('lutime', path)
      const real = settle.entry(WRITE, path, call)
      attempt(powers, call, () => powers.lutimesSync(real, secondsOf(accessed), secondsOf(modified)))
    },
  }
}

/** Reading, writing and running only: no setuid, setgid or sticky bit. */
function permissionsOf(mode: unknown, fallback: number): number {
  return typeof mode === 'number' && Number.isInteger(mode) ? mode & 0o777 : fallback
}

function secondsOf(time: unknown): number {
  return typeof time === 'number' && Number.isFinite(time) ? time : 0
}
