/** Plugins that do not start, do not stop, do not answer, or end again and again; and listeners of the cluster state. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

const START = 'startTimeoutMs'

export const LIFECYCLE: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'lifecycle',
      by: START,
      withinMs: 1500,
      provoke: 'start',
      expect: ended('CALL_TIMEOUT', 'PLUGIN_BLOCKED'),
    },
    {
      'start-loops': { smoke: true, code: 'export default { start() { for (;;); } }' },
      'start-never-resolves': 'export default { start: () => forever }',
      'start-floods-microtasks': 'export default { async start() { for (;;) await null } }',
      'load-loops': { provoke: 'load', code: 'for (;;);\nexport default {}' },
      'load-loops-in-a-getter': { provoke: 'load', code: 'export default { get rest() { for (;;); } }' },
      'load-loops-in-a-proxy': {
        provoke: 'load',
        code: 'export default new Proxy({}, { ownKeys() { for (;;); } })',
      },
      'load-catastrophic-regex': {
        provoke: 'load',
        code: ";/^(a+)+$/.test('a'.repeat(50) + 'b')\nexport default {}",
      },
    },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'what is wrong with a definition, or thrown or taken while it is read, keeps the plugin from starting; startTimeoutMs for the rest',
      withinMs: 1500,
      provoke: 'load',
      expect: ended(
        'PLUGIN_START_FAILED',
        'PLUGIN_ERROR',
        'MESSAGE_TOO_LARGE',
        'ACCESS_DENIED',
        'PLUGIN_OUT_OF_MEMORY',
        'CALL_TIMEOUT',
      ),
    },
    {
      'load-throws': 'throw undefined\nexport default {}',
      'load-million-routes':
        'export default { rest: Array.from({ length: 1e6 }, (_, at) => ({ method: "GET", path: "/a" + at, handle() {} })) }',
      'load-lying-list':
        'export default { rest: new Proxy([], { get: (_, key) => key === "length" ? 2 ** 53 : { method: "GET", path: "/a", handle() {} } }) }',
      'load-huge-path':
        "export default { rest: [{ method: 'GET', path: '/' + 'a'.repeat(1e6), handle() {} }] }",
      'load-no-definition': 'export default null',
      'load-leaks': 'const kept = []; for (;;) kept.push({ at: kept.length })\nexport default {}',
      'start-throws': { provoke: 'start', code: "export default { start() { throw new Error('no') } }" },
      'start-rejects-undefined': {
        provoke: 'start',
        code: 'export default { async start() { throw undefined } }',
      },
      'start-leaks': {
        provoke: 'start',
        code: 'export default { async start() { const kept = []; for (;;) { kept.push(Array.from({ length: 20000 }, (_, at) => ({ at }))); await turn() } } }',
      },
    },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'maxCrashes: a plugin that never gets up is quarantined',
      withinMs: 3000,
      provoke: 'start',
      expect: ended('PLUGIN_ERROR', 'PLUGIN_BLOCKED'),
    },
    {
      'crash-loop-in-start': {
        until: 'quarantined',
        code: "export default { start() { throw new Error('again') } }",
      },
      'crash-loop-after-start': {
        until: 'quarantined',
        provoke: 'idle',
        code: 'export default { start() { setTimeout(() => { for (;;); }, 1) } }',
      },
    },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'callTimeoutMs, then the end of the process',
      withinMs: 600,
      provoke: 'stop',
      expect: ended('PLUGIN_STOPPED'),
    },
    {
      'stop-hangs': { smoke: true, code: 'export default { stop: () => forever }' },
      'stop-loops': { code: 'export default { stop() { for (;;); } }' },
      'stop-throws': 'export default { stop() { throw undefined } }',
      'stop-leaks':
        'export default { async stop() { const kept = []; for (;;) { kept.push(new Uint8Array(2e6).fill(1)); await turn() } } }',
      'stop-floods-logs':
        "export default { async stop() { for (;;) { for (let at = 0; at < 100; at++) console.log('x'.repeat(5000)); await turn() } } }",
      'stop-in-native-code':
        "export default { stop() { for (;;) nodeCrypto.pbkdf2Sync('a', 'b', 900000, 32, 'sha256') } }",
      'stop-catches-everything':
        'export default { async stop({ signal }) { for (;;) { try { await turn(10); signal.throwIfAborted() } catch {} } } }',
    },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'blockedMs, heapMb and externalMb, whether or not anybody calls',
      withinMs: 1500,
      provoke: 'idle',
      expect: ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY'),
    },
    {
      'idle-loops': 'export default { start() { setTimeout(() => { for (;;); }, 10) } }',
      'idle-leaks':
        'const kept = []; export default { start() { setInterval(() => kept.push(new Uint8Array(2e6).fill(1)), 1) } }',
      'idle-leaks-on-the-heap':
        'const kept = []; export default { start() { setInterval(() => kept.push(Array.from({ length: 20000 }, (_, at) => ({ at }))), 1) } }',
    },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'callTimeoutMs: the caller gets CALL_TIMEOUT',
      withinMs: 500,
      expect: refused('CALL_TIMEOUT'),
    },
    { 'handler-never-answers': 'await forever' },
  ),
  ...cases(
    {
      chapter: 'lifecycle',
      by: 'inFlight: handlers that nobody waits for hold every place for callTimeoutMs',
      withinMs: 1200,
      expect: ended('PLUGIN_BLOCKED'),
    },
    { 'every-place-abandoned': { smoke: true, calls: 8, code: 'await forever' } },
  ),
]

const REST = 'rest: [alive],'

export const CLUSTER_STATE: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'cluster state',
      by: 'blockedMs',
      withinMs: 300,
      provoke: 'state',
      expect: ended('PLUGIN_BLOCKED'),
    },
    {
      'listener-loops': {
        smoke: true,
        code: `export default { ${REST} clusterStateListener(event) { if (event.indicesCreated().includes('provoked')) for (;;); } }`,
      },
      'predicate-loops': `export default { ${REST} start({ cluster }) { cluster.waitForNextChange((state) => { if (state.metadata.indices.provoked) for (;;); return false }, 60000).catch(() => {}) } }`,
    },
  ),
  ...cases(
    {
      chapter: 'cluster state',
      by: 'one state at a time: a plugin that is slow gets fewer, and `lag` says so',
      withinMs: 1000,
      provoke: 'state',
      expect: BOUNDED,
    },
    {
      'listener-hangs': `export default { ${REST} clusterStateListener: () => forever }`,
      'listener-throws': `export default { ${REST} clusterStateListener() { throw undefined } }`,
      'listener-rejects': `export default { ${REST} async clusterStateListener() { throw Object.defineProperty(new Error('x'), 'stack', { get() { for (;;); } }) } }`,
      'listeners-that-double': `export default { ${REST} start({ cluster }) { const listener = () => { for (let at = 0; at < 100; at++) cluster.addListener(() => {}) }; cluster.addListener(listener) } }`,
    },
  ),
  ...cases(
    {
      chapter: 'cluster state',
      by: 'externalMb',
      withinMs: 1500,
      provoke: 'state',
      expect: ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'),
    },
    {
      'listener-leaks': `const kept = []; export default { ${REST} async clusterStateListener() { for (;;) { kept.push(new Uint8Array(2e6).fill(1)); await turn() } } }`,
    },
  ),
  ...cases(
    {
      chapter: 'cluster state',
      by: 'heapMb and timers',
      withinMs: 1500,
      provoke: 'state',
      expect: [...ended('PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED'), ...BOUNDED],
    },
    {
      'listeners-come-and-go': `export default { ${REST} clusterStateListener(event, { cluster }) { const until = Date.now() + 200; while (Date.now() < until) { const one = () => {}; cluster.addListener(one); cluster.removeListener(one) } } }`,
      'many-waits': `export default { ${REST} clusterStateListener(event, { cluster }) { for (let at = 0; at < 5000; at++) cluster.waitForNextChange(() => false, 60000).catch(() => {}) } }`,
    },
  ),
]
