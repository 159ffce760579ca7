/**
 * One plugin as the service holds it: its grant, its supervisor, its place among the
 * cluster-state subscribers, its audit, and what it said (logs, failures), all bounded.
 */
import { makeAuditTrail, type AuditEvent } from './audit/trail.js'
import type { Broker } from './cluster/broker.js'
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
import { MOST_LOG_CHARS, makeNotices, type FailureEvent, type LogEvent } from './notices.js'
import { permissionPaths, permitsNetwork } from './policy/decide.js'
import type { Grant } from './policy/grant.js'
import type { Clock, LaunchPowers } from './powers.js'
import type { Prepared } from './prepare.js'
import { TO_PLUGIN, WRAPPER_LINES, type Registrations } from './protocol/plugin-api.js'
import type { CallOptions, Payload, Received } from './rpc/channel.js'
import { makeLimitMeter, type LimitEvent } from './metrics/limit-meter.js'
import type { PluginInfo, TransitionEvent } from './plugin-info.js'
import type { CheckedOptions } from './service-options.js'
import { makeStateFeed } from './state-feed.js'
import { shippedVersion } from './shipped-policies.js'
import type { Terms } from './supervisor/options.js'
import { makeSupervisor, type Supervisor } from './supervisor/supervisor.js'

export interface UnitEvents {
  transition(event: TransitionEvent, error: PluginError | null, restarts: number): void
  audit(event: AuditEvent): void
  limit(event: LimitEvent): void
  log(event: LogEvent): void
  failure(event: FailureEvent): void
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

  const feed = makeStateFeed({
    plugin: name,
    broker,
    grant: () => grant,
    audit,
    send: (json) => supervisor.notify(TO_PLUGIN.state, { json }),
  })
  const notices = makeNotices({
    plugin: name,
    limits: prepared.grant.limits,
    clock,
    feed,
    audit,
    meter,
    recorder,
    mapStack,
    onLog: (event) => events.log(event),
    onFailure: (event) => events.failure(event),
  })

  const supervisor: Supervisor = makeSupervisor({
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
    onReady: feed.open,
    onGone() {
      feed.close()
      notices.forget()
      audit.flush()
    },
    onSample: (sample) => recorder.sampled(sample),
    onCrash(error, exit, generation) {
      const { state, walls } = supervisor.status()
      const crash = { error, exit, generation, state, walls, grant: sha256(JSON.stringify(grant)) }
      // By then the calls that it took along have ended.
      nodeDefer(() => events.crash(recorder.report(crash, guard.fallen)))
    },
    onNotice: notices.heard,
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
        clusterState: feed.isGranted(),
      },
    }
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
    settled: feed.settled,
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
        heap: sample.heapBytes ?? notices.heapBytes(),
        rss: sample.rssBytes,
        cpu: sample.cpuMs,
        loop: sample.loopUse,
        threads: sample.threads,
        descriptors: sample.descriptors,
        ...audit.counts(),
        ...guard.info(),
        failures: notices.failures(),
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
