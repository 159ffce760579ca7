/**
 * PluginsService: what a search node holds. It wires the parts together (prepared
 * plugins, supervisors, extension registries, the cluster-state broker) and does no
 * work of theirs. Every call has a deadline and an owner; nothing here waits for a
 * plugin but the caller who asked for it.
 */
import { EventEmitter } from 'eventemitter3'
import { openAuditLog, type AuditLog, type AuditLogEvent } from './audit/log.js'
import type { AuditEvent } from './audit/trail.js'
import { makeBroker, type Broker } from './cluster/broker.js'
import { makeCrashStore, type CrashReportEvent, type CrashStore } from './crash/store.js'
import { PluginError } from './errors.js'
import type { LimitEvent } from './metrics/limit-meter.js'
import { makeIngestRegistry } from './extensions/ingest.js'
import { parseIngested, parseRestResponse } from './extensions/reply.js'
import { makeRestRouter, toWireRequest, type Match, type RestCall } from './extensions/rest.js'
import type { BreakerEvent, FallbackEvent, GuardedReply, Ingested } from './failure/guard.js'
import { nodeLaunchPowers } from './launch/launch-powers.js'
import { openWorkDirectory } from './launch/work-directory.js'
import { openCrashDirectory } from './node-powers-crash.js'
import { holdInspectorSignal, nodeClock, openLogFile, optionPowers, warn } from './node-powers.js'
import { brokenInfo, type PluginInfo, type TransitionEvent } from './plugin-info.js'
import { makePluginUnit, type PluginUnit, type UnitEvents } from './plugin-unit.js'
import type { Clock, CrashDirectory, LaunchPowers, LogFile } from './powers.js'
import { prepare, type Broken, type Prepared, type PrepareOptions } from './prepare.js'
import type { Grant } from './policy/grant.js'
import type { Json } from './protocol/cluster-state.js'
import type { FailureEvent, LogEvent } from './notices.js'
import { TO_PLUGIN } from './protocol/plugin-api.js'
import { checkOptions, type CheckedOptions, type PluginsServiceOptions } from './service-options.js'

export type { AuditLogEvent } from './audit/log.js'
export type { AuditEvent } from './audit/trail.js'
export type { CrashReportEvent } from './crash/store.js'
export type { LimitEvent } from './metrics/limit-meter.js'
export type { PluginInfo, TransitionEvent } from './plugin-info.js'
export type { PluginsServiceOptions } from './service-options.js'

export interface PluginsServiceEvents {
  plugin: (event: TransitionEvent) => void
  restarted: (event: { readonly plugin: string; readonly restarts: number }) => void
  quarantined: (event: {
    readonly plugin: string
    readonly reason: string
    readonly error: PluginError | null
  }) => void
  /** Privileged operations of plugins; a flood is sampled, the sum of `count` is exact. */
  audit: (event: AuditEvent) => void
  /** The file of `auditLog` cannot be written, or can again. */
  auditLog: (event: AuditLogEvent) => void
  /** What `audit` tells of single denials, as one text. */
  denied: (event: { readonly plugin: string; readonly what: string; readonly rule: string }) => void
  /** A plugin ran into one of its limits; told at most once a second for each, with how often it was. */
  limit: (event: LimitEvent) => void
  log: (event: LogEvent) => void
  /** Something in the plugin failed where no caller waits: an unhandled rejection, a timer, a listener. */
  failure: (event: FailureEvent) => void
  /** Calls of an extension point are kept from the plugin, tried again, or let through again. */
  breaker: (event: BreakerEvent) => void
  /** Something was given in place of the plugin's answer. */
  fallback: (event: FallbackEvent) => void
  /** A crash was written to `crashReports`, or could not be. */
  crashReport: (event: CrashReportEvent) => void
  lag: (event: { readonly plugin: string; readonly ms: number }) => void
}

export interface IngestOptions {
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

type Document = { readonly [field: string]: Json }

/** For tests: another plugin thread, and plugins approved as they are. */
export interface ServiceInternals extends Pick<PrepareOptions, 'approveAll' | 'request'> {
  readonly launch?: LaunchPowers
  readonly clock?: Clock
  readonly openLog?: (path: string) => Promise<LogFile>
  readonly openCrashes?: (path: string) => Promise<CrashDirectory>
  /** Runs before the first plugin starts, so that no event is missed. */
  readonly onCreated?: (service: PluginsService) => void
}

export class PluginsService extends EventEmitter<PluginsServiceEvents> {
  readonly #units = new Map<string, PluginUnit>()
  readonly #broken: readonly Broken[]
  readonly #rest = makeRestRouter()
  readonly #ingest = makeIngestRegistry()
  readonly #broker: Broker | undefined
  readonly #auditLog: AuditLog | undefined
  readonly #crashes: CrashStore | undefined
  #stopping: Promise<void> | undefined

  /**
   * Loads and starts every plugin of `pluginsDir`. Resolves once each of them runs or
   * has failed its first start: a broken plugin does not keep the node from starting.
   * @throws PluginError `CONFIG_INVALID`; `LAUNCHER_UNUSABLE`; `AUDIT_LOG_UNUSABLE`; `MANDATORY_PLUGIN_FAILED` after everything was stopped again
   */
  static start(options: PluginsServiceOptions): Promise<PluginsService> {
    return openService(options, {})
  }

  /** Use `PluginsService.start`. */
  constructor(
    options: CheckedOptions,
    plugins: readonly Prepared[],
    broken: readonly Broken[],
    launch: LaunchPowers,
    clock: Clock,
    auditLog: AuditLog | undefined,
    crashes: CrashDirectory | undefined,
  ) {
    super()
    this.#auditLog = auditLog
    this.#crashes =
      crashes === undefined
        ? undefined
        : makeCrashStore({
            directory: crashes,
            clock,
            onReport: (event) => this.emit('crashReport', event),
          })
    this.#broken = broken
    if (options.allowInspector !== true) holdInspectorSignal()
    const { clusterState, lagWarningMs } = options
    this.#broker =
      clusterState === undefined
        ? undefined
        : makeBroker({
            source: clusterState,
            clock,
            ...(lagWarningMs === undefined ? {} : { lagWarningMs }),
            onLag: (plugin, ms) => this.emit('lag', { plugin, ms }),
            onDetached: (plugin, error) =>
              this.emit('failure', {
                plugin,
                kind: 'cluster state not sent',
                message: String(error),
                stack: '',
              }),
          })
    const workDir = openWorkDirectory(options.dataDir)
    const events = this.#unitEvents()
    for (const prepared of plugins) {
      const { name } = prepared.descriptor
      const unit = makePluginUnit(prepared, {
        options,
        launch,
        clock,
        workDir,
        broker: this.#broker,
        events,
        register: (registrations) => {
          this.#rest.remove(name)
          this.#ingest.remove(name)
          this.#rest.add(name, registrations.rest)
          this.#ingest.add(name, registrations.ingest)
        },
      })
      this.#units.set(name, unit)
      for (const warning of unit.info().warnings) warn(warning)
    }
  }

  #unitEvents(): UnitEvents {
    return {
      transition: (event, error, restarts) => {
        const { plugin, from, to, reason } = event
        this.emit('plugin', { plugin, from, to, reason })
        if (to === 'quarantined') this.emit('quarantined', { plugin, reason, error })
        if (to === 'running' && from === 'starting' && restarts > 0)
          this.emit('restarted', { plugin, restarts })
      },
      audit: (event) => {
        this.#auditLog?.add(event)
        this.emit('audit', event)
        const { plugin, operation, resource, allowed, rule } = event
        if (!allowed && resource !== null)
          this.emit('denied', { plugin, what: `${operation} ${resource}`.trimEnd(), rule })
      },
      limit: (event) => this.emit('limit', event),
      log: (event) => this.emit('log', event),
      failure: (event) => this.emit('failure', event),
      breaker: (event) => this.emit('breaker', event),
      fallback: (event) => this.emit('fallback', event),
      crash: (report) => this.#crashes?.add(report),
    }
  }

  /** Starts the plugins, each after those it extends; resolves when each first start has ended one way or the other. */
  async startAll(): Promise<void> {
    const outcomes = new Map<string, Promise<boolean>>()
    for (const [name, unit] of this.#units) {
      const needs = unit.descriptor.extendedPlugins
      const ready = Promise.all(needs.map((need) => outcomes.get(need.name) ?? Promise.resolve(false)))
      outcomes.set(
        name,
        ready.then((answers) => {
          // An optional one is waited for too, but may be missing or fail.
          const missing = needs.find(({ optional }, index) => !optional && answers[index] !== true)
          return missing === undefined ? unit.start() : unit.refuse(missing.name)
        }),
      )
    }
    await Promise.all(outcomes.values())
  }

  /**
   * Routes a request to the plugin that owns the path.
   * @throws PluginError EXTENSION_NOT_FOUND, BREAKER_OPEN, PLUGIN_NOT_RUNNING, CALL_TIMEOUT, PLUGIN_CRASHED, PLUGIN_ERROR, REPLY_INVALID …
   */
  rest(call: RestCall, options: IngestOptions = {}): Promise<GuardedReply> {
    let match: Match
    try {
      match = this.#rest.match(call.method, call.path)
    } catch (error) {
      return Promise.reject(error as PluginError)
    }
    const { plugin } = match
    const unit = this.#unit(plugin)
    // Not an async function: each await would be another turn on the way of every request.
    return unit.guard.rest(match.route, call, () =>
      unit
        .call(TO_PLUGIN.rest, toWireRequest(call, match), options)
        .then((received) => parseRestResponse(plugin, received)),
    )
  }

  /**
   * Sends documents through a plugin's processor; as many come back, `null` for a dropped one.
   * @param type - processor type, as the plugin names it
   * @param config - the processor's own configuration
   */
  async ingest(
    type: string,
    config: { readonly [key: string]: Json },
    documents: readonly Document[],
    options: IngestOptions = {},
  ): Promise<Ingested> {
    const plugin = this.#ingest.ownerOf(type)
    const unit = this.#unit(plugin)
    return unit.guard.ingest(type, documents, async () => {
      const value = { type, config, documents }
      const received = await unit.call(TO_PLUGIN.ingest, { value }, options)
      return parseIngested(plugin, received, documents.length)
    })
  }

  /** Every plugin of the directory, the broken ones too, by name. */
  list(): readonly PluginInfo[] {
    const broken = this.#broken.map(({ name, version, error }) => brokenInfo(name, version, error))
    return [...[...this.#units.values()].map((unit) => unit.info()), ...broken].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )
  }

  /** What one plugin may do. @throws PluginError `PLUGIN_UNKNOWN` */
  grantOf(plugin: string): Grant {
    return this.#unit(plugin).grant()
  }

  /**
   * Takes a plugin out of service until `release`: it is ended at once, without being asked.
   * @throws PluginError `PLUGIN_UNKNOWN`
   */
  quarantine(plugin: string, reason: string): void {
    this.#unit(plugin).quarantine(reason)
  }

  /** Lets a quarantined plugin try again, and closes its breakers. @throws PluginError `PLUGIN_UNKNOWN` */
  release(plugin: string): void {
    this.#unit(plugin).release()
  }

  /** Resolves once every plugin has dealt with the cluster state that is current now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#units.values()].map((unit) => unit.settled()))
  }

  /** Stops every plugin, asked first and ended then; nothing of them is left afterwards. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#units.values()].map((unit) => unit.stop()))
    this.#broker?.close()
    await Promise.all([this.#auditLog?.close(), this.#crashes?.close()])
  }

  #unit(plugin: string): PluginUnit {
    const unit = this.#units.get(plugin)
    if (unit !== undefined) return unit
    const broken = this.#broken.find(({ name }) => name === plugin)
    throw broken?.error ?? new PluginError('PLUGIN_UNKNOWN', { plugin })
  }
}

/** `PluginsService.start` with what tests may replace. */
export async function openService(
  given: PluginsServiceOptions,
  internals: ServiceInternals,
): Promise<PluginsService> {
  const options = checkOptions(given, optionPowers)
  const { approveAll, request, launch = nodeLaunchPowers(), clock = nodeClock } = internals
  const { openLog = openLogFile, openCrashes = openCrashDirectory } = internals
  if (options.usesBwrap) await launch.checkBwrap()
  const { plugins, broken } = await prepare({
    pluginsDir: options.pluginsDir,
    policiesDir: options.policiesDir,
    dataDir: options.dataDir,
    nodeVersion: options.nodeVersion,
    wallTime: clock.wallTime(),
    ...(approveAll === undefined ? {} : { approveAll }),
    ...(request === undefined ? {} : { request }),
    ...(options.auditLog === undefined ? {} : { auditLog: options.auditLog }),
    ...(options.crashReports === undefined ? {} : { crashReports: options.crashReports }),
  })
  const path = options.auditLog
  const onChange = (event: AuditLogEvent): void => void service.emit('auditLog', event)
  const log = path === undefined ? undefined : await openAuditLog({ path, open: openLog, clock, onChange })
  const { crashReports } = options
  const crashes = crashReports === undefined ? undefined : await openCrashes(crashReports)
  const service: PluginsService = new PluginsService(options, plugins, broken, launch, clock, log, crashes)
  internals.onCreated?.(service)
  try {
    await service.startAll()
  } catch (error) {
    await service.stop()
    throw error
  }
  const failed = options.mandatory.flatMap((name) => {
    const info = service.list().find((plugin) => plugin.name === name)
    return info?.state === 'running' ? [] : [`${name} (${info?.lastError?.message ?? 'not installed'})`]
  })
  if (failed.length > 0) {
    await service.stop()
    throw new PluginError('MANDATORY_PLUGIN_FAILED', { plugins: failed.join(', ') })
  }
  return service
}
