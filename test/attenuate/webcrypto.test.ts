// `crypto.subtle` does what Node's does: the same bytes, the same errors by name, keys that either side takes; and no
// object of Node's Web Crypto is behind it.
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { startThread } from './thread.js'

const require = createRequire(import.meta.url)
const words = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(' '))
const MADE = words(
  'digest generateKey importKey exportKey sign verify encrypt decrypt deriveBits deriveKey wrapKey unwrapKey',
)
/** Methods of some Node that plugins do not have; docs/built-ins.md says why. */
const CUT = words('encapsulateBits encapsulateKey decapsulateBits decapsulateKey getPublicKey')
const CRYPTO = words('getRandomValues randomUUID subtle')
const CRYPTO_CUT = words('randomUUIDv7')

t.test('every method of this Node is there or listed as cut', async (t) => {
  const thread = await startThread(t)
  const node = crypto.webcrypto
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(node.subtle)).filter(
    (name) => name !== 'constructor',
  )
  t.same(
    methods.filter((name) => !MADE.includes(name) && !CUT.includes(name)),
    [],
    'unknown to the table',
  )
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter((name) => name !== 'constructor')
  t.same(
    own.filter((name) => !CRYPTO.includes(name) && !CRYPTO_CUT.includes(name)),
    [],
    'unknown to the table',
  )
  t.same(
    await thread.value(
      'Object.getOwnPropertyNames(SubtleCrypto.prototype).filter((name) => name !== "constructor").sort()',
    ),
    [...MADE].sort(),
  )
  t.same(await thread.value('Object.keys(crypto).sort()'), [...CRYPTO].sort())
})

const pairOf = ({ privateKey, publicKey }: crypto.KeyPairKeyObjectResult) => ({
  priv: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  pub: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
})
const curve = (namedCurve: string) => crypto.generateKeyPairSync('ec', { namedCurve })
const KEYS = {
  rsa: pairOf(crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })),
  p256: pairOf(curve('P-256')),
  other: pairOf(curve('P-256')),
  p384: pairOf(curve('P-384')),
  p521: pairOf(curve('P-521')),
  k1: pairOf(curve('secp256k1')),
  ed: pairOf(crypto.generateKeyPairSync('ed25519')),
  x: pairOf(crypto.generateKeyPairSync('x25519')),
  x2: pairOf(crypto.generateKeyPairSync('x25519')),
}
const PRELUDE = `const { webcrypto } = require("crypto"), s = webcrypto.subtle, K = ${JSON.stringify(KEYS)}
  const b = (text) => Buffer.from(text), hex = (bytes) => Buffer.from(bytes).toString("hex"), un = (text) => Buffer.from(text, "base64")
  const caught = async (run) => { try { return await run() } catch (e) { return [e.constructor.name, e.name, typeof e.code === "string" ? e.code : 0] } }
  const name = async (run) => (await caught(run))?.[1]?.replace?.('Exception', 'Error')
  const shown = (k) => [k.type, k.extractable, k.algorithm.name, k.algorithm.length, k.algorithm.namedCurve, k.algorithm.hash?.name, k.algorithm.modulusLength, k.algorithm.publicExponent && hex(k.algorithm.publicExponent), [...k.usages].sort(), String(k), k.constructor.name]
  const raw = (bytes, algorithm, ...usages) => s.importKey("raw", b(bytes), algorithm, true, usages)
  const pub = (key, algorithm, ...usages) => s.importKey("spki", un(K[key].pub), algorithm, true, usages)
  const priv = (key, algorithm, ...usages) => s.importKey("pkcs8", un(K[key].priv), algorithm, true, usages)
  const zeros = (n) => new Uint8Array(n)`
const wrapped = (body: string): string => `(async () => { ${PRELUDE}; ${body} })()`
const here = (expression: string): Promise<unknown> =>
  (runInThisContext(`(require) => ${expression}`) as (load: unknown) => Promise<unknown>)(require)

const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']
const RSA = '{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }'
/** Key of KEYS, algorithm, usages of the public and of the private one. */
const PAIRS: readonly (readonly [key: string, algorithm: string, publics: string, privates: string])[] = [
  ['rsa', '{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }', '"verify"', '"sign"'],
  ['rsa', '{ name: "RSA-PSS", hash: { name: "SHA-384" } }', '"verify"', '"sign"'],
  ['rsa', '{ name: "RSA-OAEP", hash: "SHA-1" }', '"encrypt", "wrapKey"', '"decrypt", "unwrapKey"'],
  ['rsa', '{ name: "RSA-OAEP", hash: "SHA-512" }', '"encrypt"', '"decrypt"'],
  ...['p256', 'p384', 'p521'].flatMap((key): (readonly [string, string, string, string])[] => [
    [key, `{ name: "ECDSA", namedCurve: "P-${key.slice(1)}" }`, '"verify"', '"sign"'],
    [key, `{ name: "ECDH", namedCurve: "P-${key.slice(1)}" }`, '', '"deriveKey", "deriveBits"'],
  ]),
  ['ed', '{ name: "Ed25519" }', '"verify"', '"sign"'],
  ['x', '"X25519"', '', '"deriveBits"'],
]

/** Bodies of async functions whose JSON must be the same in a plugin and in this process. */
const SAME: readonly string[] = [
  ...HASHES.flatMap((hash) => [
    `return hex(await s.digest("${hash}", b("text"))) + hex(await s.digest({ name: "${hash.toLowerCase()}" }, new DataView(new ArrayBuffer(3))))`,
    `const k = await raw("key", { name: "HMAC", hash: "${hash}" }, "sign", "verify"); const m = await s.sign("HMAC", k, b("text")); return [hex(m), await s.verify("HMAC", k, m, b("text")), await s.verify("HMAC", k, m, b("other")), await s.verify("HMAC", k, zeros(3), b("text")), shown(k), await s.exportKey("jwk", k), hex(await s.exportKey("raw", k))]`,
    `return shown(await s.generateKey({ name: "HMAC", hash: "${hash}" }, true, ["sign"]))`,
    `const k = await raw("password", "PBKDF2", "deriveBits").catch(() => s.importKey("raw", b("password"), "PBKDF2", false, ["deriveBits"])); return hex(await s.deriveBits({ name: "PBKDF2", hash: "${hash}", salt: b("salt"), iterations: 100 }, k, 256))`,
    `const k = await s.importKey("raw", b("secret"), "HKDF", false, ["deriveBits"]); return hex(await s.deriveBits({ name: "HKDF", hash: "${hash}", salt: b("salt"), info: b("info") }, k, 512))`,
  ]),
  ...[16, 24, 32].flatMap((size) => [
    ...[
      '{ name: "AES-CBC", iv: b("0123456789abcdef") }',
      '{ name: "AES-CTR", counter: zeros(16).fill(255), length: 64 }',
      '{ name: "AES-CTR", counter: b("0123456789abcdef"), length: 128 }',
      '{ name: "AES-CTR", counter: zeros(16).fill(255, 15), length: 8 }',
      '{ name: "AES-GCM", iv: b("0123456789ab") }',
      '{ name: "AES-GCM", iv: b("0123456789abcdef"), tagLength: 96, additionalData: b("more") }',
    ].map(
      (params) =>
        `const p = ${params}, k = await raw("k".repeat(${size}), p.name, "encrypt", "decrypt"); const c = await s.encrypt(p, k, b("text ".repeat(20))); return [hex(c), Buffer.from(await s.decrypt(p, k, c)).toString(), shown(k), await s.exportKey("jwk", k)]`,
    ),
    `const w = await raw("w".repeat(${size}), "AES-KW", "wrapKey", "unwrapKey"), k = await raw("k".repeat(32), "AES-GCM", "encrypt"); const c = await s.wrapKey("raw", k, w, "AES-KW"); return [hex(c), shown(await s.unwrapKey("raw", c, w, "AES-KW", "AES-GCM", false, ["decrypt"]))]`,
    `return shown(await s.generateKey({ name: "AES-CBC", length: ${size * 8} }, false, ["encrypt", "decrypt"]))`,
  ]),
  ...PAIRS.flatMap(([key, algorithm, publics, privates]) => [
    `const k = await pub("${key}", ${algorithm}, ${publics}), jwk = await s.exportKey("jwk", k); return [shown(k), jwk, hex(await s.exportKey("spki", k)), await s.exportKey("raw", k).then(hex, () => "none"), shown(await s.importKey("jwk", jwk, ${algorithm}, false, [${publics}]))]`,
    `const k = await priv("${key}", ${algorithm}, ${privates}), jwk = await s.exportKey("jwk", k); return [shown(k), jwk, hex(await s.exportKey("pkcs8", k)), shown(await s.importKey("jwk", jwk, ${algorithm}, true, [${privates}]))]`,
    `return [await name(() => priv("${key}", ${algorithm})), await name(() => pub("${key}", ${algorithm}, "decrypt", "sign")), await name(() => pub("k1", ${algorithm})), await name(() => s.importKey("spki", zeros(9), ${algorithm}, true, [])), await name(() => s.importKey("jwk", { kty: "nope" }, ${algorithm}, true, []))]`,
  ]),
  ...['p256', 'p384', 'p521'].map(
    (key) =>
      `const a = { name: "ECDSA", namedCurve: "P-${key.slice(1)}" }; const bytes = await s.exportKey("raw", await pub("${key}", a)); return [hex(bytes), shown(await s.importKey("raw", bytes, a, true, ["verify"]))]`,
  ),
  'const bytes = await s.exportKey("raw", await pub("ed", "Ed25519")); return [hex(bytes), shown(await s.importKey("raw", bytes, "Ed25519", true, ["verify"]))]',
  `return hex(await s.sign("RSASSA-PKCS1-v1_5", await priv("rsa", ${RSA}, "sign"), b("text")))`,
  'return hex(await s.sign("Ed25519", await priv("ed", "Ed25519", "sign"), b("text")))',
  'const a = { name: "ECDH", namedCurve: "P-256" }; const k = await priv("p256", a, "deriveBits"), p = await pub("other", a); return [hex(await s.deriveBits({ name: "ECDH", public: p }, k, null)), hex(await s.deriveBits({ name: "ECDH", public: p }, k, 128)), await name(() => s.deriveBits({ name: "ECDH", public: p }, k, 600)), await name(() => s.deriveBits({ name: "ECDH", public: k }, k, 8))]',
  'const a = { name: "ECDH", namedCurve: "P-256" }; return name(async () => s.deriveBits({ name: "ECDH", public: await pub("p384", { name: "ECDH", namedCurve: "P-384" }) }, await priv("p256", a, "deriveBits"), null))',
  'return hex(await s.deriveBits({ name: "X25519", public: await pub("x2", "X25519") }, await priv("x", "X25519", "deriveBits"), 256))',
  'const a = { name: "ECDH", namedCurve: "P-256" }; const k = await s.deriveKey({ name: "ECDH", public: await pub("other", a) }, await priv("p256", a, "deriveKey"), { name: "AES-GCM", length: 256 }, true, ["encrypt"]); return [shown(k), hex(await s.exportKey("raw", k))]',
  'const p = await s.importKey("raw", b("password"), "PBKDF2", false, ["deriveKey"]); const k = await s.deriveKey({ name: "PBKDF2", salt: b("s"), iterations: 10, hash: "SHA-256" }, p, { name: "HMAC", hash: "SHA-512" }, true, ["sign"]); return [shown(k), hex(await s.exportKey("raw", k)), shown(p)]',
  'const p = await s.importKey("raw", b("password"), "HKDF", false, ["deriveKey"]); const k = await s.deriveKey({ name: "HKDF", salt: b("s"), info: zeros(0), hash: "SHA-256" }, p, { name: "HMAC", hash: "SHA-256", length: 256 }, true, ["sign"]); return [shown(k), hex(await s.exportKey("raw", k))]',
  ...[
    [
      '{ name: "RSA-PSS", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }',
      '["sign", "verify"]',
    ],
    [
      '{ name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([3]), hash: "SHA-1" }',
      '["decrypt", "encrypt", "unwrapKey"]',
    ],
    ['{ name: "ECDSA", namedCurve: "P-384" }', '["sign"]'],
    ['{ name: "ECDH", namedCurve: "P-521" }', '["deriveKey"]'],
    ['"Ed25519"', '["sign", "verify"]'],
    ['{ name: "X25519" }', '["deriveBits"]'],
  ].map(
    ([algorithm, usages]) =>
      `const { publicKey, privateKey } = await s.generateKey(${algorithm}, false, ${usages}); return [shown(publicKey), shown(privateKey), await name(() => s.exportKey("pkcs8", privateKey)), (await s.exportKey("jwk", publicKey)).kty]`,
  ),
  'const w = await raw("w".repeat(16), "AES-GCM", "wrapKey", "unwrapKey"), p = { name: "AES-GCM", iv: zeros(12) }; const k = await priv("p256", { name: "ECDSA", namedCurve: "P-256" }, "sign"); const c = await s.wrapKey("jwk", k, w, p); return shown(await s.unwrapKey("jwk", c, w, p, { name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]))',
  'const w = await raw("w".repeat(16), "AES-CBC", "wrapKey", "unwrapKey"), p = { name: "AES-CBC", iv: zeros(16) }; const c = await s.wrapKey("pkcs8", await priv("ed", "Ed25519", "sign"), w, p); return [hex(c), shown(await s.unwrapKey("pkcs8", c, w, p, "Ed25519", false, ["sign"]))]',
  // Errors, by what a program switches on.
  ...[
    's.digest("nope", b("a"))',
    's.digest({}, b("a"))',
    's.digest("SHA-256", "text")',
    's.digest("SHA-256")',
    's.digest("HMAC", b("a"))',
    's.importKey("nope", b("a"), "HKDF", false, ["deriveBits"])',
    's.importKey("raw", b("a"), "HKDF", true, ["deriveBits"])',
    's.importKey("raw", b("a"), "HKDF", false, ["sign"])',
    's.importKey("raw", b("a"), "HKDF", false, ["nope"])',
    's.importKey("raw", b("a"), "HKDF", false, [])',
    's.importKey("raw", b("a"), { name: "HMAC" }, false, ["sign"])',
    's.importKey("raw", b("a"), { name: "HMAC", hash: "nope" }, false, ["sign"])',
    's.importKey("raw", zeros(0), { name: "HMAC", hash: "SHA-1" }, false, ["sign"])',
    's.importKey("raw", b("a"), "AES-GCM", false, ["encrypt"])',
    's.importKey("spki", b("a"), "AES-GCM", false, ["encrypt"])',
    's.importKey("jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", alg: "A256GCM" }, "AES-GCM", false, ["encrypt"])',
    's.importKey("jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", ext: false }, "AES-GCM", true, ["encrypt"])',
    's.importKey("jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", key_ops: ["decrypt"] }, "AES-GCM", true, ["encrypt"])',
    's.importKey("jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", use: "sig" }, "AES-GCM", true, ["encrypt"])',
    's.importKey("jwk", b("a"), "AES-GCM", true, ["encrypt"])',
    's.importKey("raw", b("a"), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"])',
    's.importKey("raw", b("a"), { name: "ECDSA", namedCurve: "secp256k1" }, true, ["verify"])',
    's.importKey("raw", b("a"), "RSA-PSS", true, ["verify"])',
    's.importKey("raw", b("a"), { name: "RSA-PSS", hash: "SHA-1" }, true, ["verify"])',
    's.generateKey({ name: "AES-GCM", length: 99 }, true, ["encrypt"])',
    's.generateKey({ name: "AES-GCM" }, true, ["encrypt"])',
    's.generateKey({ name: "AES-GCM", length: 128 }, true, [])',
    's.generateKey({ name: "AES-GCM", length: 128 }, true, ["sign"])',
    's.generateKey({ name: "ECDSA", namedCurve: "nope" }, true, ["sign"])',
    's.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["verify"])',
    's.generateKey("PBKDF2", true, ["deriveBits"])',
    's.exportKey("raw", {})',
    'raw("k".repeat(16), "AES-GCM", "decrypt").then((k) => s.encrypt({ name: "AES-GCM", iv: zeros(12) }, k, b("a")))',
    'raw("k".repeat(16), "AES-GCM", "encrypt").then((k) => s.encrypt({ name: "AES-CBC", iv: zeros(16) }, k, b("a")))',
    'raw("k".repeat(16), "AES-GCM", "encrypt").then((k) => s.encrypt({ name: "AES-GCM" }, k, b("a")))',
    'raw("k".repeat(16), "AES-GCM", "encrypt").then((k) => s.encrypt({ name: "AES-GCM", iv: zeros(12), tagLength: 9 }, k, b("a")))',
    'raw("k".repeat(16), "AES-GCM", "decrypt").then((k) => s.decrypt({ name: "AES-GCM", iv: zeros(12) }, k, zeros(40)))',
    'raw("k".repeat(16), "AES-GCM", "decrypt").then((k) => s.decrypt({ name: "AES-GCM", iv: zeros(12) }, k, zeros(4)))',
    'raw("k".repeat(16), "AES-CBC", "decrypt").then((k) => s.decrypt({ name: "AES-CBC", iv: zeros(16) }, k, zeros(17)))',
    'raw("k".repeat(16), "AES-CBC", "encrypt").then((k) => s.encrypt({ name: "AES-CBC", iv: zeros(9) }, k, zeros(17)))',
    'raw("k".repeat(16), "AES-CTR", "encrypt").then((k) => s.encrypt({ name: "AES-CTR", counter: zeros(16), length: 0 }, k, zeros(17)))',
    'raw("k".repeat(16), "AES-CTR", "encrypt").then((k) => s.encrypt({ name: "AES-CTR", counter: zeros(16), length: 1 }, k, zeros(48)))',
    'raw("k", { name: "HMAC", hash: "SHA-1" }, "verify").then((k) => s.sign("HMAC", k, b("a")))',
    'pub("p256", { name: "ECDSA", namedCurve: "P-256" }, "verify").then((k) => s.sign({ name: "ECDSA", hash: "SHA-256" }, k, b("a")))',
    'pub("p256", { name: "ECDSA", namedCurve: "P-256" }, "verify").then((k) => s.verify("ECDSA", k, b("a"), b("a")))',
    's.importKey("raw", b("a"), "PBKDF2", false, ["deriveBits"]).then((k) => s.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: b("s"), iterations: 0 }, k, 8))',
    's.importKey("raw", b("a"), "PBKDF2", false, ["deriveBits"]).then((k) => s.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: b("s"), iterations: 1 }, k, 9))',
    's.importKey("raw", b("a"), "HKDF", false, ["deriveBits"]).then((k) => s.deriveBits({ name: "HKDF", hash: "SHA-1", salt: b("s"), info: b("s") }, k, null))',
    's.importKey("raw", b("a"), "HKDF", false, ["deriveKey"]).then((k) => s.deriveBits({ name: "HKDF", hash: "SHA-1", salt: b("s"), info: b("s") }, k, 8))',
    'raw("k".repeat(16), "AES-KW", "wrapKey").then(async (k) => s.wrapKey("raw", await s.importKey("raw", b("k"), { name: "HMAC", hash: "SHA-1" }, true, ["sign"]), k, "AES-KW"))',
    'raw("k".repeat(16), "AES-KW", "unwrapKey").then((k) => s.unwrapKey("raw", zeros(24), k, "AES-KW", "AES-GCM", true, ["encrypt"]))',
    'new s.constructor()',
    'new webcrypto.CryptoKey()',
    's.digest.call({}, "SHA-1", b("a"))',
  ].map((call) => `return name(async () => { await (${call}) })`),
]

t.test('it does what Node does', async (t) => {
  const thread = await startThread(t)
  for (const body of SAME) {
    const plain = await here(wrapped(body)).catch((error: unknown) => [String(error), body])
    t.same(
      await thread.value(wrapped(body)).catch((error: unknown) => String(error)),
      JSON.parse(JSON.stringify(plain ?? null)),
      body,
    )
  }
  t.same(await thread.logs(), [])
})

/** What is not the same at each run: made on one side, checked on the other. */
const CROSSED: readonly { readonly make: string; readonly check: (made: string) => string }[] = [
  ...['p256', 'p384', 'p521'].flatMap((key) =>
    HASHES.map((hash) => ({
      make: `s.sign({ name: "ECDSA", hash: "${hash}" }, await priv("${key}", { name: "ECDSA", namedCurve: "P-${key.slice(1)}" }, "sign"), b("text"))`,
      check: (made: string) =>
        `s.verify({ name: "ECDSA", hash: "${hash}" }, await pub("${key}", { name: "ECDSA", namedCurve: "P-${key.slice(1)}" }, "verify"), ${made}, b("text"))`,
    })),
  ),
  ...[0, 20, 32].map((saltLength) => ({
    make: `s.sign({ name: "RSA-PSS", saltLength: ${saltLength} }, await priv("rsa", { name: "RSA-PSS", hash: "SHA-256" }, "sign"), b("text"))`,
    check: (made: string) =>
      `s.verify({ name: "RSA-PSS", saltLength: ${saltLength} }, await pub("rsa", { name: "RSA-PSS", hash: "SHA-256" }, "verify"), ${made}, b("text"))`,
  })),
  ...['SHA-1', 'SHA-256'].map((hash) => ({
    make: `s.encrypt({ name: "RSA-OAEP", label: b("l") }, await pub("rsa", { name: "RSA-OAEP", hash: "${hash}" }, "encrypt"), b("text"))`,
    check: (made: string) =>
      `s.decrypt({ name: "RSA-OAEP", label: b("l") }, await priv("rsa", { name: "RSA-OAEP", hash: "${hash}" }, "decrypt"), ${made}).then((c) => Buffer.from(c).toString() === "text")`,
  })),
]

t.test('what one side makes, the other takes', async (t) => {
  const thread = await startThread(t)
  const there = (expression: string): Promise<unknown> => thread.value(expression)
  for (const { make, check } of CROSSED) {
    for (const [makes, checks] of [
      [here, there],
      [there, here],
    ] as const) {
      const made = String(await makes(wrapped(`return hex(await ${make})`)))
      t.equal(await checks(wrapped(`return ${check(`Buffer.from("${made}", "hex")`)}`)), true, make)
    }
  }
})
