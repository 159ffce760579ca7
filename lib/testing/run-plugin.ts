/**
 * `runPlugin`: one plugin in its real thread, behind its real policy, for the tests of
 * the plugin's author. The policy is approved as it stands; everything else is what a
 * search node does.
 */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterStateSource } from '../cluster/source.js'
import { PluginError } from '../errors.js'
import type { RestReply } from '../extensions/reply.js'
import type { RestCall } from '../extensions/rest.js'
import type { PluginInfo } from '../plugin-info.js'
import type { PolicyRequest } from '../policy/document.js'
import type { Grant } from '../policy/grant.js'
import type { LaunchPowers } from '../powers.js'
import { checkRequest } from '../prepare.js'
import type { Json } from '../protocol/cluster-state.js'
import {
  openService,
  type IngestOptions,
  type PluginsServiceEvents,
  type PluginsServiceOptions,
  type TransitionEvent,
} from '../service.js'
import type { Isolation } from '../supervisor/options.js'
import type { Launcher } from '../supervisor/worker-options.js'
import { MockCluster } from './mock-cluster.js'

/** A policy as in policy.json; `policyVersion` may be left out. */
export type TestPolicy = Partial<Omit<PolicyRequest, '$schema' | '$comment'>>

export interface RunPluginOptions {
  /** The plugin's directory, with its plugin.json. */
  readonly dir?: string
  /** Or the text of its entry module, TypeScript or JavaScript. */
  readonly source?: string
  /**
   * What it may do. When left out: its own policy.json, or for `source` every extension
   * point and the whole cluster state, and nothing else.
   */
  readonly policy?: TestPolicy
  readonly settings?: { readonly [key: string]: Json }
  /** A `MockCluster` of one node when left out. */
  readonly cluster?: ClusterStateSource
  readonly isolation?: Isolation
  readonly launcher?: Launcher
  readonly restart?: PluginsServiceOptions['restart']
  /** Where its names are resolved; by the system when left out. */
  readonly dnsServers?: readonly string[]
  /** Another plugin thread; for Bulkhead's own tests. */
  readonly launch?: LaunchPowers
}

type EventOf<Name extends keyof PluginsServiceEvents> = Parameters<PluginsServiceEvents[Name]>[0]
type Document = { readonly [field: string]: Json }

export interface RunningPlugin {
  rest(call: RestCall, options?: IngestOptions): Promise<RestReply>
  ingest(
    type: string,
    config: { readonly [key: string]: Json },
    documents: readonly Document[],
    options?: IngestOptions,
  ): Promise<readonly (Document | null)[]>
  info(): PluginInfo
  readonly grant: Grant
  /** The newest 10,000 events; a call's own may come some 100 ms after its answer, and all are there after `stop()`. */
  readonly audit: readonly EventOf<'audit'>[]
  readonly denials: readonly EventOf<'denied'>[]
  readonly logs: readonly EventOf<'log'>[]
  readonly failures: readonly EventOf<'failure'>[]
  readonly transitions: readonly TransitionEvent[]
  /** Resolves once the plugin has dealt with the cluster state that is current now. */
  settled(): Promise<void>
  /** Resolves at the next transition to `state`, or now if it is in it. */
  reaches(state: PluginInfo['state']): Promise<void>
  stop(): Promise<void>
}

const MOST_AUDIT_EVENTS = 10_000
const NODE_VERSION = '3.2.0'
const EVERYTHING_BUT_POWERS: TestPolicy = {
  grant: { extensionPoints: ['rest:/**', 'ingest:*'], clusterState: { read: ['**'] } },
}

/**
 * @throws PluginError what kept the plugin from starting: faults of its files, a refusal, or what its
 *   start() threw
 */
export async function runPlugin(options: RunPluginOptions): Promise<RunningPlugin> {
  const { dir, source } = options
  if ((dir === undefined) === (source === undefined)) {
    throw new PluginError('CONFIG_INVALID', { option: 'dir, source', remedy: 'give exactly one of them' })
  }
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-run-'))
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true })
  try {
    const pluginsDir = source === undefined ? (dir as string) : await writePlugin(root, source)
    return await run(options, pluginsDir, root, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

async function run(
  options: RunPluginOptions,
  pluginsDir: string,
  root: string,
  remove: () => Promise<void>,
): Promise<RunningPlugin> {
  const policy = options.policy ?? (options.source === undefined ? undefined : EVERYTHING_BUT_POWERS)
  const request = policy === undefined ? undefined : requestOf(policy)
  const audit: EventOf<'audit'>[] = []
  const denials: EventOf<'denied'>[] = []
  const logs: EventOf<'log'>[] = []
  const failures: EventOf<'failure'>[] = []
  const transitions: TransitionEvent[] = []
  const waiting: { readonly state: string; readonly resolve: () => void }[] = []
  const service = await openService(
    {
      pluginsDir,
      dataDir: join(root, 'data'),
      nodeVersion: NODE_VERSION,
      settings: options.settings ?? {},
      clusterState: options.cluster ?? new MockCluster({ nodes: 1 }),
      isolation: options.isolation ?? 'process',
      reservedCores: 0, // there is no search node to keep them for
      breaker: false, // each call of a test is to reach the plugin
      ...(options.launcher === undefined ? {} : { launcher: options.launcher }),
      ...(options.restart === undefined ? {} : { restart: options.restart }),
      ...(options.dnsServers === undefined ? {} : { dnsServers: options.dnsServers }),
    },
    {
      approveAll: true,
      ...(request === undefined ? {} : { request }),
      ...(options.launch === undefined ? {} : { launch: options.launch }),
      onCreated(created) {
        created.on('audit', (event) => {
          if (audit.push(event) > MOST_AUDIT_EVENTS) audit.shift()
        })
        created.on('denied', (event) => denials.push(event))
        created.on('log', (event) => logs.push(event))
        created.on('failure', (event) => failures.push(event))
        created.on('plugin', (event) => {
          transitions.push(event)
          for (const one of waiting.splice(0)) {
            if (one.state === event.to) one.resolve()
            else waiting.push(one)
          }
        })
      },
    },
  )
  const info = (): PluginInfo => {
    const [only, ...more] = service.list()
    if (only === undefined || more.length > 0) {
      throw new PluginError('CONFIG_INVALID', { option: 'dir', remedy: 'give the directory of one plugin' })
    }
    return only
  }
  const stop = async (): Promise<void> => {
    await service.stop()
    await remove()
  }
  const first = await Promise.resolve()
    .then(info)
    .catch(async (error: unknown) => {
      await stop()
      throw error
    })
  if (first.state !== 'running') {
    await stop()
    throw first.lastError ?? new PluginError('PLUGIN_START_FAILED', { plugin: first.name })
  }
  return {
    rest: (call, callOptions) => service.rest(call, callOptions),
    ingest: (type, config, documents, callOptions) => service.ingest(type, config, documents, callOptions),
    info,
    grant: service.grantOf(first.name),
    audit,
    denials,
    logs,
    failures,
    transitions,
    settled: () => service.settled(),
    reaches: (state) =>
      info().state === state ? Promise.resolve() : new Promise((resolve) => waiting.push({ state, resolve })),
    stop,
  }
}

/** A plugin of one file, as its author would lay it out. */
async function writePlugin(root: string, source: string): Promise<string> {
  const dir = join(root, 'plugin')
  await mkdir(dir)
  const descriptor = {
    name: 'plugin-under-test',
    version: '0.0.0',
    description: 'a plugin given as source text',
    main: 'index.ts',
    searchNode: '*',
  }
  await writeFile(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  await writeFile(join(dir, 'index.ts'), source)
  return dir
}

function requestOf(policy: TestPolicy): PolicyRequest {
  return checkRequest({ policyVersion: 1, grant: {}, ...policy })
}
