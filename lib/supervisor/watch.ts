/**
 * Watches one run: pings its thread, reads its memory, counts call slots that are never
 * given back, and passes what it saw to the judge (watchdog.ts). Ends the run on its verdict.
 */
import { PluginError } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { Clock, Sample, TimerHandle } from '../powers.js'
import type { Run } from './run.js'
import { ageOf, judge } from './watchdog.js'

export interface WatchOptions {
  readonly plugin: string
  readonly limits: Limits
  readonly clock: Clock
  /** Resident bytes of the child before any code of the plugin ran; `null` where the system cannot say. */
  readonly startRssBytes: number | null
  /** Whether its thread has to answer pings now; loading a large bundle may take its time. */
  readonly mustAnswer: () => boolean
  readonly onSample: (sample: Sample) => void
  readonly onLate: () => void
  readonly onFine: () => void
}

/** Looks several times within `blockedMs`, so that the end comes soon after the limit. */
function tickOf({ blockedMs }: Limits): number {
  return Math.min(250, Math.max(10, blockedMs / 20))
}

/** Begins to watch; ends by itself with the run. */
export function watch(run: Run, options: WatchOptions): void {
  const { plugin, limits, clock, startRssBytes } = options
  const tickMs = tickOf(limits)
  const roomBytes = (limits.heapMb + limits.youngMb + limits.externalMb) * 1_048_576
  const rssLimitBytes = startRssBytes === null ? null : startRssBytes + roomBytes
  let last = clock.now()
  let pausedMs = 0
  /** Age of the unanswered ping in ms; `null` when none is out. */
  let pingAge: number | null = null
  let stuckMs = 0
  let rssBytes = startRssBytes
  let sampling = false
  let timer: TimerHandle | undefined

  function look(): void {
    const verdict = judge({
      unansweredMs: pingAge,
      blockedMs: limits.blockedMs,
      rssBytes,
      rssLimitBytes,
      stuckMs,
      stuckLimitMs: limits.callTimeoutMs,
    })
    switch (verdict.kind) {
      case 'end':
        return run.end(new PluginError(verdict.code, { plugin, ...verdict.detail }))
      case 'late':
        return options.onLate()
      case 'fine':
        return options.onFine()
    }
  }

  /** Never waited for: a thread inside native code answers no question about its heap until it is done. */
  async function takeSample(): Promise<void> {
    sampling = true
    const taken = await run.launched.sample()
    sampling = false
    if (run.verdict() !== undefined) return
    rssBytes = taken.rssBytes
    options.onSample(taken)
    look()
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
    // no time for which it is stuck. The pong then lies behind all that it sent before, which may take many
    // pauses: a ping gets older only once the host has caught up.
    const paused = stats.pausedMs - pausedMs
    const elapsed = Math.max(0, now - last - paused)
    last = now
    pausedMs = stats.pausedMs
    if (run.verdict() !== undefined) return
    stuckMs = stats.abandoned >= limits.inFlight ? stuckMs + elapsed : 0
    if (pingAge !== null) pingAge = paused > 0 ? pingAge : ageOf(pingAge, elapsed, tickMs)
    else if (options.mustAnswer()) ping()
    look()
    if (!sampling) void takeSample()
    timer = clock.setTimeout(tick, tickMs)
  }

  timer = clock.setTimeout(tick, tickMs)
  void run.exited.then(() => timer !== undefined && clock.clearTimeout(timer))
}
