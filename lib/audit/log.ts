/**
 * The audit log: events as JSON lines at the end of a file. The node never waits for
 * it: lines wait in a bounded queue, one write is under way at a time, and what cannot
 * be written is counted and said in the next line that can.
 */
import type { Clock, LogFile, TimerHandle } from '../powers.js'
import type { AuditEvent } from './trail.js'

/** The log stopped being written, or is written again. */
export interface AuditLogEvent {
  readonly path: string
  readonly state: 'failing' | 'writing'
  /** Lines lost so far, since the node started. */
  readonly lost: number
  /** What the system says, when it fails. */
  readonly message: string
}

export interface AuditLog {
  add(event: AuditEvent): void
  /** Resolves once everything is written, or cannot be within two seconds. */
  close(): Promise<void>
}

export interface AuditLogOptions {
  readonly path: string
  /** Opens the file for appending. @throws PluginError `AUDIT_LOG_UNUSABLE` */
  readonly open: (path: string) => Promise<LogFile>
  readonly clock: Pick<Clock, 'wallTime' | 'setTimeout' | 'clearTimeout'>
  readonly onChange: (event: AuditLogEvent) => void
}

/** Characters that wait while a write is under way. */
const MOST_WAITING = 1_048_576
const CLOSE_MS = 2000
const LINE_FEED = 0x0a

/** @throws PluginError `AUDIT_LOG_UNUSABLE` when the file cannot be opened now */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { path, open, clock, onChange } = options
  let file: LogFile | undefined = await open(path)
  let waiting: AuditEvent[] = []
  let waitingChars = 0
  let writing: Promise<void> | undefined
  let closed = false
  /** Why lines are lost at present. */
  let fault: string | undefined
  /** The last line in the file has no end: the disk took only a part of it. */
  let torn = false
  /** Not said in the file yet. */
  let lostLines = 0
  let lostOperations = 0
  let lostInAll = 0

  function add(event: AuditEvent): void {
    const chars = 200 + (event.resource ?? '').length + event.rule.length
    if (closed || waitingChars + chars > MOST_WAITING)
      return lose([event], 'the disk is slower than the events')
    waiting.push(event)
    waitingChars += chars
    begin()
  }

  function begin(): void {
    writing ??= writeAll()
  }

  async function writeAll(): Promise<void> {
    try {
      do await writeWaiting()
      while (waiting.length > 0)
    } finally {
      writing = undefined
    }
  }

  /** All that waits at once, so that many events share one write. */
  async function writeWaiting(): Promise<void> {
    const current = await currentFile().catch((error: unknown) => messageOf(error))
    const events = waiting
    waiting = []
    waitingChars = 0
    if (typeof current === 'string') return lose(events, current)
    const said = { lines: lostLines, operations: lostOperations }
    const preface = said.lines > 0 ? [lostLine()] : []
    const lines = [...preface, ...events.map(lineOf)]
    const bytes = Buffer.from((torn ? '\n' : '') + lines.join(''))
    const { written, failure } = await append(current, bytes)
    const whole = wholeLines(bytes, written)
    if (written > 0) torn = bytes[written - 1] !== LINE_FEED
    if (whole >= preface.length) {
      lostLines -= said.lines
      lostOperations -= said.operations
    }
    if (failure === undefined) recover()
    else lose(events.slice(Math.max(0, whole - preface.length)), failure)
  }

  /** What stands at the path now: a file that was moved away or removed is left for a new one. */
  async function currentFile(): Promise<LogFile> {
    if (file !== undefined && !(await file.isAt(path))) {
      const old = file
      file = undefined
      torn = false
      await old.close()
    }
    file ??= await open(path)
    return file
  }

  function lose(events: readonly AuditEvent[], why: string): void {
    lostLines += events.length
    lostInAll += events.length
    lostOperations += events.reduce((sum, { count }) => sum + count, 0)
    const isNew = fault === undefined
    fault = why
    if (isNew) onChange({ path, state: 'failing', lost: lostInAll, message: why })
  }

  function recover(): void {
    if (fault === undefined || lostLines > 0) return
    fault = undefined
    onChange({ path, state: 'writing', lost: lostInAll, message: '' })
  }

  function lostLine(): string {
    const time = new Date(clock.wallTime()).toISOString()
    return `${JSON.stringify({ time, lost: lostLines, operations: lostOperations, reason: fault ?? '' })}\n`
  }

  return {
    add,
    async close() {
      closed = true
      let timer: TimerHandle | undefined
      const late = new Promise<void>((resolve) => (timer = clock.setTimeout(resolve, CLOSE_MS)))
      const ended = (async () => {
        await writing
        if (lostLines > 0) begin()
        await writing
        await file?.close()
      })()
      await Promise.race([ended.catch(() => undefined), late])
      if (timer !== undefined) clock.clearTimeout(timer)
    },
  }
}

/** One line, in the order of the documented format; JSON leaves no line feed of a text in it. */
function lineOf({ time, plugin, operation, resource, allowed, rule, count }: AuditEvent): string {
  return `${JSON.stringify({ time, plugin, operation, resource, allowed, rule, count })}\n`
}

/** How many lines are in the first bytes; one that lacks no more than its line feed is there. */
function wholeLines(bytes: Uint8Array, written: number): number {
  let lines = 0
  for (let at = 1; at <= written; at++) if (bytes[at] === LINE_FEED) lines++
  return lines
}

async function append(
  file: LogFile,
  bytes: Uint8Array,
): Promise<{ readonly written: number; readonly failure?: string }> {
  let written = 0
  try {
    while (written < bytes.length) {
      const more = await file.append(bytes.subarray(written))
      if (more === 0) return { written, failure: 'the file takes nothing more' }
      written += more
    }
    return { written }
  } catch (error) {
    return { written, failure: messageOf(error) }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
