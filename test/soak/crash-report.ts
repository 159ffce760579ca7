/** Holds crashes against the reports of them on the disk: every one has its own, or is counted in the next of its plugin. */
import { readFileSync } from 'node:fs'
import type { PluginsServiceEvents } from 'bulkhead'

type CrashReportEvent = Parameters<PluginsServiceEvents['crashReport']>[0]

export interface ReportCount {
  /** Called at each crash. */
  crashed(): void
  /** Called for each report that was written, or could not be. */
  reported(event: CrashReportEvent): void
  /** Crashes so far that no report tells of; the last ones may be on their way. */
  without(): number
}

export function countReports(): ReportCount {
  let crashes = 0
  let told = 0
  return {
    crashed: () => (crashes += 1),
    reported({ file }) {
      if (file === null) return
      const { unreported } = JSON.parse(readFileSync(file, 'utf8')) as { readonly unreported: number }
      told += 1 + unreported
    },
    without: () => Math.max(0, crashes - told),
  }
}
