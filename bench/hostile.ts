/**
 * What five plugins that attack at once cost the searches of the example node, against
 * the same five when they do nothing: the 99th percentile of a search over HTTP, asked
 * from a thread beside the node, in interleaved spells.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { memoryClusterState, PluginsService } from 'bulkhead'
import { indexPassages, readPassages } from '../examples/search-node/documents.js'
import { startNode, NODE_VERSION } from '../examples/search-node/node.js'
import { nowMs, startProbe, type Probe } from '../examples/search-node/probe.js'
import { writePlugin } from './plugin-dir.js'
import { compared, median, result, type Result } from './stats.js'

/** Each takes turns with its channel, so that only what it costs others can end it, but for the loop. */
const ATTACKS: Readonly<Record<string, string>> = {
  loop: 'for (;;);',
  // A whole core in slices that leave the thread answering.
  slices:
    'const burn = () => { const until = Date.now() + 40; while (Date.now() < until); setImmediate(burn) }; burn()',
  // Garbage keeps the collector's own threads busy beside the plugin's.
  garbage: `const burn = () => {
    const kept = []
    for (let i = 0; i < 2e5; i++) kept.push({ i, next: kept[i >> 1] })
    setImmediate(burn)
  }; burn()`,
  floods: `const burn = () => {
    for (let i = 0; i < 200; i++) { console.log('flood '.repeat(50)); Promise.reject(new Error('flood')) }
    setImmediate(burn)
  }; burn()`,
  timers: 'for (let i = 0; i < 900; i++) setInterval(() => JSON.stringify(Array(500).fill(i)), 1)',
}
const PAIRS = 5
const SPELL_MS = 4000
const CALL_EVERY_MS = 200
const WORDS = ['railroad', 'lighthouse', 'yellow fever', 'suez canal', 'gold standard', 'moon']

export async function hostile(): Promise<readonly Result[]> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  for (const [name, attack] of Object.entries(ATTACKS)) {
    const source = `export default { rest: [{ method: 'POST', path: '/${name}', handle() { ${attack}; return { body: 'attacks' } } }] }`
    await writePlugin(root, name, source, [`rest:/${name}`], [], {})
  }
  const clusterState = memoryClusterState()
  const plugins = await PluginsService.start({
    pluginsDir: join(root, 'plugins'),
    policiesDir: join(root, 'policies'),
    dataDir: join(root, 'data'),
    nodeVersion: NODE_VERSION,
    clusterState,
    restart: { maxCrashes: 1000 },
  })
  const node = await startNode({ clusterState, plugins, ports: [0] })
  try {
    await indexPassages(node.store, 'sotu', [...readPassages()], () => undefined)
    const urls = WORDS.map((words) => `${node.url}/sotu/_search?size=3&q=${encodeURIComponent(words)}`)
    const probe = await startProbe({ urls, everyMs: 5, timeoutMs: 10_000 })
    await idle(probe)
    const pairs: { idle: number; attacked: number }[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      pairs.push({ idle: await idle(probe), attacked: await attacked(plugins, probe) })
      if (process.env['BENCH_VERBOSE'] !== undefined) console.error(pairs.at(-1))
    }
    await probe.stop()
    const calm = result('p99, five idle plugins', median(pairs.map((pair) => pair.idle)), 'ms')
    const ratios = pairs.map((pair) => pair.attacked / pair.idle)
    return [
      calm,
      compared('p99, five attack at once', median(pairs.map((pair) => pair.attacked)), 'ms', calm),
      result('median of the ratios (at most 2)', median(ratios), 'x'),
    ]
  } finally {
    await node.close()
    await plugins.stop()
    await rm(root, { recursive: true, force: true })
  }
}

async function idle(probe: Probe): Promise<number> {
  const from = nowMs()
  await pause(SPELL_MS)
  return probe.summary(from, nowMs()).p99Ms
}

/** Asks each attacker again and again; one that was ended attacks again as soon as it is back. */
async function attacked(plugins: PluginsService, probe: Probe): Promise<number> {
  const from = nowMs()
  let over = false
  const asking = Object.keys(ATTACKS).map(async (name) => {
    let attacks: number | null = null
    while (!over) {
      const { pid, state } = info(plugins, name)
      if (state !== 'starting' && state !== 'restarting' && pid !== attacks) {
        attacks = pid
        await plugins.rest({ method: 'POST', path: `/${name}` }).catch(() => undefined)
      }
      await pause(CALL_EVERY_MS)
    }
  })
  await pause(SPELL_MS)
  const { p99Ms } = probe.summary(from, nowMs())
  over = true
  await Promise.all(asking)
  for (const name of Object.keys(ATTACKS)) await renew(plugins, name)
  return p99Ms
}

/** Nothing of an attack is left after this. */
async function renew(plugins: PluginsService, name: string): Promise<void> {
  const { pid } = info(plugins, name)
  if (pid !== null) process.kill(pid, 'SIGKILL')
  for (;;) {
    const now = info(plugins, name)
    if (now.state === 'running' && now.pid !== pid) return
    await pause(20)
  }
}

function info(plugins: PluginsService, name: string): ReturnType<PluginsService['list']>[number] {
  const found = plugins.list().find((plugin) => plugin.name === name)
  if (found === undefined) throw new Error(`no plugin ${name}`)
  return found
}
