/**
 * A plugin thread cut down to what this folder tests: the same order of steps as the
 * real one (powers, lockdown, closing, walls, compartment), commands over the
 * parent's port instead of a channel. Bundled by thread.ts.
 */
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { parentPort, workerData } from 'node:worker_threads'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import { freezeGrant, type Grant } from '../../lib/policy/grant.js'
import { takeFilePowers } from '../../workers/attenuate/fs/file-powers.js'
import { takeHostModules } from '../../workers/attenuate/host-modules.js'
import { takeNetPowers, type Lookup } from '../../workers/attenuate/net/net-powers.js'
import { takeRealm } from '../../workers/attenuate/realm.js'
import { closeBuiltins } from '../../workers/close-builtins.js'
import { makePluginCompartment, type PluginCompartmentOptions } from '../../workers/compartment.js'
import { takeAuditor } from '../../workers/crawl/audit.js'
import { lockdownRealm, stackOf } from '../../workers/lockdown.js'
import { checkWalls, takeWallPowers } from '../../workers/self-check.js'
import { takeLeaks } from './leaks.js'

export interface ThreadData {
  readonly builtinsCode: string
  readonly webCode: string
  readonly timers: number
  readonly externalMb: number
  readonly env: Readonly<Record<string, string>>
  readonly outsideFile: string
  /** Decides about files; nothing is granted when left out. */
  readonly grant?: Grant
  readonly files?: number
  readonly sockets?: number
  /** What the resolver says, one answer after the other; the last one stays. Other names go to the system. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>
  /** Where `dns` asks when the plugin names nobody. */
  readonly dnsServers?: readonly string[]
}
export type Command =
  | { readonly kind: 'evaluate'; readonly code: string }
  /** The stack of what the exported function gives, and whether reading it set `globalThis.ran`. */
  | { readonly kind: 'stack'; readonly code: string }
  /** The authority audit: of all that a plugin has, or of plugins that can `require` each of leaks.ts and nothing else. */
  | { readonly kind: 'audit'; readonly leaks?: true }
  | { readonly kind: 'walls' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'teardown' }
  | { readonly kind: 'logs' }
  /** What was refused since the last asking, and by which rule. */
  | { readonly kind: 'denials' }
  /** Every decision since the last asking: what, and whether it was allowed. */
  | { readonly kind: 'told' }
  /** The names that the resolver was asked for since the last asking. */
  | { readonly kind: 'asked' }
  /** Answers after the timers that are due now have fired. */
  | { readonly kind: 'turn' }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'trusted'; readonly code: string }

const NOTHING: Grant = {
  plugin: 'test-plugin',
  request: {},
  packages: {},
  narrow: null,
  add: [],
  limits: DEFAULT_LIMITS,
  home: '/nowhere/home',
  data: '/nowhere/data',
  denied: { read: [], write: [] },
}

const { port1, port2 } = new MessageChannel()

const {
  builtinsCode,
  webCode,
  timers,
  externalMb,
  env,
  outsideFile,
  grant,
  files = 64,
  sockets = 64,
  names,
  dnsServers,
} = workerData as ThreadData
const port = parentPort
if (port === null) throw new Error('this is the entry of a thread')

const startedMs = performance.now()
const realm = takeRealm()
const host = takeHostModules()
const powers = takeWallPowers(host)
const filePowers = takeFilePowers(host)
const auditor = takeAuditor(host)
const leaks = takeLeaks(host)
const asked: string[] = []
const scripted: Lookup = async (name) => {
  asked.push(name)
  const answers = names?.[name]
  const count = asked.filter((one) => one === name).length
  const answer = answers?.[Math.min(count, answers.length) - 1]
  if (answer !== undefined) return answer
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo' })
}
const taken = takeNetPowers(host)
const netPowers = names === undefined ? taken : { ...taken, lookup: scripted }
const takenMs = performance.now()
const { harden } = lockdownRealm()
const lockedMs = performance.now()
const closed = closeBuiltins(host)
const walls = checkWalls({ powers, outsideFile })
const checkedMs = performance.now()
const told: (readonly [string, boolean])[] = []
const denials: (readonly [string, string])[] = []
const logs: (readonly [string, string])[] = []
const options: PluginCompartmentOptions = {
  name: 'test-plugin',
  env,
  limits: { timers, files, sockets, externalMb },
  grant: freezeGrant(grant ?? NOTHING),
  filePowers,
  netPowers,
  ...(dnsServers === undefined ? {} : { dnsServers }),
  tell: (operation, resource, { allowed, rule }) => {
    told.push([`${operation} ${resource}`, allowed])
    if (!allowed) denials.push([`${operation} ${resource}`.trimEnd(), rule])
  },
  realm,
  harden,
  builtinsCode,
  webCode: () => webCode,
  log: (level, text) => void logs.push([level, text]),
}
const plugin = makePluginCompartment(options)
const { signal, abort } = plugin.makeAbort()
const madeMs = performance.now()
// The test's own side of trusted code: reads one expression in the start realm, after closing.
const trusted: Readonly<Record<string, () => unknown>> = {
  'process.kill': () => process.kill(process.pid, 0),
  'process.exit': () => process.exit(3),
  'process.binding': () => (process as unknown as { binding(name: string): unknown }).binding('fs'),
  'process.getBuiltinModule': () => process.getBuiltinModule('node:fs'),
  'module._load': () => (host.module as unknown as { _load(name: string): unknown })._load('node:fs'),
  'os.setPriority': () => host.os.setPriority(0, 1),
  'new Worker': () => new host.workerThreads.Worker('0', { eval: true }),
  'node works': async () => {
    let emitted = 0
    new EventEmitter().on('x', () => emitted++).emit('x')
    const stream = new PassThrough()
    stream.end('through a stream')
    const chunks: string[] = []
    for await (const chunk of stream) chunks.push(String(chunk))
    const received = new Promise((resolve) => port2.once('message', resolve))
    port1.postMessage('through a port')
    return {
      timer: await new Promise((resolve) => setTimeout(resolve, 1, true)),
      hash: createHash('sha256').update('hello').digest('hex'),
      decoded: new TextDecoder().decode(new Uint8Array([0xc3, 0xbc])),
      emitted,
      stream: chunks.join(''),
      port: await received,
    }
  },
  timing: () => ({
    take: takenMs - startedMs,
    lockdown: lockedMs - takenMs,
    closeAndCheck: checkedMs - lockedMs,
    compartment: madeMs - checkedMs,
  }),
}

async function run(command: Command): Promise<unknown> {
  switch (command.kind) {
    case 'evaluate': {
      const value: unknown = plugin.evaluate(command.code)
      return await (typeof value === 'function' ? (value as (signal: AbortSignal) => unknown)(signal) : value)
    }
    case 'stack':
      return stackOf((plugin.evaluate(command.code) as () => unknown)())
    case 'audit': {
      const planted = Object.fromEntries(
        Object.entries(leaks).map(([name, make]) => [name, make(options.grant)]),
      )
      return auditor.audit({
        options: command.leaks ? { ...options, modules: planted } : options,
        given: (makeAbort) => ({
          signal: makeAbort().signal,
          ...(command.leaks ? { context: Object.freeze({ extra: {} }) } : {}),
        }),
        plugin: [],
        dir: '/data',
        ...(command.leaks ? { only: Object.keys(planted) } : {}),
      })
    }
    case 'walls':
      return walls
    case 'closed':
      return closed
    case 'teardown':
      return plugin.teardown()
    case 'denials':
      return denials.splice(0)
    case 'told':
      return told.splice(0)
    case 'asked':
      return asked.splice(0)
    case 'logs':
      return logs.splice(0)
    case 'turn':
      return new Promise<void>((resolve) => realm.setTimeout(resolve, 1))
    case 'abort':
      return abort(command.reason)
    case 'trusted':
      return trusted[command.code]?.()
  }
}

port.on('message', ({ id, command }: { readonly id: number; readonly command: Command }) => {
  void run(command)
    .then((value) => ({ value: value === undefined ? null : (JSON.stringify(value) ?? null) }))
    .catch((error: unknown) => {
      const { name, code, message } = error as {
        readonly name?: string
        readonly code?: string
        readonly message?: string
      }
      return {
        error: {
          name: String(name),
          code: code === undefined ? '' : String(code),
          message: String(message),
          stack: stackOf(error),
        },
      }
    })
    .then((answer) => port.postMessage({ id, ...answer }))
})
port.postMessage({ ready: true })
