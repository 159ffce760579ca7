/** What can be learned about paths without opening them: all of it is reading, by the grant. */
import type { BigIntStats, Stats } from 'node:fs'
import { posix } from 'node:path'
import { attempt, type Call, shownPath } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { Gate } from './gate.js'
import type { Names } from './names.js'
import type { OpenFiles } from './open-files.js'
import type { Settle } from './settle.js'

const STAT_FIELDS = [
  ...(['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks'] as const),
  ...(['atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs'] as const),
]
const NS_FIELDS = ['atimeNs', 'mtimeNs', 'ctimeNs', 'birthtimeNs'] as const

/** Facts of a file by name, numbers or bigints. */
export type StatFacts = Readonly<Record<string, number | bigint>>

export interface Look {
  /** @param big - bigints, with the times in nanoseconds too */
  stat(path: unknown, big: unknown): StatFacts
  lstat(path: unknown, big: unknown): StatFacts
  fstat(id: unknown, big: unknown): StatFacts
  /** Throws when the mode (R_OK, W_OK, X_OK) is not there, by the grant or the system. */
  access(path: unknown, mode: unknown): void
  realpath(path: unknown): string
  readlink(path: unknown): string
  /** Names, each with the type of its entry as `mode & S_IFMT` (0 when unknown). */
  readdir(path: unknown): (readonly [name: string, type: number])[]
}

export interface LookOptions {
  readonly powers: FilePowers
  readonly names: Names
  readonly gate: Gate
  readonly settle: Settle
  readonly files: OpenFiles
}

export function makeLook({ powers, names, gate, settle, files }: LookOptions): Look {
  const { constants } = powers
  const begin = (syscall: string, path: unknown): Call => {
    files.checkRunning()
    return { syscall, path: shownPath(path) }
  }
  return {
    stat(path, big) {
      const call = begin('stat', path)
      const real = settle.target(['fs.read'], path, call)
      return factsOf(attempt(powers, call, () => powers.lstatSync(real, { bigint: big === true })))
    },
    lstat(path, big) {
      const call = begin('lstat', path)
      const real = settle.entry(['fs.read'], path, call)
      return factsOf(attempt(powers, call, () => powers.lstatSync(real, { bigint: big === true })))
    },
    fstat(id, big) {
      const { descriptor } = files.get(id, 'fstat')
      return factsOf(
        attempt(powers, { syscall: 'fstat' }, () => powers.fstatSync(descriptor, { bigint: big === true })),
      )
    },
    access(path, mode) {
      const call = begin('access', path)
      const bits = typeof mode === 'number' ? mode & 7 : constants.F_OK
      const writes = (bits & constants.W_OK) !== 0
      const reads = !writes || (bits & (constants.R_OK | constants.X_OK)) !== 0
      const real = settle.target(
        [...(reads ? (['fs.read'] as const) : []), ...(writes ? (['fs.write'] as const) : [])],
        path,
        call,
      )
      attempt(powers, call, () => powers.accessSync(real, bits))
    },
    realpath: (path) => names.toVirtual(settle.target(['fs.read'], path, begin('realpath', path))),
    readlink(path) {
      const call = begin('readlink', path)
      const real = settle.entry(['fs.read'], path, call)
      const target = attempt(powers, call, () => powers.readlinkSync(real))
      // Where a link leads outside is how the machine is laid out.
      if (posix.isAbsolute(target)) gate.pass(['fs.read'], posix.resolve(target), call)
      return names.toVirtual(target)
    },
    readdir(path) {
      const call = begin('scandir', path)
      const real = settle.target(['fs.read'], path, call)
      const entries = attempt(powers, call, () => powers.readdirSync(real, { withFileTypes: true }))
      return entries.map((entry) => [
        entry.name,
        entry.isFile()
          ? constants.S_IFREG
          : entry.isDirectory()
            ? constants.S_IFDIR
            : entry.isSymbolicLink()
              ? constants.S_IFLNK
              : entry.isFIFO()
                ? constants.S_IFIFO
                : entry.isSocket()
                  ? constants.S_IFSOCK
                  : entry.isCharacterDevice()
                    ? constants.S_IFCHR
                    : entry.isBlockDevice()
                      ? constants.S_IFBLK
                      : 0,
      ])
    },
  }
}

/** The facts alone, in a value of ours. */
function factsOf(stats: Stats | BigIntStats): StatFacts {
  const facts: Record<string, number | bigint> = {}
  for (const name of STAT_FIELDS) facts[name] = stats[name]
  if ('atimeNs' in stats) for (const name of NS_FIELDS) facts[name] = stats[name]
  return facts
}
