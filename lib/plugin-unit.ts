/**
 * One plugin as the service holds it: its grant, its supervisor, its place among the
 * cluster-state subscribers, its audit, and what it said (logs, failures), all bounded.
 */
import { makeAuditTrail, type AuditEvent } from './audit/trail.js'
import type { Broker, Subscription } from './cluster/broker.js'
import { stackMapper } from './bundle/map-stack.js'
import { checkRegistrations } from './check-registrations.js'
import type { Descriptor } from './descriptor/descriptor.js'
import { PluginError } from './errors.js'
import { makeCrashRecorder } from './crash/recorder.js'
import type { CrashReport } from './crash/report.js'
import { makeGuard, type BreakerEvent, type FallbackEvent, type Guard } from './failure/guard.js'
import { watchExpiry } from './expiry-watch.js'
import { parseRegistrations } from './extensions/reply.js'
import { grantedEnvironment, grantedSettings } from './granted-values.js'
import { hostScript, readBuiltinsCode } from './launch/scripts.js'
import { nodeDefer, nodeEntropy, nodeEnvironment, nodeVersion, sha256 } from './node-powers.js'
import {
  clusterScope,
  clusterScopeKey,
  clusterScopeRules,
  permissionPaths,
  permitsNetwork,
} from './policy/decide.js'
import type { Grant } from './policy/grant.js'
import type { Clock, LaunchPowers } from './powers.js'
import type { Prepared } from './prepare.js'
import { openLogBudget, takeLog } from './protocol/log-budget.js'
import {
  LOG_LEVELS,
  TO_HOST,
  TO_PLUGIN,
  WRAPPER_LINES,
  type LogLevel,
  type Registrations,
} from './protocol/plugin-api.js'
import type { CallOptions, Payload, Received } from './rpc/channel.js'
import { parseLimitNotice } from './protocol/limit-hit.js'
import { makeLimitMeter, type LimitEvent } from './metrics/limit-meter.js'
import type { PluginInfo, TransitionEvent } from './plugin-info.js'
import type { CheckedOptions } from './service-options.js'
import { shippedVersion } from './shipped-policies.js'
import type { Terms } from './supervisor/options.js'
import { makeSupervisor } from './supervisor/supervisor.js'

export interface UnitEvents {
  transition(event: TransitionEvent, error: PluginError | null, restarts: number): void
  audit(event: AuditEvent): void
  limit(event: LimitEvent): void
  log(event: { readonly plugin: string; readonly level: LogLevel; readonly text: string }): void
  failure(event: {
    readonly plugin: string
    readonly kind: string
    readonly message: string
    readonly stack: string
  }): void
  breaker(event: BreakerEvent): void
  fallback(event: FallbackEvent): void
  crash(report: Omit<CrashReport, 'unreported'>): void
}

export interface UnitSettings {
  readonly options: CheckedOptions
  readonly launch: LaunchPowers
  readonly clock: Clock
  readonly workDir: string
  readonly broker: Broker | undefined
  readonly events: UnitEvents
  /** Adds what the plugin provides to the registries. @throws PluginError `EXTENSION_CONFLICT` */
  readonly register: (registrations: Registrations) => void
}

export interface PluginUnit {
  readonly descriptor: Descriptor
  /** What it may do now; smaller when an addition has expired. */
  grant(): Grant
  /** True when it runs; never rejects, the failure is in `info()`. */
  start(): Promise<boolean>
  /** Keeps it from starting: a plugin it extends does not run. */
  refuse(missing: string): boolean
  /** What its calls go through: the breakers of its extension points, and what is given in place of an answer. */
  readonly guard: Guard
  call(method: string, payload: Payload, options: Partial<CallOptions>): Promise<Received>
  /** Ends it, for the operator, until `release()`. */
  quarantine(reason: string): void
  release(): void
  /** Resolves when the newest cluster state is acknowledged, or nothing can acknowledge it. */
  settled(): Promise<void>
  stop(): Promise<void>
  info(): PluginInfo
}

const MOST_LOG_CHARS = 8192
/** Of one count that a thread tells; it may say anything. */
const MOST_DROPPED = 1_000_000_000
/** Characters of the line that tells of dropped ones. */
const DROPPED_CHARS = 80
const builtins = readBuiltinsCode()

export function makePluginUnit(
  { descriptor, bundle, ...prepared }: Prepared,
  settings: UnitSettings,
): PluginUnit {
  const { name } = descriptor
  const { options, events, broker, clock } = settings
  let grant = prepared.grant
  const mapStack = stackMapper(bundle.map, name, WRAPPER_LINES)
  const audit = makeAuditTrail(name, clock, events.audit)
  const warnings =
    options.isolationOf(name) === 'thread' && !prepared.trusted ? [untrustedInThread(name)] : []
  const meter = makeLimitMeter(name, clock, events.limit)
  const seesState = (): boolean => clusterScope(grant, []) !== 'none'
  let subscription: Subscription | undefined
  let settling: (() => void)[] = []
  const { logBytesPerSecond, noticesPerSecond } = prepared.grant.limits
  const says = { bytesPerSecond: logBytesPerSecond, linesPerSecond: noticesPerSecond }
  let budget = openLogBudget(says, 2, clock.now())
  let failures = 0
  let heapSaid: number | null = null
  let refusal: PluginError | undefined
  const isolation = options.isolationOf(name)
  const guard = makeGuard({
    plugin: name,
    breaker: options.breaker,
    fallbackOf: options.fallbackOf,
    clock,
    onBreaker: (event) => events.breaker(event),
    onFallback: (event) => events.fallback(event),
  })
  const identity = { plugin: name, version: descriptor.version, isolation, bundle: bundle.sha256 }
  const recorder = makeCrashRecorder({ ...identity, node: nodeVersion, bulkhead: shippedVersion }, clock)

  const supervisor = makeSupervisor({
    plugin: name,
    isolation,
    launcher: options.launcherOf(name),
    limits: prepared.grant.limits,
    terms,
    runtime: { nodeVersion, hostScript },
    workDir: settings.workDir,
    reservedCores: options.reservedCores,
    dataDirectory: permissionPaths(grant, 'write').some((path) => meets(path, grant.data))
      ? grant.data
      : undefined,
    restart: options.restart,
    standby: options.hasStandby(name),
    requireWalls: options.requireWalls,
    bundle: bundle.code,
    builtins,
    mapStack,
    powers: { launch: settings.launch, clock, defer: nodeDefer, entropy: nodeEntropy },
    onLoaded(value) {
      const registrations = parseRegistrations(value)
      checkRegistrations(descriptor, registrations, grant, audit)
      settings.register(registrations)
      guard.registered(registrations.rest)
    },
    onReady: subscribe,
    onGone: unsubscribe,
    onSample: (sample) => recorder.sampled(sample),
    onCrash(error, exit, generation) {
      const { state, walls } = supervisor.status()
      const crash = { error, exit, generation, state, walls, grant: sha256(JSON.stringify(grant)) }
      // By then the calls that it took along have ended.
      nodeDefer(() => events.crash(recorder.report(crash, guard.fallen)))
    },
    onNotice,
    onLimit: meter.hit,
    onTransition(from, to, reason) {
      if (to === 'starting') recorder.started()
      const { lastError, restarts } = supervisor.status()
      events.transition({ plugin: name, from, to, reason }, lastError, restarts)
    },
  })

  /** Nothing a plugin may do depends on when its approval was read: what expires meanwhile ends with the run it was given to. */
  const endWatch = watchExpiry(grant, clock, (left) => {
    grant = left
    supervisor.renew('an addition of its approval has expired')
  })

  function terms(): Terms {
    return {
      permissions: {
        read: permissionPaths(grant, 'read'),
        write: permissionPaths(grant, 'write'),
        network: permitsNetwork(grant),
      },
      load: {
        plugin: name,
        sha256: bundle.sha256,
        env: grantedEnvironment(grant, nodeEnvironment, audit),
        settings: grantedSettings(grant, options.settings, audit),
        home: '/plugin',
        data: '/data',
        limits: {
          timers: grant.limits.timers,
          logBytes: MOST_LOG_CHARS,
          files: grant.limits.files,
          sockets: grant.limits.sockets,
          externalMb: grant.limits.externalMb,
        },
        grant: JSON.stringify(grant),
        dnsServers: options.dnsServers,
        clusterState: seesState() && broker !== undefined,
      },
    }
  }

  // --- cluster state -----------------------------------------------------------------------

  function subscribe(): void {
    if (broker === undefined || !seesState()) return
    const rule = clusterScopeRules(grant)
    audit.decided('clusterState.read', 'subscription', { allowed: true, rule })
    subscription = broker.attach({
      plugin: name,
      key: clusterScopeKey(grant),
      scope: (path) => clusterScope(grant, path),
      send(json) {
        if (!supervisor.notify(TO_PLUGIN.state, { json }))
          throw new PluginError('QUEUE_FULL', { plugin: name })
      },
    })
  }

  function unsubscribe(): void {
    subscription?.detach()
    subscription = undefined
    heapSaid = null
    audit.flush()
    tellSettled()
  }

  function tellSettled(): void {
    if (subscription !== undefined && subscription.lag().versions > 0) return
    for (const resolve of settling) resolve()
    settling = []
  }

  // --- what the plugin says; all of it is input from outside ---------------------------------

  function onNotice(method: string, value: unknown): void {
    switch (method) {
      case TO_HOST.log:
        return onLog(textIn(value, 'level'), textIn(value, 'text'))
      case TO_HOST.acknowledge:
        if (typeof value === 'string') subscription?.acknowledge(value)
        return tellSettled()
      case TO_HOST.resync:
        return subscription?.resync()
      case TO_HOST.audit:
        return audit.heard(value)
      case TO_HOST.failure:
        return onFailure(textIn(value, 'kind'), textIn(value, 'message'), textIn(value, 'stack'))
      case TO_HOST.limit:
        return onThreadLimit(value)
      case TO_HOST.dropped:
        return onDropped(value)
      case TO_HOST.heap:
        if (typeof value === 'number') heapSaid = value
        return
      default:
        throw new PluginError('PROTOCOL_VIOLATION', { plugin: name, rule: 'no such notice', method })
    }
  }

  function onThreadLimit(value: unknown): void {
    const notice = parseLimitNotice(value)
    if (notice === null) throw new PluginError('PROTOCOL_VIOLATION', { plugin: name, rule: 'no such limit' })
    const { limit, used, count } = notice
    meter.hit({ limit, action: 'refused', used, most: grant.limits[limit] }, count)
  }

  /** Whether so much text of the plugin is still kept in this second; the rest is counted and dropped. */
  function keeps(chars: number): boolean {
    const { dropped } = budget
    const { next, kept } = takeLog(budget, chars, clock.now())
    budget = next
    if (!kept)
      meter.hit({ limit: 'logBytesPerSecond', action: 'dropped', used: null, most: logBytesPerSecond })
    if (kept && dropped > 0) tellDropped(dropped)
    return kept
  }

  function tellDropped(count: number): void {
    const text = `${count} messages of this plugin were dropped: limits.logBytesPerSecond`
    events.log({ plugin: name, level: 'warn', text })
  }

  /** The thread itself has kept its plugin to the budget; it says how much that was. */
  function onDropped(value: unknown): void {
    const [lines, failed] = Array.isArray(value) ? value.map(countOf) : []
    failures = Math.min(failures + (failed ?? 0), Number.MAX_SAFE_INTEGER)
    const count = Math.max(1, (lines ?? 0) + (failed ?? 0))
    meter.hit({ limit: 'logBytesPerSecond', action: 'dropped', used: null, most: logBytesPerSecond }, count)
    if (keeps(DROPPED_CHARS)) tellDropped(count)
  }

  function onLog(level: string, text: string): void {
    const known = LOG_LEVELS.find((one) => one === level) ?? 'info'
    const line = text.slice(0, MOST_LOG_CHARS)
    if (!keeps(line.length)) return
    recorder.logged(known, line)
    events.log({ plugin: name, level: known, text: line })
  }

  function onFailure(kind: string, message: string, stack: string): void {
    failures++
    // Before the stack is mapped: that is the dear part.
    if (!keeps(kind.length + message.length + stack.length)) return
    const said = {
      kind: kind.slice(0, 100),
      message: message.slice(0, MOST_LOG_CHARS),
      stack: mapStack(stack).trim(),
    }
    recorder.failed(said)
    events.failure({ plugin: name, ...said })
  }

  return {
    descriptor,
    grant: () => grant,
    start: () =>
      supervisor.start().then(
        () => true,
        () => false, // the failure is in the transition and in info().lastError
      ),
    refuse(missing) {
      refusal = new PluginError('DEPENDENCY_MISSING', {
        plugin: name,
        extends: missing,
        message: `${missing} does not run`,
      })
      events.transition(
        { plugin: name, from: 'configured', to: 'quarantined', reason: refusal.message },
        refusal,
        0,
      )
      return false
    },
    call: (method, payload, callOptions) => supervisor.call(method, payload, callOptions),
    guard,
    quarantine(reason) {
      guard.forget() // what it said before is not to be trusted either
      supervisor.quarantine(reason)
    },
    release() {
      guard.release()
      supervisor.release()
    },
    settled() {
      if (subscription === undefined || subscription.lag().versions === 0) return Promise.resolve()
      return new Promise((resolve) => settling.push(resolve))
    },
    stop() {
      endWatch()
      return supervisor.stop()
    },
    info() {
      const { sample, state, ...status } = supervisor.status()
      return {
        ...status,
        name,
        version: descriptor.version,
        state: refusal === undefined || state === 'stopped' ? state : 'quarantined',
        heap: sample.heapBytes ?? heapSaid,
        rss: sample.rssBytes,
        cpu: sample.cpuMs,
        loop: sample.loopUse,
        threads: sample.threads,
        descriptors: sample.descriptors,
        ...audit.counts(),
        ...guard.info(),
        failures,
        limitHits: meter.counts(),
        warnings,
        lastError: refusal ?? status.lastError,
      }
    },
  }
}

function untrustedInThread(plugin: string): string {
  return (
    `${plugin} runs inside this process (isolation 'thread') and its approval does not trust it with that: ` +
    `it can take the node down. Use isolation 'process', or write "trusted": { "reason": "…" } into its approval`
  )
}

/** Whether one of two paths lies at or below the other. */
function meets(path: string, other: string): boolean {
  return `${path}/`.startsWith(`${other}/`) || `${other}/`.startsWith(path === '/' ? '/' : `${path}/`)
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? Math.min(Math.floor(value), MOST_DROPPED) : 0
}

function textIn(value: unknown, key: string): string {
  const field: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined
  return typeof field === 'string' ? field : ''
}
