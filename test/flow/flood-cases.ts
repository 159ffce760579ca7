/** Floods of one plugin against the node, and what each cost the node. */
import { performance } from 'node:perf_hooks'
import type { LimitEvent } from '../../lib/metrics/limit-meter.js'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import type { PluginsService } from '../../lib/service.js'
import type { Isolation } from '../../lib/supervisor/options.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { startPlugins } from '../containment/start-plugins.js'
import { fallenPeer, type Fall } from './fallen-peer.js'

export interface Flood {
  readonly name: string
  readonly isolation: Isolation
  /** A plugin of the real thread, which is honest; or a script in place of the thread, which is not. */
  readonly who: 'honest' | 'fallen'
  /** Whether the host ends it; `null` when that depends on how fast it is read. */
  readonly ends: boolean | null
  readonly source?: string
  readonly fall?: Fall
  /** The host calls it as often as it can. */
  readonly calls?: boolean
  /** The host changes the cluster state as often as it can. */
  readonly states?: boolean
  /** Limits that are told, with their action. */
  readonly tells?: readonly string[]
}

const handler = (body: string): string =>
  `let floods = false
   export default { rest: [
     { method: 'GET', path: '/fallen', handle: async () => { ${body} } },
     { method: 'GET', path: '/alive', handle: () => ({ body: 'alive' }) },
   ], clusterStateListener() {} }`
/** One flood for each plugin, begun by the first call, that leaves its thread able to answer. */
const loop = (what: string): string =>
  handler(
    `if (!floods) { floods = true; setInterval(() => { for (let n = 0; n < 2000; n++) { ${what} } }, 5) } return { body: null }`,
  )

const HONEST: readonly Omit<Flood, 'isolation' | 'who' | 'ends'>[] = [
  { name: 'log lines', tells: ['logBytesPerSecond dropped'], source: loop('console.log("x".repeat(100))') },
  { name: 'empty log lines', source: loop('console.log("")') },
  { name: 'late failures', source: loop('if (n < 100) void Promise.reject(new Error("late"))') },
  {
    name: 'largest replies',
    calls: true,
    source: handler('return { body: Array.from({ length: 150_000 }, (_, at) => at) }'),
  },
  {
    name: 'stream chunks',
    calls: true,
    source: handler(
      'return { body: (async function* () { for (let n = 0; n < 500; n++) yield new Uint8Array(65_536) })() }',
    ),
  },
  {
    name: 'stream chunks of one byte',
    calls: true,
    source: handler(
      'return { body: (async function* () { for (let n = 0; n < 5000; n++) yield new Uint8Array(1) })() }',
    ),
  },
  { name: 'small replies', calls: true, source: handler('return { body: 1 }') },
  { name: 'cluster states', states: true, source: handler('return { body: 1 }') },
]

const FALLEN: readonly (readonly [fall: Fall, ends: boolean | null, calls?: boolean, tells?: string])[] = [
  ['notices', false, false, 'noticesPerSecond slowed'],
  ['notices past the window', true],
  ['pongs', true],
  ['cancels', true],
  ['half a frame', true],
  ['largest replies', false, true],
  ['single bytes', false, true],
  ['chunks without credits', null],
  ['streams that end', true, true],
]

const ISOLATIONS: readonly Isolation[] = ['process', 'thread']

export const FLOODS: readonly Flood[] = ISOLATIONS.flatMap((isolation) => [
  ...HONEST.map((one): Flood => ({ ...one, isolation, who: 'honest', ends: false })),
  ...FALLEN.map(([fall, ends, calls = false, tells]): Flood => ({
    name: fall,
    isolation,
    who: 'fallen',
    fall,
    ends,
    calls,
    tells: tells === undefined ? [] : [tells],
  })),
])

export interface Cost {
  /** Share of the time that the node's own thread was busy or wanted to be, 0..1. */
  readonly share: number
  /** Cores that this whole process used; with isolation 'thread' the plugin is in there. */
  readonly cores: number
  /** Growth of the heap and of what lies beside it at its worst, MiB. */
  readonly grewMb: number
  /** How often another plugin answered. */
  readonly goodAnswers: number
  /** The longest that another plugin took to answer, ms. */
  readonly worstMs: number
  readonly state: string
  readonly restarts: number
  readonly error: string | null
  /** Calls that the flooding plugin answered, and what came out of the rest by code. */
  readonly answered: number
  readonly refused: Readonly<Record<string, number>>
  readonly limits: readonly string[]
}

const CALLERS = 16

/** @param good - a service with a plugin that answers GET /good */
export async function flood(one: Flood, forMs: number, good: PluginsService): Promise<Cost> {
  const cluster = new MockCluster()
  const started = await startPlugins({
    plugins: { flooder: one.source ?? handler('return { body: 1 }') },
    isolation: one.isolation,
    restart: { maxCrashes: 1 },
    clusterState: cluster,
    ...(one.fall === undefined ? {} : { launch: nodeLaunchPowers(fallenPeer(one.fall)) }),
  })
  const { service } = started
  const limits = new Set<string>()
  service.on('limit', ({ limit, action }: LimitEvent) => limits.add(`${limit} ${action}`))
  const before = memory()
  const busy = performance.eventLoopUtilization()
  const cpu = process.cpuUsage()
  const begunAt = performance.now()
  let grew = 0
  let worstMs = 0
  let goodAnswers = 0
  let answered = 0
  const refused: Record<string, number> = {}
  const endsAt = performance.now() + forMs
  const goesOn = (): boolean => performance.now() < endsAt

  async function callOnce(): Promise<void> {
    try {
      const { body } = await service.rest({ method: 'GET', path: '/fallen' })
      if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
        for await (const _ of body as AsyncIterable<Uint8Array>);
      answered++
    } catch (error) {
      const { code } = error as { readonly code: string }
      refused[code] = (refused[code] ?? 0) + 1
      await pause(20)
    }
  }
  const over = pause(forMs)
  async function caller(): Promise<void> {
    do await Promise.race([callOnce(), over])
    while (one.calls === true && goesOn())
  }
  async function publisher(): Promise<void> {
    for (let index = 0; one.states === true && goesOn(); index++) {
      await cluster.putMetadataCustom('flood', { index })
      await pause(1)
    }
  }
  async function watcher(): Promise<void> {
    while (goesOn()) {
      const begun = performance.now()
      await good.rest({ method: 'GET', path: '/good' })
      goodAnswers++
      worstMs = Math.max(worstMs, performance.now() - begun)
      grew = Math.max(grew, memory() - before)
      await pause(10)
    }
  }
  await Promise.all([
    watcher(),
    publisher(),
    ...Array.from({ length: one.calls === true ? CALLERS : 1 }, caller),
  ])
  const share = performance.eventLoopUtilization(busy).utilization
  const { user, system } = process.cpuUsage(cpu)
  const cores = (user + system) / 1000 / (performance.now() - begunAt)
  const { state, restarts, lastError } = started.info('flooder')
  const answers = async (): Promise<boolean> => {
    const reply = await service.rest({ method: 'GET', path: '/alive' }).catch(() => null)
    return reply?.body === 'alive'
  }
  const alive = one.who === 'fallen' || (await answers())
  if (one.states === true) await service.settled()
  await started.stop()
  return {
    share,
    cores,
    grewMb: grew / 1_048_576,
    goodAnswers,
    worstMs,
    state: alive || state !== 'running' ? state : 'silent',
    restarts,
    error:
      lastError === null
        ? null
        : `${lastError.code} ${JSON.stringify(lastError.detail['rule'] ?? lastError.detail['message'] ?? '')}`,
    answered,
    refused,
    limits: [...limits].sort(),
  }
}

/** A service with one plugin that does its work, for `flood`. */
export async function startGood(): Promise<{ readonly service: PluginsService; stop(): Promise<void> }> {
  return startPlugins({
    plugins: {
      good: `export default { rest: [{ method: 'GET', path: '/good', handle: () => ({ body: 'good' }) }] }`,
    },
  })
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
