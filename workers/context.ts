/**
 * The `context` a plugin's functions get: settings, log, cluster, a signal. One object
 * for start, stop and listeners; one per call, whose signal ends with the call's caller.
 */
import type { LoadArguments } from '../lib/protocol/plugin-api.js'
import type { PluginCluster, PluginLog } from '../lib/plugin.js'
import type { IncomingCall } from '../lib/rpc/channel.js'
import { refusal } from './attenuate/refusal.js'
import type { Tell } from './attenuate/tell.js'
import type { PluginCompartment } from './compartment.js'
import type { Harden } from './lockdown.js'

export interface ContextOptions {
  readonly compartment: PluginCompartment
  readonly cluster: PluginCluster
  readonly loading: LoadArguments
  readonly log: (level: string, text: string) => void
  readonly harden: Harden
  readonly tell: Tell
}

export interface Contexts {
  readonly context: object
  readonly contextOfCall: (call: IncomingCall) => object
  /** Aborts the plugin's own signal: it was asked to stop. */
  readonly abortAll: () => void
}

export function makeContext(options: ContextOptions): Contexts {
  const { compartment, loading, harden } = options
  const { settings, home, data } = loading
  const logger =
    (level: string) =>
    (...values: readonly unknown[]) =>
      options.log(level, compartment.format(values))
  const log: PluginLog = {
    debug: logger('debug'),
    info: logger('info'),
    warn: logger('warn'),
    error: logger('error'),
  }
  const own = compartment.makeAbort()
  const cluster = loading.clusterState ? options.cluster : deniedCluster(options)
  const shared = harden({ cluster, settings, log, home, data })

  /** One a call: all but the signal stands on the prototype, made and hardened once. */
  class CallContext {
    readonly #call: IncomingCall
    #signal: unknown
    constructor(call: IncomingCall) {
      this.#call = call
      Object.freeze(this)
    }
    /** Most handlers never look at the signal, so it is made when they do. */
    get signal(): unknown {
      if (this.#signal === undefined) {
        const kit = compartment.makeAbort()
        this.#signal = kit.signal
        this.#call.onCancel(() => kit.abort())
      }
      return this.#signal
    }
  }
  Object.assign(CallContext.prototype, shared)
  Reflect.deleteProperty(CallContext.prototype, 'constructor')
  harden(CallContext.prototype)

  return {
    context: harden({ ...shared, signal: own.signal }),
    contextOfCall: (call) => new CallContext(call),
    abortAll: () => own.abort(),
  }
}

/** Every method refuses, saying which grant is missing. */
function deniedCluster({ tell, harden }: ContextOptions): PluginCluster {
  const refuse = (): never => {
    tell('clusterState.read', '', { allowed: false, rule: 'nothing grants it' })
    throw refusal(
      'ERR_ACCESS_DENIED',
      'no cluster state for this plugin: its policy grants none (grant.clusterState.read), or the node has none',
    )
  }
  const remove = (): void => undefined
  return harden({
    state: refuse,
    addListener: refuse,
    removeListener: remove,
    addLocalNodeClusterManagerListener: refuse,
    removeLocalNodeClusterManagerListener: remove,
    waitForNextChange: async () => refuse(),
  })
}
