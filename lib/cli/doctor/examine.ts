/** Runs all probes and puts their outcomes together: one row a guarantee, by isolation. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare } from '../../prepare.js'
import type { WallReport } from '../../protocol/plugin-api.js'
import type { Isolation } from '../../supervisor/options.js'
import { DEFAULT_NODE_VERSION } from '../node-version.js'
import { GUARANTEES, wallGuarantee, type Outcome, type Row } from './guarantees.js'
import { tryOrphans } from './orphan.js'
import { writeProbePlugins } from './probe-plugins.js'
import { startProbe } from './start-probe.js'

const NOT_TRIED: Outcome = { holds: null, detail: 'there is nothing to try' }

export async function examine(): Promise<readonly Row[]> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-doctor-'))
  try {
    const pluginsDir = await writeProbePlugins(root)
    const dataDir = join(root, 'data')
    // Bundled once, here; the probes find it in the cache.
    const { broken } = await prepare({
      pluginsDir,
      policiesDir: undefined,
      dataDir,
      nodeVersion: DEFAULT_NODE_VERSION,
      approveAll: true,
      wallTime: Date.now(),
    })
    for (const { error } of broken) throw error
    const [inProcess, inThread, orphans] = await Promise.all([
      runProbe('process', pluginsDir, dataDir, root),
      runProbe('thread', pluginsDir, dataDir, root),
      tryOrphans(pluginsDir, dataDir, root),
    ])
    inProcess.outcomes.set('orphan', orphans.orphan)
    inProcess.outcomes.set('orphan-stopped', orphans.orphanStopped)
    return rowsOf(inProcess, inThread)
  } finally {
    // The end of a killed probe's plugins may still be under way.
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

interface Findings {
  readonly walls: readonly WallReport[]
  readonly outcomes: Map<string, Outcome>
}

async function runProbe(
  isolation: Isolation,
  pluginsDir: string,
  dataDir: string,
  cwd: string,
): Promise<Findings> {
  const { lines, ended } = startProbe(isolation, pluginsDir, dataDir, cwd)
  const walls: WallReport[] = []
  const outcomes = new Map<string, Outcome>()
  let trying: string | undefined
  for await (const line of lines) {
    switch (line.kind) {
      case 'wall':
        walls.push(line.wall)
        break
      case 'trying':
        trying = line.id
        break
      case 'outcome':
        outcomes.set(line.id, line.outcome)
        trying = undefined
        break
      case 'failed':
        for (const { id, required } of GUARANTEES) {
          if (!outcomes.has(id) && required.includes(isolation))
            outcomes.set(id, { holds: false, detail: line.message })
        }
        break
      case 'pids':
        break
    }
  }
  const end = await ended
  if (trying !== undefined) outcomes.set(trying, { holds: false, detail: `the whole node ended (${end})` })
  return { walls, outcomes }
}

function rowsOf(inProcess: Findings, inThread: Findings): readonly Row[] {
  const walls = new Map(
    [...inProcess.walls, ...inThread.walls].map((report) => [report.wall, wallGuarantee(report)]),
  )
  const wallOutcome = ({ walls: reports }: Findings, id: string): Outcome => {
    const report = reports.find(({ wall }) => `wall:${wall}` === id)
    return report === undefined ? NOT_TRIED : { holds: report.holds, detail: report.detail }
  }
  return [
    ...[...walls.values()].map((guarantee) => ({
      ...guarantee,
      process: wallOutcome(inProcess, guarantee.id),
      thread: wallOutcome(inThread, guarantee.id),
    })),
    ...GUARANTEES.map((guarantee) => ({
      ...guarantee,
      process: inProcess.outcomes.get(guarantee.id) ?? NOT_TRIED,
      thread: inThread.outcomes.get(guarantee.id) ?? NOT_TRIED,
    })),
  ]
}
