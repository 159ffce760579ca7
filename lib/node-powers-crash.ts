/** The directory of crash reports on a real disk: for its owner alone, and no link in it is followed. */
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PluginError } from './errors.js'
import type { CrashDirectory } from './powers.js'

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Opens the directory, or makes it with mode 0700.
 * @param path - its real place
 * @throws PluginError `CONFIG_INVALID`
 */
export async function openCrashDirectory(path: string): Promise<CrashDirectory> {
  await ready(path).catch((error: unknown) => {
    throw new PluginError('CONFIG_INVALID', {
      option: 'crashReports',
      path,
      message: `no crash report can be written there: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'give the path of a directory, or of a new one in a directory that exists and may be written',
    })
  })
  return {
    async names() {
      await ready(path)
      return readdir(path)
    },
    async sizeOf(name) {
      const there = await lstat(join(path, name)).catch(() => undefined)
      return there?.isFile() === true ? there.size : null
    },
    async write(name, bytes) {
      const file = join(path, name)
      const unfinished = join(path, `.${name}.tmp`)
      const handle = await open(unfinished, NEW_FILE, 0o600)
      try {
        try {
          await handle.writeFile(bytes)
        } finally {
          await handle.close()
        }
        await rename(unfinished, file)
      } catch (error) {
        await unlink(unfinished).catch(() => undefined)
        throw error
      }
      return file
    },
    remove: (name) => unlink(join(path, name)),
  }
}

/** Makes it again when someone removed it. @throws when something else stands there */
async function ready(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  if (!(await lstat(path)).isDirectory()) throw new Error('it is no directory')
}
