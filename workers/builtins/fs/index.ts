/**
 * `fs` and `fs/promises` of a plugin: its own copy, over functions that decide
 * (power.ts). Each function is written once, here put into its forms: at once, with a
 * callback, as a promise. What Node has and this has not: docs/built-ins.md.
 */
import type { Module } from '../module.js'
import * as change from './change.js'
import { appendFile, copyFile, later, now, readFile, truncate, writeFile } from './content.js'
import { cp } from './copy.js'
import * as descriptor from './descriptor.js'
import { Dir, opendir } from './dir.js'
import { fileHandleClass } from './file-handle.js'
import * as look from './look.js'
import { power } from './power.js'
import { checkedCallback, soon, tell } from './soon.js'
import { Dirent, Stats } from './stats.js'
import { streamClasses, type StreamClasses } from './streams.js'
import { openAsBlob } from './web-views.js'
import { watchIterator, watcherOf } from './watch.js'

type AnyFunction = (...args: never[]) => unknown
type Steps = Parameters<typeof later>[0]
const PROMISIFY = Symbol.for('nodejs.util.promisify.custom')

/** Done in one go; with a callback and as a promise after this turn. */
const AT_ONCE = {
  stat: look.stat,
  lstat: look.lstat,
  access: look.access,
  realpath: look.realpath,
  readlink: look.readlink,
  readdir: look.readdir,
  opendir,
  truncate,
  mkdir: change.mkdir,
  rmdir: change.rmdir,
  unlink: change.unlink,
  rename: change.rename,
  link: change.link,
  chmod: change.chmod,
  utimes: change.utimes,
  lutimes: change.lutimes,
  rm: change.rm,
  mkdtemp: change.mkdtemp,
} as const
/** The same for open files; `fs/promises` has FileHandle instead. */
const OF_NUMBERS = {
  open: descriptor.open,
  close: descriptor.close,
  fstat: descriptor.fstat,
  ftruncate: descriptor.ftruncate,
} as const
const IN_STEPS = { readFile, writeFile, appendFile, copyFile, cp } as const

export interface Parts {
  readonly stream: Module
  readonly events: Module
  /** Run at the first need of a Blob or web stream. */
  readonly web: () => Module
}

export function makeFs({ stream, events, web }: Parts): Module {
  const EventEmitter = events['EventEmitter'] as Parameters<typeof watcherOf>[0]
  const classes = streamClasses(stream as unknown as Parameters<typeof streamClasses>[0])
  const FileHandle = fileHandleClass(EventEmitter, classes, web)
  const fs: Module = {}
  const promises: Module = {}

  for (const [name, atOnce] of [...Object.entries(AT_ONCE), ...Object.entries(OF_NUMBERS)]) {
    const run = atOnce as AnyFunction
    const promised = (...args: readonly unknown[]): Promise<unknown> =>
      soon(() => Reflect.apply(run, undefined, args) as unknown)
    fs[`${name}Sync`] = run
    fs[name] = withCallbackForm(promised)
    if (name in AT_ONCE) promises[name] = promised
  }
  for (const [name, inSteps] of Object.entries(IN_STEPS)) {
    const steps = (args: readonly unknown[]): Steps => {
      const [first, ...rest] = args
      const target = first instanceof FileHandle ? first.fd : first
      return Reflect.apply(inSteps as AnyFunction, undefined, [target, ...rest]) as Steps
    }
    const promised = async (...args: readonly unknown[]): Promise<unknown> => later(steps(args))
    fs[`${name}Sync`] = (...args: readonly unknown[]) => now(steps(args))
    fs[name] = withCallbackForm(promised)
    promises[name] = promised
  }
  Object.assign(promises, {
    open: async (...args: Parameters<typeof descriptor.open>) =>
      new FileHandle(await soon(() => descriptor.open(...args))),
    watch: watchIterator,
    constants: power.constants,
  })
  return Object.assign(fs, {
    ...transfers(),
    ...streamsOf(classes),
    Stats,
    Dirent,
    Dir,
    constants: power.constants,
    promises,
    existsSync: look.exists,
    watch: watcherOf(EventEmitter),
    exists: existsForm(),
    openAsBlobSync: (path: unknown, options?: unknown) => openAsBlob(web(), path, options),
    openAsBlob: (path: unknown, options?: unknown) => soon(() => openAsBlob(web(), path, options)),
    realpath: Object.assign(fs['realpath'] as AnyFunction, { native: fs['realpath'] }),
    realpathSync: Object.assign(fs['realpathSync'] as AnyFunction, { native: fs['realpathSync'] }),
    F_OK: power.constants['F_OK'],
    R_OK: power.constants['R_OK'],
    W_OK: power.constants['W_OK'],
    X_OK: power.constants['X_OK'],
  })
}

/** `(…args, callback)` of what gives a promise. */
function withCallbackForm(promised: (...args: readonly unknown[]) => Promise<unknown>): AnyFunction {
  return (...args: readonly unknown[]): void => {
    const callback = checkedCallback(args.at(-1))
    void tell(promised(...args.slice(0, -1)), callback)
  }
}

/** read, write and their vector forms: their callbacks get a count and the memory. */
function transfers(): Module {
  const forms = (
    run: (...args: readonly unknown[]) => Promise<unknown>,
    spread: (value: never) => readonly unknown[],
  ): AnyFunction =>
    Object.assign(
      (...args: readonly unknown[]): void => {
        const callback = checkedCallback(args.at(-1))
        void tell(run(...args.slice(0, -1)) as Promise<never>, callback, spread)
      },
      { [PROMISIFY]: run },
    )
  const { readLater, writeLater, readv, writev } = descriptor
  const vector =
    (run: typeof readv, count: string) =>
    async (id: unknown, buffers: unknown, position: unknown): Promise<unknown> => ({
      [count]: await soon(() => run(id, buffers, position)),
      buffers,
    })
  const values = (value: object): readonly unknown[] => Object.values(value)
  return {
    read: forms(readLater as never, values),
    write: forms(writeLater as never, values),
    readv: forms(vector(readv, 'bytesRead') as never, values),
    writev: forms(vector(writev, 'bytesWritten') as never, values),
    readSync: descriptor.read,
    writeSync: descriptor.write,
    readvSync: readv,
    writevSync: writev,
  }
}

function streamsOf({ ReadStream, WriteStream }: StreamClasses): Module {
  return {
    ReadStream,
    WriteStream,
    FileReadStream: ReadStream,
    FileWriteStream: WriteStream,
    createReadStream: (path: unknown, options?: unknown) => new ReadStream(path, options),
    createWriteStream: (path: unknown, options?: unknown) => new WriteStream(path, options),
  }
}

/** The one callback of Node that gets no error. */
function existsForm(): AnyFunction {
  const exists = (path: unknown, callback: unknown): void => {
    checkedCallback(callback)
    power.later(() => power.call(callback, look.exists(path)))
  }
  return Object.assign(exists, { [PROMISIFY]: (path: unknown) => soon(() => look.exists(path)) })
}
