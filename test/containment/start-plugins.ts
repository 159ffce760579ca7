/** A service over plugins given as source text, each in a directory of its own as its author would lay it out. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limits } from '../../lib/policy/document.js'
import type { Clock, LaunchPowers } from '../../lib/powers.js'
import { checkRequest } from '../../lib/prepare.js'
import { openService, type PluginsService, type PluginsServiceOptions } from '../../lib/service.js'
import type { PluginInfo } from '../../lib/plugin-info.js'
import { writePlugin } from './write-plugin.js'

export interface StartOptions {
  /** Source of the entry module, by plugin name. */
  readonly plugins: Readonly<Record<string, string>>
  /** The same for all of them. */
  readonly limits?: Partial<Limits>
  readonly restart?: PluginsServiceOptions['restart']
  readonly standby?: PluginsServiceOptions['standby']
  readonly isolation?: PluginsServiceOptions['isolation']
  readonly launcher?: PluginsServiceOptions['launcher']
  readonly clusterState?: PluginsServiceOptions['clusterState']
  readonly allowInspector?: boolean
  /** 0 unless given: tests run side by side. */
  readonly reservedCores?: number
  /** `false` unless given: what contains a plugin is to be seen call by call. */
  readonly breaker?: PluginsServiceOptions['breaker']
  readonly fallback?: PluginsServiceOptions['fallback']
  /** Relative to the directory of this world. */
  readonly crashReports?: string
  readonly launch?: LaunchPowers
  readonly clock?: Clock
}

export interface StartedPlugins {
  readonly root: string
  readonly service: PluginsService
  info(plugin: string): PluginInfo
  /** Resolves at the next transition of `plugin` to `state`; call it before what causes the transition. */
  next(plugin: string, state: PluginInfo['state']): Promise<string>
  stop(): Promise<void>
}

export async function startPlugins(options: StartOptions): Promise<StartedPlugins> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-test-'))
  for (const [name, source] of Object.entries(options.plugins)) {
    await writePlugin(join(root, 'plugins'), name, source)
  }
  const request = checkRequest({
    policyVersion: 1,
    grant: { extensionPoints: ['rest:/**', 'ingest'], clusterState: { read: ['**'] } },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const {
    restart,
    isolation,
    launcher,
    standby,
    clusterState,
    allowInspector,
    breaker = false,
    fallback,
    crashReports,
  } = options
  const service = await openService(
    {
      pluginsDir: join(root, 'plugins'),
      dataDir: join(root, 'data'),
      nodeVersion: '3.2.0',
      reservedCores: options.reservedCores ?? 0,
      breaker,
      ...(fallback === undefined ? {} : { fallback }),
      ...(crashReports === undefined ? {} : { crashReports: join(root, crashReports) }),
      ...(restart === undefined ? {} : { restart }),
      ...(standby === undefined ? {} : { standby }),
      ...(isolation === undefined ? {} : { isolation }),
      ...(launcher === undefined ? {} : { launcher }),
      ...(clusterState === undefined ? {} : { clusterState }),
      ...(allowInspector === undefined ? {} : { allowInspector }),
    },
    {
      approveAll: true,
      request,
      ...(options.launch === undefined ? {} : { launch: options.launch }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    },
  )
  const info = (plugin: string): PluginInfo => {
    const found = service.list().find(({ name }) => name === plugin)
    if (found === undefined) throw new Error(`no plugin ${plugin}`)
    return found
  }
  for (const name of Object.keys(options.plugins)) {
    const { state, lastError } = info(name)
    if (state === 'running') continue
    await service.stop()
    throw lastError ?? new Error(`${name} is ${state}`)
  }
  return {
    root,
    service,
    info,
    next: (plugin, state) =>
      new Promise((resolve) => {
        service.on('plugin', function seen(event) {
          if (event.plugin !== plugin || event.to !== state) return
          service.off('plugin', seen)
          resolve(event.reason)
        })
      }),
    async stop() {
      await service.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
