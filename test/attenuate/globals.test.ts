// Every global a plugin has works in ordinary use as it does in plain Node.
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { startThread, type Thread } from './thread.js'

/** Expressions whose JSON must be the same in a plugin and in this process. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  Date: [
    'new Date(0).toISOString()',
    'typeof Date.now()',
    'Date.parse("2020-02-03T04:05:06Z")',
    'new Date("x").getTime()',
    'new Date(2020, 1, 2) instanceof Date',
    'Date.UTC(2020, 1)',
  ],
  Math: ['Math.max(1, 2)', 'Math.random() < 1', 'Math.hypot(3, 4)', 'Math.clz32(1)'],
  Intl: [
    'new Intl.NumberFormat("de-DE").format(1234.5)',
    '"I".toLocaleLowerCase("tr")',
    '["ä", "a", "z"].sort(new Intl.Collator("de").compare)',
    '"a".localeCompare("B")',
    '(1234.5).toLocaleString("en-US")',
    '[...new Intl.Segmenter("en", { granularity: "word" }).segment("two words")].length',
  ],
  URL: [
    'new URL("../b?x=1#y", "http://u:p@Host.TEST:8080/a/c").href',
    'JSON.parse(JSON.stringify({ u: new URL("http://a.test") }))',
    '(() => { const u = new URL("http://a.test/?a=1"); u.searchParams.append("b", "ü &"); u.port = "81"; u.hash = "h"; return String(u) })()',
    '(() => { const u = new URL("http://a.test/"); u.href = "https://b.test/x"; u.search = "?q=1"; return [u.origin, u.host, u.searchParams.get("q")] })()',
    'URL.canParse("nope")',
    'URL.canParse("/x", "http://a.test")',
    '(() => { try { new URL("nope") } catch (e) { return [e.name, e.code, e.message, e.input, e instanceof TypeError] } })()',
    'Object.prototype.toString.call(new URL("http://a.test"))',
  ],
  URLSearchParams: [
    '[...new URLSearchParams("a=1&b=2&a=3")]',
    'new URLSearchParams({ a: 1, b: "x y" }).toString()',
    'new URLSearchParams([["a", 1], ["b", 2]]).getAll("a")',
    'new URLSearchParams(new URLSearchParams("q=%20+")).get("q")',
    'new URLSearchParams(new Map([["a", "b"]])).size',
    '(() => { const p = new URLSearchParams("b=1&a=2&a=3"); p.sort(); p.delete("a", "3"); return [p.toString(), p.has("a", "2"), [...p.keys()], [...p.values()]] })()',
    '(() => { const out = []; new URLSearchParams("a=1").forEach((v, k) => out.push(k, v)); return out })()',
    '(() => { try { new URLSearchParams([["a"]]) } catch (e) { return [e.name, e.code] } })()',
  ],
  TextEncoder: [
    '[...new TextEncoder().encode("aü😀")]',
    'new TextEncoder().encoding',
    '(() => { const b = new Uint8Array(4); return [new TextEncoder().encodeInto("aü😀", b), [...b]] })()',
  ],
  TextDecoder: [
    'new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))',
    'new TextDecoder("latin1").encoding',
    'new TextDecoder("utf-16le").decode(new Uint8Array([0x61, 0, 0x62, 0]))',
    '(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xc3]), { stream: true }) + d.decode(new Uint8Array([0xbc])) })()',
    'new TextDecoder().decode(new DataView(new Uint8Array([65, 66]).buffer, 1))',
    'new TextDecoder().decode(new Uint8Array([65, 66]).buffer)',
    'new TextDecoder().decode()',
    '(() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return [e.name, e.code] } })()',
    '(() => { try { new TextDecoder("nope") } catch (e) { return [e.name, e.code] } })()',
    '(() => { try { new TextDecoder().decode("text") } catch (e) { return [e.name, e.code] } })()',
  ],
  base64: [
    'btoa("hello")',
    'atob("aGVsbG8=")',
    '(() => { try { atob("*") } catch (e) { return [e.name, e.code, e instanceof DOMException, e instanceof Error] } })()',
    '(() => { try { btoa("\\u1234") } catch (e) { return e.name } })()',
  ],
  AbortController: [
    '(() => { const c = new AbortController(); let n = 0; c.signal.addEventListener("abort", () => n++); c.abort(); c.abort(); return [n, c.signal.aborted, c.signal.reason.name, c.signal.reason.code] })()',
    '(() => { const c = new AbortController(); let seen; c.signal.onabort = function (e) { seen = [e.type, this === c.signal, e.target === c.signal] }; c.abort(7); return [seen, c.signal.reason] })()',
    'AbortSignal.abort("r").reason',
    '(() => { const c = new AbortController(); const s = AbortSignal.any([c.signal, new AbortController().signal]); c.abort("x"); return [s.aborted, s.reason] })()',
    'AbortSignal.any([AbortSignal.abort(3)]).reason',
    '(() => { try { AbortSignal.abort("z").throwIfAborted() } catch (e) { return e } })()',
    'new Promise((r) => { const s = AbortSignal.timeout(1); s.addEventListener("abort", () => r([s.reason.name, s.reason.code])) })',
    '(() => { try { new AbortSignal() } catch (e) { return [e.name, e.code] } })()',
  ],
  EventTarget: [
    '(() => { const t = new EventTarget(); const out = []; const f = (e) => out.push(e.type); t.addEventListener("a", f); t.addEventListener("a", f); t.addEventListener("a", () => out.push(2), { once: true }); t.dispatchEvent(new Event("a")); t.dispatchEvent(new Event("a")); t.removeEventListener("a", f); t.dispatchEvent(new Event("a")); return out })()',
    '(() => { const t = new EventTarget(); t.addEventListener("a", (e) => e.preventDefault()); return [t.dispatchEvent(new Event("a")), t.dispatchEvent(new Event("a", { cancelable: true }))] })()',
    '(() => { const t = new EventTarget(); const out = []; t.addEventListener("a", { handleEvent(e) { out.push(e.detail) } }); t.dispatchEvent(new CustomEvent("a", { detail: 5 })); return out })()',
    '(() => { const t = new EventTarget(); const out = []; t.addEventListener("a", (e) => { out.push(1); e.stopImmediatePropagation() }); t.addEventListener("a", () => out.push(2)); t.dispatchEvent(new Event("a")); return out })()',
    '(() => { class T extends EventTarget { go() { this.dispatchEvent(new Event("x")) } }; const t = new T(); let n = 0; const c = new AbortController(); t.addEventListener("x", () => n++, { signal: c.signal }); t.go(); c.abort(); t.go(); return n })()',
    'new Event("x", { bubbles: true }).bubbles',
  ],
  DOMException: [
    '(() => { const e = new DOMException("m", "AbortError"); return [e.name, e.code, e.message, String(e), e instanceof Error] })()',
    'new DOMException("m", { name: "X", cause: 1 }).cause',
    '[DOMException.ABORT_ERR, DOMException.URL_MISMATCH_ERR, DOMException.DATA_CLONE_ERR, DOMException.INVALID_NODE_TYPE_ERR]',
  ],
  structuredClone: [
    '[...structuredClone(new Map([[1, { a: new Date(0) }]]))]',
    '(() => { const a = {}; a.a = a; const b = structuredClone(a); return b.a === b && b !== a })()',
    '(() => { const b = new ArrayBuffer(4); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength] })()',
    '(() => { try { structuredClone(() => {}) } catch (e) { return [e.name, e.code] } })()',
    '(() => { try { structuredClone({ get a() { throw new RangeError("mine") } }) } catch (e) { return [e.name, e.message] } })()',
    'structuredClone(new RangeError("x")) instanceof RangeError',
  ],
  crypto: [
    'crypto.randomUUID().length',
    '(() => { const a = new Uint32Array(8); return [crypto.getRandomValues(a) === a, a.some((n) => n > 0)] })()',
    '(() => { try { crypto.getRandomValues(new Float64Array(1)) } catch (e) { return [e.name, e.code] } })()',
    '(() => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return e.name } })()',
  ],
  timers: [
    'new Promise((r) => setTimeout((...a) => r(a), 1, 1, 2))',
    'new Promise((r) => setImmediate(r, 3))',
    'new Promise((r) => { let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); r(n) } }, 1) })',
    'new Promise((r) => { const out = []; setImmediate(() => r(out.sort())); process.nextTick((x) => out.push(x), "tick"); queueMicrotask(() => out.push("micro")) })',
    'new Promise((r) => { const t = setTimeout(r, 1, "never"); clearTimeout(t); setTimeout(r, 5, "cleared") })',
    'new Promise((r) => { const t = setTimeout(r, 1, "never"); clearTimeout(+t); setTimeout(r, 5, "cleared by number") })',
    '(() => { const t = setTimeout(() => {}, 1); return [t.unref() === t, t.ref() === t, t.hasRef(), typeof +t, t.close() === t] })()',
    'new Promise((r) => { let n = 0; const t = setTimeout(() => { if (++n === 2) r("refreshed"); else t.refresh() }, 1) })',
    '(() => { try { setTimeout("code", 1) } catch (e) { return [e.name, e.code] } })()',
    'clearTimeout(undefined) === undefined && clearTimeout({}) === undefined && clearInterval("x") === undefined',
  ],
  arrays: [
    '[...new Float64Array([1.5, 2])]',
    '[...new Float32Array(1)]',
    'typeof Float16Array === "undefined" || [...new Float16Array([1.5])].length === 1',
    '[...new BigInt64Array(1)].map(String)',
    'new Uint8ClampedArray([300])[0]',
  ],
  weak: [
    '(() => { const o = {}; return new WeakRef(o).deref() === o })()',
    'new FinalizationRegistry(() => {}).register({}, 1) === undefined',
  ],
  globals: [
    'global === globalThis',
    '(() => { globalThis.mine = 1; return [globalThis.mine, "mine" in global] })()',
    'typeof globalThis.URL',
    'Function("return 1 + 1")()',
    '(0, eval)("1 + 2")',
    'new Function("a", "return URL ? a : 0")(4)',
    'typeof performance.now()',
    'typeof performance.timeOrigin',
  ],
  process: [
    'process.platform',
    'process.version',
    'process.versions.node',
    'process.arch',
    'typeof process.hrtime()[0]',
    'typeof process.hrtime.bigint()',
    'process.on("exit", () => {}) === process',
    'process.release.name',
  ],
  Buffer: [
    'Buffer.from("hé€😀").toString("hex")',
    'Buffer.from("hé€😀".repeat(20)).toString()',
    'Buffer.byteLength("hé€😀".repeat(20) + "\\ud800")',
    'Buffer.from("aGk_-w", "base64url").toString("hex")',
    'Buffer.from([251, 255, 254]).toString("base64url")',
    'Buffer.isEncoding("base64url")',
    'Buffer.from("x".repeat(10000)).toString("base64")',
    'Buffer.from("aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91IHRvZGF5", "base64").toString()',
    'Buffer.from("aGVsbG8gd29ybGQsIGhvd!yBhcmUgeW91IHRv\\nZGF5==", "base64").toString()',
    'Buffer.concat([Buffer.from("a"), Buffer.from("b")]).equals(Buffer.from("ab"))',
    'Buffer.alloc(8).writeDoubleBE(1.5) && Buffer.from([1, 2, 3]).readUInt16LE(1)',
    'Buffer.from("abc").subarray(1) instanceof Buffer',
    'Buffer.from("x".repeat(100)).toString("utf8", 95)',
    'Buffer.from("x".repeat(100)).toString("utf8", 95, 97)',
    'Buffer.from("é", "latin1").length',
    'JSON.stringify(Buffer.from("ab"))',
    'Buffer.isBuffer(Buffer.alloc(1))',
    'Buffer.from("abc").indexOf("c")',
    'Buffer.compare(Buffer.from("a"), Buffer.from("b"))',
    'Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1, 1)[0]',
  ],
}

let thread: Thread
t.before(async () => {
  thread = await startThread(t)
})

for (const [name, expressions] of Object.entries(SAME)) {
  t.test(`${name} behaves as in plain Node`, async (t) => {
    for (const expression of expressions) {
      const plain: unknown = await runInThisContext(`(async () => (${expression}))()`)
      const expected: unknown = plain === undefined ? undefined : JSON.parse(JSON.stringify(plain))
      t.same(await thread.value(expression), expected, expression)
    }
  })
}

t.test('what differs from Node on purpose', async (t) => {
  const table: Readonly<Record<string, unknown>> = {
    'process.env': { REGION: 'eu' },
    'process.argv': [],
    'process.cwd()': '/plugin',
    'Number.isInteger(performance.now())': true,
    'Number.isInteger(performance.timeOrigin)': true,
    'new Error("x").stack': '',
    'Buffer.from("a").buffer.byteLength': 1,
    'Object.isFrozen(crypto.subtle) && Object.isFrozen(CryptoKey.prototype)': true,
    'process.pid': 0,
    'self === globalThis && self.Array === Array': true,
  }
  for (const [expression, expected] of Object.entries(table)) {
    t.same(await thread.value(expression), expected, expression)
  }
})

t.test('a name that is not in the table does not exist', async (t) => {
  const names = [
    'WebSocket EventSource BroadcastChannel MessageChannel MessagePort Worker navigator WebAssembly',
    'SharedArrayBuffer Atomics Compartment lockdown localStorage',
    'PerformanceObserver gc escapee',
  ].flatMap((line) => line.split(' '))
  for (const name of names)
    t.equal(await thread.value(`typeof ${name} + typeof globalThis.${name}`), 'undefinedundefined', name)
})

t.test('the default export of a bundled module comes out, other exports as they are', async (t) => {
  t.equal(await thread.evaluate('exports.__esModule = true; exports.default = 5'), 5)
  t.same(await thread.evaluate('exports.a = 1'), { a: 1 })
  t.equal(await thread.evaluate('module.exports = 6'), 6)
  t.equal(await thread.evaluate('module.exports = this === exports'), true)
  t.same(await thread.evaluate('module.exports = [__filename, __dirname]'), [
    '/plugin/test-plugin.js',
    '/plugin',
  ])
})
