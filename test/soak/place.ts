/**
 * Everything a soak lays on the disk: a directory of its own with the plugins, the
 * operator's approvals of them, and a data directory that is a small disk of its own
 * where this user may mount one.
 */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../../lib/node-powers.js'
import { requestHash } from '../../lib/policy/request-hash.js'
import type { Addition, Approval } from '../../lib/policy/document.js'
import { checkRequest } from '../../lib/prepare.js'

export interface Place {
  readonly pluginsDir: string
  readonly policiesDir: string
  readonly dataDir: string
  readonly auditLog: string
  readonly crashReports: string
  /** Whether `dataDir` is a disk of its own, so that it may be filled. */
  readonly smallDisk: boolean
  /** Unmounts and removes all of it. */
  remove(): Promise<void>
}

const root = new URL('../../../', import.meta.url)
const GOOD_PLUGINS: readonly string[] = ['index-watch', 'ingest-user-agent']
const DISK_BYTES = 64 * 1_048_576
/** The good plugin that loses a part of its grant each time the clock passes one more of so many days. */
const RENEWED_PLUGIN = 'index-watch'
const ADDITIONS = 20
/** Ms of a day, by which these additions end. */
export const DAY_MS = 86_400_000

export async function makePlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'bulkhead-soak-'))
  const at = (name: string): string => join(dir, name)
  const place = {
    pluginsDir: at('plugins'),
    policiesDir: at('policies'),
    dataDir: at('data'),
    auditLog: at('audit.log'),
    crashReports: at('crash-reports'),
  }
  await mkdir(place.dataDir)
  const smallDisk = mount(place.dataDir)
  const remove = async (): Promise<void> => {
    if (smallDisk) unmount(place.dataDir)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await layPlugins(place.pluginsDir, place.policiesDir)
  } catch (error) {
    await remove()
    throw error
  }
  return { ...place, smallDisk, remove }
}

async function layPlugins(pluginsDir: string, policiesDir: string): Promise<void> {
  const examples = fileURLToPath(new URL('examples/plugins/', root))
  const hostile = fileURLToPath(new URL('test/soak/plugins/', root))
  for (const name of GOOD_PLUGINS) await cp(join(examples, name), join(pluginsDir, name), { recursive: true })
  await cp(hostile, pluginsDir, { recursive: true })
  await mkdir(policiesDir)
  for (const name of await readdir(pluginsDir)) {
    const policy: unknown = JSON.parse(await readFile(join(pluginsDir, name, 'policy.json'), 'utf8'))
    const approval: Approval = {
      plugin: name,
      approves: { request: requestHash(checkRequest(policy), sha256), acceptUpdates: 'code' },
      ...(name === RENEWED_PLUGIN ? { add: additions(Date.now()) } : {}),
    }
    await writeFile(join(policiesDir, `${name}.json`), JSON.stringify(approval))
  }
}

/** One that ends tomorrow, one the day after, and so on. */
function additions(now: number): readonly Addition[] {
  return Array.from({ length: ADDITIONS }, (_, day) => ({
    grant: { clusterState: { read: ['routingTable'] } },
    reason: 'ends while the soak runs, by a jump of the clock',
    expires: new Date(now + (day + 1) * DAY_MS).toISOString().slice(0, 10),
  }))
}

/** Only root can; without it the disk is not filled. */
function mount(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const options = `size=${DISK_BYTES},mode=0700`
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'bulkhead-soak', path]).status === 0
}

function unmount(path: string): void {
  // Lazily when it is still in use: it is gone for everybody else, and ends with its last user.
  if (spawnSync('umount', [path]).status !== 0) spawnSync('umount', ['-l', path])
}
