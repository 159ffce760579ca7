/** The plugins of the node as rows for people: names of states, process ids, memory in MB. */
import type { PluginInfo } from 'bulkhead'
import type { Column } from './text-table.js'

export const PLUGIN_COLUMNS: readonly Column[] = [
  { title: 'name', maxWidth: 24 },
  { title: 'version' },
  { title: 'state' },
  { title: 'isolation' },
  { title: 'pid', align: 'right' },
  { title: 'heap', align: 'right' },
  { title: 'resident', align: 'right' },
  { title: 'calls', align: 'right' },
  { title: 'denials', align: 'right' },
  { title: 'restarts', align: 'right' },
]

export function pluginRow(plugin: PluginInfo): readonly string[] {
  return [
    plugin.name,
    plugin.version ?? '-',
    plugin.state,
    plugin.isolation,
    plugin.pid === null ? '-' : String(plugin.pid),
    megabytes(plugin.heap),
    megabytes(plugin.rss),
    String(plugin.calls),
    String(plugin.denials),
    String(plugin.restarts),
  ]
}

/** Bytes as `12.3 MB`; `-` when nobody can say. */
export function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${(bytes / 1_000_000).toFixed(1)} MB`
}
