/**
 * Entry of a plugin thread. The order matters and is the whole point: powers are
 * taken, the realm is locked down, the built-ins are closed, the walls are tried from
 * inside, the channel comes up; only then a compartment is made and the plugin's
 * bytes, received and checked, are evaluated in it.
 */
import { makeClusterChangedEvent } from '../lib/cluster/event.js'
import { makeClusterView, type ClusterView } from '../lib/cluster/listeners.js'
import { ERROR_CODES, PluginError, type ErrorCode } from '../lib/errors.js'
import type { ClusterChangedEvent } from '../lib/protocol/cluster-event.js'
import { freezeGrant, type Grant } from '../lib/policy/grant.js'
import { TO_HOST, TO_PLUGIN, type LoadArguments } from '../lib/protocol/plugin-api.js'
import { toWireError, type WireError } from '../lib/protocol/wire-error.js'
import { makeChannel, type IncomingCall, type Payload } from '../lib/rpc/channel.js'
import { takeFilePowers } from './attenuate/fs/file-powers.js'
import { takeHostModules } from './attenuate/host-modules.js'
import { takeNetPowers } from './attenuate/net/net-powers.js'
import { takeRealm } from './attenuate/realm.js'
import { refusal } from './attenuate/refusal.js'
import { makeAudit } from './audit.js'
import { closeBuiltins } from './close-builtins.js'
import {
  makePluginCompartment,
  type PluginCompartment,
  type PluginCompartmentOptions,
} from './compartment.js'
import { makeContext } from './context.js'
import { readDefinition, type Definition } from './definition.js'
import { makeLaps } from './laps.js'
import { makeLimitNotices } from './limit-notices.js'
import { lockdownRealm, stackOf } from './lockdown.js'
import { takePowers } from './powers.js'
import { makeReport } from './report.js'
import { checkWalls, takeWallPowers } from './self-check.js'
import { makeServe, type Plugin } from './serve.js'

const powers = takePowers()
const realm = takeRealm()
const host = takeHostModules()
const wallPowers = takeWallPowers(host)
const filePowers = takeFilePowers(host)
const netPowers = takeNetPowers(host)
const outsideFile = process.execPath

const laps = makeLaps(powers.clock.now, powers.before)
const { harden } = lockdownRealm()
laps.end('lockdown')
// No plugin is given one of these errors; should one get out all the same, it leads to nothing that can be changed.
harden(PluginError)
harden(ERROR_CODES)
closeBuiltins(host)
laps.end('close')

const { boot } = powers
const cwd = wallPowers.cwd()
const cwdIsOpen = boot.openPaths.some((path) => cwd === path || cwd.startsWith(`${path}/`))
const walls = checkWalls({
  powers: wallPowers,
  outsideFile,
  notRequired: [
    ...(cwdIsOpen ? ['fs.list', 'fs.write', 'permission-flags'] : []),
    ...(boot.openNetwork ? ['network'] : []),
  ],
  openNetwork: boot.openNetwork,
})
laps.end('walls')

let compartment: PluginCompartment | undefined
let view: ClusterView | undefined

/** What a plugin was given when it was loaded, and what it exported. */
export interface Loaded {
  readonly options: PluginCompartmentOptions
  readonly context: object
  readonly contextOfCall: (call: IncomingCall) => object
  readonly exported: unknown
  readonly compartment: PluginCompartment
}
let loaded: Loaded | undefined
/** Methods beside those of every plugin. None here: workers/audit-thread.ts, a script of its own, adds one. */
export const moreMethods: Map<string, (call: IncomingCall, loaded: Loaded) => Promise<Payload>> = new Map()

const servePlugin = makeServe(load)
function serve(call: IncomingCall): Payload | Promise<Payload> {
  const more = moreMethods.get(call.method)
  return more === undefined || loaded === undefined ? servePlugin(call) : more(call, loaded)
}

const channel = makeChannel({
  port: powers.openPort(),
  generation: boot.generation,
  limits: boot.limits,
  rates: boot.rates,
  queue: boot.queue,
  clock: powers.clock,
  defer: powers.defer,
  hello: { walls, startup: laps.parts },
  serve,
  onNotice: (method, value) => (method === TO_PLUGIN.state ? view?.receive(value) : undefined),
  toWire: wireErrorOf,
  peerCodes: new Set(Object.keys(ERROR_CODES) as ErrorCode[]),
  fallbackCode: 'CHANNEL_CLOSED',
  lostError: () => new PluginError('PLUGIN_STOPPED'),
})
const report = makeReport({
  clock: powers.clock,
  says: boot.says,
  notify: (method, value) => channel.notify(method, { value }),
})
function failed(kind: string, error: unknown): void {
  const { message, stack = '' } = wireErrorOf(error)
  report.failure(kind, message, stack)
}
powers.onUncaught(failed)

const audit = makeAudit({
  clock: powers.clock,
  defer: powers.defer,
  send: (batch) => channel.notify(TO_HOST.audit, { value: batch }),
})

const reached = makeLimitNotices({
  clock: powers.clock,
  defer: powers.defer,
  send: (notice) => channel.notify(TO_HOST.limit, { value: notice }),
})

const HEAP_EVERY_MS = 1000
function tellHeap(): void {
  channel.notify(TO_HOST.heap, { value: powers.heapBytes() }, true)
  powers.clock.setTimeout(tellHeap, HEAP_EVERY_MS)
}

function load(call: IncomingCall): Plugin {
  laps.skip()
  const loading = call.value as LoadArguments
  const [code, builtins, web] = call.sections
  if (
    code === undefined ||
    builtins === undefined ||
    web === undefined ||
    powers.sha256(code) !== loading.sha256
  ) {
    throw new PluginError('BUNDLE_MISMATCH', { plugin: loading.plugin })
  }
  const log = (level: string, text: string): void => report.log(level, text.slice(0, loading.limits.logBytes))
  const { dnsServers } = loading
  const options: PluginCompartmentOptions = {
    name: loading.plugin,
    env: loading.env,
    limits: loading.limits,
    grant: freezeGrant(JSON.parse(loading.grant) as Grant),
    filePowers,
    dnsServers,
    netPowers: dnsServers.length === 0 ? netPowers : { ...netPowers, lookup: netPowers.lookupAt(dnsServers) },
    tell: audit.tell,
    reached,
    realm,
    harden,
    builtinsCode: Buffer.from(builtins).toString('utf8'),
    webCode: () => Buffer.from(web).toString('utf8'),
    log,
    onUncaught: (error) => failed('uncaught exception', error),
  }
  const made = makePluginCompartment(options)
  laps.end('compartment')
  compartment = made
  const clusterView = makeClusterView({
    acknowledge: (uuid) => channel.notify(TO_HOST.acknowledge, { value: uuid }, true),
    resync: () => channel.notify(TO_HOST.resync, { value: null }, true),
    onError: (error) => failed('cluster-state listener', error),
    clock: powers.clock,
    makeError: (errorCode, detail) => refusal(errorCode, new PluginError(errorCode, detail).message),
  })
  view = clusterView
  let definition: Definition
  let exported: unknown
  try {
    exported = made.evaluate(Buffer.from(code).toString('utf8'))
    definition = readDefinition(exported)
    laps.end('evaluate')
  } catch (error) {
    audit.flush()
    throw PluginError.is(error) ? error : new LoadError(error)
  }
  const { context, contextOfCall, abortAll } = makeContext({
    compartment: made,
    cluster: clusterView.cluster,
    loading,
    log,
    harden,
    tell: audit.tell,
  })
  loaded = { options, context, contextOfCall, exported, compartment: made }
  /** After start(): the first event tells everything that is there already, as a node that joins is told. */
  function listen(): void {
    const listener = definition.clusterStateListener
    if (listener === undefined || !loading.clusterState) return
    const state = clusterView.state()
    const { clusterName } = state
    const nothing = Object.freeze({ clusterName, version: 0, stateUUID: '_na_' })
    const call = async (event: ClusterChangedEvent): Promise<void> => {
      await listener(event, context)
    }
    clusterView.addListener(call)
    call(makeClusterChangedEvent('current state', state, nothing)).catch((error: unknown) =>
      failed('cluster-state listener', error),
    )
  }
  if (!powers.parentKnowsHeap) tellHeap()
  return {
    definition,
    startup: laps.parts,
    context,
    contextOfCall,
    harden,
    ready: () => (loading.clusterState ? clusterView.ready() : Promise.resolve()),
    listen,
    abort: abortAll,
    flush() {
      audit.flush()
      report.flush()
    },
    teardown() {
      clusterView.close()
      made.teardown()
    },
  }
}

const loadErrors = new WeakSet<object>()

/** What evaluating the script threw; it goes back as a failed start, not as a failed call. */
class LoadError {
  readonly thrown: unknown
  static is(value: unknown): value is LoadError {
    return loadErrors.has(value as object)
  }
  constructor(thrown: unknown) {
    this.thrown = thrown
    loadErrors.add(this)
  }
}

/** Any thrown value as code, bounded text and raw stack; no code of the plugin runs to make it. */
function wireErrorOf(error: unknown): WireError {
  if (PluginError.is(error)) return toWireError(error)
  const loading = LoadError.is(error)
  const thrown = loading ? error.thrown : error
  const stack = stackOf(thrown)
  // The text ends with the stack of the error; that goes beside it, to be mapped by the host.
  const text = compartment === undefined ? 'the script failed' : compartment.format([thrown])
  const message = text.split('\n  at ', 1)[0] ?? text
  const code: ErrorCode = !loading
    ? 'PLUGIN_ERROR'
    : message.includes('ERR_MODULE_DENIED')
      ? 'MODULE_DENIED'
      : 'PLUGIN_START_FAILED'
  return { code, message, detail: {}, ...(stack === '' ? {} : { stack }) }
}
