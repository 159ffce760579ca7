/**
 * What code does that got out of the compartment: it runs in the plugin thread's own
 * realm, after lockdown and closing, with everything a thread of Node has. Bundled
 * into a plugin thread by open-thread.ts; what the attempts did is looked at from
 * outside (effects.ts).
 */
import childProcess from 'node:child_process'
import fs from 'node:fs'
import inspector from 'node:inspector'
import net from 'node:net'
import os from 'node:os'
import workerThreads from 'node:worker_threads'
import { KERNEL_ATTEMPTS } from './kernel-attempts.js'

/** What the attempts aim at; all of it belongs to the node. */
export interface Target {
  /** A file with a secret in it, outside every grant. */
  readonly secretFile: string
  /** A file that does not exist; an attempt that works makes it. */
  readonly markerFile: string
  readonly directory: string
  readonly pid: number
  /** A TCP server on the loopback address. */
  readonly port: number
  /** A descriptor the node has open for writing. */
  readonly descriptor: number
  /** A directory of its own, empty. */
  readonly emptyDirectory: string
  /** A shared library that Node itself does not use. */
  readonly library: string
}

export type AnyFunction = (...args: readonly unknown[]) => unknown
export type Functions = Readonly<Record<string, AnyFunction | undefined>>

/** Modules as plain tables of functions: some exist on newer Nodes only. */
export interface Tools {
  readonly fs: Functions
  readonly childProcess: Functions
  readonly workerThreads: Functions
  readonly inspector: Functions
  readonly os: Functions
  readonly net: Functions
  readonly process: Functions
}

const live = { fs, childProcess, workerThreads, inspector, os, net, process } as unknown as Tools

/** Copied before anything is closed: the worst case, code that kept hold of every function. */
const captured: Tools = {
  fs: { ...live.fs },
  childProcess: { ...live.childProcess },
  workerThreads: { ...live.workerThreads },
  inspector: { ...live.inspector },
  os: { ...live.os },
  net: { ...live.net },
  process: Object.fromEntries(
    ['binding', 'dlopen', '_kill', 'exit', 'reallyExit', 'abort'].map((name) => [name, live.process[name]]),
  ),
}
const { setTimeout, Promise } = globalThis

const SIGUSR1 = 10
const SIGUSR2 = 12
const NICER = 3

export type Attempt = (tools: Tools, target: Target) => unknown

function call(owner: Functions, name: string, self: unknown, ...args: readonly unknown[]): unknown {
  const run = owner[name]
  if (run === undefined) throw new Absent(name)
  return Reflect.apply(run, self, args)
}

function make<T>(owner: Functions, name: string, ...args: readonly unknown[]): T {
  const Class = owner[name]
  if (Class === undefined) throw new Absent(name)
  return Reflect.construct(Class, args) as T
}

/** This Node does not have it. */
class Absent extends Error {}

interface Emitter {
  on(event: string, listener: (value: unknown) => void): unknown
  destroy?(): void
}

/** Resolves at the first of the events, or after a while. */
function first(emitter: Emitter, ...events: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const event of events) emitter.on(event, (value) => resolve(`${event} ${String(value)}`))
    setTimeout(() => resolve('nothing happened'), 1500)
  })
}

interface Session {
  connect(): void
  connectToMainThread(): void
  post(method: string, params: object, callback: (error: unknown, result: unknown) => void): void
  disconnect(): void
}

/** By name, as in the table of docs/threat-model.md. */
export const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'read a file': ({ fs }, { secretFile }) => call(fs, 'readFileSync', fs, secretFile, 'utf8'),
  'write a file': ({ fs }, { markerFile }) => call(fs, 'writeFileSync', fs, markerFile, 'written'),
  "list the node's directory": ({ fs }, { directory }) => String(call(fs, 'readdirSync', fs, directory)),
  "read the node's environment from /proc": ({ fs }, { pid }) =>
    call(fs, 'readFileSync', fs, `/proc/${pid}/environ`, 'utf8'),
  "read the node's environment": () => JSON.stringify(process.env),
  'write to a descriptor of the node': ({ fs }, { descriptor }) =>
    call(fs, 'writeSync', fs, descriptor, 'written'),
  'start a program': ({ childProcess }, { markerFile }) => {
    const script = `require('fs').writeFileSync(${JSON.stringify(markerFile)}, '')`
    const result = call(childProcess, 'spawnSync', childProcess, process.execPath, ['-e', script], {
      env: {},
    })
    return String((result as { readonly error?: unknown }).error)
  },
  'start a thread without flags': async ({ workerThreads }, { markerFile }) => {
    const script = `require('fs').writeFileSync(${JSON.stringify(markerFile)}, '')`
    const options = { eval: true, execArgv: [], env: {} }
    return first(make<Emitter>(workerThreads, 'Worker', script, options), 'exit', 'error')
  },
  'take an internal binding': ({ process: tools }) =>
    Object.keys(call(tools, 'binding', process, 'fs') as object).join(),
  'load a native library': ({ process: tools }, { library }) =>
    call(tools, 'dlopen', process, { exports: {} }, library),
  'open the inspector port': ({ inspector }) => {
    call(inspector, 'open', inspector, 0, '127.0.0.1')
    return call(inspector, 'url', inspector)
  },
  'evaluate in the main thread': async ({ inspector }) => {
    const session = make<Session>(inspector, 'Session')
    session.connectToMainThread()
    const expression = 'globalThis.bulkheadCanary = "evaluated " + process.pid'
    return new Promise((resolve) => {
      session.post('Runtime.evaluate', { expression }, (error, result) => {
        resolve(JSON.stringify(error ?? result))
      })
      setTimeout(() => resolve('no answer'), 1500)
    })
  },
  'post to the node on a BroadcastChannel': async ({ workerThreads }) => {
    const channel = make<{ postMessage(value: unknown): void }>(
      workerThreads,
      'BroadcastChannel',
      'bulkhead-canary',
    )
    channel.postMessage('canary')
    return 'posted'
  },
  'post to the node with postMessageToThread': ({ workerThreads }) =>
    call(workerThreads, 'postMessageToThread', workerThreads, 0, 'canary', [], 1000),
  'connect to a port of the machine': async ({ net }, { port }) => {
    const socket = call(net, 'connect', net, { port, host: '127.0.0.1' }) as Emitter
    const outcome = await first(socket, 'connect', 'error')
    socket.destroy?.()
    return outcome
  },
  'signal the node': ({ process: tools }, { pid }) => call(tools, '_kill', process, pid, SIGUSR2),
  "open the node's inspector with SIGUSR1": ({ process: tools }, { pid }) =>
    call(tools, '_kill', process, pid, SIGUSR1),
  "lower the node's priority": ({ os }, { pid }) => call(os, 'setPriority', os, pid, NICER),
  'end the node: process.exit': ({ process: tools }) => call(tools, 'exit', process, 7),
  'end the node: process.reallyExit': ({ process: tools }) => call(tools, 'reallyExit', process, 7),
  'end the node: process.abort': ({ process: tools }) => call(tools, 'abort', process),
}

export type How = 'captured' | 'live'

/** What the attempt gave, as text; what it did is another question. */
async function attempt(name: string, how: How, target: Target): Promise<string> {
  const run = ATTEMPTS[name] ?? KERNEL_ATTEMPTS[name]
  if (run === undefined) return `no attempt is called ${name}`
  try {
    return `gave ${String(await run(how === 'captured' ? captured : live, target))}`
  } catch (error) {
    if (error instanceof Absent) return 'absent'
    const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string }
    return `refused ${code} ${message}`
  }
}

/** What stands in for a module of the plugin. */
export const fallen: { readonly attempt: typeof attempt } = { attempt }
