/** Ingest processors of plugins (OpenSearch: IngestPlugin.getProcessors): which plugin owns a type. */
import { PluginError } from '../errors.js'

export interface IngestRegistry {
  /** @throws PluginError `EXTENSION_CONFLICT` naming the plugin that has the type; nothing was added then */
  add(plugin: string, types: readonly string[]): void
  remove(plugin: string): void
  /** @throws PluginError `EXTENSION_NOT_FOUND` */
  ownerOf(type: string): string
}

export function makeIngestRegistry(): IngestRegistry {
  const owners = new Map<string, string>()
  return {
    add(plugin, types) {
      for (const type of types) {
        const owner = owners.get(type)
        if (owner !== undefined && owner !== plugin) {
          throw new PluginError('EXTENSION_CONFLICT', { plugin, processor: type, owner })
        }
      }
      for (const type of types) owners.set(type, plugin)
    },
    remove(plugin) {
      for (const [type, owner] of owners) if (owner === plugin) owners.delete(type)
    },
    ownerOf(type) {
      const owner = owners.get(type)
      if (owner === undefined) throw new PluginError('EXTENSION_NOT_FOUND', { processor: type })
      return owner
    },
  }
}
