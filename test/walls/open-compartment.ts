/**
 * Stands in for workers/compartment.ts in the plugin thread of open-thread.ts: the
 * same compartment with a hole in its first wall. `require('fs')` gives the plugin
 * functions of the thread's own realm.
 */
import {
  makePluginCompartment as makeClosed,
  type PluginCompartment,
  type PluginCompartmentOptions,
} from '../../workers/compartment.js'
import { fallen } from './fallen.js'

export function makePluginCompartment(options: PluginCompartmentOptions): PluginCompartment {
  return makeClosed({ ...options, modules: { ...options.modules, fs: () => fallen } })
}
