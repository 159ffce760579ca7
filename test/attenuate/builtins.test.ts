// The built-ins a plugin can require work as Node's do, are its own copies, and every other module is refused by name.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { startThread, type Thread, type ThreadError } from './thread.js'

const require = createRequire(import.meta.url)

/** Expressions whose JSON must be the same in a plugin and in this process. */
const SAME: readonly string[] = [
  'require("path").join("/a", "../b", "c.txt")',
  'require("node:path").parse("/a/b.tar.gz")',
  'require("path").posix.relative("/a/b", "/a/c")',
  'require("path").isAbsolute("a")',
  'require("url").parse("http://u@a.test:80/p?q=1#h").pathname',
  'require("url").format({ protocol: "http", host: "a.test", pathname: "/x" })',
  'require("url").fileURLToPath("file:///a%20b")',
  'require("url").pathToFileURL("/a b?#%").href',
  'new (require("url").URL)("http://a.test").host',
  'require("url").urlToHttpOptions(new URL("http://a.test:81/x?y")).path',
  'require("querystring").parse("a=1&a=2&b=%20")',
  'require("querystring").stringify({ a: [1, 2], b: "x y" })',
  'require("util").format("%s %d %j %%", "a", 1, { b: 2 })',
  'require("util").inspect({ a: [1, { b: 2 }] })',
  'require("util").promisify((a, cb) => cb(null, a + 1))(1)',
  'require("util").promisify(setTimeout)(1, "late")',
  'require("util").types.isDate(new Date())',
  'require("util").isDeepStrictEqual({ a: [1] }, { a: [1] })',
  'require("util").inspect.custom.toString()',
  'require("util").stripVTControlCharacters("\\u001b[31mred\\u001b[0m")',
  '(() => { const { inherits } = require("util"); function A() {}; function B() {}; inherits(B, A); return new B() instanceof A })()',
  '(() => { const E = require("events"); const e = new E(); const out = []; e.once("a", (x) => out.push(x)); e.emit("a", 1); e.emit("a", 2); return [out, e.listenerCount("a"), E.EventEmitter === E] })()',
  '(async () => { const { once, EventEmitter } = require("events"); const e = new EventEmitter(); setTimeout(() => e.emit("x", 7), 1); return once(e, "x") })()',
  '(async () => { const { on, EventEmitter } = require("events"); const e = new EventEmitter(); setTimeout(() => { e.emit("x", 1); e.emit("x", 2) }, 1); const out = []; for await (const [v] of on(e, "x")) { out.push(v); if (v === 2) return [out, e.listenerCount("x")] } })()',
  '(() => { const E = require("node:events"); class Mine extends E { emit(...a) { return super.emit(...a) } }; const m = new Mine(); let n = 0; m.on("x", () => n++); m.emit("x"); return n })()',
  '(() => { try { require("assert").strictEqual(1, 2) } catch (e) { return [e.code, e.actual, e.expected, e.name] } })()',
  '(() => { try { require("assert").deepStrictEqual({ a: 1 }, { a: 1 }); return "equal" } catch (e) { return e.code } })()',
  '(() => { try { require("assert/strict").equal(1, "1") } catch (e) { return e.code } })()',
  '(() => { const { StringDecoder } = require("string_decoder"); const d = new StringDecoder("utf8"); return d.write(Buffer.from([0xe2, 0x82])) + d.end(Buffer.from([0xac])) })()',
  'require("buffer").Buffer === Buffer',
  '[Buffer.alloc(3, 7), Buffer.alloc(3, 256 + 9), Buffer.alloc(3, "ab"), Buffer.alloc(3).fill(-1), Buffer.alloc(4).fill(1.9, 1, 3), Buffer.alloc(2).fill(NaN), Buffer.alloc(3).fill(Buffer.from("xy"))].map((b) => b.toString("hex"))',
  'require("buffer").constants.MAX_STRING_LENGTH > 0',
  'Object.keys(require("timers")).includes("setTimeout")',
  'require("timers/promises").setTimeout(1, "value")',
  '(async () => { try { await require("timers/promises").setTimeout(10000, 1, { signal: AbortSignal.abort() }) } catch (e) { return [e.name, e.code] } })()',
  '(async () => { const c = new AbortController(); const p = require("timers/promises").setTimeout(10000, 1, { signal: c.signal }); c.abort(); try { await p } catch (e) { return [e.name, e.code] } })()',
  '(async () => { const { Readable, Transform } = require("stream"); const up = new Transform({ transform(chunk, _, cb) { cb(null, chunk.toString().toUpperCase()) } }); const out = []; for await (const c of Readable.from(["a", "b"]).pipe(up)) out.push(c.toString()); return out.join("") })()',
  '(async () => { const { pipeline } = require("stream/promises"); const { Readable, Writable } = require("node:stream"); const out = []; await pipeline(Readable.from(["x", "y"]), new Writable({ write(c, _, cb) { out.push(c.toString()); cb() } })); return out })()',
  '(() => { const S = require("stream"); class P extends S.PassThrough {}; return new P() instanceof S.Duplex && new P() instanceof require("events") })()',
  'require("perf_hooks").performance === performance',
  'require("util").getSystemErrorName(-2)',
  '(() => { try { require("util").getSystemErrorName(2) } catch (e) { return [e.name, e.code] } })()',
  'require("util").getSystemErrorMap().get(-13)',
  'require("util").toUSVString("a\\ud800b")',
  'require("util").styleText(["red", "bold"], "x", { validateStream: false })',
  'require("util").styleText("red", "x")',
  '(() => { try { require("util").styleText("no such", "x") } catch (e) { return e.code } })()',
  String.raw`require("util").parseEnv('A=1\n# no\nexport B="x # y\\nz"\nC= c # d\nD=\'a\nb\'\nE=\n=f\nG')`,
  '(async () => { const c = new AbortController(); setTimeout(() => c.abort(), 1); await require("util").aborted(c.signal, {}); return "aborted" })()',
  '(async () => { const c = new AbortController(); const seen = []; require("events").addAbortListener(c.signal, () => seen.push("heard")); c.abort(); await null; return seen })()',
  'require("events").getMaxListeners(new (require("events"))())',
  'require("querystring").escape("a b&ü")',
  'require("querystring").unescape("%41%zz%20")',
  'require("querystring").unescapeBuffer("%41bc%f").toString()',
  'require("url").domainToUnicode("xn--mnchen-3ya.test")',
  'require("buffer").transcode(Buffer.from("ü"), "utf8", "latin1").length',
  '(async () => { const { duplexPair } = require("stream"); const pair = duplexPair?.(); if (!pair) return ["ping", "end"]; const [a, b] = pair; const seen = []; b.on("data", (c) => seen.push(String(c))); b.on("end", () => seen.push("end")); a.end("ping"); await new Promise((done) => b.on("end", done)); return seen })()',
  'require("timers").promises === require("timers/promises")',
  'require("constants").ENOENT',
  'Object.values(process.memoryUsage()).every((bytes) => bytes >= 0) && process.memoryUsage.rss() > 0',
  '(() => { const { AsyncResource } = require("async_hooks"); const r = new AsyncResource("t"); return [r.runInAsyncScope(function (a, b) { return [this.k, a, b] }, { k: 1 }, 2, 3), AsyncResource.bind(function (a) { return [this.k, a] }).call({ k: 4 }, 5), AsyncResource.bind((a, b) => a).length, r.emitDestroy() === r] })()',
  'require("tty").isatty(0)',
  `(() => { const dc = require("diagnostics_channel"); const out = []; const hear = (...a) => out.push(a)
    const c = dc.channel("a"); dc.subscribe("a", hear); c.publish({ n: 1 }); const before = [c.hasSubscribers, dc.hasSubscribers("a"), dc.hasSubscribers("b")]
    return [before, dc.unsubscribe("a", hear), dc.unsubscribe("a", hear), c.hasSubscribers, dc.channel("a") === c, c instanceof dc.Channel, c.name, out] })()`,
  `(async () => { const dc = require("diagnostics_channel"); const tracing = dc.tracingChannel("x"); const out = []
    const quiet = tracing.traceSync((a) => a, {}, undefined, 0)
    const handlers = Object.fromEntries(["start", "end", "asyncStart", "asyncEnd", "error"].map((event) => [event, (c) => out.push([event, c.id, c.result, String(c.error)])]))
    tracing.subscribe(handlers)
    const sync = tracing.traceSync((a) => a + 1, { id: 1 }, undefined, 1)
    try { tracing.traceSync(() => { throw new Error("s") }, { id: 2 }) } catch (e) { out.push(e.message) }
    const kept = await tracing.tracePromise(async function (a) { return this.k + a }, { id: 3 }, { k: 1 }, 2)
    await tracing.tracePromise(async () => { throw new Error("p") }, { id: 4 }).catch((e) => out.push(e.message))
    tracing.traceCallback((a, done) => done(null, a * 2), 1, { id: 5 }, undefined, 3, (e, v) => out.push([e, v]))
    tracing.traceCallback((done) => done(new Error("c")), undefined, { id: 6 }, undefined, (e) => out.push(e.message))
    tracing.unsubscribe(handlers); tracing.start.publish({ id: 7 })
    return [quiet, sync, kept, out, dc.channel("tracing:x:end") === tracing.end] })()`,
]

/** Functions of modules that are there for their import, and what each call ends with. */
const IN_NAME_ONLY: readonly string[] = [
  'require("http2").connect("http://a.test")',
  'require("http2").createServer()',
  'new (require("tty").WriteStream)(1)',
  'new (require("async_hooks").AsyncLocalStorage)()',
  'require("async_hooks").createHook({})',
]

let thread: Thread
t.before(async () => {
  thread = await startThread(t)
})

t.test('each built-in behaves as in plain Node', async (t) => {
  for (const expression of SAME) {
    const run = runInThisContext(`(async (require) => (${expression}))`) as (
      load: unknown,
    ) => Promise<unknown>
    const plain = await run(require)
    t.same(await thread.value(expression), JSON.parse(JSON.stringify(plain)), expression)
  }
})

t.test('what a module has in name only says so when it is called', async (t) => {
  for (const expression of IN_NAME_ONLY) {
    t.equal(
      await thread.value(`(() => { try { return ${expression} } catch (e) { return e.code } })()`),
      'ERR_ACCESS_DENIED',
      expression,
    )
  }
})

t.test(
  'a subscriber that throws is told of, and hinders neither the publisher nor the next one',
  async (t) => {
    const own = await startThread(t)
    const heard =
      await own.value(`(() => { const c = require('diagnostics_channel').channel('c'); const out = []
    c.subscribe(() => { throw new Error('not mine') }); c.subscribe((m) => out.push(m)); c.publish(1); return out })()`)
    t.same(heard, [1])
    t.match(JSON.stringify(await own.logs()), 'not mine')
  },
)

t.test('a built-in is the same object each time, with and without node:', async (t) => {
  t.equal(
    await thread.value(
      'require("events") === require("node:events") && require("stream").Readable === require("stream").Readable',
    ),
    true,
  )
})

t.test('a changed prototype of a built-in changes nothing in trusted code', async (t) => {
  const own = await startThread(t)
  await own.evaluate(`
    require('events').prototype.emit = () => { throw new Error('taken') }
    Buffer.prototype.toString = Buffer.from = () => { throw new Error('taken') }
    require('util').inspect = require('path').join = () => { throw new Error('taken') }`)
  t.equal(await own.value('1 + 1'), 2, 'the port still delivers, the compartment still evaluates')
  t.match(
    await own.value('require("path").join === require("path").posix.join'),
    true,
    'the change is seen by the plugin that made it',
  )
  t.equal(await thread.value('require("path").join("a", "b")'), 'a/b')
})

const REFUSED: Readonly<Record<string, RegExp>> = {
  dgram: /never available to plugins/,
  'inspector/promises': /never available to plugins/,
  vm: /never available to plugins/,
  v8: /never available to plugins/,
  inspector: /never available to plugins/,
  module: /never available to plugins/,
  worker_threads: /never available to plugins/,
  'node:child_process': /never available to plugins/,
  cluster: /never available to plugins/,
  trace_events: /never available to plugins/,
  wasi: /never available to plugins/,
  'left-pad': /not part of the plugin bundle/,
  './local.js': /not part of the plugin bundle/,
  __proto__: /not part of the plugin bundle/,
  constructor: /not part of the plugin bundle/,
}

t.test(
  'every other module is refused with its name, and with what to do where something can be done',
  async (t) => {
    for (const [name, remedy] of Object.entries(REFUSED)) {
      const error = await thread
        .value(`require(${JSON.stringify(name)})`)
        .catch((thrown: ThreadError) => thrown)
      t.match(error, { code: 'ERR_MODULE_DENIED', message: remedy }, name)
      t.match((error as ThreadError).message, name)
    }
    t.match(await thread.value('require(7)').catch((thrown: ThreadError) => thrown), {
      code: 'ERR_INVALID_ARG_TYPE',
    })
  },
)
