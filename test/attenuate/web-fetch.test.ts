// fetch of a plugin does over its own http what Node's does: each expression is run by both against one server.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { netThread } from './net-world.js'
import { startWebServer, type WebServer } from './web-server.js'

const JSON_OF = '.then((r) => r.json())'
const TEXT = '.then((r) => r.text())'
/** What a fetch fails by. */
const WHY = '.catch((e) => [e.name, e.message, e.cause?.code ?? e.cause?.message])'

/** `A` and `B` are two servers. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  methods: [
    ...['GET', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'POST'].map(
      (method) => `fetch(A + "/echo?q=1#hash", { method: "${method}" })${JSON_OF}`,
    ),
    'fetch(A + "/echo", { method: "HEAD" }).then(async (r) => [r.status, await r.text()])',
    'fetch(A + "/echo", { method: "custom" }).then((r) => r.status)',
    `fetch(new URL("/echo", A))${JSON_OF}`,
    `fetch(new Request(A + "/echo", { method: "POST", body: "b", headers: { x: "y" } }))${JSON_OF}`,
    `fetch(A + "/echo", { headers: { accept: "a/b", "X-Own": "1", "user-agent": "me", "accept-language": "de" } })${JSON_OF}`,
    `fetch(A + "/echo", { headers: [["x", "1"], ["x", "2"], ["cookie", "a=1"]] })${JSON_OF}`,
    `fetch(A.replace("//", "//us%C3%BCr:p%40ss@") + "/echo")${WHY}`,
  ],
  bodies: [
    ...[
      '"tëxt"',
      '""',
      'new Uint8Array([1, 2, 3]).subarray(1)',
      'new Uint8Array([1, 2]).buffer',
      'new DataView(new ArrayBuffer(3))',
      'new URLSearchParams({ a: "1 2" })',
      'new Blob(["blob"], { type: "a/b" })',
      'new Blob(["b".repeat(200000)])',
      'new File(["file"], "n")',
    ].map((body) => `fetch(A + "/echo", { method: "POST", body: ${body} })${JSON_OF}`),
    '(async () => { const f = new FormData(); f.append("a", "1"); f.append("f", new File(["zz"], "n.txt", { type: "t/p" })); const { headers, body } = await (await fetch(A + "/echo", { method: "POST", body: f })).json(); const boundary = headers["content-type"].split("=")[1]; return [body.replaceAll(boundary, "-"), headers["content-type"].replace(boundary, "")] })()',
    `fetch(A + "/echo", { method: "POST", duplex: "half", body: new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); c.enqueue(new Uint8Array([66])); c.close() } }) })${JSON_OF}`,
    `fetch(A + "/echo", { method: "POST", duplex: "half", body: (async function* () { yield new Uint8Array([65]); yield new Uint8Array(300000).fill(66) })() })${JSON_OF}`,
    `fetch(A + "/echo", { method: "POST", duplex: "half", body: new ReadableStream({ pull(c) { c.error(new RangeError("mine")) } }) })${WHY}`,
    `fetch(A + "/early", { method: "POST", body: "x" })${TEXT}`,
    `fetch(A + "/echo", { method: "POST", body: new ReadableStream() }).catch((e) => e.name)`,
  ],
  answers: [
    'fetch(A + "/status?code=404&text=Not%20There").then((r) => [r.status, r.statusText, r.ok, r.url === A + "/status?code=404&text=Not%20There", r.redirected, r.type, r.headers.get("x-is")])',
    'fetch(A + "/status?code=204").then(async (r) => [r.body, await r.text()])',
    'fetch(A + "/status?code=304").then((r) => [r.status, r.body])',
    'fetch(A + "/cookies").then((r) => [r.headers.getSetCookie(), r.headers.get("x-twice")])',
    'fetch(A + "/headers").then((r) => r.headers.get("x-mixed"))',
    'fetch(A + "/chunks").then(async (r) => { let text = ""; for await (const c of r.body.pipeThrough(new TextDecoderStream())) text += c; return text })',
    'fetch(A + "/chunks").then(async (r) => { const c = r.clone(); return [await r.text(), await c.text(), r.bodyUsed] })',
    'fetch(A + "/large").then(async (r) => { const b = await r.arrayBuffer(); return [b.byteLength, new Uint8Array(b).every((x) => x === 108)] })',
    'fetch(A + "/large").then(async (r) => { let n = 0; for await (const c of r.body) { n += c.byteLength; await new Promise((go) => setImmediate(go)) } return n })',
    'fetch(A + "/large").then(async (r) => (await r.blob()).size)',
    'fetch(A + "/large").then(async (r) => { const reader = r.body.getReader({ mode: "byob" }); const x = await reader.read(new Uint8Array(10)); await reader.cancel(); return [...x.value] })',
    ...['gzip', 'x-gzip', 'deflate', 'deflate-raw', 'br', 'twice', 'unknown'].map(
      (path) =>
        `fetch(A + "/${path}").then(async (r) => [(await r.text()).length, r.headers.get("content-encoding")])`,
    ),
    'fetch(A + "/not-gzip").then((r) => r.text()).catch((e) => [e.name, e.message])',
    `fetch(A + "/large", { integrity: "sha256-AAAA" }).catch((e) => [e.name, e.message])`,
    `fetch(A + "/early", { integrity: "sha256-" + require("crypto").createHash("sha256").update("early").digest("base64") })${TEXT}`,
  ],
  redirects: [
    ...[301, 302, 303, 307, 308].map(
      (code) => `fetch(A + "/to?code=${code}", { method: "POST", body: "kept" })${JSON_OF}`,
    ),
    'fetch(A + "/to").then((r) => [r.redirected, r.url === A + "/echo"])',
    'fetch(A + "/to", { redirect: "manual" }).then(async (r) => [r.status, r.headers.get("location"), r.type, await r.text()])',
    `fetch(A + "/to", { redirect: "error" })${WHY}`,
    'fetch(A + "/to-long", { redirect: "manual" }).then(async (r) => [r.status, (await r.text()).length])',
    'fetch(new Request(A + "/to-long", { redirect: "manual" })).then(async (r) => [r.status, (await r.text()).length])',
    `fetch(new Request(A + "/to-long"))${JSON_OF}.then(({ url }) => url)`,
    `fetch(A + "/loop")${WHY}`,
    `fetch(A + "/to?url=" + encodeURIComponent(B + "/echo"), { headers: { authorization: "secret", cookie: "a=1", "proxy-authorization": "p", "x-own": "kept" } })${JSON_OF}`,
    `fetch(A + "/to", { headers: { authorization: "secret" } })${JSON_OF}`,
    `fetch(A + "/to?url=file:///etc/passwd")${WHY}`,
    `fetch(A + "/to?url=http://[bad")${WHY}.then((all) => all.slice(0, 2))`,
    `fetch(A + "/to?code=307", { method: "POST", duplex: "half", body: new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); c.close() } }) })${WHY}`,
  ],
  failures: [
    `fetch("http://127.0.0.1:" + CLOSED)${WHY}`,
    `fetch(A.replace("http:", "https:")).catch((e) => [e.name, e.message, e.cause.code.startsWith("ERR_SSL")])`,
    `fetch(A + "/half").then((r) => r.text()).catch((e) => [e.name, e.message])`,
    `fetch(A + "/reset").catch((e) => [e.name, e.message])`,
    '(async () => { const c = new AbortController(); const p = fetch(A + "/silent", { signal: c.signal }); setTimeout(() => c.abort(), 5); return p.catch((e) => [e.name, e instanceof DOMException]) })()',
    '(async () => { const c = new AbortController(); const p = fetch(A + "/silent", { signal: c.signal }); setTimeout(() => c.abort(new RangeError("mine")), 5); return p.catch((e) => [e.name, e.message]) })()',
    '(async () => { const c = new AbortController(); const r = await fetch(A + "/open", { signal: c.signal }); c.abort(); return r.text().catch((e) => e.name) })()',
    '(async () => { const c = new AbortController(); const r = await fetch(A + "/open", { signal: c.signal }); const reader = r.body.getReader(); const one = await reader.read(); c.abort(new RangeError("mine")); return [one.value.length, await reader.read().catch((e) => e.name)] })()',
    'fetch(A + "/silent", { signal: AbortSignal.timeout(5) }).catch((e) => e.name)',
    '(async () => { const r = await fetch(A + "/open"); await r.body.cancel(); return r.bodyUsed })()',
    ...['transfer-encoding', 'keep-alive', 'upgrade', 'expect'].map(
      (name) =>
        `fetch(A + "/echo", { headers: { "${name}": "x" } })${WHY}.then((all) => [all[0], all[1], all[2]])`,
    ),
  ],
}

const require = createRequire(import.meta.url)
/** What an expression finds beside the globals. */
const names = ({ url: A }: WebServer, { url: B }: WebServer): string =>
  `const A = ${JSON.stringify(A)}, B = ${JSON.stringify(B)}, CLOSED = 1`

for (const [name, expressions] of Object.entries(SAME)) {
  t.test(`${name} of fetch are those of Node`, async (t) => {
    const [A, B] = [await startWebServer(t), await startWebServer(t)]
    const thread = await netThread(t, { connect: ['127.0.0.1:1-65535'] })
    for (const expression of expressions) {
      const run = runInThisContext(`(async (require) => { ${names(A, B)}; return (${expression}) })`) as (
        load: NodeJS.Require,
      ) => Promise<unknown>
      const plain = JSON.stringify(await run(require))
      const expected: unknown = plain === undefined ? undefined : JSON.parse(plain)
      const result = await thread.evaluate(
        `module.exports = async () => { ${names(A, B)}; return (${expression}) }`,
      )
      t.same(result, expected, expression)
    }
  })
}

t.test('a redirect whose body nobody reads holds no connection', async (t) => {
  const server = await startWebServer(t)
  const thread = await netThread(t, { connect: ['127.0.0.1:1-65535'] }, { sockets: 4 })
  const ends = await thread.evaluate(`module.exports = async () => {
    const ends = []
    for (let count = 0; count < 10; count++) ends.push(await fetch('${server.url}/to-long').then((r) => r.status, (e) => e.cause?.code))
    return ends
  }`)
  t.same(
    ends,
    Array.from({ length: 10 }, () => 200),
  )
})
