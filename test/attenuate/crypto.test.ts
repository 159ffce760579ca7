// `crypto` gives what Node's gives, holds nothing of Node's, and does no work that could hold a thread for long.
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { bundlePackage, startThread } from './thread.js'

const require = createRequire(import.meta.url)
const words = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(' '))
const MADE = words(
  'Hash Hmac createHash createHmac getHashes hash constants webcrypto subtle timingSafeEqual getRandomValues',
  'randomBytes randomFill randomFillSync randomInt randomUUID pseudoRandomBytes prng rng',
  'createCipheriv createDecipheriv Cipheriv Decipheriv getCiphers getCipherInfo',
  'pbkdf2 pbkdf2Sync scrypt scryptSync hkdf hkdfSync',
  'KeyObject createSecretKey createPrivateKey createPublicKey createSign createVerify Sign Verify sign verify',
  'publicEncrypt privateDecrypt privateEncrypt publicDecrypt',
  'generateKey generateKeySync generateKeyPair generateKeyPairSync',
  'createECDH ECDH getCurves diffieHellman createDiffieHellmanGroup getDiffieHellman DiffieHellmanGroup',
)
/** Exports of some Node that plugins do not have; docs/built-ins.md says why. */
const CUT = words(
  'setEngine getFips setFips fips secureHeapUsed Certificate',
  'createDiffieHellman DiffieHellman encapsulate decapsulate X509Certificate parsePKCS12',
  'checkPrime checkPrimeSync generatePrime generatePrimeSync',
  'createCipher createDecipher Cipher Decipher',
  'createMac getMacs argon2 argon2Sync randomUUIDv7',
)

t.test('every export of this Node is there or listed as cut', async (t) => {
  const thread = await startThread(t)
  const node = Object.getOwnPropertyNames(crypto).filter((name) => name !== 'default')
  t.same(
    node.filter((name) => !MADE.includes(name) && !CUT.includes(name)).sort(),
    [],
    'unknown to the table',
  )
  t.same(await thread.value('Object.keys(require("crypto")).sort()'), [...MADE].sort())
  t.equal(await thread.value('require("crypto") === require("node:crypto")'), true)
})

const PRELUDE = `const c = require("crypto"), { promisify } = require("util")
  const caught = async (run) => { try { return await run() } catch (e) { return [e.name, e.code] } }`

/** Bodies of async functions whose JSON must be the same in a plugin and in this process. */
const SAME: readonly string[] = [
  ...['md5', 'sha1', 'sha256', 'SHA512', 'sha3-256', 'RSA-SHA256', 'blake2b512', 'ripemd160'].map(
    (name) => `return c.createHash("${name}").update("hello").digest("hex")`,
  ),
  'return c.createHash("sha256").update("a").update(Buffer.from("b")).update(new Uint16Array([1, 2])).update(new DataView(new ArrayBuffer(3))).digest("base64")',
  'return c.createHash("sha256").update("6869", "hex").digest("base64url")',
  'return c.createHash("sha1").update("ü").digest("latin1")',
  'return c.createHash("sha1").update("ü", "latin1").digest("hex")',
  'return c.createHash("sha256").digest("hex")',
  'return c.createHash("shake256", { outputLength: 100 }).update("a").digest("hex")',
  'return c.createHmac("sha256", "key").update("a").digest("hex")',
  'return c.createHmac("sha512", Buffer.alloc(200, 7)).update("a").digest("base64")',
  'return c.createHmac("sha256", "").update("").digest("hex")',
  'const h = c.createHash("sha256").update("a"), k = h.copy(); h.update("b"); return [h.digest("hex"), k.digest("hex"), k instanceof c.Hash]',
  'const h = c.createHmac("sha256", "k"); h.digest(); return h.digest("hex")',
  'const h = c.createHash("sha256"); h.end("streamed"); let out = ""; for await (const part of h) out += part.toString("hex"); return out',
  'const { Readable } = require("stream"); const h = c.createHash("sha256"); h.setEncoding("hex"); await require("stream/promises").pipeline(Readable.from(["a", "b"]), h); return h.read()',
  'const h = c.createHash("sha256"); h.digest(); return caught(() => h.update("a"))',
  // A hash is no stream before it is used as one, and nobody can tell.
  'const h = c.createHash("sha256"), n = h.listenerCount("data"); h.update("a"); let out = ""; h.on("data", (part) => (out += part.toString("hex"))); h.end("b"); await require("events").once(h, "end"); return [n, out, h.destroyed, h.readableEnded]',
  'const { PassThrough } = require("stream"), h = c.createHash("sha256", { encoding: "hex", highWaterMark: 7 }), p = new PassThrough({ encoding: "utf8" }); const w = h.writableHighWaterMark; h.pipe(p); h.end("a"); let out = ""; for await (const part of p) out += part; return [out, w]',
  'const h = c.createHmac("sha256", "k"); const seen = []; h.once("finish", () => seen.push("finish")); h.setMaxListeners(3); h.end("a"); await require("events").once(h, "readable"); return [seen, h.read().toString("hex"), h.getMaxListeners(), h instanceof require("stream").Transform]',
  'const h = c.createHash("sha256"); h.destroy(new TypeError("ended")); return caught(() => require("events").once(h, "close").then(() => require("stream/promises").finished(h)))',
  'return ["hex", "base64", "base64url", "latin1", "buffer", undefined].map((e) => c.createHash("sha1").update("a").digest(e).toString("hex"))',
  'const h = c.createHash("sha256"); h.digest(); return caught(() => h.digest())',
  'const h = c.createHash("sha256"); h.digest(); return caught(() => h.copy())',
  'return caught(() => c.createHash("nope"))',
  'return caught(() => c.createHash(7))',
  'return caught(() => c.createHmac("nope", "k"))',
  'return caught(() => c.createHmac("sha256"))',
  'return caught(() => c.createHash("sha256").update(7))',
  'return caught(() => c.createHash("sha256").update(new ArrayBuffer(2)))',
  'return [c.getHashes().includes("sha256"), c.constants.RSA_PKCS1_PADDING]',
  'return c.timingSafeEqual(Buffer.from("ab"), new Uint8Array([97, 98])) && !c.timingSafeEqual(Buffer.from("ab"), Buffer.from("ac"))',
  'return caught(() => c.timingSafeEqual(Buffer.from("ab"), Buffer.from("a")))',
  'return caught(() => c.timingSafeEqual("ab", "ab"))',
  'return c.pbkdf2Sync("pw", "salt", 1000, 64, "sha512").toString("hex")',
  'return (await promisify(c.pbkdf2)("pw", Buffer.from("salt"), 10, 20, "sha1")).toString("hex")',
  'return caught(() => c.pbkdf2Sync("pw", "salt", 1, 10, "nope"))',
  'return caught(() => c.pbkdf2Sync("pw", "salt", 0, 10, "sha1"))',
  'return caught(() => c.pbkdf2Sync("pw", "salt", "1", 10, "sha1"))',
  'return caught(() => c.pbkdf2("pw", "salt", 1, 10, "nope", () => {}))',
  'return caught(() => c.pbkdf2("pw", "salt", 1, 10, "sha1"))',
  'return c.scryptSync("pw", "salt", 32).toString("hex")',
  'return c.scryptSync("pw", "salt", 64, { N: 1024, r: 4, p: 2 }).toString("hex") + c.scryptSync("pw", "salt", 64, { cost: 1024, blockSize: 4, parallelization: 2 }).toString("hex")',
  'return (await promisify(c.scrypt)("pw", "salt", 32)).toString("hex")',
  'return (await promisify(c.scrypt)("pw", "salt", 32, { N: 2048 })).toString("hex")',
  'return caught(() => c.scryptSync("pw", "salt", 32, { N: 1000 }))',
  'return caught(() => c.scryptSync("pw", "salt", 32, { N: 2 ** 16 }))',
  'return caught(() => c.scrypt("pw", "salt", 32, { N: 2 ** 16 }, () => {}))',
  'return Buffer.from(c.hkdfSync("sha256", "key", "salt", "info", 80)).toString("hex") + (c.hkdfSync("sha256", "key", "salt", "info", 8) instanceof ArrayBuffer)',
  'return Buffer.from(await promisify(c.hkdf)("sha512", "key", Buffer.from("salt"), "info", 80)).toString("hex")',
  'return caught(() => c.hkdfSync("sha256", "key", "salt", "info", 9000))',
  'return caught(() => c.hkdfSync("nope", "key", "salt", "info", 9))',
  'return [c.randomBytes(3).length, (await promisify(c.randomBytes)(70000)).length, c.randomUUID().length, c.randomUUID() !== c.randomUUID()]',
  'const b = Buffer.alloc(100); c.randomFillSync(b, 10, 50); return [b.subarray(0, 10).every((x) => x === 0), b.subarray(60).every((x) => x === 0), b.some((x) => x !== 0)]',
  'const b = new Uint32Array(9); const same = c.randomFillSync(b, 4) === b; return [same, b.subarray(0, 4).every((x) => x === 0), b.some((x) => x !== 0)]',
  'const b = new ArrayBuffer(40); return (await promisify(c.randomFill)(b)) === b && new Uint8Array(b).some((x) => x !== 0)',
  'return caught(() => c.randomFillSync(Buffer.alloc(3), 4))',
  'return caught(() => c.randomBytes(-1))',
  'return caught(() => c.randomBytes("1"))',
  'const all = Array.from({ length: 500 }, () => c.randomInt(3)); return [Math.min(...all), Math.max(...all), c.randomInt(7, 8), await promisify(c.randomInt)(5, 6), c.randomInt(-5, -4)]',
  'return caught(() => c.randomInt(0))',
  'return caught(() => c.randomInt(5, 5))',
  'return caught(() => c.randomInt(0, 2 ** 48 + 2))',
]

t.test('it does what Node does', async (t) => {
  const thread = await startThread(t)
  for (const body of SAME) {
    const expression = `(async () => { ${PRELUDE}; ${body} })()`
    const plain = await (
      runInThisContext(`(require) => ${expression}`) as (load: unknown) => Promise<unknown>
    )(require)
    t.same(await thread.value(expression), JSON.parse(JSON.stringify(plain)), body)
  }
  if (typeof Reflect.get(crypto, 'hash') === 'function') {
    for (const call of ['c.hash("sha1", "abc")', 'c.hash("sha256", Buffer.from("abc"), "base64")']) {
      const plain: unknown = (runInThisContext(`(c) => ${call}`) as (module: unknown) => unknown)(crypto)
      t.equal(await thread.value(`(() => { ${PRELUDE}; return ${call} })()`), plain, call)
    }
  }
})

t.test('any bytes in any pieces: hashes, keys and their forms are Node’s', async (t) => {
  const thread = await startThread(t)
  const algorithm = fc.constantFrom('md5', 'sha1', 'sha256', 'sha384', 'sha512')
  const bytes = fc.uint8Array({ maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(
      algorithm,
      bytes,
      fc.array(bytes, { maxLength: 5 }),
      fc.integer({ min: 1, max: 99 }),
      async (name, key, pieces, length) => {
        const texts = JSON.stringify([key, ...pieces].map((piece) => Buffer.from(piece).toString('base64')))
        const work = `(c, [key, ...pieces]) => {
        const all = [c.createHash("${name}"), c.createHmac("${name}", key)].map((h) => { for (const p of pieces) h.update(p); return h.digest("hex") })
        return [...all, c.pbkdf2Sync(key, Buffer.concat(pieces), 3, ${length}, "${name}").toString("hex"), Buffer.from(c.hkdfSync("${name}", key, Buffer.concat(pieces), key, ${length + 1})).toString("hex")]
      }`
        const plain = runInThisContext(`(Buffer) => (${work})`) as (
          buffer: unknown,
        ) => (c: unknown, all: unknown) => unknown
        const expected = plain(Buffer)(
          crypto,
          [key, ...pieces].map((piece) => Buffer.from(piece)),
        )
        const got = await thread.value(
          `(${work})(require("crypto"), ${texts}.map((text) => Buffer.from(text, "base64")))`,
        )
        return JSON.stringify(got) === JSON.stringify(expected)
      },
    ),
    { numRuns: 40 },
  )
  t.pass('40 inputs')
})

/** As above, with `k` and `iv` of fitting lengths. */
const CIPHERS: readonly string[] = [
  ...[
    ['aes-128-cbc', 16, 16],
    ['aes-256-ctr', 32, 16],
    ['aes-256-gcm', 32, 12],
    ['AES-192-GCM', 24, 7],
    ['chacha20-poly1305', 32, 12],
    ['des-ede3-cbc', 24, 8],
  ].flatMap(([name, key, iv]) => {
    const made = `const k = Buffer.alloc(${key}, 1), iv = Buffer.alloc(${iv}, 2), o = { authTagLength: 16 }, e = c.createCipheriv("${name}", k, iv, o), d = c.createDecipheriv("${name}", k, iv, o)`
    const tagged = /gcm|poly/i.test(String(name))
    return [
      `${made}; let out = e.update("h\u00e9llo", "utf8", "hex"); out += e.update(Buffer.from("b")).toString("hex"); return out + e.final("hex") + ${tagged ? 'e.getAuthTag().toString("hex")' : '""'}`,
      `${made}; const coded = Buffer.concat([e.update("\u00e9".repeat(100)), e.final()]); ${tagged ? 'd.setAuthTag(e.getAuthTag());' : ''} let out = ""; for (const b of coded) out += d.update(Buffer.from([b]), undefined, "utf8"); return out + d.final("utf8")`,
      `${made}; e.end("streamed"); let all = []; for await (const p of e) all.push(p); ${tagged ? 'd.setAuthTag(e.getAuthTag());' : ''} d.end(Buffer.concat(all)); let out = ""; for await (const p of d) out += p; return out`,
      `${made}; return [c.getCipherInfo("${name}"), c.getCiphers().includes("${name}")]`,
      `${made}; const big = Buffer.alloc(3e6, 5); const coded = Buffer.concat([e.update(big), e.final()]); return c.createHash("md5").update(coded).digest("hex")`,
    ]
  }),
  'const e = c.createCipheriv("aes-128-gcm", "0123456789abcdef", "0123456789ab"); e.setAAD(Buffer.from("more")); e.update("x"); e.final(); return e.getAuthTag().toString("hex")',
  'const d = c.createDecipheriv("aes-128-gcm", "0123456789abcdef", "0123456789ab"); d.setAuthTag(Buffer.alloc(16)); d.update("x"); return caught(() => d.final())',
  'const e = c.createCipheriv("aes-128-cbc", "0123456789abcdef", "0123456789abcdef"); e.setAutoPadding(false); e.update("x"); return (await caught(() => e.final()))[0]',
  'const e = c.createCipheriv("aes-128-gcm", "0123456789abcdef", "0123456789ab"); return caught(() => e.getAuthTag())',
  'const e = c.createCipheriv("aes-128-cbc", "0123456789abcdef", "0123456789abcdef"); e.final(); return caught(() => e.final())',
  'return caught(() => c.createCipheriv("nope", "0123456789abcdef", "0123456789abcdef"))',
  'return caught(() => c.createCipheriv("aes-128-cbc", "short", "0123456789abcdef"))',
  'return caught(() => c.createCipheriv("aes-128-cbc", "0123456789abcdef", "short"))',
  'return caught(() => c.createCipheriv("aes-128-gcm", "0123456789abcdef", ""))',
  'return caught(() => c.createCipheriv("aes-128-gcm", "0123456789abcdef", "0123456789ab", { authTagLength: 3 }))',
  'return caught(() => c.createCipheriv(7, "0123456789abcdef", "0123456789abcdef"))',
  'return [c.getCipherInfo("aes-128-gcm", { keyLength: 9 }), c.getCipherInfo("nope"), c.getCipherInfo("aes-128-gcm", { ivLength: 9 })]',
]

t.test('ciphers do what Node’s do', async (t) => {
  const thread = await startThread(t)
  for (const body of CIPHERS) {
    const expression = `(async () => { ${PRELUDE}; ${body} })()`
    const plain = await (
      runInThisContext(`(require) => ${expression}`) as (load: unknown) => Promise<unknown>
    )(require)
    t.same(await thread.value(expression), JSON.parse(JSON.stringify(plain)), body)
  }
  for (const name of [
    'aes-128-ecb',
    'aes-128-ccm',
    'aes-128-cbc-hmac-sha1',
    'id-aes128-wrap-pad',
    'aes-128-xts',
  ]) {
    const made = `require("crypto").createCipheriv("${name}", Buffer.alloc(16), Buffer.alloc(16))`
    t.match(
      await thread.value(made).catch((error: Error) => error),
      { code: 'ERR_CRYPTO_UNKNOWN_CIPHER' },
      name,
    )
  }
})

/** Expressions that must be true: what the plugin holds is its own, and what it does to its arguments changes nothing. */
const OWN: readonly string[] = [
  `(() => { const b = c.createHash("md5").digest(); return b instanceof Buffer && b.buffer.byteLength === 16 })()`,
  `(() => { const b = c.randomBytes(5); return b instanceof Buffer && b.buffer.byteLength === 5 })()`,
  `(() => { const b = c.pbkdf2Sync("a", "b", 1, 5, "md5"); return b instanceof Buffer && b.buffer.byteLength === 5 })()`,
  `c.hkdfSync("md5", "a", "b", "c", 5).byteLength === 5`,
  `c.createHash("md5") instanceof require("stream").Transform`,
  ...[
    'c.pbkdf2("a", "b", 1, 5, "md5", ',
    'c.scrypt("a", "b", 5, { N: 2 }, ',
    'c.hkdf("md5", "a", "b", "c", 5, ',
    'c.randomBytes(5, ',
    'c.randomFill(Buffer.alloc(2), ',
    'c.randomInt(5, ',
  ].flatMap((call) => [
    `new Promise((done) => ${call}function () { done(this === undefined) }))`,
    `new Promise((done) => { let late = false; ${call}() => done(late)); late = true })`,
  ]),
  `promisify(c.scrypt)("a", "b", 5, { N: 2 }) instanceof Promise`,
  `(async () => { const b = Buffer.from("pw"); const all = [1, 2, 3, 4].map(() => promisify(c.pbkdf2)(b, "s", 5000, 9, "md5")); b.fill(0); return (await Promise.all(all)).every((k) => k.equals(c.pbkdf2Sync("pw", "s", 5000, 9, "md5"))) })()`,
  `(() => { const e = (() => { try { c.createHash("nope") } catch (e) { return e } })(); return Object.getPrototypeOf(e) === Error.prototype && !e.stack })()`,
  `(() => { const d = c.createDecipheriv("aes-128-cbc", Buffer.alloc(16), Buffer.alloc(16)); d.update(Buffer.alloc(16, 9)); try { d.final() } catch (e) { return Object.keys(e).join() === "code" && e.code === "ERR_OSSL_BAD_DECRYPT" } })()`,
  `(() => { let n = 0; c.scryptSync("a", "b", 5, { get N() { n += 1; return n === 1 ? 2 : 2 ** 30 } }); return n === 1 })()`,
  `(() => { let n = 0; c.createHash("shake128", { get outputLength() { n += 1; return 5 } }); return n === 1 })()`,
  `(() => { class Evil extends Uint8Array { static get [Symbol.species]() { throw new Error("asked") } get buffer() { throw new Error("asked") } get length() { throw new Error("asked") } get byteLength() { throw new Error("asked") } }; return c.createHash("md5").update(new Evil([97])).digest("hex") === c.createHash("md5").update("a").digest("hex") })()`,
  `(() => { const a = new ArrayBuffer(8), v = new Uint8Array(a); structuredClone(a, { transfer: [a] }); try { c.createHash("md5").update(v) } catch (e) { return e.name === "TypeError" } })()`,
  `(() => { try { c.scryptSync("a", "b", 9, { N: 2, cost: 2 }) } catch (e) { return e.code === "ERR_INCOMPATIBLE_OPTION_PAIR" } })()`,
  ...[
    'c.createHash({ toString() { throw 1 } })',
    'c.createHmac("md5", { then() { throw 1 } })',
    'c.createHash("md5").update(new Proxy(new Uint8Array(2), {}))',
    'c.pbkdf2Sync("a", "b", { valueOf() { throw 1 } }, 5, "md5")',
    'c.createHmac("md5", new Proxy(new Uint8Array(2), {}))',
  ].map((call) => `(() => { try { ${call} } catch (e) { return e.code === "ERR_INVALID_ARG_TYPE" } })()`),
  `(() => { try { c.constants.RSA_PKCS1_PADDING = 7 } catch (e) { return e.name === "TypeError" } })()`,
  `typeof c.constants.defaultCipherList === "undefined"`,
]

t.test('what a plugin holds is its own, arguments are read once and copied', async (t) => {
  const thread = await startThread(t)
  for (const expression of OWN) {
    t.equal(await thread.value(`(() => { ${PRELUDE}; return ${expression} })()`), true, expression)
  }
  t.same(await thread.logs(), [])
})

/** Calls that cost too much, and the code they are refused with before any work is done. */
const TOO_MUCH: Readonly<Record<string, string>> = {
  'c.pbkdf2Sync("a", "b", 1000001, 20, "sha1")': 'ERR_OUT_OF_RANGE',
  'c.pbkdf2Sync("a", "b", 100000, 2000, "sha1")': 'ERR_OUT_OF_RANGE',
  'c.pbkdf2Sync("a", Buffer.alloc(1e6), 1, 1e6, "sha1")': 'ERR_OUT_OF_RANGE',
  'promisify(c.pbkdf2)("a", "b", 4000001, 20, "sha1")': 'ERR_OUT_OF_RANGE',
  'c.pbkdf2Sync("a", "b", 1, 2 ** 21, "sha1")': 'ERR_OUT_OF_RANGE',
  'c.scryptSync("a", "b", 9, { N: 2 ** 14, r: 8, p: 100 })': 'ERR_OUT_OF_RANGE',
  'c.scryptSync("a", "b", 4096, { N: 2, r: 1, p: 2 ** 17 })': 'ERR_OUT_OF_RANGE',
  'c.scryptSync("a", Buffer.alloc(2 ** 19), 9, { N: 2, r: 1, p: 200 })': 'ERR_OUT_OF_RANGE',
  'promisify(c.scrypt)("a", "b", 9, { N: 2 ** 12, r: 8, p: 1000 })': 'ERR_OUT_OF_RANGE',
  'c.scryptSync("a", "b", 9, { N: 2 ** 16, r: 8, maxmem: 2 ** 30 })': 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS',
  'c.createHash("shake256", { outputLength: 2 ** 30 })': 'ERR_OUT_OF_RANGE',
  'Promise.all(Array.from({ length: 1100 }, () => promisify(c.pbkdf2)("a", "b", 1, 1, "md5")))':
    'ERR_WORK_LIMIT',
}

t.test('what cannot be stopped is bounded', async (t) => {
  const thread = await startThread(t)
  for (const [call, code] of Object.entries(TOO_MUCH)) {
    const got = await thread.value(`(async () => { ${PRELUDE}; return (await caught(() => ${call}))[1] })()`)
    t.equal(got, code, call)
  }
})

t.test('teardown calls nobody back', async (t) => {
  const thread = await startThread(t)
  await thread.evaluate(`
    const c = require('crypto'); globalThis.called = 0
    for (let i = 0; i < 20; i++) c.pbkdf2('a', 'b', 20000, 20, 'sha1', () => { globalThis.called += 1 })`)
  await thread.send({ kind: 'teardown' })
  const called = await thread.value('globalThis.called')
  for (let turn = 0; turn < 50; turn++) await thread.send({ kind: 'turn' })
  t.equal(await thread.value('globalThis.called'), called)
})

t.test('a package from npm that stands on crypto works', async (t) => {
  const thread = await startThread(t)
  const code = await bundlePackage(`
    import ssri from 'ssri'
    const integrity = ssri.fromData('some data', { algorithms: ['sha256', 'sha512'] })
    export default [integrity.toString(), String(ssri.checkData('some data', integrity)), ssri.checkData('other', integrity)]`)
  const sha = (name: string): string =>
    `${name}-${crypto.createHash(name).update('some data').digest('base64')}`
  t.same(await thread.evaluate(code), [`${sha('sha256')} ${sha('sha512')}`, sha('sha512'), false])
})
