/**
 * Puts a finished directory into the place of another so that the place never holds
 * half of one. The old one steps aside, under a name that plugin directories are not
 * looked for under, until the new one stands.
 */
import { lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'

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
  try {
    await rename(staged, target)
    await commit()
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    if (had) await rename(aside, target)
    throw error
  }
  await rm(aside, { recursive: true, force: true })
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
