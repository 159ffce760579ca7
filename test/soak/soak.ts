/**
 * One soak from its start to nothing left of it: lays the place, starts the node, lets
 * load and chaos run, lets the node come to rest, stops it, and hands over what was seen.
 */
import { setMaxListeners } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { startProbe, type Probe } from '../../examples/search-node/probe.js'
import type { LatencySummary } from '../../examples/search-node/latency.js'
import { isRunning } from '../containment/left-over.js'
import { makeCallTally, type CallCounts } from './call-tally.js'
import { operate, runChaos, type ChaosCounts } from './chaos.js'
import { makeDocumentLedger, type DocumentCounts } from './document-ledger.js'
import { makeHttpClient, type HttpClient } from './http-client.js'
import { putPipelines, runLoad } from './load.js'
import { CORPUS, type NodeSample } from './messages.js'
import { startNodeProcess, type NodeHandle } from './node-handle.js'
import { makePlace, type Place } from './place.js'
import { PLUGIN_CALLS } from './plugin-client.js'
import { childrenOf, type ProcessUse } from './proc.js'
import { makeRandom } from './random.js'
import { rest } from './rest.js'
import { makeSampler, type Sampler, type SoakSample } from './sampler.js'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  /** Aborted to end early; what was laid and started is taken away all the same. */
  readonly interrupt: AbortSignal
  /** Progress for people. */
  readonly say: (line: string) => void
}

export interface SoakResult {
  readonly seed: number
  readonly nodeVersion: string
  readonly seconds: number
  readonly interrupted: boolean
  readonly smallDisk: boolean
  /** What ended the soak before its time, or went wrong at its end. */
  readonly faults: readonly string[]
  readonly documents: DocumentCounts
  /** Calls over HTTP, as their clients saw them. */
  readonly http: CallCounts
  /** The last that the node said of itself. */
  readonly last: NodeSample | undefined
  readonly chaos: ChaosCounts
  readonly searches: LatencySummary
  readonly samples: readonly SoakSample[]
  /** Before any load, and once the load and the chaos are over. */
  readonly atRest: { readonly before: AtRest; readonly after: AtRest | undefined }
  /** Plugins that did not answer once everything was quiet. */
  readonly silent: readonly string[]
  readonly leftovers: readonly string[]
}

/** What the node holds while nobody asks anything of it. */
export interface AtRest extends ProcessUse {
  readonly heapBytes: number
}

const SEARCH_EVERY_MS = 20
const SEARCH_TIMEOUT_MS = 10_000
const SEARCHES = ['peace', 'budget', 'railroad', 'energy', 'health insurance', 'moon']
/** A released plugin is back long before that. */
const COMES_TO_REST_MS = 40_000
const SETTLES_MS = 15_000
const SAY_EVERY_MS = 10_000

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const place = await makePlace()
  let result: SoakResult
  try {
    const node = await startNodeProcess(place)
    try {
      result = await run(node, place, options)
    } finally {
      await node.kill()
    }
  } finally {
    await place.remove()
  }
  return { ...result, leftovers: [...result.leftovers, ...leftOf(place)] }
}

async function run(node: NodeHandle, place: Place, options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, interrupt, say } = options
  const lastingMs = minutes * 60_000
  const faults: string[] = []
  const before = await atRest(node)
  const chaos = { kill: 0, 'stop and continue': 0, 'clock jump': 0, 'full disk': 0 }
  const random = makeRandom(seed)
  const tally = makeCallTally(() => performance.now())
  const documents = makeDocumentLedger()
  const http = makeHttpClient(node.url, tally)
  const probe = await startProbe({
    urls: SEARCHES.map((words) => `${node.url}/${CORPUS}/_search?size=3&q=${encodeURIComponent(words)}`),
    everyMs: SEARCH_EVERY_MS,
    timeoutMs: SEARCH_TIMEOUT_MS,
  })
  const sampler = makeSampler(node, probe)
  const startedAt = performance.now()
  const passed = (): number => performance.now() - startedAt

  const time = new AbortController()
  const quiet = new AbortController() // what goes on until the clients have read everything back
  const gone = new AbortController() // the node is dead or stands still
  setMaxListeners(0, time.signal, quiet.signal, gone.signal) // every client waits on them
  const end = (fault?: string): void => {
    if (fault !== undefined && !quiet.signal.aborted) faults.push(fault)
    time.abort()
  }
  const timer = setTimeout(end, lastingMs)
  interrupt.addEventListener('abort', () => end())
  if (interrupt.aborted) end()
  const lose = (fault: string): void => {
    end(fault)
    gone.abort()
  }
  void node.ended.then((how) => lose(`the node ended in the middle: ${how}`))
  const progress = setInterval(
    () => say(progressLine(passed() / 1000, documents.counts(), sampler)),
    SAY_EVERY_MS,
  )

  try {
    await putPipelines(http)
    const parts = { node, place, random: random.fork('chaos'), over: time.signal }
    const quarantined = (): readonly string[] =>
      (sampler.latest()?.plugins ?? []).filter(({ state }) => state === 'quarantined').map(({ name }) => name)
    const sampling = sampler.run(quiet.signal).catch((error: unknown) => lose(String(error)))
    const operating = operate({ ...parts, random: random.fork('operator'), over: quiet.signal }, quarantined)
    const raging = runChaos(parts, (deed) => (chaos[deed] += 1))
    let ids = 0
    await runLoad({
      http,
      random,
      documents,
      over: time.signal,
      gone: gone.signal,
      share: () => Math.min(1, passed() / lastingMs),
      newId: () => `d${(ids += 1)}`,
    })
    await raging
    const seconds = Math.round(passed() / 1000)
    const searches = await endProbe(probe)
    const silent = await silentPlugins(http, AbortSignal.any([interrupt, gone.signal]))
    quiet.abort()
    await Promise.all([sampling, operating])
    const after = gone.signal.aborted ? undefined : await settle(node, before).catch(() => undefined)
    const children = gone.signal.aborted ? [] : childrenOf(node.pid) // a stop that nobody asked for leaves none to blame
    const last = gone.signal.aborted ? sampler.latest() : await stop(node, sampler, faults)
    return {
      seed,
      nodeVersion: process.version,
      seconds,
      interrupted: interrupt.aborted,
      smallDisk: place.smallDisk,
      faults,
      documents: documents.counts(),
      http: tally.counts(),
      last,
      chaos,
      searches,
      samples: sampler.samples,
      atRest: { before, after },
      silent,
      leftovers: children.filter(isRunning).map((pid) => `process ${pid} of a plugin`),
    }
  } finally {
    clearTimeout(timer)
    clearInterval(progress)
    time.abort()
    quiet.abort()
    await probe.stop() // its thread would keep the driver alive
  }
}

async function atRest(node: NodeHandle): Promise<AtRest> {
  const { heapBytes } = await node.sample(true)
  return { ...node.use(), heapBytes: heapBytes ?? 0 }
}

/** What it holds once that is no more than before, or when it has had time enough: idle connections close by themselves. */
async function settle(node: NodeHandle, before: AtRest): Promise<AtRest> {
  const until = performance.now() + SETTLES_MS
  for (;;) {
    const now = await atRest(node)
    const settled = now.descriptors <= before.descriptors && now.children <= before.children
    if (settled || performance.now() > until) return now
    await pause(250)
  }
}

async function stop(node: NodeHandle, sampler: Sampler, faults: string[]): Promise<NodeSample | undefined> {
  try {
    return await node.stop()
  } catch (error) {
    faults.push(String(error))
    return sampler.latest()
  }
}

async function endProbe(probe: Probe): Promise<LatencySummary> {
  await probe.stop()
  return probe.summary()
}

/** Every plugin is to answer once nobody disturbs it; the operator lets out those in quarantine meanwhile. */
async function silentPlugins(http: HttpClient, giveUp: AbortSignal): Promise<readonly string[]> {
  const answers = PLUGIN_CALLS.map(async ({ plugin, farewell }) => {
    const until = performance.now() + COMES_TO_REST_MS
    do {
      const { status, body } = await http({ kind: 'farewell', ...farewell })
      // The plugin's own refusals are answers too; a node's error has a code.
      if (status >= 200 && status < 500 && !isNodeError(body)) return []
      await rest(500, giveUp)
    } while (performance.now() < until && !giveUp.aborted)
    return [plugin]
  })
  return (await Promise.all(answers)).flat()
}

function isNodeError(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body
}

function leftOf({ dataDir, smallDisk }: Place): readonly string[] {
  const mounted = smallDisk && readFileSync('/proc/self/mounts', 'utf8').includes(dataDir)
  return [
    ...(mounted ? [`a mount at ${dataDir}`] : []),
    ...(existsSync(dataDir) ? [`the directory ${dataDir}`] : []),
  ]
}

function progressLine(seconds: number, { acknowledged, whole }: DocumentCounts, sampler: Sampler): string {
  const sample = sampler.samples.at(-1)
  const heap = sampler.samples.findLast(({ heapBytes }) => heapBytes !== null)?.heapBytes ?? 0
  const crashes = Object.values(sampler.latest()?.counts.crashes ?? {}).reduce((sum, one) => sum + one, 0)
  return [
    `${String(Math.round(seconds)).padStart(4)} s`,
    `${acknowledged} documents acknowledged, ${whole} read back whole`,
    `${crashes} crashes`,
    `heap ${(heap / 1_048_576).toFixed(1)} MB`,
    `${sample?.descriptors ?? 0} descriptors`,
    `search p99 ${(sample?.searchP99Ms ?? 0).toFixed(1)} ms`,
  ].join(', ')
}
