/**
 * Ways from a value in plugin hands to a function that makes code of another realm.
 * Each is the body of an async function over `given` (what trusted code handed to the
 * plugin); it returns the value, or values, from which `probe` climbs on.
 */
export interface Chain {
  readonly name: string
  readonly code: string
}

/**
 * What a chain must evaluate to have got out: a plugin's own process has the id 0 and
 * no V8 version.
 */
export const ESCAPED: string =
  "return typeof process === 'object' && process !== null && process.versions && process.versions.v8 && process.pid > 0 ? 'escaped to ' + process.pid : 'inside'"

const caught = (code: string): string => `try { ${code} } catch (error) { return error }`

export const CHAINS: readonly Chain[] = [
  { name: 'object literal', code: 'return {}' },
  { name: 'array literal', code: 'return []' },
  { name: 'regular expression and its match', code: "return [/x/, /x/d.exec('x'), [...'x'.matchAll(/x/g)]]" },
  { name: 'arrow function', code: 'return () => 0' },
  { name: 'async function', code: 'return async () => 0' },
  { name: 'generator function', code: 'return function* () {}' },
  { name: 'async generator function', code: 'return async function* () {}' },
  { name: 'running generators', code: 'return [(function* () {})(), (async function* () {})()]' },
  {
    name: 'class and its instance',
    code: 'class A { static s() {} m() {} get g() { return 1 } } return [A, new A()]',
  },
  { name: 'bound function', code: 'return [(() => 0).bind(null), given.context.log.info.bind(null)]' },
  { name: 'this of a sloppy function', code: "return [new Function('return this')()]" },
  { name: 'indirect eval', code: "return [(0, eval)('this')]" },
  { name: 'callee of sloppy arguments', code: "return new Function('return arguments.callee')()" },
  { name: 'caller of a function', code: 'return (function f() { return [f.caller, f.arguments] })()' },
  { name: 'own globals', code: 'return globalThis' },
  {
    name: 'every named global',
    code: 'return Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name])',
  },
  { name: 'the request', code: 'return given.request' },
  { name: 'request fields', code: 'return Object.values(given.request)' },
  { name: 'stream body', code: 'return given.request.body' },
  { name: 'iterator of a stream body', code: 'return given.request.body?.[Symbol.asyncIterator]()' },
  {
    name: 'chunk of a stream, its buffer and its promise',
    code: `const iterator = given.request.body?.[Symbol.asyncIterator]()
      const promise = iterator?.next(); const step = await promise
      return [promise, step, step?.value, step?.value?.buffer]`,
  },
  {
    name: 'end of a stream',
    code: 'const i = given.request.body?.[Symbol.asyncIterator](); const r = i?.return?.(); return [r, await r]',
  },
  { name: 'the context', code: 'return given.context' },
  { name: 'context of start', code: 'return given.startContext' },
  { name: 'log functions', code: 'return Object.values(given.context.log)' },
  { name: 'result of a log call', code: "return [given.context.log.info('x'), console.log('x')]" },
  {
    name: 'a value that logging formats',
    code: `
      const seen = []
      const spy = new Proxy({}, { get(target, key, receiver) { seen.push(receiver, key); return undefined }, ownKeys() { seen.push(this); return [] } })
      given.context.log.info(spy, { toString() { seen.push(this, new Error('formatting')); return 'x' } }, { get message() { seen.push(this); return '' } })
      return seen`,
  },
  { name: 'settings', code: 'return given.context.settings' },
  { name: 'signal of a call', code: 'return given.context.signal' },
  {
    name: 'reason of an aborted signal',
    code: 'const c = new AbortController(); c.abort(); return [c, c.signal, c.signal.reason]',
  },
  {
    name: 'abort event',
    code: `return new Promise((resolve) => {
      const c = new AbortController()
      c.signal.addEventListener('abort', function (event) { resolve([this, event, event.target, ...arguments]) })
      c.abort() })`,
  },
  {
    name: 'timeout signal',
    code: 'const s = AbortSignal.timeout(1); return new Promise((resolve) => s.addEventListener("abort", (e) => resolve([s, e, s.reason])))',
  },
  {
    name: 'event target and event',
    code: 'const t = new EventTarget(), seen = []; t.addEventListener("x", function (e) { seen.push(this, e, e.target) }); t.dispatchEvent(new Event("x")); return [t, ...seen]',
  },
  {
    name: 'event emitter',
    code: 'const E = require("events"); const e = new E(), seen = []; e.on("x", function () { seen.push(this, ...arguments) }); e.emit("x"); return [E, e, ...seen]',
  },
  {
    name: 'timer handles',
    code: 'const handles = [setTimeout(() => {}, 1), setInterval(() => {}, 1000), setImmediate(() => {})]; clearInterval(handles[1]); return handles',
  },
  {
    name: 'this and arguments of a timer',
    code: 'return new Promise((resolve) => setTimeout(function () { resolve([this, ...arguments]) }, 1))',
  },
  {
    name: 'this of a microtask and of nextTick',
    code: 'return Promise.all([new Promise((r) => queueMicrotask(function () { r([this, ...arguments]) })), new Promise((r) => process.nextTick(function () { r([this, ...arguments]) }))])',
  },
  { name: 'cluster state', code: 'return given.context.cluster.state()' },
  { name: 'cluster functions', code: 'return Object.values(given.context.cluster)' },
  { name: 'cluster event', code: 'return given.event' },
  {
    name: 'every method of a cluster event',
    code: 'return Object.values(given.event ?? {}).map((method) => { try { return method("logs") } catch (error) { return error } })',
  },
  { name: 'this and arguments of a listener', code: 'return given.listenerGot' },
  {
    name: 'rejection of a cluster wait',
    code: 'const p = given.context.cluster.waitForNextChange(() => false, 1); return [p, await p.catch((error) => [error, error.cause])]',
  },
  {
    name: 'argument of a cluster predicate',
    code: 'const seen = []; await given.context.cluster.waitForNextChange(function (state) { seen.push(this, state, ...arguments); return true }, 100); return seen',
  },
  { name: 'error of a refused module', code: caught('require("vm")') },
  { name: 'error of process.exit', code: caught('process.exit()') },
  { name: 'error of a wrong argument', code: caught('setTimeout("code")') },
  { name: 'error of a listener that is no function', code: caught('given.context.cluster.addListener(1)') },
  {
    name: 'error of a bad URL, with its cause',
    code: 'try { new URL("::") } catch (error) { return [error, error.cause, error.input] }',
  },
  { name: 'error of structuredClone', code: caught('structuredClone(() => 0)') },
  {
    name: 'error of a deep recursion',
    code: 'try { (function f() { f() })() } catch (error) { return error }',
  },
  {
    name: 'error of a deep recursion in trusted code',
    code: 'const deep = (n) => { try { return deep(n + 1) } catch (error) { try { given.context.log.info({ toJSON: deep }); structuredClone({}); new URL("http://a/"); given.context.cluster.state() } catch (inner) { return [error, inner] } return error } }; return deep(0)',
  },
  { name: 'error of the parser', code: caught('new Function("(")') },
  {
    name: 'call sites of a stack',
    code: 'const before = Error.prepareStackTrace; try { Error.prepareStackTrace = (_, sites) => sites; const e = new Error("x"); return [e.stack, ...(Array.isArray(e.stack) ? e.stack.map((s) => [s.getThis?.(), s.getFunction?.()]) : [])] } catch (error) { return error }',
  },
  {
    name: 'captureStackTrace',
    code: 'const o = {}; Error.captureStackTrace?.(o); return [o, o.stack, Error.captureStackTrace]',
  },
  {
    name: 'URL and its parameters',
    code: 'const u = new URL("http://a/?b=1"); return [u, u.searchParams, u.searchParams.entries(), [...u.searchParams]]',
  },
  {
    name: 'text decoder and encoder',
    code: 'const e = new TextEncoder(), b = e.encode("x"); return [e, b, b.buffer, new TextDecoder(), new TextDecoder().decode(b)]',
  },
  {
    name: 'crypto',
    code: 'return [crypto, crypto.getRandomValues?.(new Uint8Array(1)), crypto.randomUUID?.()]',
  },
  {
    name: 'result of structuredClone',
    code: 'return [structuredClone({ a: [new Map([[1, new Date(0)]]), new Error("x"), new Uint8Array(1)] })]',
  },
  {
    name: 'Buffer and its memory',
    code: 'const b = Buffer.from("x"); return [Buffer, b, b.buffer, Buffer.allocUnsafe(8), b.parent]',
  },
  { name: 'console and what it gives', code: 'return [console, console.log, console.table?.([1])]' },
  {
    name: 'process and its streams',
    code: 'return [process, process.stdout, process.hrtime, process.env, process.on("exit", () => 0), process.versions]',
  },
  { name: 'performance', code: 'return [performance, performance.now]' },
  {
    name: 'module, exports, require',
    code: 'return [module, exports, require, require.cache, require.main, require.resolve, module.constructor, module.parent]',
  },
  {
    name: 'every module a plugin has',
    code: 'return ["assert","buffer","events","path","querystring","stream","string_decoder","timers","timers/promises","url","util","console","constants","perf_hooks","process"].map((name) => { try { return given.require(name) } catch (error) { return error } })',
  },
  {
    name: 'promisified timer',
    code: 'const p = require("timers/promises").setTimeout(1); return [p, await p]',
  },
  {
    name: 'custom promisify symbol',
    code: 'return [setTimeout[Symbol.for("nodejs.util.promisify.custom")], require("util").promisify(setTimeout)]',
  },
  {
    name: 'stream module',
    code: 'const { Readable } = require("stream"); const r = Readable.from(["x"]); const seen = []; for await (const c of r) seen.push(c); return [r, r.constructor, ...seen]',
  },
  {
    name: 'promise, its species and a thenable',
    code: 'const p = Promise.resolve(1); const seen = []; await new Promise((r) => Promise.resolve({ then(a, b) { seen.push(this, a, b); r() } })); class P extends Promise { static get [Symbol.species]() { return function (executor) { seen.push(executor); executor((v) => v, (e) => e) } } } P.resolve(1).then((v) => v); return [p, P, ...seen]',
  },
  { name: 'thenable that a handler gives back', code: 'return given.thenableGot' },
  { name: 'toJSON of what a handler gives back', code: 'return given.toJsonGot' },
  {
    name: 'array species',
    code: 'class A extends Array { static get [Symbol.species]() { return Function } } try { return new A(1, 2).map((x) => x) } catch (error) { return error }',
  },
  {
    name: 'Reflect.construct with a new target',
    code: 'const seen = []; for (const F of [Function, (() => 0).constructor]) for (const N of [Object, Array, Promise, given.context.log.info]) try { seen.push(Reflect.construct(F, ["return this"], N)) } catch (error) { seen.push(error) } return seen',
  },
  {
    name: 'holder of a JSON reviver',
    code: 'const seen = []; JSON.parse("{\\"a\\":[1]}", function (key, value, context) { seen.push(this, context); return value }); JSON.stringify({ a: 1 }, function (key, value) { seen.push(this); return value }); return seen',
  },
  {
    name: 'tagged template and String.raw',
    code: 'const tag = (strings) => strings; const t = tag`a${1}b`; return [t, t.raw, String.raw, String.raw(t)]',
  },
  {
    name: 'proxy traps of a prototype walk',
    code: 'const seen = []; const p = new Proxy(function () {}, { getPrototypeOf(t) { seen.push(this, t); return Function.prototype }, get(t, k, r) { seen.push(r); return t[k] } }); p instanceof Object; Object.prototype.toString.call(p); try { given.context.log.info(p) } catch (error) { seen.push(error) } return seen',
  },
  {
    name: 'getters of every endowment',
    code: 'const seen = []; for (const name of Object.getOwnPropertyNames(globalThis)) { const own = Object.getOwnPropertyDescriptor(globalThis, name); if (own.get) { seen.push(own.get); try { seen.push(own.get.call(given), own.get.call(undefined)) } catch (error) { seen.push(error) } } } return seen',
  },
  {
    name: 'weak references and registries',
    code: 'const w = new WeakRef({}); return [w, w.deref(), new FinalizationRegistry(() => 0), new WeakMap()]',
  },
  {
    name: 'Intl and locale functions',
    code: 'return [Intl, new Intl.Collator(), new Date(0).toLocaleString, "a".localeCompare]',
  },
  {
    name: 'error cause and aggregate',
    code: 'const e = new AggregateError([new Error("a", { cause: new TypeError() })]); return [e, e.errors, e.errors[0].cause]',
  },
  {
    name: 'private compartment tools',
    code: 'return [globalThis.Compartment, globalThis.harden, globalThis.lockdown, globalThis.ModuleSource, globalThis.assert, globalThis.HandledPromise]',
  },
  {
    name: 'symbols of the registry',
    code: 'return [Symbol.for("nodejs.util.inspect.custom"), Reflect.ownKeys(given.context), Reflect.ownKeys(console)]',
  },
]

/**
 * Source of `probe(value, code)`: climbs from a value over properties, getters,
 * prototypes and constructors, and lets every maker of functions it meets evaluate
 * `code`. Gives what was evaluated elsewhere than `inside`, and how much was looked at.
 */
export const PROBE: string = `async function probe(value, code) {
  const MOST = 4000
  const seen = new Set()
  const makers = new Set()
  const queue = [[value, 0]]
  while (queue.length > 0 && seen.size < MOST) {
    const [one, depth] = queue.shift()
    if (one === null || (typeof one !== 'object' && typeof one !== 'function') || seen.has(one)) continue
    seen.add(one)
    if (typeof one === 'function') makers.add(one)
    if (depth >= 6) continue
    const next = []
    try { next.push(one.constructor, one.__proto__, Object.getPrototypeOf(one)) } catch {}
    try {
      for (const key of Reflect.ownKeys(one)) {
        const own = Object.getOwnPropertyDescriptor(one, key)
        next.push(own.value, own.get, own.set)
        if (own.get) try { next.push(one[key]) } catch (error) { next.push(error) }
      }
    } catch (error) { next.push(error) }
    for (const item of next) queue.push([item, depth + 1])
  }
  const reached = []
  const settle = async (made) => {
    if (typeof made !== 'function') return
    let result = made()
    if (result && typeof result.next === 'function') result = result.next()
    result = await result
    if (result && typeof result === 'object' && 'value' in result) result = result.value
    if (typeof result === 'string' && result.startsWith('escaped')) reached.push(result)
  }
  const tried = new Set()
  for (const maker of makers) {
    for (const Maker of [maker, maker.constructor]) {
      // Only what makes functions is called: Function, its async and generator kin, and what wraps them.
      if (typeof Maker !== 'function' || tried.has(Maker)) continue
      if (!/Function|constructor|eval/i.test(String(Maker.name)) && Maker !== maker.constructor) continue
      tried.add(Maker)
      for (const make of [() => Maker(code), () => new Maker(code), () => Reflect.construct(Maker, [code], Object), () => Maker('(function () { ' + code + ' })')]) {
        try { await settle(make()) } catch {}
      }
    }
  }
  return { reached, seen: seen.size, makers: makers.size }
}`
