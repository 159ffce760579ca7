/** Memory of every kind that a plugin can hold, most of it taken in steps, so that its thread answers all the while. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

const HEAP = 'heapMb: the thread ends, and the process with it'
const EXTERNAL = 'externalMb: resident memory as the host reads it'

/** In steps that let the thread breathe; a collector that cannot keep up counts as blocked. */
const onHeap: readonly AttackCase[] = cases(
  {
    chapter: 'memory',
    by: HEAP,
    // Most of it is the collector's, which tries hard before it gives up.
    withinMs: 1500,
    expect: ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'),
  },
  {
    'old-space-objects': {
      smoke: true,
      code: 'const kept = []; for (;;) { kept.push(Array.from({ length: 20000 }, (_, at) => ({ at }))); await turn() }',
    },
    'maps-of-maps':
      'const kept = new Map(); for (let at = 0; ; at++) { kept.set(at, new Map(Array.from({ length: 2000 }, (_, key) => [key, {}]))); if (at % 4 === 0) await turn() }',
    'weak-map-with-kept-keys':
      'const keys = []; const map = new WeakMap(); for (let at = 0; ; at++) { const key = {}; keys.push(key); map.set(key, new Array(8).fill(at)); if (at % 5000 === 0) await turn() }',
    'closures-in-steps':
      'const kept = []; for (let at = 0; ; at++) { const big = new Array(100).fill(at); kept.push(() => big); if (at % 500 === 0) await turn() }',
    'pending-promises':
      'const kept = []; for (let at = 0; ; at++) { kept.push(new Promise(() => {}).then(() => at)); if (at % 5000 === 0) await turn() }',
    'parked-generators':
      'const kept = []; for (let at = 0; ; at++) { const one = (function* () { const big = new Array(50).fill(at); yield big; yield big })(); one.next(); kept.push(one); if (at % 1000 === 0) await turn() }',
    'parked-async-generators':
      'const kept = []; for (let at = 0; ; at++) { const one = (async function* () { const big = new Array(50).fill(at); yield big; yield big })(); kept.push(one, one.next()); if (at % 500 === 0) await turn() }',
    'flat-strings-in-steps':
      "const kept = []; for (let at = 0; ; at++) { kept.push(JSON.stringify(String(at) + 'x'.repeat(500000))); await turn() }",
    ropes:
      "let text = ''; for (let at = 0; ; at++) { text += String(Math.random()); if (at % 20000 === 0) await turn() }",
    'dictionary-keys':
      "const kept = {}; for (let at = 0; ; at++) { kept['key' + at] = at; if (at % 10000 === 0) await turn() }",
    'abort-signals':
      "const kept = []; for (let at = 0; ; at++) { const one = new AbortController(); one.signal.addEventListener('abort', () => at); kept.push(one); if (at % 500 === 0) await turn() }",
    'event-listeners':
      "const emitter = new EventEmitter(); emitter.setMaxListeners(0); for (let at = 0; ; at++) { emitter.on('x' + (at % 1000), () => at); if (at % 2000 === 0) await turn() }",
    'regex-captures':
      "const kept = []; for (;;) { kept.push([...'ab'.repeat(20000).matchAll(/(a)(b)/g)]); await turn() }",
    'structured-clones':
      'const seed = Array.from({ length: 5000 }, (_, at) => ({ at })); const kept = []; for (;;) { kept.push(structuredClone(seed)); await turn() }',
  },
)

/** A library that gets no more memory of the kernel may crash where it looks at nothing. */
const NO_MEMORY = ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED', 'PLUGIN_CRASHED')

const offHeap: readonly AttackCase[] = cases(
  {
    chapter: 'memory',
    by: EXTERNAL,
    withinMs: 1500,
    expect: ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'),
  },
  {
    'external-buffers': {
      smoke: true,
      code: 'const kept = []; for (;;) { kept.push(new Uint8Array(2e6).fill(1)); await turn() }',
    },
    'typed-arrays': 'const kept = []; for (;;) { kept.push(new Float64Array(2e5).fill(1.5)); await turn() }',
    blobs: 'const kept = []; for (;;) { kept.push(new Blob([new Uint8Array(1e6).fill(1)])); await turn() }',
    'web-stream-nobody-reads':
      'const stream = new ReadableStream({ async pull(to) { to.enqueue(new Uint8Array(1e6).fill(1)); await turn() } }, { highWaterMark: Infinity }); await forever; stream',
    'node-stream-nobody-reads':
      'const to = new PassThrough(); for (;;) { to.write(Buffer.alloc(1e6, 1)); await turn() }',
    'timers-that-hold-memory':
      'for (let at = 0; at < 90; at++) { const big = new Uint8Array(4e6).fill(1); setTimeout(() => big, 60000); await turn() } await forever',
    'brotli-encoders': {
      expect: NO_MEMORY,
      code: 'const kept = []; for (let at = 0; at < 60; at++) { const one = zlib.createBrotliCompress(); one.on("error", () => {}); one.write(nodeCrypto.randomBytes(3e6)); kept.push(one); await turn(5) } await forever',
    },
    'secret-keys':
      'const kept = []; for (;;) { kept.push(nodeCrypto.createSecretKey(Buffer.alloc(1e6, 3))); await turn() }',
    'unpacked-bytes':
      'const packed = zlib.deflateSync(Buffer.alloc(4e6)); const kept = []; for (;;) { kept.push(zlib.inflateSync(packed)); await turn() }',
    'resizable-buffers':
      'const kept = []; for (;;) { const one = new ArrayBuffer(1, { maxByteLength: 4e6 }); one.resize(4e6); new Uint8Array(one).fill(1); kept.push(one); await turn() }',
  },
)

const others: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'memory',
      by: 'the language: no such buffer, no such string',
      withinMs: 500,
      expect: [...refused('PLUGIN_ERROR'), ...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED')],
    },
    {
      'a-buffer-of-a-terabyte': 'return { body: new Uint8Array(2 ** 40).length }',
      'a-joined-array': "return { body: new Array(2 ** 32 - 1).join('x').length }",
      'an-inflated-bomb':
        'const bomb = zlib.gzipSync(Buffer.alloc(8e6)); return { body: zlib.gunzipSync(Buffer.concat(Array(20).fill(bomb))).length }',
    },
  ),
  ...cases(
    {
      chapter: 'memory',
      by: 'youngMb and the collector: garbage is no leak',
      withinMs: 600,
      expect: [...refused('CALL_TIMEOUT'), ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY')],
    },
    {
      'young-garbage': 'for (;;) { for (let at = 0; at < 2000; at++) new Array(500).fill({}); await turn() }',
      'external-garbage': 'for (;;) { new Uint8Array(8e6).fill(1); await turn() }',
    },
  ),
  ...cases(
    {
      chapter: 'memory',
      by: 'bounds of the module, and externalMb',
      withinMs: 1500,
      expect: [
        ...refused('PLUGIN_ERROR', 'CALL_TIMEOUT'),
        ...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'),
        ...BOUNDED,
      ],
    },
    {
      'zlib-streams-left-open':
        'const kept = []; for (let at = 0; at < 1000; at++) { const one = zlib.createGzip(); kept.push(one); } return { body: kept.length }',
      'untouched-memory':
        'const kept = []; for (let at = 0; at < 200; at++) kept.push(new ArrayBuffer(1e9)); return { body: kept.length }',
      'scrypt-memory':
        'for (;;) nodeCrypto.scryptSync("a", "b", 64, { N: 2 ** 14, r: 8, p: 1, maxmem: 2 ** 31 })',
    },
  ),
]

export const MEMORY: readonly AttackCase[] = [...onHeap, ...offHeap, ...others]
