/**
 * Where children stand: each in an empty directory of its own, mode 0700, that goes
 * when it goes. What a killed node left is removed by the next one.
 */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface WorkDirectory {
  readonly path: string
  /** Once the child is gone; what cannot be removed is no reason to fail for. */
  remove(): Promise<void>
}

/** Those of this process's children. */
const inUse = new Set<string>()

/** @returns the real path of the directory in which children get theirs */
export function openWorkDirectory(dataDir: string): string {
  const given = join(dataDir, '.work')
  mkdirSync(given, { recursive: true, mode: 0o700 })
  const path = realpathSync(given)
  for (const name of readdirSync(path)) {
    if (!inUse.has(join(path, name)) && !isOwnerAlive(name)) void removeAll(join(path, name))
  }
  return path
}

/** On a disk without room for a directory the one above, which is as empty, has to do. */
export function makeWorkDirectory(workDir: string): WorkDirectory {
  let path: string
  try {
    path = mkdtempSync(join(workDir, `${process.pid}-`))
  } catch {
    return { path: workDir, remove: () => Promise.resolve() }
  }
  inUse.add(path)
  return {
    path,
    async remove() {
      await removeAll(path)
      inUse.delete(path)
    },
  }
}

/** At once as a rule; code behind fallen walls may have put something there. */
async function removeAll(path: string): Promise<void> {
  try {
    rmdirSync(path)
  } catch {
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Names begin with the id of the node's process; another node with our id has to be gone. */
function isOwnerAlive(name: string): boolean {
  const pid = Number.parseInt(name, 10)
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
