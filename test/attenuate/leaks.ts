/**
 * What must never reach a plugin, each made as a careless attenuator would let it through: the audit of
 * workers/crawl has to see every one. Runs in the thread, outside the compartment.
 */
import { PassThrough, Transform } from 'node:stream'
import type { HostModules } from '../../workers/attenuate/host-modules.js'
import type { Grant } from '../../lib/policy/grant.js'

/** For each leak what makes `require('leak')`; both plugins of an audit get it. */
export type Leaks = Readonly<Record<string, (grant: Grant) => () => unknown>>

/** Call before lockdown and closing. */
export function takeLeaks({ process, module, fs, workerThreads }: HostModules): Leaks {
  const { freeze } = Object
  const HostFunction = Function
  const HostError = Error
  const { eval: hostEval } = globalThis
  const { port1 } = new workerThreads.MessageChannel()
  port1.unref()
  const net = process.getBuiltinModule('net')
  const events = process.getBuiltinModule('events')
  const socket = new net.Socket()
  const server = new net.Server()
  const require = module.createRequire('/')
  const stream = new PassThrough()
  const receiver = new Transform()
  const pool = Buffer.allocUnsafe(8)
  const part = new Uint8Array(Buffer.alloc(16).buffer, 0, 4)
  const list: string[] = []
  const behind: string[] = []
  const prototype = {}
  const told = new Transform()
  const chunk = Buffer.alloc(3)
  const entry = new net.Socket()
  const counts = new Map<string, number>()
  const inner = new Map<string, number>()
  const never = (): void => undefined
  const handle: unknown = Reflect.get(process.getBuiltinModule('zlib').createGzip(), '_handle')
  const passed = (give: (callback: (...values: readonly unknown[]) => void) => void): unknown =>
    freeze({ ask: freeze((callback: (...values: readonly unknown[]) => void) => give(callback)) })
  const table: Readonly<Record<string, (grant: Grant) => unknown>> = {
    process: () => freeze({ deep: freeze({ inner: process }) }),
    'the prototype of process': () => freeze(Object.create(Object.getPrototypeOf(process) as object)),
    'a method of process': () => freeze({ run: process.nextTick }),
    'the Function of the host': () => freeze({ made: freeze({ constructor: HostFunction }) }),
    'the eval of the host': () => freeze({ evaluate: hostEval }),
    'a maker of code by another name': () =>
      freeze({ compile: freeze((code: string) => Reflect.construct(HostFunction, [code]) as unknown) }),
    'the untamed Error': () => freeze({ Failure: HostError }),
    'a loader': () => freeze({ load: require }),
    'the module class': () => freeze({ Module: module }),
    'a MessagePort': () =>
      freeze({
        get port() {
          return port1
        },
      }),
    'the class of MessagePort': () => freeze({ [Symbol('port')]: workerThreads.MessagePort }),
    'a socket': () => passed((callback) => callback(null, socket)),
    'this of a callback': () =>
      freeze({ ask: freeze((callback: () => void) => Reflect.apply(callback, receiver, [])) }),
    'a native handle': () => freeze({ handle }),
    'a server in a rejection': () =>
      freeze({
        ask: freeze(async () => {
          throw server
        }),
      }),
    'a stream': () => freeze({ open: freeze(() => stream) }),
    'the emitter of the host': () => freeze({ Emitter: events.EventEmitter }),
    'a file function': () => freeze({ read: fs.readFileSync }),
    'a Buffer of the host': () => freeze({ read: freeze(() => pool) }),
    'a part of a pool': () => freeze({ read: freeze(() => part) }),
    'an array of trusted code': () => freeze({ list }),
    'an array that a getter gives': () =>
      freeze({
        get list() {
          return behind
        },
      }),
    'a Map of trusted code': () => freeze({ counts: freeze(counts) }),
    'a Map behind a Map': () => freeze(new Map([['a', freeze({ inner })]])),
    'a function that is not frozen': () => freeze({ never }),
    'the same bytes for everyone': () => freeze({ read: freeze(() => shared) }),
    'an array that each call gives': () => {
      const own: string[] = []
      return freeze({ list: freeze(() => own) })
    },
    'an argument of an event': () =>
      freeze({
        open: freeze(() => ({ on: (_: string, listener: (value: unknown) => void) => listener(told) })),
      }),
    'an element of an iterator': () =>
      freeze({
        async *open() {
          yield chunk
        },
      }),
    'a prototype for everyone': () => freeze({ open: freeze(() => Object.create(prototype) as unknown) }),
    'an entry of a Set': () => freeze(new Set([entry])),
    'a description of a symbol': (grant) => freeze({ tag: Symbol(`${grant.home}/tag`) }),
    'a path in an error': (grant) =>
      freeze({
        open: freeze(() => {
          throw new TypeError(`no such file: ${grant.home}/x`)
        }),
      }),
    'a path as a key': (grant) => freeze({ open: freeze(() => ({ [`${grant.data}/x`]: 1 })) }),
    'the path of the program': () => freeze({ argv0: process.execPath }),
    'a stack of trusted code': () =>
      freeze({ open: freeze(() => ({ trace: 'at read (node:internal/fs:1:1)' })) }),
  }
  const shared = new Uint8Array(4)
  return Object.fromEntries(
    Object.entries(table).map(([name, make]) => [name, (grant: Grant) => () => make(grant)]),
  )
}
