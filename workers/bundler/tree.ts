/**
 * The plugin's directory as the bundler sees it: every look and every read of the
 * file system goes through here, stays inside the directory, is counted against
 * the caps and is recorded, so that the cache can ask later whether it still holds.
 * Synchronous on purpose: the child does nothing else, and the host kills it when it hangs.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { FileRead, Probe } from '../../lib/protocol/bundle-wire.js'
import { Refusal } from './refusal.js'

export interface Tree {
  /**
   * What is at a plugin-relative path, links followed.
   * @throws Refusal when the path, or where its links lead, is outside the directory
   */
  probe(path: string): Probe
  /**
   * Bytes of a regular file, by plugin-relative path.
   * @throws Refusal for anything but a regular file inside, and past a cap
   */
  read(path: string): Buffer
  probes(): readonly Probe[]
  files(): readonly FileRead[]
}

const KEEP_INSIDE = 'copy the file into the plugin directory and import it from there'
// Opening must neither wait for the writer of a FIFO nor follow a link put there after the check.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

export function makeTree(dir: string, caps: { readonly maxBytes: number; readonly maxFiles: number }): Tree {
  const root = realpathSync(dir)
  const probes = new Map<string, Probe>()
  const contents = new Map<string, Buffer>()
  const files: FileRead[] = []
  let bytesLeft = caps.maxBytes

  function look(path: string): Probe {
    if (leaves(path)) throw new Refusal('the path leaves the plugin directory', KEEP_INSIDE)
    const real = realPath(join(root, path))
    if (real === undefined) return { path, kind: 'none', real: '' }
    const inside = relative(root, real)
    if (leaves(inside)) {
      throw new Refusal(
        `${path} is or lies behind a symbolic link that leaves the plugin directory`,
        KEEP_INSIDE,
        path,
      )
    }
    const stat = statSync(real, { throwIfNoEntry: false })
    if (stat === undefined) return { path, kind: 'none', real: '' }
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other'
    return { path, kind, real: inside.split(sep).join('/') }
  }

  function probe(path: string): Probe {
    const known = probes.get(path)
    if (known !== undefined) return known
    const found = look(path)
    probes.set(path, found)
    return found
  }

  function readOnce(path: string): Buffer {
    if (files.length >= caps.maxFiles) {
      throw new Refusal(`the plugin has more than ${caps.maxFiles} files to bundle`, 'import less', path)
    }
    const real = join(root, path)
    const fd = openSync(real, OPEN_FLAGS)
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile() || !isStill(fd, real)) throw notRegular(path)
      if (stat.size > bytesLeft) {
        throw new Refusal(
          `with ${path} (${stat.size} bytes) the plugin has more than ${caps.maxBytes} bytes to bundle`,
          'import less, or keep large data out of the code and read it while the plugin runs',
          path,
        )
      }
      const bytes = readAtMost(fd, stat.size)
      bytesLeft -= bytes.length
      files.push({
        path,
        bytes: bytes.length,
        sha256: `sha256-${createHash('sha256').update(bytes).digest('base64')}`,
      })
      return bytes
    } finally {
      closeSync(fd)
    }
  }

  function read(path: string): Buffer {
    const { kind, real } = probe(path)
    if (kind !== 'file') throw notRegular(path)
    const known = contents.get(real)
    if (known !== undefined) return known
    const bytes = readOnce(real)
    contents.set(real, bytes)
    return bytes
  }

  return { probe, read, probes: () => [...probes.values()], files: () => files }
}

function notRegular(path: string): Refusal {
  return new Refusal(
    `${path} is not a regular file`,
    'import regular files only, no devices, pipes or sockets',
    path,
  )
}

function leaves(path: string): boolean {
  return (
    path === '..' ||
    path.startsWith('../') ||
    path.startsWith(`..${sep}`) ||
    isAbsolute(path) ||
    path.includes('\0')
  )
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined // missing, a dangling or circular link, or not ours to look at: nothing to import
  }
}

/** Whether the open file is the one checked: a parent directory may have become a link since. Linux can say. */
function isStill(fd: number, real: string): boolean {
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === real
  } catch {
    return realpathSync(real) === real
  }
}

function readAtMost(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let filled = 0
  while (filled < size) {
    const count = readSync(fd, bytes, filled, size - filled, null)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}
