/** Kills a node with SIGKILL and looks whether its plugins' processes go with it. */
import process from 'node:process'
import type { Outcome } from './guarantees.js'
import { startProbe } from './start-probe.js'
import { isGone } from './system.js'

const GONE_WITHIN_MS = 1000

export interface OrphanOutcomes {
  readonly orphan: Outcome
  readonly orphanStopped: Outcome
}

/** @param pluginsDir - holds two plugins */
export async function tryOrphans(pluginsDir: string, dataDir: string, cwd: string): Promise<OrphanOutcomes> {
  const { child, lines, ended } = startProbe('stand-by', pluginsDir, dataDir, cwd)
  let pids: readonly number[] = []
  try {
    for await (const line of lines) {
      if (line.kind !== 'pids') continue
      pids = line.pids
      break
    }
    const [running, frozen] = pids
    if (running === undefined || frozen === undefined) {
      const outcome = { holds: false, detail: 'the two plugins did not start' }
      return { orphan: outcome, orphanStopped: outcome }
    }
    // A frozen process cannot see that its pipe has closed; only the kernel can end it.
    const freezes = process.platform === 'linux'
    if (freezes) process.kill(frozen, 'SIGSTOP')
    child.kill('SIGKILL')
    await ended
    const killed = performance.now()
    const [orphan, orphanStopped] = await Promise.all([goesAway(running, killed), goesAway(frozen, killed)])
    return {
      orphan,
      orphanStopped: freezes ? orphanStopped : { holds: null, detail: 'this system has no pdeathsig' },
    }
  } finally {
    child.kill('SIGKILL')
    for (const pid of pids) if (!isGone(pid)) process.kill(pid, 'SIGKILL')
  }
}

async function goesAway(pid: number, sinceMs: number): Promise<Outcome> {
  while (performance.now() - sinceMs < GONE_WITHIN_MS) {
    if (isGone(pid))
      return { holds: true, detail: `gone after ${Math.round(performance.now() - sinceMs)} ms` }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { holds: false, detail: `it was still there after ${GONE_WITHIN_MS} ms` }
}
