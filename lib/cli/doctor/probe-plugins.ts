/** The plugins that `bulkhead doctor` starts: they do, when asked, what a broken plugin does. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** MiB; small, so that a leak is over soon. */
const HEAP_MIB = 48
const EXTERNAL_MIB = 32
/** Buffers the plugin fills at most: more than its whole allowance, and no strain for the machine where nothing stops it. */
const MOST_BUFFERS_MIB = 256

export const PROBE_ROUTES = {
  /** Of the plugin that leaks, and of the one that blocks. */
  alive: '/_plugins/_probe/alive',
  awake: '/_plugins/_probe/awake',
  heap: '/_plugins/_probe/heap',
  concat: '/_plugins/_probe/concat',
  split: '/_plugins/_probe/split',
  external: '/_plugins/_probe/external',
  blocked: '/_plugins/_probe/blocked',
} as const

/** Patience of the watchdog, ms: none of the leaks is to be taken for a blocked thread, the collector at work included. */
const LEAKER_BLOCKED_MS = 10_000
/** Short, and long enough for a busy machine. */
const BLOCKER_BLOCKED_MS = 800

export const LEAKER = 'leaker'

const LEAKER_SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
let kept: unknown[] = []
export default definePlugin({ rest: [
  { method: 'POST', path: '${PROBE_ROUTES.alive}', handle: () => ({ body: 'alive' }) },
  { method: 'POST', path: '${PROBE_ROUTES.heap}', handle: async () => {
    for (;;) { kept.push(Array.from({ length: 32768 }, (_, at) => ({ at }))); await turn() }
  } },
  { method: 'POST', path: '${PROBE_ROUTES.concat}', handle: async () => {
    let piece = Array.from({ length: 65536 }, (_, at) => at)
    for (;;) { piece = piece.concat(piece); kept = [piece]; await turn() }
  } },
  { method: 'POST', path: '${PROBE_ROUTES.split}', handle: async () => {
    const text = 'a,'.repeat(4_000_000)
    for (;;) { kept.push(text.split(',')); await turn() }
  } },
  { method: 'POST', path: '${PROBE_ROUTES.external}', handle: async () => {
    for (let mib = 0; mib < ${MOST_BUFFERS_MIB}; mib += 8) {
      try { kept.push(new Uint8Array(8 * 1048576).fill(1)) } catch { break } // the kernel's limit: hold what there is
      for (let turns = 0; turns < 5; turns++) await turn()
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    kept = []
    return { body: '${MOST_BUFFERS_MIB} MiB of buffers were filled' }
  } },
] })
`

const BLOCKER_SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({ rest: [
  { method: 'POST', path: '${PROBE_ROUTES.awake}', handle: () => ({ body: 'alive' }) },
  { method: 'POST', path: '${PROBE_ROUTES.blocked}', handle: () => { for (;;); } },
] })
`

/**
 * @param root - an empty directory
 * @returns the plugins directory
 */
export async function writeProbePlugins(root: string): Promise<string> {
  const dir = join(root, 'plugins')
  await writePlugin(dir, LEAKER, LEAKER_SOURCE, LEAKER_BLOCKED_MS)
  await writePlugin(dir, 'blocker', BLOCKER_SOURCE, BLOCKER_BLOCKED_MS)
  return dir
}

async function writePlugin(
  pluginsDir: string,
  name: string,
  source: string,
  blockedMs: number,
): Promise<void> {
  const dir = join(pluginsDir, name)
  await mkdir(dir, { recursive: true })
  const descriptor = {
    name,
    version: '0.0.0',
    description: 'tries a guarantee for bulkhead doctor',
    main: 'index.ts',
    searchNode: '*',
  }
  const policy = {
    policyVersion: 1,
    grant: { extensionPoints: ['rest:/_plugins/_probe/**'] },
    limits: { heapMb: HEAP_MIB, externalMb: EXTERNAL_MIB, blockedMs },
  }
  await writeFile(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  await writeFile(join(dir, 'policy.json'), JSON.stringify(policy))
  await writeFile(join(dir, 'index.ts'), source)
}
