/**
 * The descriptor loader's reading power on a real file system. Regular files only,
 * opened so that a pipe or device cannot make the host wait.
 */
import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DescriptorPowers, DirectoryEntry, TextRead } from '../descriptor/load.js'

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

export const pluginFiles: DescriptorPowers = {
  list: async (dir) => {
    const names = await readdir(dir).catch(() => undefined)
    return names === undefined ? undefined : Promise.all(names.map((name) => entryOf(dir, name)))
  },
  readText,
  realPath: (path) => realpath(path).catch(() => undefined),
  join: (...parts) => join(...parts),
}

async function entryOf(dir: string, name: string): Promise<DirectoryEntry> {
  const found = await stat(join(dir, name)).catch(() => undefined)
  return {
    name,
    kind: found?.isDirectory() === true ? 'directory' : found?.isFile() === true ? 'file' : 'other',
  }
}

async function readText(path: string, maxBytes: number): Promise<TextRead> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return { kind: 'missing' }
  if (!found.isFile()) return { kind: 'irregular' }
  const file = await open(path, OPEN_FLAGS).catch(() => undefined)
  if (file === undefined) return { kind: 'unreadable' }
  try {
    const opened = await file.stat()
    if (!opened.isFile()) return { kind: 'irregular' }
    if (opened.size > maxBytes) return { kind: 'too-large' }
    const bytes = Buffer.alloc(opened.size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return { kind: 'text', text: bytes.toString('utf8', 0, bytesRead) }
  } finally {
    await file.close()
  }
}
