// Keys and signatures of `crypto`: what a plugin makes Node takes and the other way round, what costs too much or is
// no key ends in a coded error, and no handle of Node's is anywhere.
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { SERVER } from './tls-certificates.js'
import { startThread, type Thread } from './thread.js'

const require = createRequire(import.meta.url)

interface PairText {
  readonly priv: string
  readonly pub: string
}
const pairOf = ({ privateKey, publicKey }: crypto.KeyPairKeyObjectResult): PairText => ({
  priv: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  pub: String(publicKey.export({ type: 'spki', format: 'pem' })),
})
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
const sealed = (type: 'pkcs8' | 'pkcs1'): string =>
  String(rsa.privateKey.export({ type, format: 'pem', passphrase: 'open', cipher: 'aes-256-cbc' }))
/** Keys of this run as texts, for both sides. */
const TEXTS = {
  rsa: pairOf(rsa),
  pss: pairOf(
    crypto.generateKeyPairSync('rsa-pss', {
      modulusLength: 1024,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    }),
  ),
  ec: pairOf(crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  other: pairOf(crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  k1: pairOf(crypto.generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
  p521: pairOf(crypto.generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed: pairOf(crypto.generateKeyPairSync('ed25519')),
  ed448: pairOf(crypto.generateKeyPairSync('ed448')),
  x: pairOf(crypto.generateKeyPairSync('x25519')),
  x2: pairOf(crypto.generateKeyPairSync('x25519')),
  x448: pairOf(crypto.generateKeyPairSync('x448')),
  sealed: sealed('pkcs8'),
  sealedOld: sealed('pkcs1'),
}
const PRELUDE = `const c = require("crypto"), { promisify } = require("util"), T = ${JSON.stringify(TEXTS)}
  const caught = async (run) => { try { return await run() } catch (e) { return [e.name, e.code] } }
  const shown = (k) => [k.type, k.constructor.name, k.asymmetricKeyType, Object.entries(k.asymmetricKeyDetails ?? {}).map(([n, v]) => n + "=" + v).sort().join(), k.symmetricKeySize, Object.prototype.toString.call(k)]`

const here = (expression: string): Promise<unknown> =>
  (runInThisContext(`(require) => ${expression}`) as (load: unknown) => Promise<unknown>)(require)
const wrapped = (body: string): string => `(async () => { ${PRELUDE}; ${body} })()`

const PAIRS = ['rsa', 'pss', 'ec', 'k1', 'p521', 'ed', 'ed448', 'x', 'x448']
/** Bodies of async functions whose JSON must be the same in a plugin and in this process. */
const SAME: readonly string[] = [
  ...PAIRS.flatMap((name) => [
    `return [shown(c.createPrivateKey(T.${name}.priv)), shown(c.createPublicKey(T.${name}.pub)), shown(c.createPublicKey(T.${name}.priv))]`,
    `return ["pem", "der"].map((format) => [c.createPrivateKey(T.${name}.priv).export({ type: "pkcs8", format }).toString("base64"), c.createPublicKey(Buffer.from(T.${name}.pub)).export({ type: "spki", format }).toString("base64")])`,
    `const k = c.createPrivateKey(T.${name}.priv); return [c.createPublicKey(k).equals(c.createPublicKey(T.${name}.pub)), k.equals(c.createPrivateKey({ key: k.export({ type: "pkcs8", format: "der" }), format: "der", type: "pkcs8" })), k.equals(c.createPublicKey(k))]`,
  ]),
  ...['rsa', 'ec', 'k1', 'p521', 'ed', 'ed448', 'x', 'x448'].map(
    (name) =>
      `const k = c.createPrivateKey(T.${name}.priv), jwk = k.export({ format: "jwk" }), pub = c.createPublicKey(k).export({ format: "jwk" }); return [jwk, pub, c.createPrivateKey({ key: jwk, format: "jwk" }).equals(k), c.createPublicKey({ key: pub, format: "jwk" }).export({ type: "spki", format: "pem" })]`,
  ),
  'return c.createPrivateKey(T.rsa.priv).export({ type: "pkcs1", format: "pem" }) + c.createPublicKey(T.rsa.pub).export({ type: "pkcs1", format: "pem" }) + c.createPrivateKey(T.ec.priv).export({ type: "sec1", format: "pem" })',
  'return c.createPrivateKey({ key: T.sealed, passphrase: "open" }).export({ type: "pkcs8", format: "pem" }) === T.rsa.priv',
  'return c.createPrivateKey({ key: T.sealedOld, passphrase: Buffer.from("open") }).export({ type: "pkcs8", format: "pem" }) === T.rsa.priv',
  'const der = Buffer.from(T.sealed.split("\\n").slice(1, -2).join(""), "base64"); return c.createPrivateKey({ key: der, format: "der", type: "pkcs8", passphrase: "open" }).export({ type: "pkcs8", format: "pem" }) === T.rsa.priv',
  'const k = c.createPrivateKey(T.rsa.priv), pem = k.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "secret" }); return [pem.split("\\n")[0], c.createPrivateKey({ key: pem, passphrase: "secret" }).equals(k)]',
  'return caught(() => c.createPrivateKey({ key: T.sealed, passphrase: "wrong" }))',
  'return caught(() => c.createPrivateKey(T.sealed))',
  'return caught(() => c.createPrivateKey("no key"))',
  'return caught(() => c.createPrivateKey(T.rsa.pub))',
  'return caught(() => c.createPrivateKey(7))',
  'return caught(() => c.createPrivateKey({ key: T.rsa.priv, format: "nope" }))',
  'return caught(() => c.createPrivateKey({ key: Buffer.alloc(9), format: "der" }))',
  'return caught(() => c.createPrivateKey(c.createPrivateKey(T.rsa.priv)))',
  'return caught(() => c.createPublicKey(c.createPublicKey(T.rsa.pub)))',
  'return caught(() => c.createPublicKey(c.createSecretKey("a")))',
  'return caught(() => c.createPublicKey({ key: { kty: "EC" }, format: "jwk" }))',
  'return caught(() => new c.KeyObject("nope"))',
  'return caught(() => new c.KeyObject("secret"))',
  'return caught(() => c.createPrivateKey(T.rsa.priv).export())',
  'return caught(() => c.createPrivateKey(T.rsa.priv).export({ format: "pem", type: "spki" }))',
  'return caught(() => c.createPrivateKey(T.rsa.priv).export({ format: "jwk", cipher: "aes-128-cbc", passphrase: "x" }))',
  'return caught(() => c.createPrivateKey(T.pss.priv).export({ format: "jwk" }))',
  'return caught(() => c.createSecretKey("a").equals("a"))',
  'const k = c.createSecretKey("68657921", "hex"); return [shown(k), k.export().toString(), k.export({ format: "jwk" }), k.equals(c.createSecretKey(Buffer.from("hey!"))), k.equals(c.createSecretKey("a"))]',
  'return caught(() => c.createSecretKey(7))',
  'const k = c.createSecretKey(Buffer.alloc(16, 1)); return [c.createHmac("sha256", k).update("a").digest("hex"), c.createCipheriv("aes-128-cbc", k, Buffer.alloc(16)).update("x".repeat(16), "utf8", "hex"), Buffer.from(c.hkdfSync("sha256", k, "s", "i", 9)).toString("hex")]',
  'return caught(() => c.createHmac("sha256", c.createPublicKey(T.rsa.pub)))',
  ...['sha256', 'RSA-SHA512'].flatMap((digest) => [
    `return c.sign("${digest}", Buffer.from("text"), T.rsa.priv).toString("hex")`,
    `return c.createSign("${digest}").update("te").update("7874", "hex").sign(T.rsa.priv, "base64")`,
  ]),
  'return c.sign(null, Buffer.from("text"), T.ed.priv).toString("hex") + c.sign(undefined, Buffer.from("text"), c.createPrivateKey(T.ed448.priv)).toString("hex")',
  'return (await promisify(c.sign)("sha1", Buffer.from("text"), { key: T.rsa.priv, padding: c.constants.RSA_PKCS1_PADDING })).toString("hex")',
  'const s = c.createSign("sha256"); s.write("te"); s.end("xt"); await require("events").once(s, "finish"); return s.sign(T.rsa.priv).toString("hex")',
  'return caught(() => c.sign("nope", Buffer.from("a"), T.rsa.priv))',
  'return caught(() => c.createSign("nope"))',
  'return caught(() => c.sign("sha256", "a", T.rsa.priv))',
  'return caught(() => c.sign("sha256", Buffer.from("a"), T.rsa.pub))',
  'return caught(() => c.sign("sha256", Buffer.from("a"), c.createPublicKey(T.rsa.pub)))',
  'return caught(() => c.sign("sha256", Buffer.from("a"), T.x.priv))',
  'return caught(() => c.sign("sha256", Buffer.from("a"), { key: T.ec.priv, dsaEncoding: "nope" }))',
  'return caught(() => c.createSign("sha256").update(7))',
  'return [c.verify("sha256", Buffer.from("a"), T.rsa.pub, Buffer.alloc(3)), c.verify(null, Buffer.from("a"), T.ed.priv, Buffer.alloc(64)), c.createVerify("sha256").update("a").verify(T.ec.pub, "aa", "hex"), await promisify(c.verify)("sha256", Buffer.from("a"), T.ec.pub, Buffer.alloc(3))]',
  'return [c.publicDecrypt(T.rsa.pub, c.privateEncrypt(T.rsa.priv, Buffer.from("text"))).toString(), c.privateEncrypt(T.rsa.priv, Buffer.from("text")).toString("hex")]',
  'const oaepLabel = Buffer.from("l"), o = { oaepHash: "sha256", oaepLabel, padding: c.constants.RSA_PKCS1_OAEP_PADDING }; return [c.privateDecrypt({ key: T.rsa.priv, ...o }, c.publicEncrypt({ key: T.rsa.pub, ...o }, Buffer.from("text"))).toString(), c.privateDecrypt(T.rsa.priv, c.publicEncrypt(T.rsa.priv, Buffer.from("b"))).toString()]',
  'return caught(() => c.privateDecrypt(T.rsa.priv, Buffer.alloc(128, 1)))',
  'return caught(() => c.publicEncrypt(T.rsa.pub, Buffer.alloc(500)))',
  'return caught(() => c.publicEncrypt(T.ec.pub, Buffer.alloc(5)))',
  'return [["ec", "other"], ["x", "x2"]].map(([a, b]) => { const [one, two] = [[a, b], [b, a]].map(([p, q]) => c.diffieHellman({ privateKey: c.createPrivateKey(T[p].priv), publicKey: c.createPublicKey(T[q].pub) }).toString("hex")); return [one, one === two] })',
  'return caught(() => c.diffieHellman({ privateKey: c.createPrivateKey(T.ec.priv), publicKey: c.createPublicKey(T.x.pub) }))',
  'return (await caught(() => c.diffieHellman({ privateKey: 7, publicKey: 8 })))[0]',
  'const e = c.createECDH("secp256k1"); e.setPrivateKey("11".repeat(32), "hex"); const f = c.createECDH("secp256k1"); f.setPrivateKey(Buffer.alloc(32, 2)); return [e.getPublicKey("hex"), e.getPublicKey("base64", "compressed"), e.getPrivateKey("hex"), e.computeSecret(f.getPublicKey()).toString("hex"), f.computeSecret(e.getPublicKey("hex"), "hex", "hex"), c.ECDH.convertKey(e.getPublicKey("hex", "compressed"), "secp256k1", "hex", "hex", "uncompressed"), e instanceof c.ECDH]',
  'return [c.createECDH("prime256v1").generateKeys().length, c.createECDH("prime256v1").generateKeys("hex", "compressed").length, c.getCurves().includes("secp521r1")]',
  'return caught(() => c.createECDH("nope"))',
  'return caught(() => c.createECDH("prime256v1").getPublicKey())',
  'return caught(() => c.createECDH("prime256v1").setPrivateKey(Buffer.alloc(32)))',
  'const e = c.createECDH("prime256v1"); e.generateKeys(); return caught(() => e.computeSecret(Buffer.alloc(65, 4)))',
  'const a = c.getDiffieHellman("modp14"), b = c.createDiffieHellmanGroup("modp14"); a.generateKeys(); b.generateKeys(); return [a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey("hex"), "hex")), a.getPrime("hex"), a.getGenerator("hex"), a.verifyError, a.setPublicKey === undefined, a instanceof c.DiffieHellmanGroup]',
  'return caught(() => c.getDiffieHellman("modp99"))',
  ...[
    ['rsa', '{ modulusLength: 1024, publicExponent: 3 }'],
    [
      'rsa-pss',
      '{ modulusLength: 1024, hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256", saltLength: 16 }',
    ],
    ['ec', '{ namedCurve: "P-384" }'],
    ['ed25519', 'undefined'],
    ['ed448', '{}'],
    ['x25519', '{}'],
    ['x448', 'undefined'],
  ].flatMap(([type, options]) => [
    `const { publicKey, privateKey } = c.generateKeyPairSync("${type}", ${options}); return [shown(publicKey), shown(privateKey), c.createPublicKey(privateKey).equals(publicKey)]`,
    `const { publicKey, privateKey } = await promisify(c.generateKeyPair)("${type}", ${options}); return [shown(publicKey), shown(privateKey)]`,
  ]),
  'const { publicKey, privateKey } = c.generateKeyPairSync("ec", { namedCurve: "P-256", publicKeyEncoding: { type: "spki", format: "der" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } }); return [publicKey.length, c.createPublicKey(privateKey).export({ type: "spki", format: "der" }).equals(publicKey)]',
  'return caught(() => c.generateKeyPairSync("ec", { namedCurve: "nope" }))',
  'return caught(() => c.generateKeyPairSync("ec"))',
  'return caught(() => c.generateKeyPairSync("nope", {}))',
  'return caught(() => c.generateKeyPair("ed25519"))',
  'return [shown(c.generateKeySync("aes", { length: 256 })), shown(await promisify(c.generateKey)("hmac", { length: 100 }))]',
  'return caught(() => c.generateKeySync("aes", { length: 99 }))',
  'return caught(() => c.generateKeySync("hmac", { length: 1 }))',
  'return caught(() => c.generateKeySync("nope", { length: 128 }))',
  'const { isKeyObject, isCryptoKey } = require("util").types; const k = c.createSecretKey("aa"); return [isKeyObject(k), isKeyObject({}), isCryptoKey(k), isCryptoKey(await c.webcrypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]))]',
  'const k = await c.webcrypto.subtle.importKey("raw", Buffer.from("secret"), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]); const o = c.KeyObject.from(k); return [shown(o), o.export().toString(), c.createHmac("sha256", k).update("a").digest("hex")]',
  'return caught(() => c.KeyObject.from({}))',
  'const k = c.createPrivateKey(T.ec.priv); return [k.equals(c.createPrivateKey(T.other.priv)), k.equals(c.createPrivateKey(T.ec.priv))]',
]

t.test('keys, their forms and their errors are Node’s', async (t) => {
  const thread = await startThread(t)
  for (const body of SAME) {
    const plain = await here(wrapped(body))
    t.same(await thread.value(wrapped(body)), JSON.parse(JSON.stringify(plain)), body)
  }
  t.same(await thread.logs(), [])
})

/** Signed on one side, verified on the other: digest, key, options beside the key. */
const SIGNED = [
  ['"sha256"', 'rsa', ''],
  ['"sha256"', 'rsa', 'padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32'],
  [
    '"sha1"',
    'rsa',
    'padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: c.constants.RSA_PSS_SALTLEN_MAX_SIGN',
  ],
  ['"sha256"', 'pss', ''],
  ['"sha384"', 'ec', ''],
  ['"sha256"', 'ec', 'dsaEncoding: "ieee-p1363"'],
  ['"sha256"', 'k1', ''],
  ['"sha512"', 'p521', 'dsaEncoding: "ieee-p1363"'],
  ['null', 'ed', ''],
  ['null', 'ed448', ''],
] as const

t.test('what one side signs or seals, the other takes', async (t) => {
  const thread = await startThread(t)
  const there = (expression: string): Promise<unknown> => thread.value(expression)
  for (const [digest, name, options] of SIGNED) {
    const key = (part: string): string => `{ key: T.${name}.${part}, ${options} }`
    const makes = [`c.sign(${digest}, Buffer.from("text"), ${key('priv')})`]
    const checks = [
      (signature: unknown) =>
        `c.verify(${digest}, Buffer.from("text"), ${key('pub')}, Buffer.from("${String(signature)}", "hex"))`,
    ]
    if (digest !== 'null') {
      makes.push(`c.createSign(${digest}).update("text").sign(${key('priv')})`)
      checks.push(
        (signature) =>
          `c.createVerify(${digest}).update("text").verify(${key('pub')}, "${String(signature)}", "hex")`,
      )
    }
    for (const [signs, verifies] of [
      [here, there],
      [there, here],
    ] as const) {
      for (const make of makes) {
        const signature = await signs(wrapped(`return (${make}).toString("hex")`))
        for (const check of checks)
          t.equal(await verifies(wrapped(`return ${check(signature)}`)), true, `${make} ${check('…')}`)
        const broken = check0(checks)(`${String(signature).slice(0, -2)}00`)
        const altered = broken.replaceAll('"text"', '"tex1"')
        t.equal(await verifies(wrapped(`return ${altered}`)), false, `${make}, another text`)
      }
    }
  }
  for (const [seals, opens] of [
    [here, there],
    [there, here],
  ] as const) {
    const data = await seals(
      wrapped('return c.publicEncrypt(T.rsa.pub, Buffer.from("hidden")).toString("hex")'),
    )
    t.equal(
      await opens(
        wrapped(`return c.privateDecrypt(T.rsa.priv, Buffer.from("${String(data)}", "hex")).toString()`),
      ),
      'hidden',
    )
  }
})

function check0(checks: readonly ((signature: unknown) => string)[]): (signature: unknown) => string {
  const [first] = checks
  if (first === undefined) throw new Error('no check')
  return first
}

/** RFC 8032 section 7.1, test 3. */
const ED25519 = {
  d: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
  x: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  text: 'af82',
  signature:
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
}

t.test('a signature of the standard comes out', async (t) => {
  const thread = await startThread(t)
  const signature = await thread.value(
    wrapped(`const bytes = (hex) => Buffer.from(hex, "hex").toString("base64url")
      const key = { kty: "OKP", crv: "Ed25519", d: bytes("${ED25519.d}"), x: bytes("${ED25519.x}") }
      return c.sign(null, Buffer.from("${ED25519.text}", "hex"), { key, format: "jwk" }).toString("hex")`),
  )
  t.equal(signature, ED25519.signature)
})

/** Values that a plugin might hand to native functions itself, and calls that cost too much: the code of each refusal. */
const HOSTILE: Readonly<Record<string, string | readonly string[]>> = {
  'c.generateKeyPairSync("rsa", { modulusLength: 2049 })': 'ERR_OUT_OF_RANGE',
  'promisify(c.generateKeyPair)("rsa", { modulusLength: 4097 })': 'ERR_OUT_OF_RANGE',
  'c.generateKeyPairSync("rsa", { modulusLength: 1024, publicExponent: 111546435 })': 'ERR_OUT_OF_RANGE',
  'c.generateKeyPairSync("dsa", { modulusLength: 1024 })': 'ERR_INVALID_ARG_VALUE',
  'c.generateKeyPairSync("dh", { primeLength: 512 })': 'ERR_INVALID_ARG_VALUE',
  'c.createPrivateKey("x".repeat(70000))': 'ERR_OUT_OF_RANGE',
  'c.createPublicKey({ key: Buffer.alloc(70000), format: "der", type: "spki" })': 'ERR_OUT_OF_RANGE',
  'c.createPublicKey({ key: { kty: "RSA", n: "A".repeat(4000), e: "AQAB" }, format: "jwk" })':
    'ERR_OUT_OF_RANGE',
  'c.sign("sha256", Buffer.alloc(17 * 1048576), T.rsa.priv)': 'ERR_OUT_OF_RANGE',
  'c.createPublicKey(DSA)': 'ERR_CRYPTO_UNSUPPORTED_OPERATION',
  'c.createPublicKey(EXPLICIT)': 'ERR_CRYPTO_UNSUPPORTED_OPERATION',
  'c.createPublicKey(HUGE)': 'ERR_OUT_OF_RANGE',
  // OpenSSL would raise a number of this length to a power of that length before anybody sees the type: hours for 64 KiB.
  'c.createPrivateKey({ key: POWER_DER, format: "der", type: "pkcs8" })': 'ERR_OUT_OF_RANGE',
  'c.createPublicKey({ key: POWER_DER, format: "der", type: "pkcs8" })': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey(POWER)': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey(Buffer.from(POWER))': 'ERR_OUT_OF_RANGE',
  'c.createPublicKey(CERTIFICATE + POWER)': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey(POWER.replaceAll("PRIVATE KEY", "CERTIFICATE") + POWER)': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey({ key: SLOW, passphrase: "open" })': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey({ key: SLOW_DER, format: "der", type: "pkcs8", passphrase: "open" })':
    'ERR_OUT_OF_RANGE',
  'c.createPrivateKey({ key: T.rsa.pub + SLOW, passphrase: "open" })': 'ERR_INVALID_ARG_VALUE',
  'c.createPrivateKey({ key: SCRYPT, passphrase: "open" })': 'ERR_OUT_OF_RANGE',
  'c.createPrivateKey({ key: BER, format: "der", type: "pkcs8", passphrase: "open" })':
    'ERR_INVALID_ARG_VALUE',
  'c.createPrivateKey({ key: T.sealed, passphrase: "x".repeat(2000) })': 'ERR_OUT_OF_RANGE',
  'Promise.all(Array.from({ length: 1100 }, () => promisify(c.sign)(null, Buffer.alloc(1), T.ed.priv)))':
    'ERR_WORK_LIMIT',
}

/** DER of a sequence of elements and the like, to make keys that no library would. */
const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`

function hostileKeys(): Readonly<Record<string, string | { readonly hex: string }>> {
  const derOf = (text: string): Buffer => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
  const sealedDer = derOf(TEXTS.sealed)
  // PBKDF2 with 2048 rounds is written as 02 02 08 00: here a number of four bytes takes its place.
  const at = sealedDer.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]))
  const longer = Buffer.concat([
    sealedDer.subarray(0, at),
    Buffer.from([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]),
    sealedDer.subarray(at + 4),
  ])
  // Each sequence around the number is two bytes longer now.
  for (const start of sequencesAround(sealedDer, at)) grow(longer, start, 2)
  const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'))
  const scrypt = tlv(
    0x30,
    tlv(
      0x30,
      oid('2a864886f70d01050d'),
      tlv(
        0x30,
        tlv(
          0x30,
          oid('2b06010401da47040b'),
          tlv(
            0x30,
            tlv(4, Buffer.alloc(8)),
            tlv(2, Buffer.from([0x40, 0])),
            tlv(2, Buffer.from([8])),
            tlv(2, Buffer.from([1])),
          ),
        ),
      ),
    ),
    tlv(4, Buffer.alloc(16)),
  )
  const dsa = crypto.generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
  // A curve of the plugin's own: P-256 spelled out, with another point as its generator.
  const spelled = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })
  const explicit = spelled.publicKey.export({ type: 'spki', format: 'der' })
  const generator = explicit.indexOf(Buffer.from('046b17d1f2', 'hex'))
  derOf(TEXTS.ec.pub).subarray(-65).copy(explicit, generator)
  const modulus = tlv(2, Buffer.concat([Buffer.from([0, 0xff]), Buffer.alloc(3500, 0xff)]))
  const huge = tlv(0x30, modulus, tlv(2, Buffer.from([1, 0, 1])))
  const odd = (length: number): Buffer => tlv(2, Buffer.from([0]), Buffer.alloc(length, 0xff))
  const group = tlv(0x30, odd(2200), odd(20), tlv(2, Buffer.from([3])))
  const power = tlv(
    0x30,
    tlv(2, Buffer.from([0])),
    tlv(0x30, oid('2a8648ce380401'), group),
    tlv(4, odd(1100)),
  )
  const ber = Buffer.concat([Buffer.from([0x30, 0x80]), sealedDer.subarray(4), Buffer.from([0, 0])])
  return {
    SLOW: pem('ENCRYPTED PRIVATE KEY', longer),
    SLOW_DER: { hex: longer.toString('hex') },
    SCRYPT: pem('ENCRYPTED PRIVATE KEY', scrypt),
    BER: { hex: ber.toString('hex') },
    DSA: String(dsa.publicKey.export({ type: 'spki', format: 'pem' })),
    EXPLICIT: pem('PUBLIC KEY', explicit),
    HUGE: pem('RSA PUBLIC KEY', huge),
    POWER_DER: { hex: power.toString('hex') },
    POWER: pem('PRIVATE KEY', power),
    CERTIFICATE: SERVER.cert,
  }
}

/** Offsets of the sequences that hold the byte at `at`, outermost first. */
function sequencesAround(der: Buffer, at: number): readonly number[] {
  const starts: number[] = []
  const visit = (from: number, to: number): void => {
    for (let here = from; here < to;) {
      const first = der[here + 1] ?? 0
      const more = first < 0x80 ? 0 : first - 0x80
      const length = more === 0 ? first : der.readUIntBE(here + 2, more)
      const body = here + 2 + more
      if (der[here] === 0x30 && body <= at && at < body + length) {
        starts.push(here)
        visit(body, body + length)
        return
      }
      here = body + length
    }
  }
  visit(0, der.length)
  return starts
}

function grow(der: Buffer, start: number, by: number): void {
  const first = der[start + 1] ?? 0
  if (first < 0x80) der[start + 1] = first + by
  else der.writeUIntBE(der.readUIntBE(start + 2, first - 0x80) + by, start + 2, first - 0x80)
}

const hostileText = (): string =>
  Object.entries(hostileKeys())
    .map(([name, value]) =>
      typeof value === 'string'
        ? `const ${name} = ${JSON.stringify(value)}`
        : `const ${name} = Buffer.from("${value.hex}", "hex")`,
    )
    .join('\n')

async function codeOf(thread: Thread, prelude: string, call: string): Promise<unknown> {
  return thread.value(`(async () => { ${PRELUDE}; ${prelude}; return (await caught(() => ${call}))[1] })()`)
}

t.test('what is no key, or costs too much, is refused before it is done', async (t) => {
  const thread = await startThread(t, { externalMb: 256 })
  const prelude = hostileText()
  for (const [call, code] of Object.entries(HOSTILE)) t.equal(await codeOf(thread, prelude, call), code, call)
})

/** Expressions that must be true: what the plugin holds is its own, and it is read once. */
const OWN: readonly string[] = [
  // A certificate is no private key: as many as 64 KiB hold may stand around one.
  '[0, 30].every((count) => c.createPrivateKey(CERTIFICATE.repeat(count) + T.rsa.priv).type === "private")',
  'c.createPublicKey("as text\\n" + CERTIFICATE).type === "public"',
  'c.createPublicKey(Buffer.from(CERTIFICATE)).type === "public"',
  'Object.getPrototypeOf(c.createSecretKey("a").constructor) === c.KeyObject',
  'Reflect.ownKeys(c.createPrivateKey(T.rsa.priv)).length === 0 && Reflect.ownKeys(c.createSecretKey("a")).length === 0',
  '(() => { const b = c.sign("sha256", Buffer.from("a"), T.rsa.priv); return b instanceof Buffer && b.buffer.byteLength === b.length })()',
  '(() => { const b = Buffer.from("abc"), k = c.createSecretKey(b); b.fill(0); k.export().fill(0); return k.export().toString() === "abc" })()',
  '(() => { let n = 0; const k = { get key() { n += 1; return T.rsa.priv } }; c.createPrivateKey(k); return n === 1 })()',
  '(() => { let n = 0; c.generateKeyPairSync("rsa", { get modulusLength() { n += 1; return n === 1 ? 512 : 16384 } }); return n === 1 })()',
  '(() => { let n = 0; const jwk = c.createPublicKey(T.ec.pub).export({ format: "jwk" }); c.createPublicKey({ format: "jwk", key: { ...jwk, get crv() { n += 1; return jwk.crv } } }); return n === 1 })()',
  '(() => { try { c.createPrivateKey("-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----") } catch (e) { return Object.getPrototypeOf(e) === Error.prototype && !e.stack && Object.keys(e).join() === "code" } })()',
  ...[
    'c.sign("sha256", Buffer.from("a"), T.rsa.priv, ',
    'c.verify("sha256", Buffer.from("a"), T.rsa.pub, Buffer.alloc(9), ',
    'c.generateKeyPair("ed25519", {}, ',
    'c.generateKey("aes", { length: 128 }, ',
  ].flatMap((call) => [
    `new Promise((done) => ${call}function () { done(this === undefined) }))`,
    `new Promise((done) => { let late = false; ${call}() => done(late)); late = true })`,
  ]),
  'new Promise((done) => c.sign("sha256", Buffer.from("a"), T.x.priv, (e) => done(Object.getPrototypeOf(e) === Error.prototype && !e.stack && Object.keys(e).every((n) => n === "code"))))',
  // 200 keys, more than are kept parsed: each still signs as itself.
  '(() => { const all = Array.from({ length: 200 }, () => c.generateKeyPairSync("ed25519")); return all.every(({ privateKey, publicKey }, i) => { const s = c.sign(null, Buffer.from([i]), privateKey); return c.verify(null, Buffer.from([i]), publicKey, s) && !c.verify(null, Buffer.from([i]), all[(i + 1) % 200].publicKey, s) }) })()',
]

t.test('a key is the plugin’s own, and arguments are read once', async (t) => {
  const thread = await startThread(t)
  for (const expression of OWN)
    t.equal(
      await thread.value(
        `(() => { ${PRELUDE}; const CERTIFICATE = ${JSON.stringify(SERVER.cert)}; return ${expression} })()`,
      ),
      true,
      expression,
    )
  t.same(await thread.logs(), [])
})
