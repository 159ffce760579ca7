/**
 * Watches one run: pings its thread, reads its process and its data directory, counts
 * call slots that are never given back, and passes what it saw to the judge (watchdog.ts).
 * Does what the judge says: degrades, slows, ends.
 */
import { PluginError } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { CgroupFiles, Clock, Sample, TimerHandle } from '../powers.js'
import type { LimitHit } from '../protocol/limit-hit.js'
import { joinCgroup, type Cgroup } from './cgroup.js'
import { ageOf, remember, type Look } from './look.js'
import type { Run } from './run.js'
import { judge } from './watchdog.js'

export interface WatchOptions {
  readonly plugin: string
  readonly limits: Limits
  readonly clock: Clock
  /** While the bundle is evaluated its thread has more patience: a large one may take its time. */
  readonly isLoaded: () => boolean
  /** Bytes in its data directory; `undefined` where it may not write there. */
  readonly measureData: (() => Promise<number | null>) | undefined
  readonly cgroupFiles: CgroupFiles
  readonly onSample: (sample: Sample) => void
  readonly onLimit: (hit: LimitHit) => void
  readonly onDegraded: (reason: string) => void
  readonly onFine: () => void
}

/** Looks several times within `blockedMs`, so that the end comes soon after the limit. */
function tickOf({ blockedMs }: Limits): number {
  return Math.min(250, Math.max(10, blockedMs / 20))
}

/** Evaluating a bundle may take so many times as long as anything later: it happens once, and size is no fault. */
const LOAD_PATIENCE = 5
/**
 * Share of the time in which the host did not read it that counts all the same: an honest plugin's
 * answer lies behind what it sent before, one that goes on sending would never be judged.
 */
const PAUSED_SHARE = 1 / 20
/** Descriptors and child processes are looked at once a second: reading them costs twenty times what a tick does. */
const CLOSER_EVERY_MS = 1000
/** The data directory is measured often while it grows or is half full, else seldom. */
const DATA_EVERY_MS = { growing: 2000, calm: 10_000 } as const

/** Begins to watch; ends by itself with the run. Call before any code of the plugin runs: what it holds now is Node's own. */
export async function watch(run: Run, options: WatchOptions): Promise<void> {
  const { plugin, limits, clock } = options
  const { launched } = run
  const tickMs = tickOf(limits)
  await launched.lookCloser()
  const start = launched.sample()
  options.onSample(start)
  if (run.verdict() !== undefined) return
  const cgroup = enterCgroup(run, options, start)

  let last = clock.now()
  let past: readonly Look[] = []
  let pausedMs = 0
  /** Age of the unanswered ping in ms; `null` when none is out. */
  let pingAge: number | null = null
  let wasLoaded = options.isLoaded()
  let lastCpuMs = start.cpuMs ?? 0
  let stuckMs = 0
  let silentMs = 0
  let beats = start.beats
  let dataBytes: number | null = null
  let dataBytesBefore: number | null = null
  let dataDueMs = last
  let closerDueMs = last + CLOSER_EVERY_MS
  let looking = false
  let measuring = false
  let isSlowed = false
  let told: ReadonlySet<string> = new Set()
  let timer: TimerHandle | undefined

  function look(atMs: number, sample: Sample): void {
    options.onSample(sample)
    if (sample.beats !== beats) silentMs = 0
    beats = sample.beats
    const silent = beats === null ? null : silentMs
    const data = { dataBytes, dataBytesBefore }
    past = remember(past, { atMs, unansweredMs: pingAge, stuckMs, silentMs: silent, sample, ...data })
    const patienceMs = limits.blockedMs * (wasLoaded ? 1 : LOAD_PATIENCE)
    const verdict = judge(past, { limits, patienceMs, start })
    if (verdict.kind === 'end') {
      options.onLimit(verdict.hit)
      return run.end(new PluginError(verdict.code, { plugin, ...verdict.detail }))
    }
    const signs = verdict.kind === 'degrade' ? verdict.signs : []
    const names = new Set<string>(signs.map(({ hit }) => hit.limit))
    for (const { hit } of signs) if (!told.has(hit.limit)) options.onLimit(hit)
    told = names
    slow(signs.find(({ hit }) => hit.limit === 'cpuShare')?.hit)
    const [first] = signs
    if (first === undefined) options.onFine()
    else options.onDegraded(first.reason)
  }

  function slow(hit: LimitHit | undefined): void {
    if (isSlowed === (hit !== undefined)) return
    isSlowed = hit !== undefined
    launched.lowerPriority(isSlowed)
    cgroup?.slow(isSlowed)
    if (hit !== undefined) options.onLimit({ ...hit, action: 'slowed' })
  }

  /** Never waited for: a thread inside native code answers no question about its heap until it is done. */
  async function lookCloser(): Promise<void> {
    looking = true
    await launched.lookCloser()
    looking = false
  }

  async function measureData(measure: NonNullable<WatchOptions['measureData']>): Promise<void> {
    measuring = true
    const measured = await measure()
    measuring = false
    dataBytesBefore = dataBytes
    dataBytes = measured
    const isCalm =
      (measured ?? 0) <= (dataBytesBefore ?? 0) && (measured ?? 0) * 2 < limits.dataMb * 1_048_576
    dataDueMs = clock.now() + (isCalm ? DATA_EVERY_MS.calm : DATA_EVERY_MS.growing)
  }

  function ping(): void {
    pingAge = 0
    run.channel.ping().then(
      () => (pingAge = null),
      () => undefined, // the channel closed; the exit says the rest
    )
  }

  function tick(): void {
    const now = clock.now()
    const stats = run.channel.stats()
    // While the host holds back from reading it, because of its rates, its answers may sit unread: that is
    // hardly time for which it is stuck. The pong then lies behind all that it sent before, which may take many
    // pauses: a ping gets older in earnest only once the host has caught up.
    const paused = stats.pausedMs - pausedMs
    const elapsed = Math.max(0, now - last - paused)
    last = now
    pausedMs = stats.pausedMs
    if (run.verdict() !== undefined) return
    const unread = paused * PAUSED_SHARE
    const sample = launched.sample()
    const cpuMs = (sample.cpuMs ?? 0) - lastCpuMs
    lastCpuMs = sample.cpuMs ?? 0
    stuckMs = stats.abandoned >= limits.inFlight ? stuckMs + elapsed + unread : 0
    silentMs = ageOf(silentMs, elapsed, tickMs)
    if (pingAge === null) ping()
    // What was out while the bundle was evaluated had another patience.
    else if (wasLoaded !== options.isLoaded()) pingAge = 0
    else if (paused > 0) pingAge += unread
    // How long it waited for a core is read only while an answer is out: it costs ten times what the sample does.
    else pingAge = ageOf(pingAge, elapsed, tickMs, { cpuMs, waitedMs: launched.waitedMs() })
    wasLoaded = options.isLoaded()
    look(now, sample)
    if (now >= closerDueMs && !looking) {
      closerDueMs = now + CLOSER_EVERY_MS
      void lookCloser()
    }
    if (now >= dataDueMs && !measuring && options.measureData !== undefined)
      void measureData(options.measureData)
    timer = clock.setTimeout(tick, tickMs)
  }

  timer = clock.setTimeout(tick, tickMs)
  void run.exited.then(() => {
    if (timer !== undefined) clock.clearTimeout(timer)
    cgroup?.leave()
  })
}

function enterCgroup(run: Run, { limits, cgroupFiles }: WatchOptions, start: Sample): Cgroup | undefined {
  const { pid } = run.launched
  const { rssBytes, threads } = start
  if (pid === null || rssBytes === null || threads === null) return undefined
  return joinCgroup(cgroupFiles, limits, { pid, rssBytes, threads })
}
