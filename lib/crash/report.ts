/**
 * A crash report as one JSON text: what is known of a run that ended, and nothing of what its
 * calls were given, which may be users' data. Much of it is text of the plugin, so it is cut
 * and no character in it can steer a terminal. Pure.
 */
import type { PluginError } from '../errors.js'
import type { FallenCall } from '../failure/fallen-calls.js'
import type { ExitReport, Sample } from '../powers.js'
import type { WallReport } from '../protocol/plugin-api.js'
import type { TailLine } from './log-tail.js'

export interface TimedSample extends Sample {
  /** Before the end, ms. */
  readonly beforeMs: number
}

/** The last failure in the plugin that no caller waited for, with its own files and lines. */
export interface LastFailure {
  readonly beforeMs: number
  readonly kind: string
  readonly message: string
  readonly stack: string
}

/** Order of the keys as they are written. */
export interface CrashReport {
  readonly reportVersion: 1
  readonly plugin: string
  readonly version: string
  /** When it ended, ISO 8601, UTC. */
  readonly time: string
  readonly error: { readonly code: string; readonly message: string; readonly detail: object }
  readonly exit: {
    readonly code: number | null
    readonly signal: string | null
    readonly cause: ExitReport['cause']
  }
  /** The state it was in, and how long this run lasted. */
  readonly state: string
  readonly uptimeMs: number
  readonly generation: number
  readonly isolation: string
  readonly node: string
  readonly bulkhead: string
  /** Hash of its script, and of all it may do. */
  readonly bundle: string
  readonly grant: string
  readonly calls: readonly FallenCall[]
  readonly moreCalls: number
  readonly samples: readonly TimedSample[]
  readonly lastFailure: LastFailure | null
  readonly log: readonly TailLine[]
  readonly output: string
  readonly walls: readonly WallReport[]
  /** Crashes of this plugin since its last report for which none was written. */
  readonly unreported: number
}

/** The frame of an error in its detail; the output has a place of its own. */
export function errorPart({ code, message, detail }: PluginError): CrashReport['error'] {
  const { output: _output, ...facts } = detail
  return { code, message: cut(message, 2000), detail: facts }
}

export const MOST_REPORT_BYTES: number = 65_536
const MOST_OUTPUT = 8192
const MOST_STACK = 4000
const MOST_DETAIL = 8000

/** What is left out first when a report would be too large. */
const CUT_ORDER = ['output', 'log', 'walls', 'lastFailure', 'samples', 'calls'] as const

export function reportText(report: CrashReport): string {
  let written: Record<string, unknown> = bounded(report)
  let text = jsonText(written)
  const without: string[] = []
  for (const key of CUT_ORDER) {
    if (Buffer.byteLength(text) <= MOST_REPORT_BYTES) break
    without.push(key)
    const { [key]: _left, ...rest } = written
    written = { ...rest, without }
    text = jsonText(written)
  }
  return text
}

function bounded(report: CrashReport): Record<string, unknown> {
  const { error, lastFailure, output, walls } = report
  return {
    ...report,
    error: {
      ...error,
      message: cut(error.message, 2000),
      detail: JSON.stringify(error.detail).length > MOST_DETAIL ? 'too large' : error.detail,
    },
    lastFailure:
      lastFailure === null
        ? null
        : {
            ...lastFailure,
            message: cut(lastFailure.message, 2000),
            stack: cut(lastFailure.stack, MOST_STACK),
          },
    output: output.slice(-MOST_OUTPUT),
    walls: walls.map((wall) => ({ ...wall, detail: cut(wall.detail, 200) })),
  }
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars)}…` : text
}

/** What JSON leaves as it is, though a terminal or an editor obeys it: DEL, C1, format and direction characters, separators. */
const UNSEEN = /[\u007f-\u009f]|[\p{Cf}\p{Zl}\p{Zp}]/gu

function jsonText(value: unknown): string {
  const json = JSON.stringify(value, null, 2)
  return `${json.replace(UNSEEN, (char) =>
    [...Array(char.length).keys()]
      .map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )}\n`
}
