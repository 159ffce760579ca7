/** The plugins of the node as rows for people: names of states, process ids, memory in MB. */
import type { PluginHost } from './plugin-host.js'
import type { Column } from './text-table.js'

export type PluginListing = ReturnType<PluginHost['list']>[number]

export const PLUGIN_COLUMNS: readonly Column[] = [
  { title: 'name', maxWidth: 24 },
  { title: 'version' },
  { title: 'state' },
  { title: 'isolation' },
  { title: 'pid', align: 'right' },
  { title: 'heap', align: 'right' },
  { title: 'calls', align: 'right' },
  { title: 'denials', align: 'right' },
  { title: 'restarts', align: 'right' },
]

export function pluginRow(plugin: PluginListing): readonly string[] {
  return [
    plugin.name,
    plugin.version,
    plugin.state,
    plugin.isolation,
    plugin.pid === null ? '-' : String(plugin.pid),
    megabytes(plugin.heapBytes),
    String(plugin.calls),
    String(plugin.denials),
    String(plugin.restarts),
  ]
}

/** Bytes as `12.3 MB`; `-` when nobody can say. */
export function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${(bytes / 1_000_000).toFixed(1)} MB`
}
