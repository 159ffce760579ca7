/** Time of every kind: the thread of the plugin stands still, or works for ever and answers all the same. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

const BLOCKED = 'blockedMs: an unanswered ping ends the process'

/** What some of them queue or build fills the heap before. */
const BLOCKED_OR_FULL = ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY')

const blocked: readonly AttackCase[] = cases(
  { chapter: 'cpu', by: BLOCKED, withinMs: 300, expect: BLOCKED_OR_FULL },
  {
    'endless-loop': { smoke: true, code: 'for (;;);' },
    'loop-in-getter': 'return { body: { get a() { for (;;); } } }',
    'loop-in-to-json': { smoke: true, code: 'return { body: { toJSON() { for (;;); } } }' },
    'loop-in-then': 'return { then() { for (;;); } }',
    'loop-in-iterator': 'return { body: { [Symbol.asyncIterator]: () => ({ next() { for (;;); } }) } }',
    'loop-in-proxy-trap': 'return { body: new Proxy({}, { ownKeys() { for (;;); } }) }',
    'loop-in-abort-listener': {
      withinMs: 800,
      code: 'context.signal.addEventListener("abort", () => { for (;;); }); await forever',
    },
    'microtask-flood': {
      smoke: true,
      code: 'const again = () => Promise.resolve().then(again); again(); await forever',
    },
    'queue-microtask-flood': 'const again = () => queueMicrotask(again); again(); await forever',
    'next-tick-flood': 'const again = () => process.nextTick(again); again(); await forever',
    'async-recursion': 'const again = async () => { await null; return again() }; await again()',
    'await-for-ever': 'for (;;) await null',
    'async-generator': 'async function* all() { for (;;) yield 1 } for await (const one of all()) one',
    'catastrophic-regex': {
      smoke: true,
      code: "return { body: /^(a+)+$/.test('a'.repeat(50) + 'b') }",
    },
    'regex-with-lookbehind': "return { body: /(?<=y(x+x+)+)z/.test('x'.repeat(60) + 'z') }",
    'bigint-power': 'let one = 3n; for (;;) one = (one ** 2n) % (2n ** 60000n)',
    'bigint-as-text': 'for (let at = 1n; ; at++) (7n ** (400000n + at)).toString()',
    'sync-pbkdf2': {
      smoke: true,
      code: "for (;;) nodeCrypto.pbkdf2Sync('a', 'b', 900000, 32, 'sha256')",
    },
    'sync-scrypt': "for (;;) nodeCrypto.scryptSync('a', 'b', 32, { N: 2 ** 13, r: 8, p: 8 })",
    'sync-key-pairs': "for (;;) nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 })",
    'sync-hash':
      "const bytes = Buffer.alloc(4e6); for (;;) nodeCrypto.createHash('sha512').update(bytes).digest()",
    'sync-deflate': 'const bytes = nodeCrypto.randomBytes(8e6); for (;;) zlib.deflateSync(bytes)',
    'sync-brotli': 'const bytes = nodeCrypto.randomBytes(250000); for (;;) zlib.brotliCompressSync(bytes)',
    'sync-inflate': 'const packed = zlib.deflateSync(Buffer.alloc(8e6)); for (;;) zlib.inflateSync(packed)',
    'hostile-comparator': {
      smoke: true,
      code: 'return { body: Array.from({ length: 5e5 }, () => 1).sort(() => { for (;;); }) }',
    },
    'sort-of-a-million':
      'const all = new Float64Array(1e6).map(() => Math.random()); for (;;) all.slice().sort()',
    'json-round-trips':
      'const all = Array.from({ length: 50000 }, (_, at) => ({ at })); for (;;) JSON.parse(JSON.stringify(all))',
    'string-replace-all': "for (;;) 'ab'.repeat(500000).replaceAll('a', 'ccc').split('b').join('d')",
    'locale-compare':
      "const all = Array.from({ length: 50000 }, (_, at) => 'ä' + at); for (;;) all.sort((a, b) => b.localeCompare(a))",
    'intl-formatters':
      "for (let at = 0; ; at++) new Intl.DateTimeFormat('ar-EG', { dateStyle: 'full' }).format(at * 1e9)",
    'nested-generators':
      'function* deep(n) { if (n === 0) for (;;) yield 1; else yield* deep(n - 1) } for (const one of deep(200)) one',
    'loop-in-evaluated-code': "(0, eval)('for (;;);')",
    'array-like-of-2-to-the-53': 'return { body: Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) }',
    'reverse-of-2-to-the-53': 'return { body: Array.prototype.reverse.call({ length: 2 ** 53 - 1 }) }',
    'structured-clone-of-much':
      'const all = Array.from({ length: 20000 }, (_, at) => ({ at })); for (;;) structuredClone(all)',
    'one-look-at-the-clock-a-turn': 'const until = Date.now() + 60000; while (Date.now() < until);',
  },
)

const atomics: readonly AttackCase[] = cases(
  {
    chapter: 'cpu',
    by: 'not there without shared memory; blockedMs where it is',
    withinMs: 300,
    expect: [...ended('PLUGIN_BLOCKED'), ...refused('PLUGIN_ERROR')],
  },
  { 'atomics-wait': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return { body: 1 }' },
)

/** It answers its pings, so nothing is wrong with its thread: what is left is its share of the cores. */
const busy: readonly AttackCase[] = cases(
  {
    chapter: 'cpu',
    by: 'a process and a low priority of its own; callTimeoutMs for the caller',
    withinMs: 600,
    expect: [...refused('CALL_TIMEOUT'), ...ended('PLUGIN_BLOCKED'), ...BOUNDED],
  },
  {
    'timeout-flood': {
      smoke: true,
      code: 'const again = () => setTimeout(again, 0); for (let at = 0; at < 50; at++) again(); await forever',
    },
    'immediate-flood':
      'const again = () => setImmediate(again); for (let at = 0; at < 50; at++) again(); await forever',
    'busy-in-slices': 'for (;;) { const until = Date.now() + 20; while (Date.now() < until); await turn(0) }',
    'interval-flood':
      'for (let at = 0; at < 90; at++) setInterval(() => { for (let n = 0; n < 1000; n++) Math.sqrt(n) }, 1); await forever',
    'pool-of-pbkdf2':
      "for (let at = 0; at < 500; at++) nodeCrypto.pbkdf2('a', 'b', 500000, 32, 'sha256', () => {}); await forever",
    'pool-of-brotli': {
      // The encoder crashes when it gets no more memory of the kernel.
      expect: [...refused('CALL_TIMEOUT'), ...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_CRASHED')],
      code: 'const bytes = nodeCrypto.randomBytes(1e6); for (let at = 0; at < 20; at++) zlib.brotliCompress(bytes, () => {}); await forever',
    },
    'pool-of-lookups':
      "const dns = load('node:dns'); for (let at = 0; at < 500; at++) dns.lookup('localhost', () => {}); await forever",
  },
)

export const CPU: readonly AttackCase[] = [...blocked, ...atomics, ...busy]
