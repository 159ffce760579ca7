/**
 * Keeps one spare for a plugin that runs: launched under the plugin's own terms, walls
 * tried, and waiting without any code of the plugin in it. What a taken spare becomes
 * is supervisor.ts's; here nothing ever counts as a crash of the plugin.
 */
import { PluginError } from '../errors.js'
import type { Clock, TimerHandle } from '../powers.js'
import type { Opening } from './opening.js'
import type { Permissions } from './worker-options.js'

/** The spare as `list()` shows it. */
export interface Spare {
  readonly pid: number | null
  readonly threadId: number | null
  /** Whether it has said hello and its walls hold. */
  readonly ready: boolean
}

export interface Taken {
  readonly opening: Opening
  /** False for one that is on its way still: it is as good as a launch that began earlier. */
  readonly ready: boolean
}

export interface Standby {
  /** The plugin runs: a spare is launched a little later, unless there is one. */
  keep(): void
  /**
   * The spare, which is the caller's from here on; one that was launched under other terms is thrown away.
   * It may be dead: what it is worth shows when it is asked.
   */
  take(permissions: Permissions): Taken | undefined
  /** Lets the spare go, and launches none until `keep`; resolves when nothing of it is left. */
  drop(): Promise<void>
  status(): Spare | null
}

export interface StandbyOptions {
  /** Asked when the time for a launch has come: a plugin that is down gets no spare, so that a crash loop costs no more. */
  readonly wanted: () => boolean
  /** The terms of this moment. */
  readonly permissions: () => Permissions
  readonly launch: (permissions: Permissions) => Opening
  readonly clock: Clock
}

/** Between the plugin's start and the launch of its spare: the start and its first calls go first. */
export const LAUNCH_AFTER_MS = 500
export const MOST_LAUNCH_AFTER_MS = 60_000

/** @param failures - spares that ended by themselves since one was taken */
export function launchAfterMs(failures: number): number {
  return Math.min(MOST_LAUNCH_AFTER_MS, LAUNCH_AFTER_MS * 2 ** failures)
}

interface Waiting {
  readonly opening: Opening
  /** The permissions it was launched with, as text: its flags cannot be changed. */
  readonly terms: string
  ready: boolean
}

export function makeStandby({ wanted, permissions, launch, clock }: StandbyOptions): Standby {
  let waiting: Waiting | undefined
  let timer: TimerHandle | undefined
  let failures = 0
  /** Spares that were let go and are not gone yet. */
  const leaving = new Set<Promise<unknown>>()

  function schedule(): void {
    unschedule()
    if (wanted()) timer = clock.setTimeout(launchSpare, launchAfterMs(failures))
  }

  function unschedule(): void {
    if (timer !== undefined) clock.clearTimeout(timer)
    timer = undefined
  }

  function launchSpare(): void {
    timer = undefined
    if (!wanted()) return
    const terms = permissions()
    const opening = launch(terms)
    const spare: Waiting = { opening, terms: textOf(terms), ready: false }
    waiting = spare
    opening.opened.then(
      () => (spare.ready = true),
      (error: PluginError) => opening.run.end(error),
    )
    void opening.run.exited.then(() => {
      if (waiting !== spare) return
      waiting = undefined
      failures++
      schedule()
    })
  }

  function letGo({ opening: { run } }: Waiting): void {
    run.end(new PluginError('PLUGIN_STOPPED'))
    const left: Promise<unknown> = run.exited.then(() => leaving.delete(left))
    leaving.add(left)
  }

  return {
    keep() {
      if (waiting === undefined) schedule()
    },
    take(wantedTerms) {
      unschedule()
      const spare = waiting
      waiting = undefined
      if (spare === undefined) return undefined
      if (spare.terms !== textOf(wantedTerms)) {
        letGo(spare)
        return undefined
      }
      failures = 0
      return spare
    },
    async drop() {
      unschedule()
      if (waiting !== undefined) letGo(waiting)
      waiting = undefined
      await Promise.all(leaving)
    },
    status() {
      if (waiting === undefined) return null
      const { pid, threadId } = waiting.opening.run.launched
      return { pid, threadId, ready: waiting.ready }
    },
  }
}

function textOf({ read, write, network }: Permissions): string {
  return JSON.stringify([read, write, network])
}
