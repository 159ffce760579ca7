/**
 * Keeps one plugin alive: launches it, loads the bundle into it, watches it, restarts
 * it after a crash, and hands calls through while it runs. The hard rules are pure and
 * elsewhere (lifecycle.ts, watchdog.ts); what a call means is the service's business.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { Clock, Defer, Entropy, ExitReport, LaunchPowers, Sample, TimerHandle } from '../powers.js'
import type { Limits } from '../policy/document.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../protocol/limits.js'
import { TO_PLUGIN, type LoadArguments, type WallReport } from '../protocol/plugin-api.js'
import { rawStackOf } from '../protocol/wire-error.js'
import { makeChannel, type CallOptions, type Channel, type Payload, type Received } from '../rpc/channel.js'
import { makeRemote } from '../rpc/remote.js'
import type { LaunchedPlugin } from './launch.js'
import {
  advance,
  NEW_LIFECYCLE,
  type Lifecycle,
  type LifecycleEvent,
  type PluginState,
  type RestartPolicy,
} from './lifecycle.js'
import { launchProcess } from './process.js'
import { launchThread } from './thread.js'
import { ageOf, judge } from './watchdog.js'
import { processSettings, threadSettings, type PermissionPaths, type Runtime } from './worker-options.js'

export type Isolation = 'process' | 'thread'

export interface SupervisorOptions {
  readonly plugin: string
  readonly isolation: Isolation
  readonly limits: Limits
  readonly paths: PermissionPaths
  readonly runtime: Runtime
  /** Working directory of the child: empty, mode 0700. */
  readonly cwd: string
  readonly restart: RestartPolicy
  /** Walls that must hold beside those the thread itself requires. */
  readonly requireWalls: readonly string[]
  readonly load: LoadArguments
  readonly bundle: Uint8Array
  readonly builtins: Uint8Array
  /** Turns a raw stack of the plugin thread into the author's own files and lines. */
  readonly mapStack: (stack: string) => string
  readonly powers: {
    readonly launch: LaunchPowers
    readonly clock: Clock
    readonly defer: Defer
    readonly entropy: Entropy
  }
  /** Checks what the loaded plugin registers; what it throws quarantines the plugin. */
  readonly onLoaded: (registrations: unknown) => void
  /** The plugin can take notices from here on; called before its start(). */
  readonly onReady: () => void
  readonly onGone: () => void
  readonly onNotice: (method: string, value: unknown) => void
  readonly onTransition: (from: PluginState, to: PluginState, reason: string) => void
}

export interface Supervisor {
  /** Starts the plugin; resolves once it runs, rejects with why the first attempt failed. */
  start(): Promise<void>
  /** @throws PluginError PLUGIN_NOT_RUNNING, or whatever the call ends with */
  call(method: string, payload: Payload, options?: Partial<CallOptions>): Promise<Received>
  /** False when the plugin is down or has no room. */
  notify(method: string, payload: Payload): boolean
  /** Lets a quarantined plugin try again. */
  release(): void
  /** Asks the plugin to stop, ends it after its deadline; resolves when nothing of it is left. */
  stop(): Promise<void>
  status(): SupervisorStatus
}

export interface SupervisorStatus {
  readonly state: PluginState
  readonly isolation: Isolation
  readonly pid: number | null
  readonly threadId: number | null
  readonly sample: Sample
  readonly calls: number
  readonly inFlight: number
  readonly restarts: number
  readonly lastError: PluginError | null
  readonly walls: readonly WallReport[]
  readonly startup: Startup | null
}

/** Where the time of the last start went, ms. */
export interface Startup {
  /** Process and thread up, realm locked down, walls tried, channel open. */
  readonly launchMs: number
  /** Bundle sent, checked and evaluated. */
  readonly loadMs: number
  /** The plugin's own start(). */
  readonly startMs: number
}

/** One launched plugin, from its start to its exit. */
interface Run {
  readonly generation: number
  readonly launched: LaunchedPlugin
  readonly channel: Channel
  /** Why it was or will be ended; set once. */
  verdict: PluginError | undefined
  rssLimitBytes: number | null
  /** Age of the unanswered ping in ms; `null` when none is out. */
  pingAge: number | null
  stuckMs: number
  timer: TimerHandle | undefined
}

interface ThreadApi {
  /** Gives what the plugin registers, unchecked. */
  load(loading: LoadArguments): unknown
  start(): void
  stop(): void
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

/** Failures of a start that trying again cannot mend. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_DENIED',
  'BUNDLE_MISMATCH',
  'EXTENSION_CONFLICT',
  'MODULE_DENIED',
  'PLUGIN_START_FAILED',
  'WALL_FAILED',
] satisfies ErrorCode[])

const NO_SAMPLE: Sample = { rssBytes: null, heapBytes: null, cpuMs: null }
/** Added to the niceness of a plugin's thread, so that the node goes first when cores are scarce. */
const NICENESS = 5
/** Characters of a crashed plugin's last output kept in its error. */
const MOST_OUTPUT = 2000

export function makeSupervisor(options: SupervisorOptions): Supervisor {
  const { plugin, limits, powers } = options
  const { clock, entropy, defer } = powers
  const tickMs = Math.min(250, Math.max(10, limits.blockedMs / 20))

  let life: Lifecycle = NEW_LIFECYCLE
  let generation = 0
  let run: Run | undefined
  let restartTimer: TimerHandle | undefined
  let sample: Sample = NO_SAMPLE
  let calls = 0
  let restarts = 0
  let lastError: PluginError | null = null
  let walls: readonly WallReport[] = []
  let startup: Startup | null = null

  function step(event: LifecycleEvent, reason: string): void {
    const { next, delayMs } = advance(life, event, options.restart)
    const from = life.state
    life = next
    if (next.state !== from) options.onTransition(from, next.state, reason)
    if (delayMs !== undefined) {
      restartTimer = clock.setTimeout(() => {
        restarts++
        void attempt().catch(() => undefined) // the failure is in the transition and in lastError
      }, delayMs)
    }
  }

  // --- one attempt: launch, check walls, load, start -----------------------------------------

  async function attempt(): Promise<void> {
    step({ kind: 'start' }, restarts === 0 ? 'start' : `restart ${restarts}`)
    if (life.state !== 'starting') return
    const current = launch()
    run = current
    const begun = clock.now()
    const startsBy = begun + limits.startTimeoutMs
    const left = (): number => Math.max(1, startsBy - clock.now())
    try {
      const hello = await within(current.channel.opened, left())
      const launched = clock.now()
      walls = parseWalls(hello)
      const fallen = walls.filter((w) => !w.holds && (w.required || options.requireWalls.includes(w.wall)))
      if (fallen.length > 0) {
        const names = fallen.map(({ wall, detail }) => `${wall} (${detail})`).join(', ')
        throw new PluginError('WALL_FAILED', { plugin, walls: names })
      }
      sample = await current.launched.sample()
      if (sample.rssBytes !== null) {
        const roomMb = limits.heapMb + limits.youngMb + limits.externalMb
        current.rssLimitBytes = sample.rssBytes + roomMb * 1_048_576
      }
      watch(current)
      const thread = remoteOf(current.channel, left)
      options.onLoaded(await thread.load(options.load))
      const loaded = clock.now()
      options.onReady()
      await thread.start()
      startup = { launchMs: launched - begun, loadMs: loaded - launched, startMs: clock.now() - loaded }
      if (run !== current || life.state !== 'starting')
        throw current.verdict ?? new PluginError('PLUGIN_STOPPED', { plugin })
      step({ kind: 'started' }, 'started')
    } catch (thrown) {
      const error = explain(thrown)
      if (run === current && current.verdict === undefined) end(current, error)
      await current.launched.exited
      throw lastError ?? error
    }
  }

  /** The lifecycle methods of the plugin thread; the hot ones go over the channel as they are. */
  function remoteOf(channel: Channel, deadlineMs: () => number): ReturnType<typeof makeRemote<ThreadApi>> {
    return makeRemote<ThreadApi>(
      [TO_PLUGIN.load, TO_PLUGIN.start, TO_PLUGIN.stop],
      async (method, value = null) => {
        const sections = method === TO_PLUGIN.load ? [options.bundle, options.builtins] : []
        return (await channel.call(method, { value, sections }, { deadlineMs: deadlineMs() })).value
      },
    )
  }

  function launch(): Run {
    generation++
    const boot = {
      generation,
      limits: threadWireLimits(limits),
      queue: limits.queue,
      niceness: NICENESS,
      openPaths: [...options.paths.read, ...options.paths.write],
    }
    const thread = threadSettings(plugin, limits, options.paths, options.runtime)
    const launched =
      options.isolation === 'thread'
        ? launchThread(thread, boot, powers.launch, clock)
        : launchProcess(
            processSettings(options.cwd, generation, options.paths, options.runtime),
            thread,
            boot,
            powers.launch,
            clock,
            defer,
          )
    let report: ExitReport | undefined
    // First in line for the exit: the channel asks for the reason when the same exit closes it.
    void launched.exited.then((exit) => (report = exit))
    const channel = makeChannel({
      port: launched.port,
      generation,
      limits: hostWireLimits(limits),
      queue: limits.queue,
      clock,
      defer,
      serve: ({ method }) => {
        throw new PluginError('METHOD_UNKNOWN', { method })
      },
      onNotice: (method, value) => {
        if (run?.channel === channel) options.onNotice(method, value)
      },
      peerCodes: PLUGIN_CODES,
      fallbackCode: 'PLUGIN_ERROR',
      explain,
      lostError: () => current.verdict ?? crashError(report),
    })
    const current: Run = {
      generation,
      launched,
      channel,
      verdict: undefined,
      rssLimitBytes: null,
      pingAge: null,
      stuckMs: 0,
      timer: undefined,
    }
    void channel.closed.then((reason) => {
      if (current.verdict === undefined && reason.code === 'PROTOCOL_VIOLATION') end(current, reason)
    })
    void launched.exited.then((exit) => onExit(current, exit))
    return current
  }

  function crashError(report: ExitReport | undefined): PluginError {
    if (report === undefined) return new PluginError('PLUGIN_CRASHED', { plugin })
    const { cause, code, signal, outputTail } = report
    return new PluginError(cause === 'out-of-memory' ? 'PLUGIN_OUT_OF_MEMORY' : 'PLUGIN_CRASHED', {
      plugin,
      ...(signal === null ? { exitCode: code } : { signal }),
      ...(outputTail === '' ? {} : { output: outputTail.slice(-MOST_OUTPUT) }),
    })
  }

  /** Ends a run for a reason; what is outstanding fails with it, the exit follows. */
  function end(current: Run, reason: PluginError): void {
    if (current.verdict !== undefined) return
    current.verdict = reason
    current.channel.close(reason)
    current.launched.kill()
  }

  function onExit(current: Run, exit: ExitReport): void {
    const error = current.verdict ?? crashError(exit)
    current.verdict ??= error
    current.channel.close(error)
    if (current.timer !== undefined) clock.clearTimeout(current.timer)
    if (run !== current) return
    run = undefined
    sample = NO_SAMPLE
    options.onGone()
    if (life.state === 'stopping') return
    lastError = error
    const hopeless = FINAL_CODES.has(error.code) || exit.cause === 'lost'
    const reason =
      exit.cause === 'lost'
        ? `${error.message}; its thread sits in native code and cannot be ended`
        : error.message
    if (hopeless) step({ kind: 'refused' }, reason)
    else step({ kind: 'crashed', atMs: clock.now(), random: entropy.random() }, reason)
  }

  // --- watching ------------------------------------------------------------------------------

  function watch(current: Run): void {
    let last = clock.now()
    let sampling = false

    function look(): void {
      if (current.verdict !== undefined) return
      const verdict = judge({
        unansweredMs: current.pingAge,
        blockedMs: limits.blockedMs,
        rssBytes: sample.rssBytes,
        rssLimitBytes: current.rssLimitBytes,
        stuckMs: current.stuckMs,
        stuckLimitMs: limits.callTimeoutMs,
      })
      if (verdict.kind === 'end') end(current, new PluginError(verdict.code, { plugin, ...verdict.detail }))
      else if (verdict.kind === 'late') step({ kind: 'late' }, 'its thread is slow to answer')
      else step({ kind: 'recovered' }, 'its thread answers again')
    }

    /** Never waited for: a thread inside native code answers no question about its heap until it is done. */
    async function takeSample(): Promise<void> {
      sampling = true
      const taken = await current.launched.sample()
      sampling = false
      if (current.verdict !== undefined) return
      sample = taken
      look()
    }

    const tick = (): void => {
      const now = clock.now()
      const elapsed = now - last
      last = now
      if (current.verdict !== undefined) return
      const stats = current.channel.stats()
      current.stuckMs = stats.abandoned >= limits.inFlight ? current.stuckMs + elapsed : 0
      if (current.pingAge !== null) current.pingAge = ageOf(current.pingAge, elapsed, tickMs)
      else if (life.state !== 'starting') ping(current)
      look()
      if (!sampling) void takeSample()
      current.timer = clock.setTimeout(tick, tickMs)
    }
    current.timer = clock.setTimeout(tick, tickMs)
  }

  function ping(current: Run): void {
    current.pingAge = 0
    current.channel.ping().then(
      () => (current.pingAge = null),
      () => undefined, // the channel closed; the exit says the rest
    )
  }

  // --- outside -------------------------------------------------------------------------------

  function explain(thrown: unknown): PluginError {
    if (!(thrown instanceof PluginError)) {
      return new PluginError('PLUGIN_START_FAILED', { plugin, message: String(thrown) }, { cause: thrown })
    }
    const raw = rawStackOf(thrown)
    if (raw === undefined) return thrown
    const stack = options.mapStack(raw).trim()
    return new PluginError(thrown.code, { plugin, ...thrown.detail, ...(stack === '' ? {} : { stack }) })
  }

  function within<T>(promise: Promise<T>, delayMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(
        () =>
          reject(
            new PluginError('CALL_TIMEOUT', { plugin, method: 'hello', deadlineMs: Math.round(delayMs) }),
          ),
        delayMs,
      )
      promise.then(resolve, reject).finally(() => clock.clearTimeout(timer))
    })
  }

  return {
    start: attempt,
    call(method, payload, given) {
      const answers = life.state === 'running' || life.state === 'degraded'
      // Between its verdict and its exit a run takes no new calls: they would fail for what another call did.
      if (run === undefined || run.verdict !== undefined || !answers) {
        const code =
          life.state === 'stopping' || life.state === 'stopped' ? 'PLUGIN_STOPPED' : 'PLUGIN_NOT_RUNNING'
        const last = run?.verdict ?? lastError
        const why = last === null ? {} : { lastError: last.code }
        return Promise.reject(new PluginError(code, { plugin, state: life.state, ...why }))
      }
      calls++
      const bounded = withinMessage(payload, limits.messageBytes)
      if (bounded === undefined) {
        const facts = { plugin, method, limit: `messageBytes ${limits.messageBytes}` }
        return Promise.reject(new PluginError('MESSAGE_TOO_LARGE', facts))
      }
      const deadlineMs = given?.deadlineMs ?? limits.callTimeoutMs
      if (!(deadlineMs > 0)) {
        const facts = { option: 'deadlineMs', value: deadlineMs, remedy: 'a number of milliseconds above 0' }
        return Promise.reject(new PluginError('CONFIG_INVALID', facts))
      }
      const callOptions = { deadlineMs, signal: given?.signal }
      return run.channel.call(method, bounded, callOptions)
    },
    notify: (method, payload) => run?.channel.notify(method, payload) ?? false,
    release: () => step({ kind: 'released' }, 'released by the operator'),
    async stop() {
      if (life.state === 'stopped') return
      const asked = life.state === 'running' || life.state === 'degraded'
      step({ kind: 'stop' }, 'stop')
      if (restartTimer !== undefined) clock.clearTimeout(restartTimer)
      const current = run
      if (current !== undefined) {
        if (asked) {
          // A stop handler that fails or hangs changes nothing: the plugin ends all the same.
          await remoteOf(current.channel, () => limits.callTimeoutMs)
            .stop()
            .catch(() => undefined)
        }
        end(current, new PluginError('PLUGIN_STOPPED', { plugin }))
        await current.launched.exited
      }
      step({ kind: 'stopped' }, 'stopped')
    },
    status: () => ({
      state: life.state,
      isolation: options.isolation,
      pid: run?.launched.pid ?? null,
      threadId: run?.launched.threadId ?? null,
      sample,
      calls,
      inFlight: run?.channel.stats().inFlight ?? 0,
      restarts,
      lastError,
      walls,
      startup,
    }),
  }
}

/** The payload with its value as JSON, or `undefined` when it is larger than a message may be. */
function withinMessage({ value, ...rest }: Payload, messageBytes: number): Payload | undefined {
  const json = rest.json ?? JSON.stringify(value)
  const sectionBytes = (rest.sections ?? []).reduce((sum, section) => sum + section.length, 0)
  return json.length + sectionBytes > messageBytes ? undefined : { ...rest, json }
}

/** What the host takes from a plugin: the policy's numbers. */
function hostWireLimits(limits: Limits): WireLimits {
  return { ...DEFAULT_WIRE_LIMITS, maxFrameBytes: limits.messageBytes + 4096, callWindow: limits.inFlight }
}

/** What a plugin thread takes from the host, which it trusts: states and bundles may be large. */
function threadWireLimits(limits: Limits): WireLimits {
  return { ...DEFAULT_WIRE_LIMITS, maxFrameBytes: 0x1000_0000, maxDepth: 512, callWindow: limits.inFlight }
}

function parseWalls(hello: unknown): readonly WallReport[] {
  if (!Array.isArray(hello)) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'hello names the walls' })
  return hello.slice(0, 64).map((entry: unknown) => {
    const { wall, holds, required, detail } = (entry ?? {}) as Record<string, unknown>
    return {
      wall: String(wall).slice(0, 64),
      holds: holds === true,
      required: required !== false,
      detail: String(detail).slice(0, 500),
    }
  })
}
