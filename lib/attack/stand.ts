/**
 * The node under attack: its search, asked without pause, and the plugins that must not
 * feel anything: one of ours that is called all the while, and those of the operator's
 * own node, if there is one. Attackers come and go beside them (run-case.ts).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginError } from '../errors.js'
import { openService, type PluginsService, type PluginsServiceOptions } from '../service.js'
import type { Isolation } from '../supervisor/options.js'
import { alivePath, NEIGHBOUR, writeAttacker } from './attacker.js'
import { startProbe, type Probe } from './probe.js'
import { startSearchNode } from './search-node.js'
import { sleep } from './wait.js'

/** The operator's own node, as `bulkhead run` starts it. */
export interface OwnNode {
  readonly options: PluginsServiceOptions
  readonly approveAll: boolean
}

export interface Stand {
  /** An empty directory for whatever a run needs. */
  readonly root: string
  readonly isolation: Isolation
  readonly nodeVersion: string
  readonly probe: Probe
  /** What happened to the plugins that should feel nothing, since the last time it was asked. */
  harm(): readonly string[]
  close(): Promise<void>
}

const CALL_EVERY_MS = 20
/** Far above what a busy machine takes. */
const NEIGHBOUR_DEADLINE_MS = 2000

/** @throws PluginError when a service cannot be opened, or a plugin of the operator's does not run */
export async function setStand(isolation: Isolation, nodeVersion: string, own?: OwnNode): Promise<Stand> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-attack-'))
  const services: PluginsService[] = []
  try {
    const pluginsDir = join(root, 'node', 'plugins')
    await mkdir(pluginsDir, { recursive: true })
    await writeAttacker(pluginsDir, NEIGHBOUR)
    const neighbour = await openService(
      { pluginsDir, dataDir: join(root, 'node', 'data'), nodeVersion, isolation },
      { approveAll: true },
    )
    services.push(neighbour)
    if (own !== undefined) {
      const service = await openService(own.options, own.approveAll ? { approveAll: true } : {})
      services.push(service)
      // A plugin that does not run cannot be seen to go on.
      const broken = service.list().find(({ state }) => state !== 'running')
      if (broken !== undefined)
        throw broken.lastError ?? new PluginError('PLUGIN_NOT_RUNNING', { plugin: broken.name })
    }
    const search = await startSearchNode()
    const probe = await startProbe(search.port)
    const calls = callNeighbour(neighbour)
    const restarts = countRestarts(services)
    return {
      root,
      isolation,
      nodeVersion,
      probe,
      harm: () => [...calls.failures(), ...restarts()],
      async close() {
        await calls.stop()
        await probe.stop()
        await search.close()
        await closeAll(services, root)
      },
    }
  } catch (error) {
    await closeAll(services, root)
    throw error
  }
}

async function closeAll(services: readonly PluginsService[], root: string): Promise<void> {
  await Promise.all(services.map((service) => service.stop()))
  await rm(root, { recursive: true, force: true })
}

function callNeighbour(service: PluginsService): {
  failures(): readonly string[]
  stop(): Promise<void>
} {
  let codes = new Set<string>()
  let going = true
  const call = { method: 'GET', path: alivePath(NEIGHBOUR.plugin) }
  const calling = (async () => {
    while (going) {
      await service
        .rest(call, { deadlineMs: NEIGHBOUR_DEADLINE_MS })
        .catch(({ code }: PluginError) => codes.add(code))
      await sleep(CALL_EVERY_MS)
    }
  })()
  return {
    failures() {
      const seen = [...codes].map((code) => `a call of another plugin failed: ${code}`)
      codes = new Set()
      return seen
    },
    async stop() {
      going = false
      await calling
    },
  }
}

/** Plugins that ran and do not, or were restarted, since the last time. */
function countRestarts(services: readonly PluginsService[]): () => readonly string[] {
  const known = new Map<string, number>()
  const look = (): readonly string[] =>
    services.flatMap((service) =>
      service.list().flatMap(({ name, state, restarts }) => {
        const before = known.get(name)
        known.set(name, restarts)
        if (before === undefined || (before === restarts && state !== 'quarantined')) return []
        return [`another plugin was ended: ${name} is ${state}`]
      }),
    )
  look()
  return look
}
