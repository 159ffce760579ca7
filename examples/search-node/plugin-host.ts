/**
 * What the node needs of its plugins: the part of `PluginsService` that routes use.
 * Named apart so that a route can be tried with a plain object.
 */
import type { PluginsService } from 'bulkhead'

export type PluginHost = Pick<PluginsService, 'rest' | 'ingest' | 'list'>
