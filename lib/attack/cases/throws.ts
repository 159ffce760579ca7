/** Throws of every exotic kind, and failures that come when nobody waits any more. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

export const THROWS: readonly AttackCase[] = cases(
  {
    chapter: 'throws',
    by: 'made text without running a line of the plugin’s: it is the caller’s PLUGIN_ERROR',
    withinMs: 300,
    leavesNothing: true,
    expect: refused('PLUGIN_ERROR'),
  },
  {
    'throw-undefined': { code: 'throw undefined' },
    'throw-symbol': "throw Symbol('x')",
    'throw-bigint': 'throw 7n',
    'throw-frozen-object': "throw Object.freeze({ code: 'WALL_FAILED' })",
    'throw-thenable': 'throw { then() { for (;;); } }',
    'throw-looping-getters': {
      smoke: true,
      code: 'const loop = () => { for (;;); }; throw Object.defineProperties(new Error("x"), { stack: { get: loop }, message: { get: loop }, code: { get: loop }, name: { get: loop }, cause: { get: loop } })',
    },
    'throw-looping-proxy':
      'const loop = () => { for (;;); }; throw new Proxy(new Error("x"), { get: loop, getPrototypeOf: loop, ownKeys: loop, has: loop, getOwnPropertyDescriptor: loop })',
    'throw-looping-to-string':
      'throw { toString() { for (;;); }, [Symbol.toPrimitive]() { for (;;); }, [Symbol.for("nodejs.util.inspect.custom")]() { for (;;); } }',
    'throw-revoked-proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
    'throw-huge-message': "throw new Error('x'.repeat(5e6))",
    'throw-huge-stack': "throw Object.assign(new Error('x'), { stack: 'at x\\n'.repeat(5e5) })",
    'throw-huge-object': 'throw Array.from({ length: 3e5 }, (_, at) => ({ at }))',
    'throw-cyclic-cause': "const one = new Error('x'); one.cause = one; throw one",
    'throw-deep-cause':
      "let one = new Error('x'); for (let at = 0; at < 5000; at++) one = new Error('x', { cause: one }); throw one",
    'throw-aggregate': "throw new AggregateError(Array.from({ length: 2000 }, () => new Error('x')), 'many')",
    'throw-stack-overflow': 'const f = () => f(); f()',
    'throw-forged-code':
      "throw Object.assign(new Error('x'), { name: 'PluginError', code: 'PLUGIN_OUT_OF_MEMORY', detail: { plugin: 'neighbour' } })",
    'throw-dom-exception': "throw new DOMException('x', 'AbortError')",
  },
)

/** The reply has gone out, or the caller has: what fails now is told as a `failure` and ends nothing. */
export const LATE_FAILURES: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'late failures',
      by: 'told as a failure, counted, and nothing ends',
      withinMs: 500,
      expect: BOUNDED,
    },
    {
      'rejection-after-the-reply': {
        code: "setTimeout(() => Promise.reject(new Error('late')), 5); return { body: 1 }",
      },
      'throw-in-a-timer': "setTimeout(() => { throw new Error('late') }, 5); return { body: 1 }",
      'throw-in-an-immediate': 'setImmediate(() => { throw undefined }); return { body: 1 }',
      'throw-in-a-microtask': 'queueMicrotask(() => { throw null }); return { body: 1 }',
      'throw-in-next-tick': "process.nextTick(() => { throw Symbol('x') }); return { body: 1 }",
      'throw-on-each-tick':
        "for (let at = 0; at < 50; at++) setInterval(() => { throw new Error('again') }, 1); return { body: 1 }",
      'unhandled-error-event':
        "setTimeout(() => new EventEmitter().emit('error', new Error('late')), 5); return { body: 1 }",
      'rejection-with-looping-getters':
        "setTimeout(() => Promise.reject(Object.defineProperty(new Error('x'), 'stack', { get() { for (;;); } })), 5); return { body: 1 }",
      'throw-in-a-finalizer':
        "new FinalizationRegistry(() => { throw new Error('late') }).register({}, 1); for (let at = 0; at < 200; at++) { new Array(10000).fill(at); } return { body: 1 }",
      'rejection-handled-late':
        "const one = Promise.reject(new Error('x')); setTimeout(() => one.catch(() => {}), 50); return { body: 1 }",
    },
  ),
  ...cases(
    {
      chapter: 'late failures',
      by: 'logBytesPerSecond for what is told, blockedMs for the time it takes',
      withinMs: 1000,
      expect: [
        ...BOUNDED,
        ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY', 'PROTOCOL_VIOLATION'),
        ...refused('CALL_TIMEOUT'),
      ],
    },
    {
      'rejection-storm': {
        smoke: true,
        code: "const times = await keepUp((at) => void Promise.reject(new Error('storm ' + at))); return { body: times }",
      },
      'throw-storm':
        "await keepUp(() => queueMicrotask(() => { throw new Error('x'.repeat(1000)) })); return { body: 1 }",
    },
  ),
  ...cases(
    {
      chapter: 'late failures',
      by: 'callTimeoutMs: the caller has gone, and an answer that comes later is dropped',
      withinMs: 500,
      expect: refused('CALL_TIMEOUT'),
    },
    {
      'answer-after-the-deadline': "await turn(600); return { body: 'x'.repeat(100000) }",
      'throw-after-the-deadline': "await turn(600); throw new Error('late')",
      'throw-in-abort-listener':
        "context.signal.addEventListener('abort', () => { throw new Error('late') }); await forever",
    },
  ),
]
