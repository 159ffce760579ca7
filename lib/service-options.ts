/** What the search-node author hands to PluginsService.start, checked into its full form. */
import type { ClusterStateSource } from './cluster/source.js'
import { PluginError } from './errors.js'
import { DEFAULT_BREAKER_POLICY, type BreakerPolicy } from './failure/breaker.js'
import { makeFallbacks, type ChooseFallback, type FallbackKind } from './failure/fallback.js'
import { readHost } from './policy/match.js'
import { isWithin } from './policy/self-approval.js'
import type { Json } from './protocol/cluster-state.js'
import { DEFAULT_RESTART_POLICY, type RestartPolicy } from './supervisor/lifecycle.js'
import type { Isolation } from './supervisor/options.js'
import type { Launcher } from './supervisor/worker-options.js'

export interface PluginsServiceOptions {
  /** One directory a plugin, each with its plugin.json; or one plugin's own directory. */
  readonly pluginsDir: string
  /** The operator's approvals, `<plugin>.json`. Without it only plugins that ask for nothing start. */
  readonly policiesDir?: string
  /** Each plugin's `${plugin.data}`, and the cache of bundles. */
  readonly dataDir: string
  /** Version of the search node, held against each plugin's `searchNode` range. */
  readonly nodeVersion: string
  /** The node's settings, nested or by full key; a plugin sees those its grant names. */
  readonly settings?: { readonly [key: string]: Json }
  /** Plugins without which the node does not start. */
  readonly mandatory?: readonly string[]
  readonly clusterState?: ClusterStateSource
  /** 'process' unless said otherwise, for all or by plugin. */
  readonly isolation?: Isolation | { readonly [plugin: string]: Isolation }
  /**
   * How processes of plugins are started, for all or by plugin: 'plain' unless said otherwise, or 'bwrap',
   * inside of namespaces of their own (docs/threat-model.md).
   */
  readonly launcher?: Launcher | { readonly [plugin: string]: Launcher }
  /** Cores that processes of plugins keep off, so that the node has them to itself; 1 when left out, and one is left to plugins in any case. */
  readonly reservedCores?: number
  readonly restart?: Partial<RestartPolicy>
  /** When calls of an extension point that fails are kept from its plugin (docs/failure.md); `false` never. */
  readonly breaker?: Partial<BreakerPolicy> | false
  /** What is given where no answer comes, by pattern of extension points; `fail` for the others. */
  readonly fallback?: { readonly [pattern: string]: FallbackKind }
  /** Plugins that a spare process waits for, so that a crash costs less time; it costs about 32 MB each. None unless said otherwise. */
  readonly standby?: boolean | readonly string[]
  /** Walls (see `bulkhead doctor`) that must hold, beside those every plugin needs. */
  readonly requireWalls?: readonly string[]
  /** Leaves SIGUSR1 to Node, which opens its inspector for whoever sends it. */
  readonly allowInspector?: boolean
  /** A file that gets each privileged operation of the plugins and each denial as a JSON line (docs/audit.md). */
  readonly auditLog?: string
  /** A directory that gets a file for each crash of a plugin (docs/failure.md). */
  readonly crashReports?: string
  /** From this age of an unacknowledged cluster state on, `lag` is emitted; 30,000 ms when left out. */
  readonly lagWarningMs?: number
  /**
   * Where names of plugins are resolved, `address` or `address:port`; without it by the system, hosts file included.
   */
  readonly dnsServers?: readonly string[]
}

export interface CheckedOptions extends Omit<PluginsServiceOptions, 'fallback'> {
  readonly breaker: BreakerPolicy | false
  readonly fallbackOf: ChooseFallback
  readonly settings: { readonly [key: string]: Json }
  readonly mandatory: readonly string[]
  readonly restart: RestartPolicy
  readonly reservedCores: number
  readonly requireWalls: readonly string[]
  readonly dnsServers: readonly string[]
  readonly isolationOf: (plugin: string) => Isolation
  readonly launcherOf: (plugin: string) => Launcher
  /** Whether any plugin may be started by it. */
  readonly usesBwrap: boolean
  readonly hasStandby: (plugin: string) => boolean
}

const KNOWN: ReadonlySet<string> = new Set([
  'pluginsDir',
  'policiesDir',
  'dataDir',
  'nodeVersion',
  'settings',
  'mandatory',
  'clusterState',
  'isolation',
  'launcher',
  'reservedCores',
  'restart',
  'breaker',
  'fallback',
  'standby',
  'requireWalls',
  'allowInspector',
  'auditLog',
  'crashReports',
  'lagWarningMs',
  'dnsServers',
] satisfies (keyof PluginsServiceOptions)[])

/** What the check has to ask of the machine. */
export interface OptionPowers {
  readonly isDirectory: (path: string) => boolean
  /** A flag of this process that overrides the heap limit of its threads, if there is one. */
  readonly heapFlag: string | undefined
  readonly realPathOf: (path: string) => string
  /** Real path of a file's directory, and the file's own name. */
  readonly realPlaceOf: (path: string) => string
}

/** @throws PluginError `CONFIG_INVALID` naming the option */
export function checkOptions(options: PluginsServiceOptions, powers: OptionPowers): CheckedOptions {
  const { isDirectory, heapFlag } = powers
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key))
      throw invalid(key, `there is no such option; known ones are ${[...KNOWN].join(', ')}`)
  }
  for (const key of ['pluginsDir', 'dataDir', 'nodeVersion'] as const) {
    if (typeof options[key] !== 'string' || options[key] === '') throw invalid(key, 'give it as text')
  }
  const { isolation = 'process', mandatory = [], requireWalls = [], dnsServers = [], settings = {} } = options
  for (const [key, value] of Object.entries({ mandatory, requireWalls, dnsServers })) {
    const names: unknown = value
    if (!isNames(names)) throw invalid(key, 'is a list of names')
  }
  for (const server of dnsServers) {
    if (!isServer(server)) {
      throw invalid(
        'dnsServers',
        `'${server}' is no address: write '192.0.2.53', '192.0.2.53:5300' or '[2001:db8::53]:5300'`,
      )
    }
  }
  for (const [key, value] of Object.entries({
    settings,
    restart: options.restart === undefined ? {} : options.restart,
    fallback: options.fallback === undefined ? {} : options.fallback,
  })) {
    if (!isRecord(value)) throw invalid(key, 'is an object')
  }
  if (typeof isolation !== 'string' && !isRecord(isolation))
    throw invalid('isolation', "is 'process' or 'thread'")
  const standby: unknown = options.standby ?? false
  if (typeof standby !== 'boolean' && !isNames(standby))
    throw invalid('standby', 'is true, false or a list of names')
  const { policiesDir, clusterState: state } = options
  if (policiesDir !== undefined && (typeof policiesDir !== 'string' || !isDirectory(policiesDir))) {
    throw invalid('policiesDir', 'is a directory that exists')
  }
  if (
    state !== undefined &&
    (typeof state?.current !== 'function' || typeof state.subscribe !== 'function')
  ) {
    throw invalid('clusterState', 'has current() and subscribe(listener)')
  }
  for (const key of Object.keys(options.restart ?? {})) {
    if (!Object.hasOwn(DEFAULT_RESTART_POLICY, key)) {
      throw invalid(
        `restart.${key}`,
        `there is none; known ones are ${Object.keys(DEFAULT_RESTART_POLICY).join(', ')}`,
      )
    }
  }
  const byPlugin = typeof isolation === 'string' ? {} : isolation
  for (const value of typeof isolation === 'string' ? [isolation] : Object.values(isolation)) {
    if (value !== 'process' && value !== 'thread') throw invalid('isolation', "is 'process' or 'thread'")
  }
  if (heapFlag !== undefined && (isolation === 'thread' || Object.values(byPlugin).includes('thread'))) {
    throw invalid(
      'isolation',
      `no heap limit of a thread holds under ${heapFlag}: start the node without it, or use 'process'`,
    )
  }
  checkLauncher(options)
  const restart = { ...DEFAULT_RESTART_POLICY, ...options.restart }
  for (const [key, value] of Object.entries(restart)) {
    if (!Number.isFinite(value) || value < 1) throw invalid(`restart.${key}`, 'is a number from 1')
  }
  const { launcher = 'plain', reservedCores = 1 } = options
  if (!Number.isInteger(reservedCores) || reservedCores < 0)
    throw invalid('reservedCores', 'is a whole number from 0')
  const auditLog = checkPlace('auditLog', 'a file', options, powers)
  const crashReports = checkPlace('crashReports', 'a directory', options, powers)
  const { fallback, ...others } = options
  return {
    ...others,
    ...(auditLog === undefined ? {} : { auditLog }),
    ...(crashReports === undefined ? {} : { crashReports }),
    breaker: checkBreaker(options.breaker),
    fallbackOf: makeFallbacks(fallback ?? {}),
    settings: flatten(settings),
    mandatory,
    restart,
    reservedCores,
    requireWalls,
    dnsServers: [...dnsServers],
    isolationOf: byName(isolation, 'process'),
    launcherOf: byName(launcher, 'plain'),
    hasStandby: (plugin) => (typeof standby === 'boolean' ? standby : standby.includes(plugin)),
    usesBwrap: valuesOf(launcher).includes('bwrap'),
  }
}

/** One value for all, or by plugin with `others` for the rest. */
function byName<T extends string>(
  given: T | { readonly [plugin: string]: T },
  others: T,
): (plugin: string) => T {
  if (typeof given === 'string') return () => given
  return (plugin) => (Object.hasOwn(given, plugin) ? (given[plugin] ?? others) : others)
}

function valuesOf<T extends string>(given: T | { readonly [plugin: string]: T }): readonly T[] {
  return typeof given === 'string' ? [given] : Object.values(given)
}

/** A plugin in the node's own process is started by nobody: asked for both, it would stand outside unnoticed. */
function checkLauncher({ isolation = 'process', launcher = 'plain' }: PluginsServiceOptions): void {
  const given: unknown = launcher
  if (typeof given !== 'string' && !isRecord(given)) throw invalid('launcher', "is 'plain' or 'bwrap'")
  if (!valuesOf(launcher).every((value) => value === 'plain' || value === 'bwrap'))
    throw invalid('launcher', "is 'plain' or 'bwrap'")
  const names = [isolation, launcher].flatMap((by) => (typeof by === 'string' ? [] : Object.keys(by)))
  for (const plugin of [undefined, ...names]) {
    const name = plugin ?? '' // a plugin that neither of them names
    if (byName(launcher, 'plain')(name) === 'bwrap' && byName(isolation, 'process')(name) === 'thread') {
      throw invalid(
        'launcher',
        `${plugin ?? 'a plugin'} has isolation 'thread', so no bwrap can be around it: take 'process', or 'plain' for it`,
      )
    }
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

/** An address, with or without a port. */
function isServer(text: string): boolean {
  const [, host = text, port = '53'] = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? []
  return readHost(host)?.kind === 'address' && Number(port) >= 1 && Number(port) <= 65_535
}

/** Its real place, where no plugin can write whatever it is granted. */
function checkPlace(
  option: 'auditLog' | 'crashReports',
  what: string,
  options: PluginsServiceOptions,
  { realPathOf, realPlaceOf }: OptionPowers,
): string | undefined {
  const { [option]: path } = options
  if (path === undefined) return undefined
  if (typeof path !== 'string' || path === '') throw invalid(option, `is the path of ${what}`)
  const place = realPlaceOf(path)
  for (const other of ['pluginsDir', 'dataDir'] as const) {
    if (isWithin(place, realPathOf(options[other])))
      throw invalid(option, `give it a place outside ${other}, which is for plugins`)
  }
  return place
}

function checkBreaker(given: unknown): BreakerPolicy | false {
  if (given === false) return false
  if (given !== undefined && !isRecord(given)) throw invalid('breaker', 'is an object, or false')
  const policy: Record<string, unknown> = { ...DEFAULT_BREAKER_POLICY, ...given }
  for (const [key, value] of Object.entries(policy)) {
    const standard = Object.hasOwn(DEFAULT_BREAKER_POLICY, key)
      ? DEFAULT_BREAKER_POLICY[key as keyof BreakerPolicy]
      : undefined
    const option = `breaker.${key}`
    if (standard === undefined)
      throw invalid(option, `there is none; known ones are ${Object.keys(DEFAULT_BREAKER_POLICY).join(', ')}`)
    if (typeof standard === 'boolean' && typeof value !== 'boolean') throw invalid(option, 'is true or false')
    if (typeof standard === 'number' && !(typeof value === 'number' && Number.isFinite(value) && value >= 1))
      throw invalid(option, 'is a number from 1')
  }
  return policy as unknown as BreakerPolicy
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(option: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', { option, remedy })
}

/** Settings by full key, as OpenSearch names them: `{ s3: { client: 1 } }` and `{ 's3.client': 1 }` are the same. */
function flatten(settings: { readonly [key: string]: Json }, prefix = ''): { readonly [key: string]: Json } {
  const flat: Record<string, Json> = {}
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      Object.assign(flat, flatten(value as { readonly [key: string]: Json }, `${prefix}${key}.`))
    } else {
      flat[prefix + key] = value
    }
  }
  return flat
}
