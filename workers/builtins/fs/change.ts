/** Changes of directories and of facts about files; done at once. */
import { argumentError } from './argument-error.js'
import { joined, lstat } from './look.js'
import { modeOf, nameInEncoding, optionsOf, secondsOf } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'

export function mkdir(path: unknown, options?: unknown): string | undefined {
  const { mode, recursive } =
    typeof options === 'object' && options !== null ? optionsOf(options) : { mode: options, recursive: false }
  return power.mkdir(pathOf(path), modeOf(mode), recursive === true)
}

export function rmdir(path: unknown, options?: unknown): void {
  if (optionsOf(options)['recursive'] === true) return rm(path, { recursive: true })
  power.rmdir(pathOf(path))
}

export function unlink(path: unknown): void {
  power.unlink(pathOf(path))
}

export function rename(from: unknown, to: unknown): void {
  power.rename(pathOf(from, 'oldPath'), pathOf(to, 'newPath'))
}

export function link(existing: unknown, path: unknown): void {
  power.link(pathOf(existing, 'existingPath'), pathOf(path, 'newPath'))
}

export function chmod(path: unknown, mode: unknown): void {
  const bits = modeOf(mode)
  if (bits === undefined) throw argumentError('The "mode" argument must be a number or octal text')
  power.chmod(pathOf(path), bits)
}

export function utimes(path: unknown, accessed: unknown, modified: unknown): void {
  power.utimes(pathOf(path), secondsOf(accessed), secondsOf(modified))
}

export function lutimes(path: unknown, accessed: unknown, modified: unknown): void {
  power.lutimes(pathOf(path), secondsOf(accessed), secondsOf(modified))
}

export function rm(path: unknown, options?: unknown): void {
  const { recursive, force } = optionsOf(options)
  const top = pathOf(path)
  try {
    removeEntry(top, recursive === true)
  } catch (error) {
    if (force !== true || codeOf(error) !== 'ENOENT') throw error
  }
}

/** A file needs no right to read; what is in a directory has to be read. */
function removeEntry(path: string, recursive: boolean): void {
  try {
    return power.unlink(path)
  } catch (error) {
    if (!['EISDIR', 'EPERM'].includes(codeOf(error))) throw error
    if (!recursive) {
      if (lstat(path)?.isDirectory() !== true) throw error
      throw argumentError('Path is a directory: rm needs the option recursive', 'ERR_FS_EISDIR')
    }
  }
  for (const [name] of power.readdir(path)) removeEntry(joined(path, name), true)
  power.rmdir(path)
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export function mkdtemp(prefix: unknown, options?: unknown): unknown {
  const start = pathOf(prefix, 'prefix')
  for (let left = 10; ; left--) {
    const random = [...crypto.getRandomValues(new Uint8Array(6))]
    const path = start + random.map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
    try {
      power.mkdir(path, 0o700, false)
      return nameInEncoding(path, optionsOf(options)['encoding'])
    } catch (error) {
      if (left === 0 || codeOf(error) !== 'EEXIST') throw error
    }
  }
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code)
}
