/**
 * The plugin's side of an exploration, as the text of a plugin: it calls everything it can get hold of with
 * a few shapes of arguments, listens to everything that has events, and keeps whatever comes back. It has no
 * more power than any plugin; who runs it and reads what it kept is explorer.ts.
 */
import type { Exercise } from './exercises/exercise.js'

/** What the script exports. */
export interface Explorer {
  /** What a plugin is given, and each thing that came of a call: what it was, and the value. */
  readonly kept: readonly (readonly [path: string, value: unknown])[]
  readonly modules: readonly string[]
  /** Every function of a module, as `fs.readFile`, and those that worked. */
  readonly all: ReadonlySet<string>
  readonly worked: ReadonlySet<string>
  /** Paths to functions that make code of the host out of text. */
  readonly makers: readonly string[]
  /** Paths to calls of trusted functions that gave the same changeable object twice: it is somebody else's. */
  readonly repeated: readonly string[]
  /** What did not work of that which is known to. */
  readonly failed: readonly string[]
  /** Calls everything; resolves when the exercises have ended. */
  explore(asked: Asked): Promise<void>
}

export interface Asked {
  readonly modules: readonly string[]
  /** Those of them that trusted code made: they are held to more. */
  readonly granted: readonly string[]
  /** Global names that JavaScript itself does not bring. */
  readonly globals: readonly string[]
  /** What the plugin's copies of the built-ins stand on; a plugin is taken to have it. */
  readonly powers: readonly unknown[]
  /** Further things a plugin is given, by how it names them. */
  readonly given: readonly (readonly [path: string, value: unknown])[]
  /** Of the language: prototypes whose methods need no calling. */
  readonly known: readonly unknown[]
  /** Whether a value is the host's: that it was reached is the finding, and it is left alone. */
  readonly isHost: (value: unknown) => boolean
}

/** Values that an explorer keeps; with so many, it has kept less than there was. */
export const MOST_KEPT = 60_000

/** @param dir - where it may write, below the plugin's data */
export function explorerScript(exercises: readonly Exercise[], dir: string): string {
  const table = exercises.map(
    ({ covers, run }) =>
      `[${JSON.stringify(covers)}, async ({ keep, called, event, ears, powers, dir }) => {\n${run}\n}],`,
  )
  return `${SCRIPT}\nconst most = ${MOST_KEPT}\nconst exercises = [\n${table.join('\n')}\n]\nconst dir = ${JSON.stringify(dir)}\n`
}

const SCRIPT = String.raw`
const wrapper = [this, globalThis, self, global, module, exports, require, process, __filename, __dirname]
const kept = [], modules = [], all = new Set(), worked = new Set(), makers = [], repeated = [], failed = []
const MOST_CALLS = 2, MOST_MS = 20000
const EVENTS = 'error data end close open ready connect listening drain finish readable change abort timeout'.split(' ')
const LAST = ['end', 'close', 'destroy', 'unref', 'disconnect', 'kill']
const seen = new Set([Object.prototype, Function.prototype, null])
const name = (key) => typeof key === 'symbol' ? '[' + String(key) + ']' : /^[\w$]+$/.test(key) ? '.' + key : '[' + JSON.stringify(key) + ']'
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** Keeps a value, and what it turns into: a promise its result, an emitter its events, an iterator its first element. */
function keep(path, value, onFine = () => {}) {
  if (kept.length < most) kept.push([path, value])
  if (value instanceof Promise) {
    value.then((result) => { onFine(); keep(path + '→resolved', result) }, (error) => keep(path + '→rejected', error))
    return value
  }
  onFine()
  if (typeof value === 'object' && value !== null && !isHost(value)) follow(path, value)
  return value
}

/** Before the exercises have ended nothing is called that they do not call: it would be closed under them. */
const put = []
let calling = false
/** Objects that are listened to: one that its own events tell of would get more listeners with each. */
const followed = new WeakSet()

function follow(path, value) {
  if (!calling) return void put.push([path, value])
  if (followed.has(value)) return
  followed.add(value)
  let proto
  try { proto = Object.getPrototypeOf(value) } catch { return }
  const first = !seen.has(proto)
  seen.add(proto)
  try {
    if (typeof value.on === 'function')
      for (const event of EVENTS) value.on(event, listener(path + '.on(' + event + ')'))
    else if (typeof value.addEventListener === 'function')
      for (const event of EVENTS) value.addEventListener(event, listener(path + '.addEventListener(' + event + ')'))
  } catch (error) { keep(path + '.on→thrown', error) }
  if (!first) return
  try {
    const iterate = value[Symbol.asyncIterator] ?? value[Symbol.iterator]
    if (typeof iterate === 'function') {
      const iterator = keep(path + '[iterator]', Reflect.apply(iterate, value, []))
      keep(path + '[iterator].next()', iterator.next())
    }
  } catch (error) { keep(path + '[iterator]→thrown', error) }
  methodsOf(value, path)
}

/** A function that keeps its this and its arguments. */
function listener(path, onFine = () => {}) {
  let calls = 0
  return function (...values) {
    if (++calls > MOST_CALLS) return
    keep(path + '→this', this)
    values.forEach((value, index) => keep(path + '→' + index, value))
    if (!(values[0] instanceof Error)) onFine()
  }
}

const SHAPES = [
  ['', () => []],
  ['callback', (done) => [done]],
  ['{}', () => [{}]],
  ['text', () => [dir + '/file.txt']],
  ['bytes', () => [new Uint8Array([1, 2, 3])]],
  ['1', () => [1]],
  ['[]', () => [[1, 2]]],
  ['text, callback', (done) => [dir + '/file.txt', done]],
  ['text, text', () => [dir + '/file.txt', 'utf8']],
  ['bytes, callback', (done) => [new Uint8Array([1, 2, 3]), done]],
  ['1, callback', (done) => [1, done]],
  ['text, {}, callback', (done) => [dir + '/file.txt', {}, done]],
  ['{}, callback', (done) => [{}, done]],
]

/** Calls, and constructs what looks like a class, with every shape. */
function call(path, f, receiver, fine = () => {}, times = 1) {
  if (isHost(f)) return
  tryCode(path, f, receiver)
  for (const [shape, args] of SHAPES) {
    const at = path + '(' + shape + ')'
    const takesCallback = shape.endsWith('callback')
    let last
    for (let time = 0; time < times; time++) {
      const values = args(listener(at + '→callback', fine))
      try {
        const result = keep(at, Reflect.apply(f, receiver, values), takesCallback ? undefined : fine)
        if (isObject(result) && result === last && !Object.isFrozen(result)) repeated.push(at)
        last = result
      } catch (error) { keep(at + '→thrown', error) }
    }
    if (!isClass(f)) continue
    try { keep('new ' + path + '(' + shape + ')', new f(...args(listener('new ' + path + '→callback'))), fine) } catch (error) { keep('new ' + path + '(' + shape + ')→thrown', error) }
  }
}

/** Whether it takes the text of a program and gives a function that sees the process of the host. */
function tryCode(path, f, receiver) {
  try {
    const made = Reflect.apply(f, receiver, ["return typeof process === 'object' && process.pid !== 0 ? 'host' : ''"])
    if (typeof made === 'function' && made() === 'host') makers.push(path)
  } catch {}
}

function isClass(f) {
  const proto = Object.getOwnPropertyDescriptor(f, 'prototype')?.value
  return isObject(proto)
}

/** Calls each method of an object and of its classes. */
function methodsOf(value, path) {
  const names = new Set()
  for (let at = value; at !== null && !known.has(at); at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) if (key !== 'constructor') names.add(key)
  }
  const order = [...names].sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b))
  for (const key of order) {
    let method
    try { method = value[key] } catch (error) { keep(path + name(key) + '→thrown', error) }
    if (typeof method === 'function' && !isHost(method) && !isClass(method)) call(path + name(key), method, value)
  }
}

/** The result that comes by callback. */
function called(path, start) {
  return new Promise((resolve, reject) => {
    keep(path, start(function (error, ...values) {
      keep(path + '→this', this)
      values.forEach((value, index) => keep(path + '→' + (index + 1), value))
      if (error instanceof Error) reject(error)
      else resolve(values[0])
    }))
  })
}

/** What an emitter tells at the next event of this name; an error rejects. */
function event(emitter, name) {
  return new Promise((resolve, reject) => {
    emitter.on('error', reject)
    emitter.on(name, function (...values) {
      keep(name + '→this', this)
      resolve(keep(name, values)[0])
    })
  })
}

/** Each property is a function that keeps its this and arguments, and then what does has for it. */
function ears(path, does) {
  return new Proxy({}, {
    get(_, key) {
      const hear = listener(path + name(key))
      return function (...values) {
        Reflect.apply(hear, this, values)
        return does[key]?.(...values)
      }
    },
  })
}

let known = new Set(), isHost
module.exports = {
  kept, modules, all, worked, makers, repeated, failed,
  async explore(asked) {
    known = new Set([...asked.known, null])
    isHost = asked.isHost
    for (const proto of known) seen.add(proto)
    wrapper.forEach((value, index) => kept.push(['wrapper argument ' + index, value]))
    keep("(0, eval)('this')", (0, eval)('this'))
    for (const [path, value] of asked.given) keep(path, value)
    for (const id of asked.modules) {
      const path = 'require(' + JSON.stringify(id) + ')'
      let module
      try { module = keep(path, require(id)) } catch (error) { keep(path + '→thrown', error); continue }
      modules.push(id)
      for (const key of Reflect.ownKeys(module)) if (typeof module[key] === 'function') all.add(id + name(key))
    }
    // Exercises first: after the calls below, modules may be full of what was left open.
    await Promise.all(exercises.map(async ([covers, run]) => {
      const [label] = covers
      const tools = { keep: (value) => keep(label, value), called: (start) => called(label, start), event, ears, powers: asked.powers, dir }
      let timer
      const late = new Promise((_, reject) => { timer = setTimeout(reject, MOST_MS, new Error('it does not end')) })
      try {
        await Promise.race([run(tools), late])
        for (const one of covers) if (all.has(one)) worked.add(one)
      } catch (error) {
        keep('exercise ' + label + '→thrown', error)
        failed.push(covers.join(' ') + ': ' + error)
      }
      clearTimeout(timer)
    }))
    calling = true
    for (const [path, value] of put) follow(path, value)
    for (const id of modules) {
      const module = require(id)
      for (const key of Reflect.ownKeys(module)) {
        const label = id + name(key)
        if (typeof module[key] === 'function') call('require(' + JSON.stringify(id) + ')' + name(key), module[key], module, () => worked.add(label), asked.granted.includes(id) ? 2 : 1)
      }
    }
    for (const id of asked.globals) {
      const value = globalThis[id]
      if (typeof value === 'function') call(id, value, undefined)
      if (isObject(value) && value !== globalThis) methodsOf(value, id)
    }
    const powers = (value, path, depth) => {
      for (const key of Reflect.ownKeys(value)) {
        if (typeof value[key] === 'function') call(path + name(key), value[key], undefined, undefined, 2)
        else if (isObject(value[key]) && depth < 5) powers(value[key], path + name(key), depth + 1)
      }
    }
    asked.powers.forEach((value, index) => { if (isObject(value)) powers(value, 'powers[' + index + ']', 0) })
  },
}
`
