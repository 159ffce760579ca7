// Web streams, Blob and the classes of fetch do in a plugin what Node's own do: each expression is run by both.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { startThread, type Thread } from './thread.js'

/** What an expression throws, or rejects with, by name. */
const FAILS = (body: string): string =>
  `(async () => { try { ${body}; return 'nothing' } catch (e) { return e.name } })()`
/** All chunks of a ReadableStream. */
const ALL = 'async (s) => { const all = []; for await (const c of s) all.push(c); return all }'
const BYTES = '(async (s) => { const all = []; for await (const c of s) all.push(...c); return all })'

const SAME: Readonly<Record<string, readonly string[]>> = {
  Blob: [
    'new Blob(["a", new Uint8Array([98]), new Uint8Array([99, 100]).buffer, new DataView(new ArrayBuffer(1)), new Blob(["e"])]).text()',
    'new Blob([1, null, undefined, {}]).text()',
    'new Blob(["ü😀\\ud800"]).arrayBuffer().then((b) => [...new Uint8Array(b)])',
    '[new Blob(["ü"]).size, new Blob().size, new Blob([], { type: "Text/PLAIN" }).type, new Blob([], { type: "a\\u00ff" }).type]',
    'new Blob(["a\\r\\nb\\nc"], { endings: "native" }).text()',
    'new Blob(["a\\r\\nb"], { endings: "transparent" }).text()',
    'new Blob(["hello ", "world"]).slice(3, -3).text()',
    'new Blob(["hello"]).slice(-3).text()',
    'new Blob(["hello"]).slice(4, 1).size',
    'new Blob(["hello"], { type: "a/b" }).slice(1, 2).type',
    'new Blob(["hello"]).slice(1, 2, "X/Y").type',
    'new Blob(["hello"]).slice(2, 3).slice(0, 9).text()',
    `(${BYTES})(new Blob(["ab", "c"]).stream())`,
    `(async () => { const r = new Blob(["abcdef"]).stream().getReader({ mode: "byob" }); const x = await r.read(new Uint8Array(4)); return [x.done, [...x.value]] })()`,
    '(() => { const bytes = new Uint8Array([65]); const b = new Blob([bytes]); bytes[0] = 66; return b.text() })()',
    'Object.prototype.toString.call(new Blob())',
    '[typeof Blob.prototype.stream, Object.keys(Blob).length, Blob.length, new Blob() instanceof Blob]',
    FAILS('new Blob("text")'),
    FAILS('new Blob({})'),
    FAILS('Blob([])'),
    FAILS('new Blob([], 1)'),
    FAILS('await Blob.prototype.text.call({})'),
  ],
  File: [
    '(() => { const f = new File(["abc"], "n.txt", { type: "text/plain", lastModified: 5 }); return [f.name, f.size, f.type, f.lastModified, f instanceof Blob, String(f)] })()',
    'typeof new File([], "a").lastModified',
    'new File(["abc"], "n").text()',
    'new File(["abc"], "n", { type: "a/b" }).slice(0, 1) instanceof File',
    'new File([], "\\ud800x").name',
    FAILS('new File(["a"])'),
  ],
  ReadableStream: [
    `(${ALL})(new ReadableStream({ start(c) { c.enqueue(1); c.enqueue({ a: 2 }); c.close() } }))`,
    `(${ALL})(ReadableStream.from(["a", Promise.resolve("b")]))`,
    `(async () => { const [a, b] = ReadableStream.from([1, 2]).tee(); const all = ${ALL}; return [await all(a), await all(b)] })()`,
    '(async () => { let why; const s = new ReadableStream({ cancel(r) { why = r } }); await s.cancel("x"); return why })()',
    '(() => { const s = new ReadableStream(); s.getReader(); return s.locked })()',
    '(async () => { const s = new ReadableStream({ pull(c) { c.enqueue(1) } }, { highWaterMark: 0 }); const r = s.getReader(); const one = await r.read(); r.releaseLock(); return [one, s.locked] })()',
    '(async () => { let pulls = 0; const s = new ReadableStream({ pull(c) { c.enqueue(pulls++) } }, new CountQueuingStrategy({ highWaterMark: 3 })); await new Promise((r) => setTimeout(r, 5)); return pulls })()',
    '(async () => { const s = new ReadableStream({ type: "bytes", autoAllocateChunkSize: 4, pull(c) { const v = c.byobRequest.view; v[0] = 7; c.byobRequest.respond(1) } }); return [...(await s.getReader().read()).value] })()',
    '(async () => { const bytes = new Uint8Array([1, 2]); const s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(bytes) } }); await s.getReader().read(); return bytes.byteLength })()',
    '(async () => { for await (const x of ReadableStream.from([1, 2, 3]).values({ preventCancel: true })) return x })()',
    `(async () => { const seen = []; await ReadableStream.from(["a", "b"]).pipeTo(new WritableStream({ write(c) { seen.push(c) }, close() { seen.push("end") } })); return seen })()`,
    `(async () => { const c = new AbortController(); const p = new ReadableStream().pipeTo(new WritableStream(), { signal: c.signal }); c.abort(); return p.catch((e) => [e.name, e instanceof DOMException]) })()`,
    `(async () => { let why; await new ReadableStream({ start(c) { c.error(new RangeError("e")) } }).pipeTo(new WritableStream({ abort(r) { why = r.name } })).catch(() => 0); return why })()`,
    FAILS('await new ReadableStream({ start(c) { c.error(new RangeError("x")) } }).getReader().read()'),
    FAILS('const s = new ReadableStream(); s.getReader(); s.getReader()'),
    FAILS('new ReadableStream({ start(c) { c.close(); c.enqueue(1) } })'),
    FAILS('new ReadableStream({ type: "other" })'),
    FAILS('new ReadableStreamDefaultController()'),
    FAILS('ReadableStream.prototype.tee.call({})'),
    'Object.prototype.toString.call(new ReadableStream())',
  ],
  WritableStream: [
    '(async () => { const seen = []; const w = new WritableStream({ write(c) { seen.push(c) } }).getWriter(); w.write(1); await w.write(2); await w.close(); return seen })()',
    '(async () => { const w = new WritableStream({}, new CountQueuingStrategy({ highWaterMark: 2 })).getWriter(); const before = w.desiredSize; w.write(1); return [before, w.desiredSize] })()',
    '(async () => { let why; const s = new WritableStream({ abort(r) { why = r } }); await s.abort("x"); return why })()',
    FAILS(
      'const w = new WritableStream({ write() { throw new RangeError("x") } }).getWriter(); await w.write(1)',
    ),
    FAILS('const w = new WritableStream().getWriter(); w.close(); await w.write(1)'),
    '(async () => { const w = new WritableStream().getWriter(); await w.close(); return await w.closed })()',
  ],
  TransformStream: [
    `(${ALL})(ReadableStream.from(["a", "b"]).pipeThrough(new TransformStream({ transform(c, k) { k.enqueue(c + c) }, flush(k) { k.enqueue("end") } })))`,
    `(${ALL})(ReadableStream.from([1, 2, 3]).pipeThrough(new TransformStream({ transform(c, k) { k.enqueue(c); k.terminate() } }))).catch((e) => e.name)`,
    FAILS(
      `await (${ALL})(ReadableStream.from([1]).pipeThrough(new TransformStream({ transform() { throw new RangeError("x") } })))`,
    ),
    '[new ByteLengthQueuingStrategy({ highWaterMark: 5 }).highWaterMark, new ByteLengthQueuingStrategy({ highWaterMark: 5 }).size(new Uint8Array(3)), new CountQueuingStrategy({ highWaterMark: 1 }).size()]',
  ],
  'coding streams': [
    `(${BYTES})(ReadableStream.from(["a", "\\ud83d", "\\ude00", "", "\\ud800"]).pipeThrough(new TextEncoderStream()))`,
    `(${ALL})(ReadableStream.from([new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xc3]), new Uint8Array([0xbc, 0xff])]).pipeThrough(new TextDecoderStream()))`,
    '[new TextDecoderStream("latin1", { fatal: true }).encoding, new TextDecoderStream("latin1", { fatal: true }).fatal, new TextDecoderStream().ignoreBOM, new TextEncoderStream().encoding]',
    FAILS(
      `await (${ALL})(ReadableStream.from([new Uint8Array([255])]).pipeThrough(new TextDecoderStream("utf-8", { fatal: true })))`,
    ),
    FAILS('new TextDecoderStream("nope")'),
    FAILS('TextDecoderStream.prototype.encoding'),
  ],
  'compression streams': [
    ...['gzip', 'deflate', 'deflate-raw'].map(
      (format) =>
        `new Response(new Blob(["x".repeat(200000)]).stream().pipeThrough(new CompressionStream("${format}")).pipeThrough(new DecompressionStream("${format}"))).text().then((text) => text.length)`,
    ),
    'new Response(new Blob(["a"]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer().then((b) => [...new Uint8Array(b).subarray(0, 3)])',
    `new Response(new Blob(["not gzip"]).stream().pipeThrough(new DecompressionStream("gzip"))).text().catch(() => "fails")`,
    FAILS('new CompressionStream("nope")'),
  ],
  Headers: [
    '[...new Headers({ b: " x ", a: "1" })]',
    '[...new Headers([["a", "1"], ["A", "2"], ["set-cookie", "x"], ["Set-Cookie", "y"]])]',
    'new Headers([["Set-Cookie", "x"], ["set-cookie", "y"]]).getSetCookie()',
    '(() => { const h = new Headers(new Headers({ a: "1" })); h.append("a", "2"); h.set("b", "3"); h.delete("c"); return [h.get("A"), h.has("b"), h.get("none"), [...h.keys()], [...h.values()], [...h.entries()]] })()',
    '(() => { const out = []; new Headers({ a: "1" }).forEach((v, k, h) => out.push(v, k, h instanceof Headers)); return out })()',
    FAILS('new Headers({ "a b": "1" })'),
    FAILS('new Headers({ a: "x\\ny" })'),
    FAILS('new Headers([["a"]])'),
    FAILS('new Headers("a")'),
    FAILS('new Headers({ a: "\\u0100" })'),
    FAILS('Headers.prototype.get.call({}, "a")'),
    'Object.prototype.toString.call(new Headers())',
  ],
  FormData: [
    '(() => { const f = new FormData(); f.append("a", "1"); f.append("a", 2); f.set("b", "x"); f.append("f", new Blob(["z"])); return [[...f.keys()], f.getAll("a"), f.get("f").name, f.get("f") instanceof File, f.has("b"), f.get("none")] })()',
    '(() => { const f = new FormData(); f.append("f", new File(["z"], "n"), "other"); f.set("f2", new Blob(["y"]), "given"); return [f.get("f").name, f.get("f2").name] })()',
    '(() => { const f = new FormData(); f.append("a", "1"); f.append("b", "2"); f.delete("a"); return [...f] })()',
    FAILS('new FormData().append("a")'),
    FAILS('new FormData().append("a", "text", "file")'),
    `(async () => { const f = new FormData(); f.append("ä\\"", "1\\n2"); f.append("f", new File(["zz"], "n.txt", { type: "text/plain" })); const g = await new Response(f).formData(); return [[...g.keys()], g.get("ä\\""), g.get("f").name, g.get("f").type, await g.get("f").text()] })()`,
    `new Response(new URLSearchParams("a=1&b=%20")).formData().then((f) => [...f])`,
  ],
  Request: [
    '(() => { const r = new Request("http://a.test/x?y#z", { method: "post", headers: { a: "1" }, body: "t" }); return [r.method, r.url, r.headers.get("content-type"), r.redirect, r.bodyUsed, r.body instanceof ReadableStream, r.signal.aborted, r.duplex, r.mode, r.credentials, r.cache, r.integrity, r.keepalive, r.referrer] })()',
    'new Request("http://a.test", { method: "PUT", body: new URLSearchParams({ a: "1" }) }).text()',
    'new Request(new Request("http://a.test/1", { method: "POST", body: "b", headers: { x: "y" } })).text()',
    '(async () => { const r = new Request("http://a.test", { method: "POST", body: "b" }); const c = r.clone(); return [await r.text(), await c.text(), r.bodyUsed] })()',
    '(() => { const c = new AbortController(); const r = new Request("http://a.test", { signal: c.signal }); c.abort(new RangeError("why")); return [r.signal.aborted, r.signal.reason.name] })()',
    '(() => { const r = new Request("http://a.test", { signal: AbortSignal.abort() }); return [r.signal.aborted, r.signal.reason.name] })()',
    'new Request(new URL("http://a.test/ä")).url',
    '[new Request("data:,x").url, new Request("http://a.test", { method: "options" }).method, new Request("http://a.test", { method: "Custom" }).method]',
    FAILS('new Request("/relative")'),
    FAILS('new Request("http://u:p@a.test/")'),
    FAILS('new Request("http://a.test", { method: "GET", body: "x" })'),
    FAILS('new Request("http://a.test", { method: "CONNECT" })'),
    FAILS('new Request("http://a.test", { method: "POST", body: new ReadableStream() })'),
    FAILS('new Request("http://a.test", { signal: {} })'),
    FAILS(
      'const r = new Request("http://a.test", { method: "POST", body: "x" }); await r.text(); await r.text()',
    ),
  ],
  Response: [
    '(() => { const r = new Response("ü", { status: 201, statusText: "made", headers: { a: "1" } }); return [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, [...r.headers], r.body instanceof ReadableStream] })()',
    'new Response("ü").text()',
    'new Response(new Uint8Array([1, 2]).subarray(1)).arrayBuffer().then((b) => [...new Uint8Array(b)])',
    'new Response("{\\"a\\":1}").json()',
    'new Response("\\ufeffa").text()',
    'new Response(new Blob(["x"], { type: "a/b" })).blob().then(async (b) => [b.type, b.size, await b.text(), b instanceof Blob])',
    'new Response(ReadableStream.from([new Uint8Array([65])])).text()',
    'Response.json({ a: [1] }, { status: 202 }).text()',
    '(() => { const r = Response.json({}); return [r.headers.get("content-type"), r.status] })()',
    '(() => { const r = Response.redirect("http://a.test/x", 307); return [r.status, r.headers.get("location")] })()',
    '(() => { const r = Response.error(); return [r.type, r.status] })()',
    '(async () => { const r = new Response("body"); const c = r.clone(); return [await c.text(), await r.text()] })()',
    '(async () => { const r = new Response("ab"); const one = await r.body.getReader().read(); return [[...one.value], r.bodyUsed] })()',
    '(async () => { const r = new Response(null); return [r.body, await r.text(), r.bodyUsed] })()',
    `new Response(new ReadableStream({ start(c) { c.error(new RangeError("x")) } })).text().catch((e) => e.name)`,
    FAILS('new Response("x", { status: 204 })'),
    FAILS('new Response("x", { status: 99 })'),
    FAILS('await new Response("{").json()'),
    FAILS('const r = new Response("x"); await r.text(); r.clone()'),
    FAILS('Response.redirect("http://a.test", 200)'),
    FAILS('await new Response(ReadableStream.from(["text"])).text()'),
    FAILS('await new Response("x", { headers: { "content-type": "text/plain" } }).formData()'),
  ],
  'streams of both kinds': [
    `(${ALL})(require("stream").Readable.toWeb(require("stream").Readable.from([1, { a: 2 }])))`,
    `(${BYTES})(require("stream").Readable.toWeb(require("stream").Readable.from([Buffer.from("ab")], { objectMode: false })))`,
    'require("stream").Readable.fromWeb(ReadableStream.from(["a", "b"])).toArray().then(String)',
    'require("stream").Readable.fromWeb(new Blob(["abc"]).stream(), { encoding: "utf8" }).toArray()',
    '(async () => { const s = require("stream"); let got = ""; const w = new s.Writable({ write(c, e, done) { got += c; setTimeout(done, 1) }, highWaterMark: 1 }); await ReadableStream.from(["a", "b", "c"].map((x) => new TextEncoder().encode(x))).pipeTo(s.Writable.toWeb(w)); return [got, w.writableFinished] })()',
    '(async () => { const s = require("stream"); const seen = []; const w = s.Writable.fromWeb(new WritableStream({ write(c) { seen.push([...c]) }, close() { seen.push("end") } })); await s.promises.pipeline(s.Readable.from(["a", "b"]), w); return seen })()',
    '(async () => { const s = require("stream"); const { readable, writable } = s.Duplex.toWeb(new s.PassThrough()); const w = writable.getWriter(); w.write(new Uint8Array([7])); w.close(); const all = []; for await (const c of readable) all.push(...c); return all })()',
    '(async () => { const s = require("stream"); const d = s.Duplex.fromWeb(new TransformStream({ transform(c, k) { k.enqueue(c) } })); d.end("abc"); return String(Buffer.concat(await d.toArray())) })()',
    '(async () => { const s = require("stream"); const r = new s.Readable({ read() {} }); const w = s.Readable.toWeb(r); r.destroy(new RangeError("x")); return w.getReader().read().catch((e) => e.name) })()',
    '(async () => { const s = require("stream"); const r = new s.Readable({ read() {} }); await s.Readable.toWeb(r).cancel(); return r.destroyed })()',
    '(async () => { const s = require("stream"); let why; const r = s.Readable.fromWeb(new ReadableStream({ cancel(e) { why = e.message } })); r.on("error", () => {}); r.destroy(new Error("gone")); await new Promise((go) => r.on("close", go)); return why })()',
    '(async () => { const s = require("stream"); const w = s.Writable.fromWeb(new WritableStream({ write() { throw new RangeError("x") } })); w.write("a"); return new Promise((go) => w.on("error", (e) => go(e.name))) })()',
    '(async () => { const s = require("stream"); const r = new ReadableStream(); const before = s.isDisturbed(r); r.getReader().read(); return [before, s.isDisturbed(r), s.isErrored(r)] })()',
    ...['text', 'json', 'buffer', 'arrayBuffer', 'blob'].map(
      (name) =>
        `require("stream/consumers").${name}(ReadableStream.from([Buffer.from("[1,"), Buffer.from("2]")])).then(async (v) => v instanceof Blob ? v.text() : v instanceof ArrayBuffer ? v.byteLength : v)`,
    ),
    '[require("buffer").Blob === Blob, require("buffer").File === File, require("stream/web").ReadableStream === ReadableStream]',
  ],
  fetch: [
    'fetch("data:text/plain;charset=utf-8;base64,aGk=").then(async (r) => [r.status, r.headers.get("content-type"), await r.text()])',
    'fetch("data:,a%20b").then((r) => r.text())',
    'fetch(new Request("data:,x"), { method: "POST" }).then((r) => r.text())',
    ...[
      'file:///etc/passwd',
      'about:blank',
      'about:srcdoc',
      'blob:x',
      'ftp://a.test/',
      'unix:/x',
      'nope',
    ].map((url) => `fetch("${url}").catch((e) => [e.name, e instanceof TypeError])`),
    'fetch("http://a.test:25/").catch((e) => [e.name, e.message, e.cause.message])',
    'fetch("http://a.test", { signal: AbortSignal.abort() }).catch((e) => [e.name, e instanceof DOMException])',
    'fetch().catch((e) => e.name)',
    '[typeof fetch, fetch.name, fetch.length]',
  ],
}

/** Newer than the oldest Node this runs on. */
const YOUNG: readonly [RegExp, boolean][] = [[/ReadableStream\.from/, 'from' in ReadableStream]]

let thread: Thread
t.before(async () => {
  thread = await startThread(t)
})

const require = createRequire(import.meta.url)
for (const [name, expressions] of Object.entries(SAME)) {
  t.test(`${name} works as in Node`, async (t) => {
    for (const expression of expressions) {
      if (YOUNG.some(([pattern, here]) => pattern.test(expression) && !here)) continue
      const run = runInThisContext(`(async (require) => (${expression}))`) as (
        load: NodeJS.Require,
      ) => Promise<unknown>
      const plain = await run(require)
      const expected: unknown = plain === undefined ? undefined : JSON.parse(JSON.stringify(plain))
      t.same(await thread.value(expression), expected, expression)
    }
  })
}

t.test('a Request takes a body where no other class of fetch was used before', async (t) => {
  const fresh = await startThread(t)
  t.equal(await fresh.value('new Request("http://a.test", { method: "POST", body: "text" }).text()'), 'text')
})
