/**
 * The compartment a plugin's own code runs in: its globals come from attenuate/, its
 * pure built-ins are copies evaluated inside it, everything else is refused by name.
 * What the plugin is told to do, and when, is workers/plugin.ts.
 */
import 'ses'
import { abortClasses, type AbortKit } from './attenuate/abort.js'
import { formatArguments } from './attenuate/console.js'
import { makeDescribe } from './attenuate/describe.js'
import { makeDns } from './attenuate/dns/dns.js'
import { attenuateAll } from './attenuate/index.js'
import { makeNative, type NativeLimits } from './attenuate/native.js'
import { moduleDenied, moduleName, OWN_MODULES } from './attenuate/modules.js'
import type { AttenuatorPowers, LogLevel } from './attenuate/powers.js'
import type { Realm } from './attenuate/realm.js'
import { refusal } from './attenuate/refusal.js'
import type { FilePowers } from './attenuate/fs/file-powers.js'
import { makeFiles } from './attenuate/fs/files.js'
import { makeNet } from './attenuate/net/make-net.js'
import { LOOKUPS_AT_ONCE, makeWorkLine } from './attenuate/work-line.js'
import type { NetPowers } from './attenuate/net/net-powers.js'
import type { LimitReached } from './attenuate/limit-reached.js'
import type { Tell } from './attenuate/tell.js'
import { makeTimerSet } from './attenuate/timer-set.js'
import type { Grant } from '../lib/policy/grant.js'
import { WRAPPER_LINES } from '../lib/protocol/plugin-api.js'
import { refuseLoaders } from './evaluable.js'
import { evaluateIn } from './evaluate-in.js'
import { lazyGlobals } from './lazy-globals.js'
import { ownModules, type OwnModules, type OwnScripts } from './own-modules.js'

export interface PluginCompartmentOptions extends OwnScripts {
  /** The plugin's name; stacks name its script `bulkhead-plugin/<name>.js`. */
  readonly name: string
  /** The environment variables its grant names, with their values. */
  readonly env: Readonly<Record<string, string>>
  readonly limits: NativeLimits & {
    readonly timers: number
    readonly files: number
    readonly sockets: number
  }
  /** What it may do; files and connections are decided by it here. */
  readonly grant: Grant
  readonly filePowers: FilePowers
  readonly netPowers: NetPowers
  /** Where names are resolved; by the system when there are none. */
  readonly dnsServers?: readonly string[]
  /** Tells the node's audit how each privileged operation was decided. */
  readonly tell: Tell
  /** Takes which limit an operation failed for. */
  readonly reached?: LimitReached
  readonly realm: Realm
  readonly log: (level: LogLevel, text: string) => void
  /** Takes what a timer, a listener or a microtask of the plugin threw; without it, it is logged. */
  readonly onUncaught?: (error: unknown) => void
  /** Modules beside those of a plugin, by name without `node:`: given where a wall is opened on purpose (test/walls). */
  readonly modules?: Readonly<Record<string, () => unknown>>
}

export interface PluginCompartment {
  /**
   * Runs the plugin's script and gives what it exports, a default export unwrapped.
   * The value is the plugin's: reading it can run its code.
   * @throws what the script throws, and a SyntaxError for a script that cannot run
   */
  evaluate(code: string): unknown
  /** Ends every timer, stream, open file, watcher, socket and server, and refuses new ones. */
  teardown(): void
  /** A signal to give to the plugin, and the function that aborts it. */
  makeAbort(): AbortKit
  /** Any values as one bounded text, without running plugin code; as the plugin's console does. */
  format(values: readonly unknown[]): string
}

/** Call after `lockdownRealm`. */
export function makePluginCompartment(options: PluginCompartmentOptions): PluginCompartment {
  const { realm, harden, env, log } = options
  const name = options.name.replace(/[^\w.@-]/g, '_')
  const describe = makeDescribe(realm.types)
  const onUncaught = options.onUncaught ?? ((error) => log('error', `uncaught ${describe(error)}`))
  const timers = makeTimerSet(realm, options.limits.timers, onUncaught, options.reached)
  const { files, teardown: closeFiles } = makeFiles({
    grant: options.grant,
    powers: options.filePowers,
    realm,
    harden,
    limits: options.limits,
    tell: options.tell,
    reached: options.reached,
    onUncaught,
  })
  const line = makeWorkLine(realm.queueMicrotask, LOOKUPS_AT_ONCE)
  const { dns, teardown: endDns } = makeDns({
    grant: options.grant,
    line,
    servers: options.dnsServers ?? [],
    lookupAt: options.netPowers.lookupAt,
    realm,
    harden,
    tell: options.tell,
    onUncaught,
  })
  const {
    net,
    tls,
    teardown: closeNet,
  } = makeNet({
    grant: options.grant,
    line,
    powers: options.netPowers,
    realm,
    harden,
    limits: options.limits,
    tell: options.tell,
    reached: options.reached,
    onUncaught,
  })
  const powers: AttenuatorPowers = { realm, harden, name, env, timers, log, onUncaught }

  const compartment = new Compartment({
    __options__: true,
    name,
    globals: { ...attenuateAll(powers) },
    transforms: [refuseLoaders],
  })
  const scope = compartment.globalThis as Record<string, unknown>
  // A plugin needs no compartments of its own: less to reach, less to check.
  for (const unused of ['Compartment', 'lockdown', 'ModuleSource', 'HandledPromise', 'assert'])
    delete scope[unused]

  const { native, teardown: endNative } = makeNative(powers, options.limits)
  const own = ownModules(compartment, options, scope, { native, files, net, tls, dns })
  const lazy = lazyGlobals(own, harden)
  scope['crypto'] = harden(lazy.crypto(scope['crypto'] as object))
  const pluginGlobal: Record<string, unknown> = {}
  for (const key of Object.getOwnPropertyNames(scope)) {
    Object.defineProperty(pluginGlobal, key, {
      value: scope[key],
      writable: true,
      configurable: true,
      enumerable: false,
    })
  }
  for (const self of ['globalThis', 'global', 'self']) {
    scope[self] = pluginGlobal
    Object.defineProperty(pluginGlobal, self, {
      value: pluginGlobal,
      writable: true,
      configurable: true,
      enumerable: false,
    })
  }
  lazy.define(scope, pluginGlobal)
  Object.freeze(scope) // before the first evaluation: free names are then constants, not proxy lookups

  const require = makeRequire(options, own)
  return {
    evaluate: (code) => {
      const parameters = 'globalThis, self, global, module, exports, require, process, __filename, __dirname'
      const usesBuffer = code.includes('Buffer')
      const head = `(function (${parameters}${usesBuffer ? ', Buffer' : ''}) {${'\n'.repeat(WRAPPER_LINES)}`
      const run = evaluateIn(compartment, `${head}${code}\n})\n//# sourceURL=bulkhead-plugin/${name}.js`)
      const filename = `/plugin/${name}.js`
      const module = { exports: {} as unknown, id: '.', filename, loaded: false, children: [], paths: [] }
      const globals = [pluginGlobal, pluginGlobal, pluginGlobal]
      const rest = [module, module.exports, require, scope['process'], filename, '/plugin']
      Reflect.apply(run, module.exports, [
        ...globals,
        ...rest,
        ...(usesBuffer ? [own('buffer', 'Buffer')] : []),
      ])
      module.loaded = true
      return defaultOf(module.exports)
    },
    teardown() {
      timers.clearAll()
      endNative()
      closeFiles()
      closeNet()
      endDns()
    },
    makeAbort: () => abortClasses(powers).makeAbort(),
    format: (values) => formatArguments(values, describe),
  }
}

function makeRequire(options: PluginCompartmentOptions, own: OwnModules): unknown {
  const granted = new Map(Object.entries(options.modules ?? {}))
  const loaded = new Map<string, unknown>()
  const require = (specifier: unknown): unknown => {
    if (typeof specifier !== 'string') {
      throw refusal('ERR_INVALID_ARG_TYPE', 'The "id" argument of require must be a string', TypeError)
    }
    const name = moduleName(specifier)
    const make = granted.get(name)
    if (make !== undefined) {
      if (!loaded.has(name)) loaded.set(name, make())
      return loaded.get(name)
    }
    if (OWN_MODULES.has(name)) return own(name)
    throw moduleDenied(specifier)
  }
  return options.harden(require)
}

/** What `export default` of a bundled module gave, or the exports as they are. */
function defaultOf(exports: unknown): unknown {
  if (typeof exports !== 'object' || exports === null) return exports
  const { __esModule: isModule, default: unwrapped } = exports as {
    readonly __esModule?: unknown
    readonly default?: unknown
  }
  return isModule === true && unwrapped !== undefined ? unwrapped : exports
}
