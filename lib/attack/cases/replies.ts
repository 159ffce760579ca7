/** Replies of every wrong kind, and streams that do what streams should not. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

const invalid: readonly AttackCase[] = cases(
  {
    chapter: 'replies',
    by: 'the schema of a response, checked in the node',
    withinMs: 250,
    leavesNothing: true,
    expect: refused('REPLY_INVALID'),
  },
  {
    'status-nan': { smoke: true, code: 'return { status: NaN }' },
    'status-negative': 'return { status: -200 }',
    'status-text': "return { status: '200' }",
    'headers-list': "return { headers: ['a', 'b'] }",
    'headers-split': "return { headers: { a: 'b\\r\\nset-cookie: c' } }",
    'headers-many':
      'return { headers: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => ["h" + at, "x"])) }',
    'headers-huge': "return { headers: { a: 'x'.repeat(100000) } }",
    'header-names-odd': "return { headers: { 'a b': 'c' } }",
  },
)

const failing: readonly AttackCase[] = cases(
  {
    chapter: 'replies',
    by: 'made text in the plugin’s own thread; what throws there is its error',
    withinMs: 250,
    leavesNothing: true,
    expect: refused('PLUGIN_ERROR'),
  },
  {
    cyclic: { code: 'const one = {}; one.one = one; return { body: one }' },
    'getter-throws': 'return { body: { get a() { throw new Error("no") } } }',
    'to-json-throws': 'return { body: { toJSON() { throw null } } }',
    'bigint-body': 'return { body: { one: 1n } }',
    'revoked-proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { body: proxy }',
    'proxy-lies': 'return { body: new Proxy([], { get: (_, key) => key === "length" ? -1n : 1 }) }',
    'thenable-rejects': 'return { then(_, reject) { reject(undefined) } }',
    'invalid-date': 'return { body: { toJSON: () => new Date(NaN).toISOString() } }',
  },
)

const large: readonly AttackCase[] = cases(
  {
    chapter: 'replies',
    by: 'messageBytes, before it leaves the plugin; the stack, the heap and blockedMs while it is made',
    withinMs: 600,
    expect: [
      // On a busy machine the caller's deadline may come before the text is made.
      ...refused('MESSAGE_TOO_LARGE', 'PLUGIN_ERROR', 'CALL_TIMEOUT'),
      ...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED', 'PROTOCOL_VIOLATION'),
    ],
  },
  {
    'huge-text': { smoke: true, code: "return { body: 'x'.repeat(1e7) }" },
    'huge-json': 'return { body: Array.from({ length: 2e5 }, (_, at) => ({ at })) }',
    'huge-bytes': 'return { body: new Uint8Array(2e7) }',
    'huge-to-json': "return { body: { toJSON: () => 'x'.repeat(1e8) } }",
    deep: 'let one = {}; for (let at = 0; at < 1e6; at++) one = { one }; return { body: one }',
    'deep-lists': "return { body: JSON.parse('['.repeat(3000) + ']'.repeat(3000)) }",
    'sparse-list': 'const all = []; all.length = 2 ** 31; return { body: all }',
    'wide-to-json':
      'let n = 0; return { body: { toJSON() { return Array.from({ length: 1e5 }, () => n++) } } }',
  },
)

const harmless: readonly AttackCase[] = cases(
  {
    chapter: 'replies',
    by: 'nothing to stop: it arrives as JSON, or the channel does not take it',
    withinMs: 250,
    leavesNothing: true,
    expect: [...BOUNDED, ...refused('REPLY_INVALID', 'PLUGIN_ERROR'), ...ended('PROTOCOL_VIOLATION')],
  },
  {
    'thenable-settles-twice':
      "return { then(resolve, reject) { resolve({ body: 'one' }); resolve({ body: 'two' }); reject(new Error('no')) } }",
    'proto-key':
      'return { body: JSON.parse(\'{ "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } }\') }',
    'body-symbol': "return { body: Symbol('x') }",
    'no-object': 'return 7',
    'lone-surrogates': "return { body: '\\ud800'.repeat(1000) }",
    'not-finite': 'return { body: [NaN, Infinity, -Infinity, -0] }',
    'forged-frame':
      'return { kind: "reply", id: 1, error: { code: "WALL_FAILED" }, streams: [1, 2, 3], body: { kind: "stream" } }',
  },
)

const streams: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'replies',
      by: 'credits: a chunk leaves when the reader took one',
      withinMs: 1000,
      // One that makes chunks without pause may leave its pings unanswered on a busy machine.
      expect: [
        ...BOUNDED,
        ...refused('STREAM_ABORTED', 'PLUGIN_ERROR', 'CALL_TIMEOUT'),
        ...ended('PLUGIN_BLOCKED'),
      ],
    },
    {
      'endless-stream': {
        smoke: true,
        code: 'return { body: (async function* () { for (;;) yield new Uint8Array(65536) })() }',
      },
      'endless-stream-nobody-reads': {
        read: 'none',
        code: 'return { body: (async function* () { for (;;) yield new Uint8Array(65536) })() }',
      },
      'endless-stream-of-nothing':
        'return { body: (async function* () { for (;;) { yield new Uint8Array(0); await turn() } })() }',
      'stream-of-single-bytes':
        'return { body: (async function* () { for (;;) yield new Uint8Array(1) })() }',
      'stream-of-huge-chunks':
        'return { body: (async function* () { for (let at = 0; at < 3; at++) yield new Uint8Array(1e7) })() }',
      'stream-that-stands-still':
        'return { body: (async function* () { yield new Uint8Array(10); await forever })() }',
      'stream-that-throws':
        'return { body: (async function* () { yield new Uint8Array(10); throw undefined })() }',
      'stream-of-wrong-types':
        'return { body: (async function* () { yield "text"; yield 7; yield null })() }',
      'stream-that-cannot-be-cancelled':
        'return { body: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: new Uint8Array(10) }), return: () => forever }) } }',
      'stream-with-a-lying-step':
        'return { body: { [Symbol.asyncIterator]: () => ({ next: () => ({ get done() { return false }, get value() { return new Proxy(new Uint8Array(3), {}) } }) }) } }',
      'many-streams-nobody-reads': {
        read: 'none',
        calls: 8,
        code: 'return { body: (async function* () { for (;;) yield new Uint8Array(65536) })() }',
      },
    },
  ),
  ...cases(
    {
      chapter: 'replies',
      by: 'callTimeoutMs: the caller gets CALL_TIMEOUT',
      withinMs: 500,
      expect: refused('CALL_TIMEOUT'),
    },
    { 'thenable-never-settles': { code: 'return { then() {} }' } },
  ),
]

export const REPLIES: readonly AttackCase[] = [...invalid, ...failing, ...large, ...harmless, ...streams]
