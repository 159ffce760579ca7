// Nothing a plugin can reach is the host's, makes host code, or is shared and changeable; asserted on effects.
import t from 'tap'
import { startThread, type Thread, type ThreadError } from './thread.js'

/** Each tries to reach the host and gives what it got; anything but `undefined`, a refusal or a plugin value is an escape. */
const ESCAPES: readonly string[] = [
  'Function("return process")().kill',
  'Function("return process.pid")() || undefined',
  '(() => {}).constructor("return process")()',
  '(async () => {}).constructor("return process")()',
  '(function* () {}).constructor("return process")().next().value',
  'Object.getPrototypeOf(async function* () {}).constructor("return process")()',
  'setTimeout.constructor("return process")()',
  'setTimeout(() => {}, 1).constructor.constructor("return process")()',
  'require.constructor("return process")()',
  'console.log.constructor("return process")()',
  'URL.constructor("return process")()',
  'new URL("http://a.test").searchParams.constructor.constructor("return process")()',
  'process.exit.constructor("return process")()',
  '(() => { try { process.exit() } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { try { require("vm") } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { try { null.x } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { const f = () => f(); try { f() } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { try { structuredClone(() => {}) } catch (e) { return Object.getPrototypeOf(e.constructor).constructor("return process")() } })()',
  'Object.getPrototypeOf(DOMException) === Object.getPrototypeOf(TypeError) ? undefined : "the untamed Error"',
  'typeof Object.getPrototypeOf(DOMException).stackTraceLimit === "number" && Error.stackTraceLimit > 0 ? undefined : undefined',
  '(() => { let seen; Error.prepareStackTrace = (e, frames) => { seen = frames }; new Error("x").stack; return seen })()',
  '(() => { const o = {}; Error.captureStackTrace(o); return o.stack || undefined })()',
  'new Error("x").stack || undefined',
  '(function () { return typeof this === "undefined" ? undefined : this.process.kill })()',
  '(() => { try { return arguments.callee.caller } catch (e) { return undefined } })()',
  '(function f() { try { return f.caller } catch (e) { return undefined } })()',
  'Reflect.construct(Object.getPrototypeOf(function () {}).constructor, ["return process"])()',
  'Object.getOwnPropertySymbols(new TextDecoder()).length || undefined',
  'Object.getOwnPropertySymbols(new AbortController().signal).length || undefined',
  'Object.getOwnPropertyNames(setTimeout(() => {}, 9999)).length || undefined',
  'process.binding("fs")',
  'process.mainModule',
  'process.getBuiltinModule("fs")',
  'process.stdout._handle',
  'require("module")',
  'require("buffer").Buffer.from("x").buffer.byteLength === 1 ? undefined : "a pool"',
  'require("events").EventEmitter.prototype === Object.getPrototypeOf(process) ? "the host\'s emitter" : undefined',
  'module.parent || module.constructor.constructor("return process")()',
  'globalThis.constructor.constructor("return process")()',
  'new WeakRef({}).constructor.constructor("return process")()',
  'Promise.resolve().then.constructor("return process")()',
  'new Promise((r) => setTimeout(function () { r(this === undefined || this === globalThis ? undefined : this) }, 1))',
  'new Promise((r) => setImmediate(function () { r(this === undefined ? undefined : this) }))',
  'new Promise((r) => queueMicrotask(function () { r(this === undefined ? undefined : this) }))',
  'new Promise((r) => process.nextTick(function () { r(this === undefined ? undefined : this) }))',
]

t.test('no known way leads to the host', async (t) => {
  const thread = await startThread(t)
  for (const expression of ESCAPES) {
    const value = await thread.value(expression).catch((error: ThreadError) => {
      t.match(
        error.message,
        /never|always denied|not a function|not a valid constructor|Cannot read|undefined|not available|not allowed|restrict/i,
        expression,
      )
      return undefined
    })
    t.equal(value, undefined, expression)
  }
})

/** Each tries to change something that trusted code, or the realm, would use. */
const CHANGES: readonly string[] = [
  'Object.prototype.polluted = 1',
  'Array.prototype.map = null',
  'Promise.prototype.then = null',
  'Function.prototype.call = null',
  'URL.prototype.toString = null',
  'URL.canParse = null',
  'AbortSignal.prototype.dispatchEvent = null',
  'EventTarget.prototype.dispatchEvent = null',
  'DOMException.prototype.x = 1',
  'Object.getPrototypeOf(setTimeout(() => {}, 999)).unref = null',
  'setTimeout.x = 1',
  'require.x = 1',
  'console.log = null',
  'process.x = 1',
  'process.env.PATH = "x"',
  'process.versions.node = "0"',
  'crypto.randomUUID = null',
  'Math.random = () => 0',
  'Date.now = () => 0',
  'Intl.NumberFormat.prototype.x = 1',
  'Float64Array.prototype.x = 1',
  'Symbol.iterator = 1',
  'Object.setPrototypeOf(Array.prototype, null)',
  'Object.defineProperty(Object.prototype, "x", { value: 1 })',
  'Object.getPrototypeOf(new URLSearchParams().entries()).next = null',
  'Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())).x = 1',
  'structuredClone.prototype = 1',
  '(0, eval)("this").x = 1',
  '(0, eval)("this").URL = 1',
  'new Intl.Segmenter().segment("a")[Symbol.iterator]().__proto__.next = 1',
]

t.test('nothing that is shared can be changed', async (t) => {
  const thread = await startThread(t)
  for (const change of CHANGES) {
    const error = await thread
      .value(`(() => { 'use strict'; ${change}; return 'changed' })()`)
      .catch((thrown: ThreadError) => thrown)
    t.match(error, { name: 'TypeError' }, change)
  }
})

t.test('the signal trusted code gives cannot be changed and is aborted only by trusted code', async (t) => {
  const thread = await startThread(t)
  const waiting = thread.evaluate(`module.exports = (signal) => new Promise((done) => {
    const tries = []
    for (const change of [
      () => { signal.aborted = true }, () => { signal.x = 1 }, () => { signal.dispatchEvent = null },
      () => { Object.setPrototypeOf(signal, null) }, () => { new signal.constructor() }, () => { signal.abort() },
    ]) { try { change(); tries.push('worked') } catch (e) { tries.push(e.name) } }
    signal.addEventListener('abort', () => { throw new Error('a listener that throws') })
    signal.addEventListener('abort', () => done([tries, signal.reason.name, signal.reason.message]))
  })`)
  await thread.send({ kind: 'turn' })
  await thread.send({ kind: 'abort', reason: 'the node stops' })
  t.same(await waiting, [Array(6).fill('TypeError'), 'AbortError', 'the node stops'])
})

t.test('a value that changes between two readings is read once', async (t) => {
  const thread = await startThread(t)
  const shifty = (values: string): string =>
    `{ n: 0, toString() { return ${values}[Math.min(this.n++, 1)] }, valueOf() { this.n++; return 1 } }`
  t.equal(await thread.value(`new URL(${shifty('["http://a.test", "http://evil.test"]')}).host`), 'a.test')
  t.equal(
    await thread.value(
      `(() => { const d = ${shifty('["a", "b"]')}; new TextEncoder().encode(d); return d.n })()`,
    ),
    1,
  )
  t.equal(
    await thread.value(
      `(() => { const d = { n: 0, [Symbol.toPrimitive]() { return ++this.n } }; clearTimeout(setTimeout(() => {}, d)); return d.n })()`,
    ),
    1,
  )
  t.equal(
    await thread.value(`(() => {
      const bytes = new Uint8Array([65, 66])
      for (const name of ['buffer', 'byteOffset', 'byteLength', 'length']) Object.defineProperty(bytes, name, { get() { throw new Error('asked') } })
      crypto.getRandomValues(bytes)
      return typeof new TextDecoder('latin1').decode(bytes)
    })()`),
    'string',
  )
})

t.test('import expressions are refused however they are written', async (t) => {
  const thread = await startThread(t)
  const sources = [
    'import("node:fs")',
    'import/**/("node:fs")',
    'import //\n("node:fs")',
    'import\u2028("node:fs")',
    'import\u00a0("node:fs")',
  ]
  for (const source of sources) {
    t.match(
      await thread.value(source).catch((error: ThreadError) => error),
      { name: 'SyntaxError' },
      encodeURI(source),
    )
    const text = JSON.stringify(source.replace('import', '@')) + ".replace('@', 'imp' + 'ort')"
    const dynamic = await thread.value(`Function('return ' + ${text})()`).catch((error: ThreadError) => error)
    t.match(dynamic, { name: 'SyntaxError' }, `Function ${encodeURI(source)}`)
    t.match(
      await thread.value(`(0, eval)(${text})`).catch((error: ThreadError) => error),
      { name: 'SyntaxError' },
      `eval ${encodeURI(source)}`,
    )
  }
})

t.test('a script that breaks out of its wrapper stays in the compartment', async (t) => {
  const thread = await startThread(t)
  for (const source of [
    '})\n;(function () { return this.process.kill',
    '}), (function () {',
    '});({',
    '}, 1',
    '/*',
    '`',
    '})/*',
  ]) {
    const result = await thread.evaluate(source).catch((error: ThreadError) => error)
    if (result instanceof Error) t.match(result, { name: /SyntaxError|TypeError/ }, source)
    else t.same(result ?? {}, {}, source)
  }
  t.match(await thread.evaluate('}), 5, ({').catch((error: ThreadError) => error), {
    code: 'ERR_PLUGIN_SCRIPT',
  })
})

t.test('an error nobody catches has no host path for the plugin and a stack for the host', async (t) => {
  const thread: Thread = await startThread(t)
  const error = (await thread
    .evaluate('\nfunction deep() { throw new RangeError("x") }\ndeep()')
    .catch((thrown: ThreadError) => thrown)) as ThreadError
  t.match(
    error.inside,
    /at deep \(bulkhead-plugin\/test-plugin\.js:3:/,
    'line 2 of the script is line 3 of the wrapper',
  )
  const hidden = await thread.value(
    '(() => { try { require("vm") } catch (e) { return JSON.stringify([e.stack, String(e), Object.getOwnPropertyNames(e)]) } })()',
  )
  t.notMatch(hidden, /worker|\/dist\/|node:|at .*:\d+:\d+/)
})

t.test('stackOf runs no code of the error', async (t) => {
  const thread = await startThread(t)
  const hostile = [
    'Object.defineProperty(new Error("x"), "stack", { get() { globalThis.ran = true; return "mine" } })',
    'new Proxy(new Error("x"), { get() { globalThis.ran = true }, getOwnPropertyDescriptor() { globalThis.ran = true } })',
    '({ get stack() { globalThis.ran = true; return "mine" } })',
  ]
  for (const expression of hostile) {
    t.equal(
      await thread.send({ kind: 'stack', code: `module.exports = () => ${expression}` }),
      '',
      expression,
    )
    t.not(await thread.value('globalThis.ran'), true, `${expression}: nothing ran`)
  }
  const honest = await thread.send({
    kind: 'stack',
    code: 'module.exports = function made() { return new Error("x") }',
  })
  t.match(honest, /at .*made \(bulkhead-plugin\/test-plugin\.js:2:/)
})
