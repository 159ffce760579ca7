/**
 * Stands in for workers/compartment.ts: the same compartment, and `require('fs')` gives
 * the plugin Node's own file functions, and `os` the real path of its data directory, as if its first wall had fallen.
 */
import fs from 'node:fs'
import {
  makePluginCompartment as makeClosed,
  type PluginCompartment,
  type PluginCompartmentOptions,
} from '../../workers/compartment.js'

const raw = { ...fs }

export function makePluginCompartment(options: PluginCompartmentOptions): PluginCompartment {
  return makeClosed({
    ...options,
    modules: { ...options.modules, fs: () => raw, os: () => ({ data: options.grant.data }) },
  })
}
