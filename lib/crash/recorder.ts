/**
 * Remembers of one running plugin what a report of its crash will tell: its last log lines,
 * samples and failure. All of it is bounded, and gone with the run.
 */
import type { PluginError } from '../errors.js'
import type { FallenCalls } from '../failure/fallen-calls.js'
import type { Clock, ExitReport, Sample } from '../powers.js'
import type { WallReport } from '../protocol/plugin-api.js'
import { addLine, NO_LINES } from './log-tail.js'
import { errorPart, type CrashReport, type LastFailure } from './report.js'

/** What stays the same from run to run. */
export type CrashedPlugin = Pick<
  CrashReport,
  'plugin' | 'version' | 'isolation' | 'node' | 'bulkhead' | 'bundle'
>

export interface Crash {
  readonly error: PluginError
  readonly exit: ExitReport
  readonly generation: number
  readonly state: string
  readonly walls: readonly WallReport[]
  /** Hash of the grant it ran with. */
  readonly grant: string
}

export interface CrashRecorder {
  started(): void
  logged(level: string, text: string): void
  failed(failure: Pick<LastFailure, 'kind' | 'message' | 'stack'>): void
  sampled(sample: Sample): void
  /** What there is to tell of the run that has just ended. */
  report(crash: Crash, fallen: FallenCalls): Omit<CrashReport, 'unreported'>
}

const MOST_SAMPLES = 20

export function makeCrashRecorder(plugin: CrashedPlugin, clock: Clock): CrashRecorder {
  let startedMs = clock.now()
  let tail = NO_LINES
  let samples: readonly { readonly atMs: number; readonly sample: Sample }[] = []
  let failure: (Pick<LastFailure, 'kind' | 'message' | 'stack'> & { readonly atMs: number }) | undefined

  return {
    started() {
      startedMs = clock.now()
      tail = NO_LINES
      samples = []
      failure = undefined
    },
    logged(level, text) {
      tail = addLine(tail, { time: new Date(clock.wallTime()).toISOString(), level, text })
    },
    failed: (given) => (failure = { ...given, atMs: clock.now() }),
    sampled(sample) {
      samples = [...samples.slice(1 - MOST_SAMPLES), { atMs: clock.now(), sample }]
    },
    report({ error, exit, generation, state, walls, grant }, fallen) {
      const nowMs = clock.now()
      const before = (atMs: number): number => Math.round(nowMs - atMs)
      const { calls, more } = fallen.take(error, startedMs)
      return {
        reportVersion: 1,
        plugin: plugin.plugin,
        version: plugin.version,
        time: new Date(clock.wallTime()).toISOString(),
        error: errorPart(error),
        exit: { code: exit.code, signal: exit.signal, cause: exit.cause },
        state,
        uptimeMs: before(startedMs),
        generation,
        isolation: plugin.isolation,
        node: plugin.node,
        bulkhead: plugin.bulkhead,
        bundle: plugin.bundle,
        grant,
        calls,
        moreCalls: more,
        samples: samples.map(({ atMs, sample }) => ({ beforeMs: before(atMs), ...sample })),
        lastFailure:
          failure === undefined
            ? null
            : {
                beforeMs: before(failure.atMs),
                kind: failure.kind,
                message: failure.message,
                stack: failure.stack,
              },
        log: tail.lines,
        output: exit.outputTail,
        walls,
      }
    },
  }
}
