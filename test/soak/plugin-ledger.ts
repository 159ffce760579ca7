/** Counts what the service tells of its plugins: crashes by kind, restarts, quarantines, log lines. */
import type { PluginsService } from 'bulkhead'
import { countReports } from './crash-report.js'

export interface PluginCounts {
  /** By `plugin: code`. */
  readonly crashes: Readonly<Record<string, number>>
  readonly crashesWithoutReport: number
  readonly restarts: number
  readonly quarantines: number
  readonly releases: number
  /** Runs ended because a part of their grant expired. */
  readonly renewals: number
  readonly failures: number
  readonly logLines: number
}

/** States that a crash takes a plugin out of. */
const ALIVE: readonly string[] = ['starting', 'running', 'degraded']
const RENEWED = 'an addition of its approval has expired'

export function keepLedger(service: PluginsService): () => PluginCounts {
  const crashes = new Map<string, number>()
  const reports = countReports()
  let restarts = 0
  let quarantines = 0
  let releases = 0
  let renewals = 0
  let failures = 0
  let logLines = 0
  service.on('plugin', ({ plugin, from, to, reason }) => {
    if (from === 'quarantined' && to === 'restarting') releases += 1
    if (to === 'quarantined') quarantines += 1
    if (!ALIVE.includes(from) || (to !== 'restarting' && to !== 'quarantined')) return
    if (reason === RENEWED) {
      renewals += 1
      return
    }
    const info = service.list().find(({ name }) => name === plugin)
    const key = `${plugin}: ${info?.lastError?.code ?? 'no code'}`
    crashes.set(key, (crashes.get(key) ?? 0) + 1)
    reports.crashed()
  })
  service.on('crashReport', (event) => reports.reported(event))
  service.on('restarted', () => (restarts += 1))
  service.on('failure', () => (failures += 1))
  service.on('log', () => (logLines += 1))
  return () => ({
    crashes: Object.fromEntries(crashes),
    crashesWithoutReport: reports.without(),
    restarts,
    quarantines,
    releases,
    renewals,
    failures,
    logLines,
  })
}
