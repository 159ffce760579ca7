/** A plugin.json that was found good: what the node knows of a plugin before it runs. */
export interface Descriptor {
  readonly name: string
  readonly version: string
  readonly description: string
  /** Relative to `dir`, `/` between segments, without a leading `./`. */
  readonly main: string
  /** Semver range of search-node versions. */
  readonly searchNode: string
  readonly extendedPlugins: readonly ExtendedPlugin[]
  /** Extension points: `rest:/_plugins/_demo/**`, `ingest:user-agent`, `clusterStateListener`. */
  readonly provides: readonly string[]
  /** Real path of the plugin's directory. */
  readonly dir: string
}

export interface ExtendedPlugin {
  readonly name: string
  readonly optional: boolean
}

/** What the text of a plugin.json says; where it lies is not in it. */
export type ParsedDescriptor = Omit<Descriptor, 'dir'>
