/**
 * A plugin changes whatever of its world can be changed, then asks for what it was not
 * granted, by the ways most likely to stand on what it changed. In a bare Node it gets
 * that anyway; what counts is that it gets nothing here, and still nothing afterwards.
 */
import type { Chapter } from '../escape-case.js'
import { OWN_FILES } from './files.js'

/** What cannot be changed throws; the rest of the changes is tried all the same. */
const CHANGE = `
  const attempt = (run) => { try { run() } catch {} }
  const change = (owner, name, value) => attempt(() => { owner[name] = value })`

const ATTEMPTS = `
  const fs = require('fs')
  const attemptAll = async (run) => { try { note(await run()) } catch (error) { note(typeof error === 'object' && error !== null ? error.code : error) } }
  await attemptAll(() => fs.readFileSync(target.secretFile, 'latin1'))
  await attemptAll(() => fs.readFileSync(target.home + '/link', 'latin1'))
  await attemptAll(() => fs.promises.readFile(target.home + '/dir/secret.txt', 'latin1'))
  await attemptAll(() => fs.writeFileSync(target.data + '/dangling', 'x'))
  await attemptAll(() => new Promise((resolve) => { const socket = require('net').connect(target.port, '127.0.0.1'); socket.on('connect', resolve); socket.on('error', resolve); setTimeout(resolve, 100) }))`

/** `yes` answers what a check would like to hear. */
const POISONS: readonly (readonly [what: string, code: string])[] = [
  [
    'Object.prototype with the fields of a decision',
    `for (const [key, value] of Object.entries({ allowed: true, rule: 'mine', rules: [], code: 'x', descriptor: 0, path: target.secretFile, host: '127.0.0.1', port: target.port })) change(Object.prototype, key, value)`,
  ],
  [
    'setters on Object.prototype',
    `for (const key of ['path', 'descriptor', 'allowed', 'host']) attempt(() => Object.defineProperty(Object.prototype, key, { set(value) { note(this) }, get: () => true, configurable: true }))`,
  ],
  [
    'Array.prototype',
    `for (const name of ['map', 'filter', 'some', 'every', 'find', 'includes', 'indexOf', 'join', 'push', 'slice', 'splice', 'flatMap', 'entries']) change(Array.prototype, name, function () { note(this); return true })`,
  ],
  [
    'the iterator of arrays',
    `const walk = Object.getPrototypeOf([][Symbol.iterator]()); change(walk, 'next', () => ({ done: true })); change(Array.prototype, Symbol.iterator, function* () { note(this); yield target.secretFile })`,
  ],
  [
    'indices of Array.prototype',
    `attempt(() => Object.defineProperty(Array.prototype, '0', { get: () => target.secretFile, set(value) { note(value) }, configurable: true }))`,
  ],
  [
    'String.prototype',
    `for (const name of ['startsWith', 'endsWith', 'includes']) change(String.prototype, name, () => true); for (const name of ['split', 'slice', 'replace', 'replaceAll', 'trim', 'toString', 'toLowerCase', 'indexOf', 'charCodeAt', 'normalize']) change(String.prototype, name, () => '/plugin/words.txt')`,
  ],
  [
    'RegExp.prototype',
    `change(RegExp.prototype, 'test', () => true); change(RegExp.prototype, 'exec', () => ['x', 'x', 'x']); for (const key of [Symbol.replace, Symbol.match, Symbol.split]) change(RegExp.prototype, key, () => '/plugin/words.txt')`,
  ],
  [
    'Map, Set and WeakMap',
    `for (const C of [Map, Set, WeakMap, WeakSet]) for (const name of ['get', 'has', 'set', 'add', 'delete']) if (C.prototype[name]) change(C.prototype, name, function () { note(this); return { descriptor: 0, allowed: true } })`,
  ],
  [
    'Promise.prototype.then and Promise.resolve',
    `const { then } = Promise.prototype; change(Promise.prototype, 'then', function (done) { note(this, done); return Reflect.apply(then, this, arguments) }); change(Promise, 'resolve', (value) => value); change(Promise.prototype, 'finally', () => 0)`,
  ],
  [
    'Function.prototype',
    `change(Function.prototype, 'call', function () { note(this, ...arguments) }); change(Function.prototype, 'apply', function () { note(this) }); change(Function.prototype, 'bind', function () { note(this); return this }); attempt(() => Object.defineProperty(Function.prototype, Symbol.hasInstance, { value: () => true }))`,
  ],
  [
    'Reflect',
    `for (const name of Object.getOwnPropertyNames(Reflect)) change(Reflect, name, (...values) => { note(...values); return true })`,
  ],
  [
    'the functions of Object',
    `for (const name of ['freeze', 'keys', 'entries', 'assign', 'defineProperty', 'hasOwn', 'getPrototypeOf', 'fromEntries', 'create']) change(Object, name, (...values) => { note(...values); return values[0] })`,
  ],
  [
    'JSON',
    `change(JSON, 'parse', () => ({ allowed: true, grant: {} })); change(JSON, 'stringify', () => '{"allowed":true}')`,
  ],
  [
    'numbers',
    `for (const name of ['isInteger', 'isSafeInteger']) change(Number, name, () => true); change(Number.prototype, 'valueOf', () => 0); change(globalThis, 'Number', () => 0)`,
  ],
  [
    'typed arrays',
    `const Typed = Object.getPrototypeOf(Uint8Array); for (const name of ['set', 'slice', 'subarray', 'fill', 'indexOf', 'every']) change(Typed.prototype, name, function () { note(this); return this }); attempt(() => Object.defineProperty(Typed.prototype, 'byteLength', { get: () => 5, configurable: true }))`,
  ],
  [
    'ArrayBuffer',
    `change(ArrayBuffer.prototype, 'slice', function () { note(this); return this }); change(ArrayBuffer, 'isView', () => true)`,
  ],
  [
    'errors and their stack',
    `change(Error, 'prepareStackTrace', (error, sites) => { note(sites, sites[0]?.getThis?.()); return '' }); change(Error.prototype, 'toString', () => 'x'); attempt(() => Object.defineProperty(Error.prototype, 'code', { get: () => 'ENOENT', set() {}, configurable: true }))`,
  ],
  [
    'symbols',
    `change(Symbol, 'for', () => Symbol.iterator); change(Symbol.prototype, 'toString', () => 'x'); attempt(() => Object.defineProperty(Symbol.prototype, 'description', { get: () => 'x', configurable: true }))`,
  ],
  [
    'generators and async iterators',
    `const Generator = Object.getPrototypeOf(function* () {}).prototype; change(Generator, 'next', function () { note(this); return { done: true } }); const AsyncGenerator = Object.getPrototypeOf(async function* () {}).prototype; change(AsyncGenerator, 'next', async () => ({ done: true }))`,
  ],
  [
    'the classes of Buffer',
    `change(Buffer, 'from', () => new Uint8Array(4)); change(Buffer, 'alloc', () => new Uint8Array(4)); change(Buffer, 'isBuffer', () => true); change(Buffer.prototype, 'toString', function () { note(this); return '/plugin/words.txt' }); change(Buffer, 'concat', (list) => { note(list); return list[0] })`,
  ],
  [
    'paths and URLs',
    `const path = require('path'); for (const name of ['resolve', 'normalize', 'join', 'relative', 'isAbsolute', 'dirname']) change(path, name, () => '/plugin/words.txt'); change(require('url'), 'fileURLToPath', () => target.secretFile); attempt(() => Object.defineProperty(URL.prototype, 'href', { get: () => 'file://' + target.secretFile }))`,
  ],
  [
    'EventEmitter.prototype',
    `const Emitter = require('events'); for (const name of ['emit', 'on', 'once', 'addListener', 'removeListener']) change(Emitter.prototype, name, function () { note(this, ...arguments); return true })`,
  ],
  [
    'streams',
    `const stream = require('stream'); for (const name of ['push', 'read', '_read', 'pipe', 'destroy']) change(stream.Readable.prototype, name, function () { note(this, ...arguments) }); for (const name of ['write', 'end', '_write']) change(stream.Writable.prototype, name, function () { note(this, ...arguments) })`,
  ],
  [
    'the constants of fs',
    `const { constants } = require('fs'); for (const name of ['O_NOFOLLOW', 'O_NONBLOCK', 'O_CREAT', 'F_OK', 'R_OK']) change(constants, name, 0)`,
  ],
  [
    'fs itself',
    `const it = require('fs'); for (const name of ['open', 'openSync', 'closeSync', 'fstatSync', 'realpathSync', 'readlinkSync', 'lstatSync']) change(it, name, (...values) => { note(...values); return 3 })`,
  ],
  [
    'process',
    `for (const name of Object.getOwnPropertyNames(process)) if (!['exit', 'reallyExit', 'stdout'].includes(name)) change(process, name, () => target.secretFile); change(globalThis, 'process', { binding: () => 0 })`,
  ],
  [
    'timers and microtasks',
    `for (const name of ['setImmediate', 'queueMicrotask']) change(globalThis, name, (run) => { note(run); run() }); change(process, 'nextTick', (run) => run())`,
  ],
  [
    'console',
    `for (const name of Object.keys(console)) change(console, name, function () { note(this, ...arguments) })`,
  ],
  [
    'Proxy and WeakRef',
    `change(globalThis, 'Proxy', function (self, traps) { note(self, traps); return self }); change(WeakRef.prototype, 'deref', () => process)`,
  ],
  [
    'the date',
    `change(Date, 'now', () => 0); change(Date.prototype, 'getTime', () => NaN); for (const name of ['random', 'min', 'max', 'floor']) change(Math, name, () => 0)`,
  ],
  [
    'abort signals',
    `change(AbortSignal.prototype, 'throwIfAborted', () => 0); attempt(() => Object.defineProperty(AbortSignal.prototype, 'aborted', { get() { note(this); return false } }))`,
  ],
  [
    'TextDecoder and TextEncoder',
    `change(TextDecoder.prototype, 'decode', () => '/plugin/words.txt'); change(TextEncoder.prototype, 'encode', () => new Uint8Array(4))`,
  ],
]

/** Changes after which Node's own code does not work any more. */
const BREAKS_ITSELF: ReadonlySet<string> = new Set<string>([])

export const poison: Chapter = {
  name: 'poison',
  grant: () => OWN_FILES,
  cases: POISONS.map(([what, code], index) => ({
    name: `${what} is changed`,
    code: `${CHANGE}
${code}
${ATTEMPTS}`,
    alone: true as const,
    ...(index === 0 || index === 8 ? { smoke: true as const } : {}),
    ...(BREAKS_ITSELF.has(what) ? { tame: 'a bare Node breaks before it gets that far' } : {}),
  })),
}
