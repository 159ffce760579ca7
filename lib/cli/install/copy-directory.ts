/**
 * Copies a plugin's directory as plain files, directories and links that stay inside
 * it. Nothing is read through a link that leads out, no pipe or device is opened, and
 * what is copied is bounded. The source may be anybody's.
 */
import { constants } from 'node:fs'
import { mkdir, open, readdir, readlink, realpath, symlink, type FileHandle } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { PluginError } from '../../errors.js'
import { isWithin } from '../../policy/self-approval.js'

export interface CopyLimits {
  readonly files: number
  readonly bytes: number
}

/** Enough for a plugin with its npm packages; a directory beyond is not a plugin's own. */
export const COPY_LIMITS: CopyLimits = { files: 50_000, bytes: 512 * 1_048_576 }

export interface Copied {
  readonly files: number
  readonly bytes: number
  /** Links that lead out of the directory or nowhere, relative to it. */
  readonly leftOut: readonly string[]
}

interface Copying {
  readonly from: string
  readonly to: string
  readonly limits: CopyLimits
  readonly signal: AbortSignal
  files: number
  bytes: number
  readonly leftOut: string[]
}

/**
 * @param from - real path of an existing directory
 * @param to - a directory that exists and is empty
 * @throws PluginError `COMMAND_FAILED` for a pipe, socket or device, and past a limit; the signal's reason when it is aborted
 */
export async function copyDirectory(
  from: string,
  to: string,
  signal: AbortSignal,
  limits: CopyLimits = COPY_LIMITS,
): Promise<Copied> {
  const copying: Copying = { from, to, limits, signal, files: 0, bytes: 0, leftOut: [] }
  await copyBelow(copying, '')
  const { files, bytes, leftOut } = copying
  return { files, bytes, leftOut }
}

async function copyBelow(copying: Copying, below: string): Promise<void> {
  const entries = await readdir(join(copying.from, below), { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    copying.signal.throwIfAborted()
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name === '.git') continue // history is not the plugin
    count(copying)
    if (entry.isDirectory()) {
      await mkdir(join(copying.to, path))
      await copyBelow(copying, path)
    } else if (entry.isSymbolicLink()) {
      await copyLink(copying, path)
    } else if (entry.isFile()) {
      await copyFile(copying, path)
    } else {
      throw irregular(path)
    }
  }
}

function count(copying: Copying): void {
  copying.files += 1
  if (copying.files > copying.limits.files) throw tooMuch(`more than ${copying.limits.files} files`)
}

/** As a relative link to where it leads in the end, so that it leads to the copy and not back here. */
async function copyLink({ from, to, leftOut }: Copying, path: string): Promise<void> {
  const target = await realpath(join(from, path)).catch(() => undefined)
  if (target === undefined || !isWithin(target, from)) {
    leftOut.push(`${path} -> ${await readlink(join(from, path))}`)
    return
  }
  const text = relative(dirname(join(from, path)), target)
  await symlink(text === '' ? '.' : text, join(to, path))
}

const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const CHUNK = 1_048_576

async function copyFile(copying: Copying, path: string): Promise<void> {
  const source = await open(join(copying.from, path), READ)
  try {
    const found = await source.stat()
    if (!found.isFile()) throw irregular(path)
    // A directory on the way may have become a link since it was listed.
    if ((await placeOf(source, join(copying.from, path))) !== join(copying.from, path)) throw moved(path)
    // Whether it may be run is kept; set-uid bits and who may write are not.
    const target = await open(join(copying.to, path), 'wx', found.mode & 0o111 ? 0o755 : 0o644)
    try {
      await pour(copying, source, target, found.size)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** Where the open file really lies; systems that cannot tell of an open one are asked for its path. */
async function placeOf({ fd }: FileHandle, path: string): Promise<string | undefined> {
  return realpath(`/proc/self/fd/${fd}`)
    .catch(() => realpath(path))
    .catch(() => undefined)
}

async function pour(copying: Copying, source: FileHandle, target: FileHandle, size: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(size, 1)))
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return
    copying.bytes += bytesRead
    if (copying.bytes > copying.limits.bytes)
      throw tooMuch(`more than ${Math.round(copying.limits.bytes / 1_048_576)} MiB`)
    copying.signal.throwIfAborted()
    await target.writeFile(buffer.subarray(0, bytesRead)) // all of it, where write may stop short on a full disk
  }
}

function moved(path: string): PluginError {
  return new PluginError('COMMAND_FAILED', {
    message: `${path} is not where it was a moment ago`,
    remedy: 'see that nobody writes to the directory meanwhile, and install it again',
  })
}

function irregular(path: string): PluginError {
  return new PluginError('COMMAND_FAILED', {
    message: `${path} is neither a file, a directory nor a link`,
    remedy: 'remove it; a plugin is made of files',
  })
}

function tooMuch(what: string): PluginError {
  return new PluginError('COMMAND_FAILED', {
    message: `the directory holds ${what}`,
    remedy: 'give the plugin’s own directory, without what only its development needs',
  })
}
