/**
 * Keeps one plugin alive: launches it or takes its spare, loads the bundle into it,
 * watches it, restarts it after a crash, and hands calls through while it runs. The
 * hard rules are pure and elsewhere (lifecycle.ts, watchdog.ts); how far a launch gets
 * without the plugin is opening.ts's; what a call means is the service's business.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { ExitReport, Sample, TimerHandle } from '../powers.js'
import { TO_PLUGIN, type LoadArguments, type WallReport } from '../protocol/plugin-api.js'
import { parseStartupParts } from '../protocol/startup-parts.js'
import type { CallOptions, Channel, Payload, Received } from '../rpc/channel.js'
import { makeRemote } from '../rpc/remote.js'
import { beginCall } from './begin-call.js'
import { advance, NEW_LIFECYCLE, type Lifecycle, type LifecycleEvent } from './lifecycle.js'
import type { SupervisorOptions } from './options.js'
import { openRun, within, type Opening } from './opening.js'
import { startRun, type Run } from './run.js'
import { makeStandby } from './standby.js'
import type { Startup } from './startup.js'
import { NO_SAMPLE, type SupervisorStatus } from './status.js'
import { watch } from './watch.js'
import type { Permissions } from './worker-options.js'

export interface Supervisor {
  /** Starts the plugin; resolves once it runs, rejects with why the first attempt failed. */
  start(): Promise<void>
  /** @throws PluginError PLUGIN_NOT_RUNNING, or whatever the call ends with */
  call(method: string, payload: Payload, options?: Partial<CallOptions>): Promise<Received>
  /** Sends it when the plugin has room, unless a newer one of the same method comes before. False when the plugin is down. */
  notify(method: string, payload: Payload): boolean
  /** Ends it and starts it again under its new terms, at once and without counting a crash. */
  renew(reason: string): void
  /** Ends it at once, for the operator; it stays out of service until `release()`. */
  quarantine(reason: string): void
  /** Lets a quarantined plugin try again. */
  release(): void
  /** Asks the plugin to stop, ends it after its deadline; resolves when nothing of it is left. */
  stop(): Promise<void>
  status(): SupervisorStatus
}

interface ThreadApi {
  /** Gives `registrations` and `startup`, unchecked. */
  load(loading: LoadArguments): unknown
  start(): void
  stop(): void
}

/** Failures of a start that trying again cannot mend. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_DENIED',
  'BUNDLE_MISMATCH',
  'EXTENSION_CONFLICT',
  'MODULE_DENIED',
  'PLUGIN_START_FAILED',
  'WALL_FAILED',
] satisfies ErrorCode[])

/** For the operator; docs/node-author.md says more. */
const LOST =
  'its thread sits in native code and cannot be ended: it runs on in this process, nothing it sends is read, ' +
  'and only a restart of the node ends it'
/** A standby that does not answer a ping by then is no use; a fresh launch takes less than waiting on. */
const SPARE_ANSWERS_MS = 250

export function makeSupervisor(options: SupervisorOptions): Supervisor {
  const { plugin, limits, powers } = options
  const { clock, entropy } = powers

  let life: Lifecycle = NEW_LIFECYCLE
  let generation = 0
  let run: Run | undefined
  /** Why the terms it was launched under are not the present ones. */
  let renewal: PluginError | undefined
  let restartTimer: TimerHandle | undefined
  let sample: Sample = NO_SAMPLE
  let calls = 0
  let restarts = 0
  let lostThreads = 0
  let lastError: PluginError | null = null
  let walls: readonly WallReport[] = []
  let startup: Startup | null = null
  const standby = makeStandby({
    wanted: () => options.standby && (life.state === 'running' || life.state === 'degraded'),
    permissions: () => options.terms().permissions,
    launch,
    clock,
  })

  function step(event: LifecycleEvent, reason: string): void {
    const { next, delayMs } = advance(life, event, options.restart)
    const from = life.state
    life = next
    if (next.state === 'running' && from === 'starting') standby.keep()
    if (next.state === 'quarantined') void standby.drop()
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
    const { permissions, load } = options.terms()
    renewal = undefined
    const begun = clock.now()
    const startsBy = begun + limits.startTimeoutMs
    const left = (): number => Math.max(1, startsBy - clock.now())
    const { opening, spare } = await obtain(permissions)
    const current = opening.run
    void current.exited.then(({ reason, report }) => onExit(current, reason, report))
    try {
      const opened = await within(opening.opened, left(), clock, helloTimeout)
      walls = opened.walls
      const launched = clock.now()
      let isLoaded = false
      const { dataDirectory } = options
      await watch(current, {
        plugin,
        limits,
        clock,
        isLoaded: () => isLoaded,
        measureData:
          dataDirectory === undefined ? undefined : () => powers.launch.measureDirectory(dataDirectory),
        cgroupFiles: powers.launch.cgroupFiles,
        onSample: (taken) => options.onSample((sample = taken)),
        onLimit: options.onLimit,
        onDegraded: (reason) => step({ kind: 'late' }, reason),
        onFine: () => step({ kind: 'recovered' }, 'it is well again'),
      })
      const thread = remoteOf(current.channel, left)
      const { registrations, startup: told } = fieldsOf(await thread.load(load))
      isLoaded = true
      const loaded = clock.now()
      options.onLoaded(registrations)
      options.onReady()
      await thread.start()
      startup = {
        standby: spare,
        launchMs: launched - begun,
        loadMs: loaded - launched,
        startMs: clock.now() - loaded,
        parts: { ...opened.parts, ...parseStartupParts(told) },
      }
      if (run !== current || life.state !== 'starting')
        throw current.verdict() ?? new PluginError('PLUGIN_STOPPED', { plugin })
      step({ kind: 'started' }, 'started')
      if (renewal !== undefined) current.end(renewal) // its terms changed while it started
    } catch (thrown) {
      const error = startError(thrown)
      if (error.code === 'CALL_TIMEOUT') {
        const most = limits.startTimeoutMs
        options.onLimit({ limit: 'startTimeoutMs', action: 'ended', used: null, most })
      }
      current.end(error)
      await current.exited
      throw lastError ?? error
    }
  }

  function launch(permissions: Permissions): Opening {
    const launched: Run = startRun(options, permissions, ++generation, (method, value) => {
      if (run === launched) options.onNotice(method, value)
    })
    return openRun(launched, options)
  }

  /**
   * The spare, if there is one under these terms that is alive, else a fresh launch; `run` from here on.
   * A spare that is of no use any more is no crash: no code of the plugin was in it.
   */
  async function obtain(permissions: Permissions): Promise<{ opening: Opening; spare: boolean }> {
    const taken = standby.take(permissions)
    if (taken !== undefined) {
      const { opening, ready } = taken
      run = opening.run
      if (!ready || (await answers(opening.run))) return { opening, spare: true }
      opening.run.end(new PluginError('PLUGIN_BLOCKED', { plugin }))
      await opening.run.exited
      if (life.state !== 'starting') throw new PluginError('PLUGIN_STOPPED', { plugin })
    }
    const opening = launch(permissions)
    run = opening.run
    return { opening, spare: false }
  }

  function answers({ channel }: Run): Promise<boolean> {
    const late = (): PluginError => new PluginError('PLUGIN_BLOCKED', { plugin })
    return within(channel.ping(), SPARE_ANSWERS_MS, clock, late).then(
      () => true,
      () => false,
    )
  }

  function helloTimeout(deadlineMs: number): PluginError {
    return new PluginError('CALL_TIMEOUT', { plugin, method: 'hello', deadlineMs })
  }

  /** The lifecycle methods of the plugin thread; the hot ones go over the channel as they are. */
  function remoteOf(channel: Channel, deadlineMs: () => number): ReturnType<typeof makeRemote<ThreadApi>> {
    return makeRemote<ThreadApi>(
      [TO_PLUGIN.load, TO_PLUGIN.start, TO_PLUGIN.stop],
      async (method, value = null) => {
        const sections = method === TO_PLUGIN.load ? [options.bundle, ...options.builtins] : []
        return (await channel.call(method, { value, sections }, { deadlineMs: deadlineMs() })).value
      },
    )
  }

  function onExit(current: Run, error: PluginError, report: ExitReport): void {
    if (run !== current) return
    run = undefined
    sample = NO_SAMPLE
    options.onGone()
    if (report.cause === 'lost') {
      lostThreads++
      void current.launched.gone.then(() => lostThreads--)
    }
    if (life.state === 'stopping') return
    if (error === renewal) return step({ kind: 'renewed' }, String(error.detail['message']))
    lastError = error
    if (life.state === 'quarantined') return // by the operator
    options.onCrash(error, report, current.generation)
    if (report.cause === 'lost') {
      step({ kind: 'refused' }, `${error.message}; ${LOST}`)
    } else if (FINAL_CODES.has(error.code)) {
      step({ kind: 'refused' }, error.message)
    } else {
      step({ kind: 'crashed', atMs: clock.now(), random: entropy.random() }, error.message)
    }
  }

  function startError(thrown: unknown): PluginError {
    return thrown instanceof PluginError
      ? thrown
      : new PluginError('PLUGIN_START_FAILED', { plugin, message: String(thrown) }, { cause: thrown })
  }

  return {
    start: attempt,
    call(method, payload, given) {
      const answers = life.state === 'running' || life.state === 'degraded'
      // Between its verdict and its exit a run takes no new calls: they would fail for what another call did.
      if (run === undefined || run.verdict() !== undefined || !answers) {
        const code =
          life.state === 'stopping' || life.state === 'stopped' ? 'PLUGIN_STOPPED' : 'PLUGIN_NOT_RUNNING'
        const last = run?.verdict() ?? lastError
        const why = last === null ? {} : { lastError: last.code }
        return Promise.reject(new PluginError(code, { plugin, state: life.state, ...why }))
      }
      calls++
      return beginCall(run.channel, options, method, payload, given)
    },
    notify: (method, payload) => run?.channel.notify(method, payload, true) ?? false,
    renew(reason) {
      // The first counts until it has been acted on: a run that is ending for it is no crash.
      renewal ??= new PluginError('PLUGIN_NOT_RUNNING', { plugin, message: reason })
      if (life.state === 'running' || life.state === 'degraded') run?.end(renewal)
    },
    quarantine(reason) {
      const before = life
      const message = `quarantined by the operator: ${reason}`
      const error = new PluginError('PLUGIN_NOT_RUNNING', { plugin, message })
      const earlier = lastError
      lastError = error // the event of the transition tells it
      step({ kind: 'withdrawn' }, message)
      if (life === before) {
        lastError = earlier
        return
      }
      if (restartTimer !== undefined) clock.clearTimeout(restartTimer)
      run?.end(error)
    },
    release() {
      const released = (): void => step({ kind: 'released' }, 'released by the operator')
      // One that is ending still would be taken for the next one.
      if (run === undefined) released()
      else void run.exited.then(released)
    },
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
        current.end(new PluginError('PLUGIN_STOPPED', { plugin }))
        await current.exited
      }
      await standby.drop()
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
      lostThreads,
      lastError,
      walls,
      startup,
      standby: standby.status(),
    }),
  }
}

function fieldsOf(reply: unknown): Readonly<Record<string, unknown>> {
  return (reply ?? {}) as Readonly<Record<string, unknown>>
}
