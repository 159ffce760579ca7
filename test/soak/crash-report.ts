/** Whether the host can say why a plugin crashed: the one place that knows where it says so. */
import type { PluginInfo } from 'bulkhead'

export function hasReport({ lastError }: Pick<PluginInfo, 'lastError'>): boolean {
  return lastError !== null
}
