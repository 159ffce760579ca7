// `zlib` gives what Node's gives, through streams and buffers that are the plugin's own, within bounds.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import zlib from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { bundlePackage, startThread, type Thread } from './thread.js'

const require = createRequire(import.meta.url)
const FORMS = 'Deflate Inflate Gzip Gunzip DeflateRaw InflateRaw Unzip BrotliCompress BrotliDecompress'.split(
  ' ',
)
const methodOf = (form: string): string => `${form.charAt(0).toLowerCase()}${form.slice(1)}`
const MADE: ReadonlySet<string> = new Set([
  'constants',
  'codes',
  'crc32',
  ...FORMS.flatMap((form) => [form, `create${form}`, methodOf(form), `${methodOf(form)}Sync`]),
])
/** Exports of some Node that plugins do not have; docs/built-ins.md says why. */
const CUT = [
  /zstd/i,
  /^Zip/,
  /^(createZipArchive|createZipArchiveSync|zipFiles|getMaxZipContentSize|setMaxZipContentSize)$/,
]
const isNumber = (name: string): boolean => typeof Reflect.get(zlib, name) === 'number'

t.test('every export of this Node is there or listed as cut', async (t) => {
  const thread = await startThread(t)
  const node = Object.getOwnPropertyNames(zlib).filter((name) => name !== 'default' && !isNumber(name))
  const isCut = (name: string): boolean => CUT.some((pattern) => pattern.test(name))
  t.same(node.filter((name) => !MADE.has(name) && !isCut(name)).sort(), [], 'unknown to the table')
  const own = (await thread.value('Object.keys(require("zlib"))')) as readonly string[]
  t.same(own.filter((name) => !isNumber(name)).sort(), [...MADE].sort())
  for (const name of Object.getOwnPropertyNames(zlib).filter((some) => isNumber(some) && !/zstd/i.test(some)))
    t.ok(own.includes(name), name)
  t.equal(await thread.value('require("zlib") === require("node:zlib")'), true)
})

const TEXT = '"call me ishmael ".repeat(4000)'
const ZL = 'const z = require("zlib"), { promisify } = require("util")'
const CATCH =
  'const caught = async (run) => { try { return await run() } catch (e) { return [e.name, e.code, e.errno, e.message] } }'
const READ =
  'const read = async (stream) => { const all = []; for await (const c of stream) all.push(c); return Buffer.concat(all) }'

/** Bodies of async functions whose JSON must be the same in a plugin and in this process. */
const SAME: readonly string[] = [
  ...['deflate', 'gzip', 'deflateRaw', 'brotliCompress'].map(
    (name) => `return z.${name}Sync(${TEXT}).toString("base64")`,
  ),
  ...[
    ['deflate', 'inflate'],
    ['gzip', 'gunzip'],
    ['gzip', 'unzip'],
    ['deflateRaw', 'inflateRaw'],
    ['brotliCompress', 'brotliDecompress'],
  ].map(
    ([coder, decoder]) =>
      `const coded = await promisify(z.${coder})(${TEXT}); return (await promisify(z.${decoder})(coded)).toString() === ${TEXT} && z.${decoder}Sync(coded).length`,
  ),
  `return z.gzipSync(${TEXT}, { level: 9, memLevel: 9, strategy: z.constants.Z_FILTERED }).toString("hex")`,
  `return z.deflateRawSync(new Uint16Array([1, 2, 3])).toString("hex") + z.inflateSync(new DataView(new Uint8Array(z.deflateSync("abc")).buffer)).toString()`,
  `const dictionary = Buffer.from("ishmael"); return z.inflateSync(z.deflateSync("ishmael", { dictionary }), { dictionary }).toString()`,
  'return caught(() => z.inflateSync(z.deflateSync("a", { dictionary: Buffer.from("a") })))',
  'return caught(() => z.gunzipSync("no gzip"))',
  'return caught(() => promisify(z.gunzip)("no gzip"))',
  'return caught(() => promisify(z.inflate)(z.deflateSync("hello").subarray(0, 8)))',
  'return caught(() => z.inflateSync(z.deflateSync("hello").subarray(0, 8)))',
  'return caught(() => promisify(z.brotliDecompress)("no brotli at all"))',
  'return z.inflateSync(z.deflateSync("hello").subarray(0, 11), { finishFlush: z.constants.Z_SYNC_FLUSH }).toString()',
  'return (await caught(() => z.gzipSync("x", { level: 99 }))).slice(0, 2)',
  'return (await caught(() => z.createGzip({ windowBits: "9" }))).slice(0, 2)',
  'return (await caught(() => z.gzip("x"))).slice(0, 2)',
  'return (await caught(() => z.gzip("x", { level: 99 }, () => {}))).slice(0, 2)',
  'return (await caught(() => z.gzipSync(7))).slice(0, 2)',
  'return (await caught(() => z.gunzipSync(z.gzipSync("abc".repeat(100)), { maxOutputLength: 10 }))).slice(0, 2)',
  'return (await caught(() => promisify(z.gunzip)(z.gzipSync("abc".repeat(100)), { maxOutputLength: 10 }))).slice(0, 2)',
  'return [z.crc32("hello"), z.crc32("world", z.crc32("hello")), z.constants.Z_BEST_SPEED, z.codes.Z_BUF_ERROR]',
  `return (await read(require("stream").Readable.from([Buffer.from("a"), Buffer.from("b")]).pipe(z.createGzip()).pipe(z.createGunzip()))).toString()`,
  `const s = z.createDeflate(); s.end(${TEXT}); return (await read(s)).toString("hex")`,
  `const s = z.createGunzip(); s.end(Buffer.concat([z.gzipSync("one"), z.gzipSync("two")])); return (await read(s)).toString()`,
  `const s = z.createGunzip(); s.end(Buffer.concat([z.gzipSync("one"), Buffer.from("rest of it")])); return caught(async () => (await read(s)).toString())`,
  `const s = z.createGunzip(); s.end("no gzip"); return caught(() => read(s))`,
  `const s = z.createGzip(), d = z.createGunzip(); s.pipe(d); s.write("abc"); return new Promise((done) => { d.once("data", (c) => { s.destroy(); done(c.toString()) }); s.flush() })`,
  `const s = z.createDeflate({ level: 0 }); s.write("a".repeat(100)); await new Promise((done) => s.params(9, z.constants.Z_DEFAULT_STRATEGY, done)); s.end("b".repeat(1000)); return z.inflateSync(await read(s)).length`,
  `const s = z.createGzip(); s.end("abc"); await read(s); return [s.bytesWritten, s instanceof z.Gzip, s instanceof require("stream").Transform, z.Gzip.name]`,
  `const s = z.createGzip(); const closed = new Promise((done) => s.close(done)); await closed; return s.destroyed`,
  `const s = z.createDeflate(); s.reset(); s.end("abc"); return z.inflateSync(await read(s)).toString()`,
  `const s = z.createGzip({ signal: AbortSignal.abort() }); return (await caught(() => read(s))).slice(0, 2)`,
  `const c = new AbortController(); const s = z.createGzip({ signal: c.signal }); s.write("a"); c.abort(); return (await caught(() => read(s))).slice(0, 2)`,
  `await require("stream/promises").pipeline(require("stream").Readable.from([${TEXT}]), z.createBrotliCompress({ params: { [z.constants.BROTLI_PARAM_QUALITY]: 4 } }), z.createBrotliDecompress(), async (from) => { globalThis.got = (await read(from)).length }); return globalThis.got`,
]

t.test('it does what Node does', async (t) => {
  const thread = await startThread(t)
  for (const body of SAME) {
    const expression = `(async () => { ${ZL}; ${CATCH}; ${READ}; ${body} })()`
    const plain = await (
      runInThisContext(`(require) => ${expression}`) as (load: unknown) => Promise<unknown>
    )(require)
    t.same(await thread.value(expression), JSON.parse(JSON.stringify(plain)), body)
  }
})

t.test('any bytes, any options: what one side codes the other decodes', async (t) => {
  const thread = await startThread(t)
  const pairs = fc.constantFrom(
    ['gzip', 'gunzip'] as const,
    ['deflate', 'inflate'] as const,
    ['deflateRaw', 'inflateRaw'] as const,
    ['brotliCompress', 'brotliDecompress'] as const,
  )
  const options = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    chunkSize: fc.integer({ min: 64, max: 5000 }),
  })
  const bytes = fc.uint8Array({ maxLength: 3000 })
  await fc.assert(
    fc.asyncProperty(
      pairs,
      options,
      bytes,
      fc.integer({ min: 1, max: 200 }),
      async ([code, decode], given, some, times) => {
        const input = Buffer.concat(Array.from({ length: times }, () => some))
        const text = JSON.stringify(Buffer.from(some).toString('base64'))
        const coded = (await thread.value(`(async () => { ${ZL}
        const some = Buffer.from(${text}, "base64"), input = Buffer.concat(Array.from({ length: ${times} }, () => some))
        const options = ${JSON.stringify(given)}
        const sync = z.${code}Sync(input, options), whole = await promisify(z.${code})(input, options)
        return [sync, whole, z.${decode}Sync(whole), await promisify(z.${decode})(sync, options)].map((b) => z.crc32(b)).concat(whole.toString("base64"))
      })()`)) as readonly [number, number, number, number, string]
        const crc = (value: Uint8Array): number =>
          (zlib as unknown as { crc32(value: Uint8Array): number }).crc32(value)
        const plain = zlib[`${code}Sync`](input, given)
        const back = zlib[`${decode}Sync`](Buffer.from(coded[4], 'base64'))
        return (
          coded[0] === crc(plain) &&
          coded[2] === crc(input) &&
          coded[3] === crc(input) &&
          Buffer.compare(back, input) === 0
        )
      },
    ),
    { numRuns: 40 },
  )
  t.pass('40 inputs')
})

/** Expressions that must be true: what the plugin holds is its own, and what it does to its arguments changes nothing. */
const OWN: readonly string[] = [
  `(() => { const b = z.gzipSync("a"); return b instanceof Buffer && b.buffer.byteLength === b.length })()`,
  `(async () => { const b = await promisify(z.gzip)("a"); return b instanceof Buffer && b.buffer.byteLength === b.length })()`,
  `(async () => { const s = z.createGzip(); s.end("a"); for await (const b of s) if (!(b instanceof Buffer) || b.buffer.byteLength !== b.length) return false; return true })()`,
  `new Promise((done) => z.gzip("a", function () { done(this === undefined) }))`,
  `new Promise((done) => { let late = false; z.gzip("a", () => done(late)); late = true })`,
  `new Promise((done) => { let late = false; z.gunzip("a", () => done(late)); late = true })`,
  `new Promise((done) => z.gunzip("a", (e) => done(Object.getPrototypeOf(e) === Error.prototype && !e.stack && Object.keys(e).join() === "code,errno")))`,
  `promisify(z.gzip)("a") instanceof Promise`,
  `(async () => { const b = Buffer.from("first"); const all = [1, 2, 3, 4].map(() => promisify(z.gzip)(b)); b.fill(0); return (await Promise.all(all)).every((p) => z.gunzipSync(p).toString() === "first") })()`,
  `(async () => { const b = Buffer.from("first"); const s = z.createGzip(); s.end(b); b.fill(0); let out = []; for await (const c of s) out.push(c); return z.gunzipSync(Buffer.concat(out)).length === 5 })()`,
  `(async () => { const a = new ArrayBuffer(8); const p = promisify(z.gzip)(a); structuredClone(a, { transfer: [a] }); return z.gunzipSync(await p).length === 8 })()`,
  `(() => { const a = new ArrayBuffer(8, { maxByteLength: 64 }), v = new Uint8Array(a); return z.gunzipSync(z.gzipSync(v, { get level() { a.resize?.(2); return 1 } })).length <= 8 })()`,
  `(() => { let n = 0; z.gzipSync("a", { get level() { n += 1; return n === 1 ? 1 : {} } }); return n === 1 })()`,
  `(() => { let n = 0; const seen = new Proxy({}, { get(_, name) { n += name === "level"; return undefined } }); z.gzipSync("a", seen); return n === 1 })()`,
  `(() => { class Evil extends Uint8Array { static get [Symbol.species]() { throw new Error("asked") } get buffer() { throw new Error("asked") } get length() { throw new Error("asked") } }; return z.gunzipSync(z.gzipSync(new Evil([1, 2]))).length === 2 })()`,
  `(() => { try { z.gzipSync({ length: 3, then() { throw 1 }, buffer: new ArrayBuffer(9) }) } catch (e) { return e.code === "ERR_INVALID_ARG_TYPE" } })()`,
  `(() => { try { z.gzipSync(new Proxy(new Uint8Array(3), {})) } catch (e) { return e.code === "ERR_INVALID_ARG_TYPE" } })()`,
  `(() => { try { z.gzipSync("a", { level: { valueOf() { throw new Error("asked") } } }) } catch (e) { return e.code === "ERR_INVALID_ARG_TYPE" } })()`,
  `(() => { try { z.gzipSync("a", { info: true }) } catch (e) { return e.code === "ERR_INVALID_ARG_TYPE" } })()`,
  `(() => { try { z.brotliCompressSync("a", { params: { [z.constants.BROTLI_PARAM_LARGE_WINDOW]: true } }) } catch (e) { return e.code === "ERR_BROTLI_INVALID_PARAM" } })()`,
  `(() => { try { z.brotliDecompressSync("a", { params: { [z.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 } }) } catch (e) { return e.code === "ERR_BROTLI_INVALID_PARAM" } })()`,
  `(() => { try { z.constants.Z_OK = 7 } catch (e) { return z.constants.Z_OK === 0 } })()`,
  `(() => { const s = z.createGzip(); s.write(Buffer.alloc(1e6)); try { s.reset() } catch (e) { return e.code === "ERR_INVALID_STATE" } })()`,
  `Object.getOwnPropertyNames(z.createGzip()).every((name) => name !== "_handle")`,
]

t.test('what a plugin holds is its own, arguments are read once and copied', async (t) => {
  const thread = await startThread(t)
  for (const expression of OWN)
    t.equal(await thread.value(`(() => { ${ZL}; return ${expression} })()`), true, expression)
  t.same(await thread.logs(), [])
})

t.test('poisoned classes of the plugin harm the plugin only', async (t) => {
  const thread = await startThread(t)
  await thread.evaluate(`
    const z = require('zlib')
    Buffer.from = Buffer.alloc = () => { throw new Error('taken') }
    require('stream').Transform.prototype.push = require('events').prototype.emit = () => { throw new Error('taken') }`)
  t.match(
    await thread.value('require("zlib").gzipSync(new Uint8Array(1)).length').catch((error: Error) => error),
    {
      message: 'taken',
    },
  )
  t.equal(await thread.value('1 + 1'), 2)
})

t.test('a bomb ends with ERR_BUFFER_TOO_LARGE, whole or in one piece', async (t) => {
  const thread = await startThread(t, { externalMb: 8 })
  const bomb = `const bomb = Buffer.from(${JSON.stringify(zlib.gzipSync(Buffer.alloc(64 << 20)).toString('base64'))}, "base64")`
  const within = async (run: string): Promise<unknown> =>
    thread.value(
      `(async () => { ${ZL}; ${CATCH}; ${bomb}; return (await caught(() => ${run})).slice(0, 2) })()`,
    )
  for (const run of [
    'z.gunzipSync(bomb)',
    'promisify(z.gunzip)(bomb)',
    'promisify(z.unzip)(bomb, { chunkSize: 1e9, maxOutputLength: 1e9 })',
  ])
    t.same(await within(run), ['RangeError', 'ERR_BUFFER_TOO_LARGE'], run)
})

t.test('a stream holds back when its reader does', async (t) => {
  const thread = await startThread(t, { externalMb: 8 })
  const bomb = zlib.gzipSync(Buffer.alloc(64 << 20)).toString('base64')
  const [waiting, total] = (await thread.value(`(async () => { ${ZL}
    const s = z.createGunzip(); s.end(Buffer.from(${JSON.stringify(bomb)}, "base64"))
    await new Promise((done) => s.once("readable", done)); for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done))
    const waiting = s.readableLength; let total = 0; for await (const c of s) total += c.length
    return [waiting, total]
  })()`)) as readonly [number, number]
  t.ok(waiting > 0 && waiting <= 128 << 10, `${waiting} bytes wait`)
  t.equal(total, 64 << 20)
})

t.test('what cannot be stopped is bounded', async (t) => {
  const thread = await startThread(t)
  const code = (expression: string, on: Thread = thread): Promise<unknown> =>
    on.value(`(async () => { ${ZL}; ${CATCH}; return (await caught(() => ${expression}))[1] })()`)
  t.equal(await code('z.gzipSync(new Uint8Array(8388609))'), 'ERR_OUT_OF_RANGE')
  t.equal(await code('z.gzipSync(new Uint8Array(1048577), { level: 9 })'), 'ERR_OUT_OF_RANGE')
  t.equal(await code('z.brotliCompressSync(new Uint8Array(262145))'), 'ERR_OUT_OF_RANGE')
  t.equal(await code('{ for (let i = 0; i < 65; i++) z.createGzip() }'), 'ERR_ZLIB_STREAM_LIMIT')
  t.equal(
    await thread.value(
      'new Promise((done) => { let late = false; require("zlib").gzip("a", (e) => done(late && e.code)); late = true })',
    ),
    'ERR_ZLIB_STREAM_LIMIT',
    'an error before any work comes later all the same',
  )
  const other = await startThread(t)
  t.equal(
    await other.value(`(async () => { ${ZL}
      for (let i = 0; i < 300; i++) { const s = z.createGzip(); s.end("a"); s.resume(); await new Promise((done) => s.once("close", done)) }
      for (let i = 0; i < 300; i++) z.createGzip().destroy()
      return (await Promise.all(Array.from({ length: 900 }, (_, i) => promisify(z.gzip)("a" + i)))).length
    })()`),
    900,
    'streams that ended count no more, and many whole operations take their turns',
  )
  t.equal(
    await code('Promise.all(Array.from({ length: 1100 }, () => promisify(z.gzip)("a")))', other),
    'ERR_WORK_LIMIT',
  )
})

t.test('a callback that throws is reported and stops nothing', async (t) => {
  const thread = await startThread(t)
  t.equal(
    await thread.value(`new Promise((done) => { const z = require("zlib")
      z.gzip("a", () => { throw new Error("mine") }); z.gzip("a", () => { throw new Error("mine too") }); z.gzip("b", () => done(1)) })`),
    1,
  )
  t.match(
    (await thread.logs()).map(([level]) => level),
    ['error', 'error'],
  )
})

t.test('teardown closes what is open and calls nobody back', async (t) => {
  const thread: Thread = await startThread(t)
  await thread.evaluate(
    `
    const z = require('zlib'); globalThis.called = 0
    globalThis.stream = z.createGzip(); stream = globalThis.stream
    stream.on('data', () => { globalThis.called += 1 }); stream.write('a')
    for (let i = 0; i < 50; i++) z.gzip(new Uint8Array(1e5), () => { globalThis.called += 1 })`.replace(
      'stream = globalThis.stream',
      'const { stream } = globalThis',
    ),
  )
  await thread.send({ kind: 'teardown' })
  const called = await thread.value('globalThis.called')
  for (let turn = 0; turn < 20; turn++) await thread.send({ kind: 'turn' })
  t.equal(await thread.value('globalThis.called'), called)
  t.match(await thread.value('require("zlib").createGzip()').catch((error: Error) => error), {
    code: 'PLUGIN_STOPPED',
  })
  t.match(
    await thread.value('require("util").promisify(require("zlib").gzip)("a")').catch((error: Error) => error),
    {
      code: 'PLUGIN_STOPPED',
    },
  )
})

t.test('a package from npm that stands on zlib works', async (t) => {
  const thread = await startThread(t)
  const code = await bundlePackage(`
    import { gzipSync, gunzipSync } from 'fflate/browser'
    import zlib from 'node:zlib'
    export default [zlib.gunzipSync(Buffer.from(gzipSync(Buffer.from('from fflate')))).toString(), Buffer.from(gunzipSync(zlib.gzipSync('from zlib'))).toString()]`)
  t.same(await thread.evaluate(code), ['from fflate', 'from zlib'])
})
