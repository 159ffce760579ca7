/**
 * `cp`: copies a file or a tree, entry by entry, each as copyFile, mkdir and readdir
 * do it, so each is decided there. A link is copied as what it leads to, with
 * `dereference`; as a link it cannot be, since plugins make none.
 */
import { argumentError } from './argument-error.js'
import { lutimes, mkdir } from './change.js'
import { copyFile, type Steps } from './content.js'
import { exists, joined, lstat, readdir, realpath, stat } from './look.js'
import { optionsOf, type Options } from './options.js'
import { pathOf } from './path.js'
import type { Stats } from './stats.js'

export function* cp(from: unknown, to: unknown, given?: unknown): Steps<void> {
  yield* copyEntry(pathOf(from, 'src'), pathOf(to, 'dest'), optionsOf(given))
}

function* copyEntry(from: string, to: string, options: Options): Steps<void> {
  if (!(yield* isWanted(from, to, options))) return
  const look = options['dereference'] === true ? stat : lstat
  const source = look(from) as Stats
  const target = stat(to, { throwIfNoEntry: false })
  if (source.isDirectory()) {
    yield* copyDirectory(from, to, target, options)
  } else if (source.isSymbolicLink()) {
    throw failed('EACCES', `plugins make no links: copy '${from}' with the option dereference`)
  } else if (source.isFile()) {
    yield* copyOne(from, to, target, options)
  } else {
    throw failed(
      source.isSocket() ? 'ERR_FS_CP_SOCKET' : source.isFIFO() ? 'ERR_FS_CP_FIFO_PIPE' : 'ERR_FS_CP_UNKNOWN',
      `'${from}' is no file and no directory`,
    )
  }
  if (options['preserveTimestamps'] === true)
    lutimes(to, Reflect.get(source, 'atime'), Reflect.get(source, 'mtime'))
}

function* copyDirectory(from: string, to: string, target: Stats | undefined, options: Options): Steps<void> {
  if (options['recursive'] !== true) {
    throw failed('ERR_FS_EISDIR', `'${from}' is a directory: cp needs the option recursive`)
  }
  if (target !== undefined && !target.isDirectory()) {
    throw failed('ERR_FS_CP_DIR_TO_NON_DIR', `'${from}' is a directory and '${to}' is none`)
  }
  const outer = String(realpath(from))
  const inner = placeOf(to)
  if (inner === outer || inner.startsWith(`${outer}/`)) {
    throw failed('ERR_FS_CP_EINVAL', `'${to}' lies in '${from}'`)
  }
  if (target === undefined) mkdir(to, { recursive: true })
  for (const name of readdir(from))
    yield* copyEntry(joined(from, String(name)), joined(to, String(name)), options)
}

function* copyOne(from: string, to: string, target: Stats | undefined, options: Options): Steps<void> {
  if (target?.isDirectory() === true) {
    throw failed('ERR_FS_CP_NON_DIR_TO_DIR', `'${to}' is a directory and '${from}' is none`)
  }
  if (target !== undefined && options['force'] === false) {
    if (options['errorOnExist'] === true) throw failed('ERR_FS_CP_EEXIST', `'${to}' exists`)
    return
  }
  const parent = parentOf(to)
  if (target === undefined && parent !== '' && !exists(parent)) mkdir(parent, { recursive: true })
  yield* copyFile(from, to, options['mode'])
}

/** Where the path really lies, or the nearest directory above it that is there: no spelling and no link hides it. */
function placeOf(path: string): string {
  for (let at = path; at !== ''; at = parentOf(at)) if (exists(at)) return String(realpath(at))
  return ''
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

/** What `filter` says; the promise of one is waited for where the form of the call allows it. */
function* isWanted(from: string, to: string, { filter }: Options): Steps<boolean> {
  if (filter === undefined) return true
  if (typeof filter !== 'function') throw argumentError('The "options.filter" must be a function')
  const answer: unknown = Reflect.apply(filter, undefined, [from, to])
  const isPromise = typeof answer === 'object' && answer !== null && 'then' in answer
  return Boolean(isPromise ? yield { kind: 'wait', promise: answer as PromiseLike<unknown> } : answer)
}

function failed(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: 'cp' })
}
