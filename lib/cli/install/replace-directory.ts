/**
 * Puts a finished directory into the place of another so that the place never holds
 * half of one. The old one steps aside, under a name that plugin directories are not
 * looked for under, until the new one stands.
 */
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { PluginError } from '../../errors.js'

/** @returns an empty directory on the same file system as `target` */
export async function makeStaging(target: string): Promise<string> {
  await mkdir(dirname(target), { recursive: true })
  return mkdtemp(join(dirname(target), `${stagingPrefix(target)}${process.pid}-`))
}

/**
 * @param commit - the rest of what has to succeed with it
 * @throws what a rename or `commit` threw; then everything stands as before
 */
export async function replaceDirectory(
  staged: string,
  target: string,
  commit: () => Promise<void>,
): Promise<void> {
  const aside = asideOf(target)
  const had = await exists(target)
  if (had) await rename(target, aside)
  let placed = false
  try {
    await rename(staged, target)
    placed = true
    await commit()
  } catch (error) {
    if (placed) await rm(target, { recursive: true, force: true })
    if (had) await rename(aside, target)
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/**
 * Does `work` while nobody else installs there; the directory above `target` exists. What a process left that is no more does not count.
 * @throws PluginError `COMMAND_FAILED` when another one is at it
 */
export async function alone<T>(target: string, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(target), `.${basename(target)}.lock`)
  const take = (): Promise<void> => writeFile(lock, String(process.pid), { flag: 'wx' })
  await take().catch(async () => {
    const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (pid > 0 && isAlive(pid)) {
      throw new PluginError('COMMAND_FAILED', {
        message: `process ${pid} is installing ${basename(target)} there`,
        remedy: `wait for it; if it is something else, remove ${lock}`,
      })
    }
    await rm(lock, { force: true })
    await take()
  })
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

/** Mends what a process left that was killed at its work: the old directory returns where no new one stands, and copies of nobody go. */
export async function recover(target: string): Promise<void> {
  const aside = asideOf(target)
  if (await exists(aside)) {
    if (await exists(target)) await rm(aside, { recursive: true, force: true })
    else await rename(aside, target)
  }
  const names = await readdir(dirname(target)).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(stagingPrefix(target)))) {
    const pid = Number.parseInt(name.slice(stagingPrefix(target).length), 10)
    if (!isAlive(pid)) await rm(join(dirname(target), name), { recursive: true, force: true })
  }
}

function stagingPrefix(target: string): string {
  return `.${basename(target)}.new-`
}

function asideOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.old`)
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
