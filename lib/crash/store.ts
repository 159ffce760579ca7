/**
 * Crash reports as files of one directory. The node never waits for it: reports wait in a
 * bounded queue, one is written at a time, a crash loop writes so many a minute and counts the
 * rest, and what cannot be written is an event. The oldest go when there are too many.
 */
import type { Clock, CrashDirectory, TimerHandle } from '../powers.js'
import { reportText, type CrashReport } from './report.js'

/** A report was written, or could not be. */
export interface CrashReportEvent {
  readonly plugin: string
  /** Its path; `null` when there is none. */
  readonly file: string | null
  /** Why there is none; `null` when there is one. */
  readonly error: string | null
}

export interface CrashStore {
  /** Takes the report; it is written later. */
  add(report: Omit<CrashReport, 'unreported'>): void
  /** Resolves once everything is written, or cannot be within two seconds. */
  close(): Promise<void>
}

export interface CrashStoreLimits {
  readonly files: number
  readonly bytes: number
  /** For each plugin, so that one in a crash loop leaves room for the others. */
  readonly perMinute: number
}

export const CRASH_STORE_LIMITS: CrashStoreLimits = { files: 500, bytes: 16 * 1_048_576, perMinute: 10 }

export interface CrashStoreOptions {
  readonly directory: CrashDirectory
  readonly clock: Pick<Clock, 'now' | 'setTimeout' | 'clearTimeout'>
  readonly onReport: (event: CrashReportEvent) => void
  readonly limits?: CrashStoreLimits
}

const MINUTE_MS = 60_000
const MOST_WAITING = 100
const CLOSE_MS = 2000

/** Names of reports, and of no other file: `20260102T030405.678Z-demo-1.json`. */
export const REPORT_NAME: RegExp = /^\d{8}T\d{6}\.\d{3}Z-[a-z][a-z0-9-]*-\d+\.json$/

interface Writer {
  /** When its last reports were taken, ms of the clock. */
  readonly takenMs: readonly number[]
  readonly unreported: number
}

export function makeCrashStore(options: CrashStoreOptions): CrashStore {
  const { directory, clock, onReport, limits = CRASH_STORE_LIMITS } = options
  const writers = new Map<string, Writer>()
  let waiting: CrashReport[] = []
  let writing: Promise<void> | undefined
  let number = 0
  let closed = false

  function add(report: Omit<CrashReport, 'unreported'>): void {
    const { plugin } = report
    const nowMs = clock.now()
    const { takenMs, unreported } = writers.get(plugin) ?? { takenMs: [], unreported: 0 }
    const recent = takenMs.filter((atMs) => nowMs - atMs < MINUTE_MS)
    if (closed || recent.length >= limits.perMinute || waiting.length >= MOST_WAITING) {
      writers.set(plugin, { takenMs: recent, unreported: unreported + 1 })
      return
    }
    writers.set(plugin, { takenMs: [...recent, nowMs], unreported: 0 })
    waiting.push({ ...report, unreported })
    writing ??= writeAll()
  }

  async function writeAll(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const [report, ...rest] = waiting
        waiting = rest
        if (report !== undefined) onReport(await write(report))
      }
    } finally {
      writing = undefined
    }
  }

  async function write(report: CrashReport): Promise<CrashReportEvent> {
    const { plugin, time } = report
    try {
      const bytes = Buffer.from(reportText(report))
      await makeRoom(bytes.length)
      const name = `${time.replaceAll(/[-:]/g, '')}-${plugin}-${++number}.json`
      return { plugin, file: await directory.write(name, bytes), error: null }
    } catch (error) {
      const { unreported, takenMs } = writers.get(plugin) ?? { takenMs: [], unreported: 0 }
      writers.set(plugin, { takenMs, unreported: unreported + 1 + report.unreported })
      return { plugin, file: null, error: error instanceof Error ? error.message : String(error) }
    }
  }

  /** Files that are no reports are not counted, and never removed. */
  async function makeRoom(bytes: number): Promise<void> {
    // Names begin with the time.
    const names = (await directory.names()).filter((name) => REPORT_NAME.test(name)).toSorted()
    const sizes = await Promise.all(names.map((name) => directory.sizeOf(name)))
    const files = names.flatMap((name, index) => {
      const size = sizes[index] ?? null
      return size === null ? [] : [{ name, bytes: size }]
    })
    let count = files.length + 1
    let total = files.reduce((sum, file) => sum + file.bytes, bytes)
    for (const file of files) {
      if (count <= limits.files && total <= limits.bytes) return
      await directory.remove(file.name)
      count--
      total -= file.bytes
    }
  }

  return {
    add,
    async close() {
      closed = true
      if (writing === undefined) return
      let timer: TimerHandle | undefined
      const late = new Promise<void>((resolve) => (timer = clock.setTimeout(resolve, CLOSE_MS)))
      await Promise.race([writing, late])
      if (timer !== undefined) clock.clearTimeout(timer)
    },
  }
}
