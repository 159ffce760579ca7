/**
 * Keeps one plugin alive: launches it, loads the bundle into it, watches it, restarts
 * it after a crash, and hands calls through while it runs. The hard rules are pure and
 * elsewhere (lifecycle.ts, watchdog.ts); what a call means is the service's business.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { Sample, TimerHandle } from '../powers.js'
import { TO_PLUGIN, type LoadArguments, type WallReport } from '../protocol/plugin-api.js'
import type { CallOptions, Channel, Payload, Received } from '../rpc/channel.js'
import { makeRemote } from '../rpc/remote.js'
import { isDeeperThan } from '../rpc/scan.js'
import { advance, NEW_LIFECYCLE, type Lifecycle, type LifecycleEvent, type PluginState } from './lifecycle.js'
import type { Isolation, SupervisorOptions } from './options.js'
import { startRun, type Run } from './run.js'
import { watch } from './watch.js'

export interface Supervisor {
  /** Starts the plugin; resolves once it runs, rejects with why the first attempt failed. */
  start(): Promise<void>
  /** @throws PluginError PLUGIN_NOT_RUNNING, or whatever the call ends with */
  call(method: string, payload: Payload, options?: Partial<CallOptions>): Promise<Received>
  /** Sends it when the plugin has room, unless a newer one of the same method comes before. False when the plugin is down. */
  notify(method: string, payload: Payload): boolean
  /** Ends it and starts it again under its new terms, at once and without counting a crash. */
  renew(reason: string): void
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

interface ThreadApi {
  /** Gives what the plugin registers, unchecked. */
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

const NO_SAMPLE: Sample = { rssBytes: null, heapBytes: null, cpuMs: null }
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
    const { permissions, load } = options.terms()
    renewal = undefined
    const current: Run = startRun(options, permissions, ++generation, (method, value) => {
      if (run === current) options.onNotice(method, value)
    })
    run = current
    void current.exited.then(({ reason, report }) => onExit(current, reason, report.cause === 'lost'))
    const begun = clock.now()
    const startsBy = begun + limits.startTimeoutMs
    const left = (): number => Math.max(1, startsBy - clock.now())
    try {
      const hello = await within(current.channel.opened, left())
      const launched = clock.now()
      walls = parseWalls(hello)
      const unknown = options.requireWalls.filter((name) => !walls.some(({ wall }) => wall === name))
      if (unknown.length > 0) {
        const known = walls.map(({ wall }) => wall).join(', ')
        throw new PluginError('WALL_FAILED', {
          plugin,
          walls: `${unknown.join(', ')}: no such wall; there are ${known}`,
        })
      }
      const fallen = walls.filter((w) => !w.holds && (w.required || options.requireWalls.includes(w.wall)))
      if (fallen.length > 0) {
        const names = fallen.map(({ wall, detail }) => `${wall} (${detail})`).join(', ')
        throw new PluginError('WALL_FAILED', { plugin, walls: names })
      }
      sample = await current.launched.sample()
      watch(current, {
        plugin,
        limits,
        clock,
        startRssBytes: sample.rssBytes,
        mustAnswer: () => life.state !== 'starting',
        onSample: (taken) => (sample = taken),
        onLate: () => step({ kind: 'late' }, 'its thread is slow to answer'),
        onFine: () => step({ kind: 'recovered' }, 'its thread answers again'),
      })
      const thread = remoteOf(current.channel, left)
      options.onLoaded(await thread.load(load))
      const loaded = clock.now()
      options.onReady()
      await thread.start()
      startup = { launchMs: launched - begun, loadMs: loaded - launched, startMs: clock.now() - loaded }
      if (run !== current || life.state !== 'starting')
        throw current.verdict() ?? new PluginError('PLUGIN_STOPPED', { plugin })
      step({ kind: 'started' }, 'started')
      if (renewal !== undefined) current.end(renewal) // its terms changed while it started
    } catch (thrown) {
      const error = startError(thrown)
      current.end(error)
      await current.exited
      throw lastError ?? error
    }
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

  function onExit(current: Run, error: PluginError, lost: boolean): void {
    if (run !== current) return
    run = undefined
    sample = NO_SAMPLE
    options.onGone()
    if (life.state === 'stopping') return
    if (error === renewal) return step({ kind: 'renewed' }, String(error.detail['message']))
    lastError = error
    if (lost) {
      step({ kind: 'refused' }, `${error.message}; its thread sits in native code and cannot be ended`)
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
      if (run === undefined || run.verdict() !== undefined || !answers) {
        const code =
          life.state === 'stopping' || life.state === 'stopped' ? 'PLUGIN_STOPPED' : 'PLUGIN_NOT_RUNNING'
        const last = run?.verdict() ?? lastError
        const why = last === null ? {} : { lastError: last.code }
        return Promise.reject(new PluginError(code, { plugin, state: life.state, ...why }))
      }
      calls++
      const bounded = asJson(payload)
      const limit = brokenBy(bounded, limits)
      if (limit !== undefined) {
        options.onLimit({ limit, action: 'refused', used: null, most: limits[limit] })
        const facts = { plugin, method, limit: `${limit} ${limits[limit]}` }
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
    notify: (method, payload) => run?.channel.notify(method, payload, true) ?? false,
    renew(reason) {
      // The first counts until it has been acted on: a run that is ending for it is no crash.
      renewal ??= new PluginError('PLUGIN_NOT_RUNNING', { plugin, message: reason })
      if (life.state === 'running' || life.state === 'degraded') run?.end(renewal)
    },
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
        current.end(new PluginError('PLUGIN_STOPPED', { plugin }))
        await current.exited
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

function asJson({ value, ...rest }: Payload): Payload & { readonly json: string | Uint8Array } {
  return { ...rest, json: rest.json ?? JSON.stringify(value) }
}

/** Which limit of one message it is past, if it is past one. */
function brokenBy(
  { json, sections }: Payload & { readonly json: string | Uint8Array },
  { messageBytes, messageDepth }: Limits,
): 'messageBytes' | 'messageDepth' | undefined {
  const sectionBytes = (sections ?? []).reduce((sum, section) => sum + section.length, 0)
  if (json.length + sectionBytes > messageBytes) return 'messageBytes'
  return typeof json === 'string' && isDeeperThan(json, messageDepth) ? 'messageDepth' : undefined
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
