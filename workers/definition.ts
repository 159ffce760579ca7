/**
 * Reads what a plugin's script exported into functions that trusted code can call.
 * Every property is read once; whatever does not have the shape is a load error that
 * says which part of the definition is wrong.
 */
import { PluginError } from '../lib/errors.js'
import type { Registrations } from '../lib/protocol/plugin-api.js'

export type PluginFunction = (...values: readonly unknown[]) => unknown

export interface Definition {
  readonly start: PluginFunction | undefined
  readonly stop: PluginFunction | undefined
  readonly clusterStateListener: PluginFunction | undefined
  readonly rest: readonly PluginFunction[]
  readonly ingest: ReadonlyMap<string, PluginFunction>
  readonly registrations: Registrations
}

const MOST_ROUTES = 1000
const MOST_PROCESSORS = 1000
/** Points that do not cross the boundary: each document or byte would cost a round trip (docs/architecture.md). */
const NOT_HERE = new Set([
  'scripts',
  'scriptEngine',
  'scoreFunctions',
  'engine',
  'store',
  'transport',
  'directoryFactory',
])
const KNOWN = new Set(['start', 'stop', 'rest', 'ingest', 'clusterStateListener'])

/** @throws PluginError `PLUGIN_START_FAILED` naming the part that is wrong */
export function readDefinition(exported: unknown): Definition {
  if (typeof exported !== 'object' || exported === null) {
    throw wrong(
      '',
      'the main module exports no plugin definition; write `export default definePlugin({ … })`',
    )
  }
  for (const key of Object.keys(exported)) {
    if (NOT_HERE.has(key))
      throw wrong(key, `${key} runs once a document or byte and does not cross to a plugin thread`)
    if (!KNOWN.has(key)) throw wrong(key, `no such part; a definition has ${[...KNOWN].join(', ')}`)
  }
  const rest: PluginFunction[] = []
  const routes: { method: string; path: string }[] = []
  const given: unknown = Reflect.get(exported, 'rest')
  if (given !== undefined) {
    if (!Array.isArray(given)) throw wrong('rest', 'is not a list of { method, path, handle }')
    const length = Math.min(given.length, MOST_ROUTES + 1)
    if (length > MOST_ROUTES) throw wrong('rest', `has more than ${MOST_ROUTES} routes`)
    for (let index = 0; index < length; index++) {
      const route: unknown = given[index]
      const where = `rest[${index}]`
      if (typeof route !== 'object' || route === null) throw wrong(where, 'is not { method, path, handle }')
      const method: unknown = Reflect.get(route, 'method')
      const path: unknown = Reflect.get(route, 'path')
      if (typeof method !== 'string') throw wrong(`${where}.method`, 'is not text')
      if (typeof path !== 'string') throw wrong(`${where}.path`, 'is not text')
      rest.push(requiredFunction(route, 'handle', where))
      routes.push({ method, path })
    }
  }
  const ingest = new Map<string, PluginFunction>()
  const processors: unknown = Reflect.get(exported, 'ingest')
  if (processors !== undefined) {
    if (typeof processors !== 'object' || processors === null)
      throw wrong('ingest', 'is not an object by processor type')
    const types = Object.keys(processors)
    if (types.length > MOST_PROCESSORS) throw wrong('ingest', `has more than ${MOST_PROCESSORS} types`)
    for (const type of types) ingest.set(type, requiredFunction(processors, type, 'ingest'))
  }
  const clusterStateListener = optionalFunction(exported, 'clusterStateListener')
  return {
    start: optionalFunction(exported, 'start'),
    stop: optionalFunction(exported, 'stop'),
    clusterStateListener,
    rest,
    ingest,
    registrations: {
      rest: routes,
      ingest: [...ingest.keys()],
      clusterStateListener: clusterStateListener !== undefined,
    },
  }
}

function optionalFunction(owner: object, key: string): PluginFunction | undefined {
  const value: unknown = Reflect.get(owner, key)
  if (value === undefined) return undefined
  if (typeof value !== 'function') throw wrong(key, 'is not a function')
  return (...values) => Reflect.apply(value as PluginFunction, owner, values)
}

function requiredFunction(owner: object, key: string, where: string): PluginFunction {
  const found = optionalFunction(owner, key)
  if (found === undefined) throw wrong(`${where}.${key}`, 'is missing')
  return found
}

function wrong(where: string, what: string): PluginError {
  return new PluginError('PLUGIN_START_FAILED', {
    message: where === '' ? what : `plugin definition, ${where}: ${what}`,
  })
}
