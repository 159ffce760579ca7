/**
 * Finished bundles on disk. An entry is one file: a line with the digest of the
 * rest, then the bundle with every file read and every path looked at while it was
 * made. It counts only while the digest fits and all of that is still so; anything
 * else is as if there were no entry. Written beside and renamed, so two processes
 * never see half of one.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { constants } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { BundleAnswer, FileRead, Probe } from '../protocol/bundle-wire.js'
import { isRecord, isSuccess } from './child.js'

export type CachedBundle = Extract<BundleAnswer, { readonly ok: true }>

/** Raised when the bundler's rules change, so that old entries are not used. */
const FORMAT = 'bulkhead-bundle-1'
/** Files hashed at once while an entry is checked. */
const PARALLEL = 16
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

export function sha256(bytes: Uint8Array | string): string {
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`
}

/** File of the entry for these facts; another fact is another entry. */
export function entryPath(cacheDir: string, facts: readonly (string | number)[]): string {
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, ...facts]))
    .digest('hex')
  return join(cacheDir, `${key}.bundle`)
}

/** @param root - real path of the plugin's directory */
export async function readEntry(path: string, root: string): Promise<CachedBundle | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    if (text.slice(0, end) !== `${FORMAT} ${sha256(body)}`) return undefined
    const entry: unknown = JSON.parse(body)
    if (!isRecord(entry) || !isSuccess(entry)) return undefined
    const bundle = entry as unknown as CachedBundle
    return (await stillHolds(bundle, root)) ? bundle : undefined
  } catch {
    return undefined // missing or damaged: it is made again
  }
}

/** A cache that cannot be written costs time, not the plugin: the failure is not passed on. */
export async function writeEntry(path: string, bundle: CachedBundle): Promise<void> {
  const body = JSON.stringify(bundle)
  const fresh = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await writeFile(fresh, `${FORMAT} ${sha256(body)}\n${body}`, { mode: 0o600, flag: 'wx' })
    await rename(fresh, path)
  } catch {
    await rm(fresh, { force: true }).catch(() => undefined)
  }
}

async function stillHolds(bundle: CachedBundle, root: string): Promise<boolean> {
  if (!(await every(bundle.probes, (probe) => isStillThere(probe, root)))) return false
  return every(bundle.files, (file) => isStillSame(file, root))
}

async function isStillThere(probe: Probe, root: string): Promise<boolean> {
  const real = await realpath(join(root, probe.path)).catch(() => undefined)
  const found = real === undefined ? undefined : await stat(real).catch(() => undefined)
  if (real === undefined || found === undefined) return probe.kind === 'none'
  const inside = relative(root, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return false
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
  return kind === probe.kind && inside.split(sep).join('/') === probe.real
}

async function isStillSame(file: FileRead, root: string): Promise<boolean> {
  const handle = await open(join(root, file.path), OPEN_FLAGS)
  try {
    const found = await handle.stat()
    if (!found.isFile() || found.size !== file.bytes) return false
    return sha256(await handle.readFile()) === file.sha256
  } finally {
    await handle.close()
  }
}

/** Whether all hold; stops at the first that does not. */
async function every<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<boolean> {
  let next = 0
  let all = true
  const worker = async (): Promise<void> => {
    while (all && next < items.length) {
      const item = items[next++]
      if (item !== undefined && !(await holds(item))) all = false
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return all
}
