/**
 * One launched plugin, from its launch to its exit: the thread or process, the channel
 * to it, and the one reason it ends for. What happens before and after a run is
 * supervisor.ts's; whether a run must end, watch.ts's.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { ExitReport } from '../powers.js'
import {
  CHUNK_BYTES,
  DEFAULT_WIRE_LIMITS,
  NODE_TIME,
  type Rates,
  type WireLimits,
} from '../protocol/limits.js'
import { rawStackOf } from '../protocol/wire-error.js'
import { makeChannel, type Channel } from '../rpc/channel.js'
import type { LaunchedPlugin } from './launch.js'
import { launchProcess } from './process.js'
import type { SupervisorOptions } from './options.js'
import { launchThread } from './thread.js'
import { processSettings, threadSettings, type Permissions } from './worker-options.js'

export interface Run {
  /** Stamped on its frames; no two runs of a plugin share one. */
  readonly generation: number
  readonly launched: LaunchedPlugin
  readonly channel: Channel
  /** Why it was or will be ended; `undefined` while nothing speaks against it. */
  verdict(): PluginError | undefined
  /** Ends it for a reason: what is outstanding fails with that, the exit follows. The first reason counts. */
  end(reason: PluginError): void
  /** Resolves with the reason and how it went, once nothing of it is left. */
  readonly exited: Promise<{ readonly reason: PluginError; readonly report: ExitReport }>
}

/** Codes a plugin's answer may carry; the others speak of the host's own view of it. */
const PLUGIN_CODES: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_DENIED',
  'BUNDLE_MISMATCH',
  'CALL_ABORTED',
  'MESSAGE_TOO_LARGE',
  'METHOD_UNKNOWN',
  'MODULE_DENIED',
  'PLUGIN_ERROR',
  'PLUGIN_START_FAILED',
  'STREAM_ABORTED',
] satisfies ErrorCode[])

/** Of a plugin's thread above what started it, so that the node, or the main thread of its process, goes first. */
export const NICENESS: number = 5
/** Of its whole process above the node's (docs/decisions/priority.md): at work, and while it takes more than `cpuShare`. */
const PROCESS_NICENESS = { usual: 10, slowed: 19 } as const
const MIB = 1_048_576
/** What a plugin may leave unread beside what waits for it: a cluster state and its diffs, before the ping tells that it reads nothing. */
const UNREAD_BYTES = 64 * MIB
/** Characters of a crashed plugin's last output kept in its error. */
const MOST_OUTPUT = 2000

export function startRun(
  options: SupervisorOptions,
  permissions: Permissions,
  generation: number,
  onNotice: (method: string, value: unknown) => void,
): Run {
  const { plugin, limits, powers } = options
  const launched = launch(options, permissions, generation)
  let verdict: PluginError | undefined
  let report: ExitReport | undefined
  // First in line for the exit: the channel asks for the reason when the same exit closes it.
  void launched.exited.then((exit) => (report = exit))

  const thread = threadWireLimits(limits)
  const channel = makeChannel({
    port: launched.port,
    generation,
    limits: hostWireLimits(limits),
    mostWindows: { maxStreams: thread.maxStreams, streamWindow: thread.streamWindow },
    rates: hostRates(limits),
    mostHeld: limits.hostMb * MIB,
    onLimit: options.onLimit,
    queue: limits.queue,
    clock: powers.clock,
    defer: powers.defer,
    // No `serve`: a plugin thread calls nothing and pings nobody, so one that does is no plugin thread of ours.
    mostCalls: limits.inFlight,
    mostUnread: limits.hostMb * MIB + UNREAD_BYTES,
    random: powers.entropy.random,
    onNotice,
    peerCodes: PLUGIN_CODES,
    fallbackCode: 'PLUGIN_ERROR',
    explain: (error) => explain(error, options),
    lostError,
  })

  /** One error for all that the run takes with it: a crash report finds its calls by that. */
  function lostError(): PluginError {
    return verdict ?? (report === undefined ? crashError(plugin, undefined) : fell(report))
  }

  /** Why a run that is over ended; where it ended by itself, that is decided and told here, once. */
  function fell(exit: ExitReport): PluginError {
    if (verdict !== undefined) return verdict
    if (exit.cause === 'out-of-memory')
      options.onLimit({ limit: 'heapMb', action: 'ended', used: null, most: limits.heapMb })
    return (verdict = crashError(plugin, exit))
  }

  function end(reason: PluginError): void {
    if (verdict !== undefined) return
    verdict = reason
    channel.close(reason)
    launched.kill()
  }

  void channel.closed.then((reason) => {
    if (reason.code === 'PROTOCOL_VIOLATION') end(reason)
  })
  return {
    generation,
    launched,
    channel,
    verdict: () => verdict,
    end,
    exited: launched.exited.then((exit) => {
      const reason = fell(exit)
      channel.close(reason)
      return { reason, report: exit }
    }),
  }
}

function launch(options: SupervisorOptions, permissions: Permissions, generation: number): LaunchedPlugin {
  const { plugin, limits, runtime, powers } = options
  const boot = {
    generation,
    limits: threadWireLimits(limits),
    // In a process of its own the thread need not hold itself back: its socket does when the host stops reading.
    rates: options.isolation === 'thread' ? { bytesPerSecond: limits.bytesPerSecond } : {},
    // Half of all notices: audit and acknowledgements have the rest for themselves.
    says: { bytesPerSecond: limits.logBytesPerSecond, linesPerSecond: limits.noticesPerSecond / 2 },
    queue: limits.queue,
    niceness: NICENESS,
    openPaths: [...permissions.read, ...permissions.write],
    openNetwork: permissions.network,
  }
  const thread = threadSettings(plugin, limits, permissions, runtime)
  if (options.isolation === 'thread') return launchThread(thread, boot, powers.launch, powers.clock)
  const child = processSettings({
    workDir: options.workDir,
    reservedCores: options.reservedCores,
    generation,
    limits,
    niceness: PROCESS_NICENESS,
    launcher: options.launcher,
    permissions,
    runtime,
  })
  return launchProcess(child, thread, boot, powers.launch, powers.clock, powers.defer)
}

/** A failure the plugin answered with: whose it is, and its stack in the author's own files. */
function explain(error: PluginError, { plugin, limits, mapStack, onLimit }: SupervisorOptions): PluginError {
  if (error.code === 'MESSAGE_TOO_LARGE') {
    // The thread refused what the plugin gave; which of the two it was decides about nothing here.
    const limit = String(error.detail['limit']).startsWith('messageDepth') ? 'messageDepth' : 'messageBytes'
    onLimit({ limit, action: 'refused', used: null, most: limits[limit] })
    const message = `its answer is past limits.${limit}`
    return new PluginError('MESSAGE_TOO_LARGE', { plugin, message, limit: `${limit} ${limits[limit]}` })
  }
  const raw = rawStackOf(error)
  if (raw === undefined) return error
  const stack = mapStack(raw).trim()
  return new PluginError(error.code, { ...error.detail, plugin, ...(stack === '' ? {} : { stack }) })
}

function crashError(plugin: string, report: ExitReport | undefined): PluginError {
  if (report === undefined) return new PluginError('PLUGIN_CRASHED', { plugin })
  const { cause, code, signal, outputTail } = report
  return new PluginError(cause === 'out-of-memory' ? 'PLUGIN_OUT_OF_MEMORY' : 'PLUGIN_CRASHED', {
    plugin,
    ...(signal === null ? { exitCode: code } : { signal }),
    ...(outputTail === '' ? {} : { output: outputTail.slice(-MOST_OUTPUT) }),
  })
}

/** What the host takes from a plugin: the policy's numbers. */
function hostWireLimits(limits: Limits): WireLimits {
  return {
    ...DEFAULT_WIRE_LIMITS,
    maxFrameBytes: limits.messageBytes + 4096,
    maxDepth: limits.messageDepth,
    callWindow: limits.inFlight,
    ...streamLimits(limits),
  }
}

/** Half of `hostMb` is for chunks that nobody has read, however many streams there are; so the windows are cut to it. */
function streamLimits({ hostMb }: Limits): { readonly maxStreams: number; readonly streamWindow: number } {
  const chunks = Math.floor((hostMb * MIB) / 2 / CHUNK_BYTES)
  const maxStreams = Math.min(DEFAULT_WIRE_LIMITS.maxStreams, chunks)
  return {
    maxStreams,
    streamWindow: Math.min(DEFAULT_WIRE_LIMITS.streamWindow, Math.floor(chunks / maxStreams)),
  }
}

/** How fast the host goes, and how fast it lets the plugin go. */
function hostRates({ callsPerSecond, noticesPerSecond, bytesPerSecond }: Limits): Rates {
  return {
    callsPerSecond,
    noticesPerSecond,
    bytesPerSecond,
    intake: { bytesPerSecond, nodeTime: NODE_TIME },
  }
}

/** What a plugin thread takes from the host, which it trusts: states and bundles may be large. */
function threadWireLimits(limits: Limits): WireLimits {
  return {
    ...DEFAULT_WIRE_LIMITS,
    maxFrameBytes: 0x1000_0000,
    maxDepth: 512,
    callWindow: limits.inFlight,
    ...streamLimits(limits),
  }
}
