/**
 * Counts crashes whose cause the host cannot tell: the one place that knows where it tells
 * it. Today that is `lastError` of the plugin.
 */
import type { PluginInfo } from 'bulkhead'

export interface ReportCount {
  /** Called at each crash with the plugin as it is then. */
  crashed(plugin: Pick<PluginInfo, 'lastError'> | undefined): void
  /** Crashes so far without a report. */
  without(): number
}

export function countReports(): ReportCount {
  let missing = 0
  return {
    crashed(plugin) {
      if (plugin === undefined || plugin.lastError === null) missing += 1
    },
    without: () => missing,
  }
}
