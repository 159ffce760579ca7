// Every export of the modules of plugins, on each supported Node, is there for plugins with the same type, or cut with
// a reason that docs/built-ins.md gives. An export that nobody knows fails: here, or in the test that has the module.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { OWN_MODULES } from '../../workers/attenuate/modules.js'
import { startThread } from './thread.js'

const require = createRequire(import.meta.url)
const names = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(' '))

/** What plugins do not have, by module; names with an underscore are nobody's. */
const CUT: Readonly<Record<string, readonly string[]>> = {
  assert: names('Assert partialDeepStrictEqual CallTracker'),
  'assert/strict': names('Assert partialDeepStrictEqual CallTracker'),
  buffer: [],
  events: names('EventEmitterAsyncResource kMaxEventTargetListeners kMaxEventTargetListenersWarned'),
  path: names('matchesGlob'),
  'path/posix': names('matchesGlob'),
  'path/win32': names('matchesGlob'),
  querystring: [],
  stream: [],
  'stream/promises': [],
  'stream/consumers': [],
  string_decoder: [],
  timers: names('active unenroll enroll'),
  'timers/promises': [],
  url: names('URLPattern'),
  util: names(
    'transferableAbortSignal transferableAbortController parseArgs MIMEType MIMEParams',
    'getCallSite getCallSites diff setTraceSigInt convertProcessSignalToExitCode debounce throttle',
    'markPromiseAsHandled',
  ),
  'util/types': names('isFloat16Array'),
  console: names('Console profile profileEnd timeStamp context createTask'),
  perf_hooks: names(
    'Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver',
    'PerformanceObserverEntryList PerformanceResourceTiming monitorEventLoopDelay createHistogram',
    'createSlidingWindowHistogram importHistogram eventLoopUtilization timerify constants',
  ),
  process: names(
    'moduleLoadList domain getActiveResourcesInfo cpuUsage threadCpuUsage resourceUsage constrainedMemory',
    'availableMemory openStdin stdin getuid geteuid getgid getegid getgroups allowedNodeEnvironmentFlags',
    'assert setUncaughtExceptionCaptureCallback hasUncaughtExceptionCaptureCallback debugPort report',
    'addUncaughtExceptionCaptureCallback sourceMapsEnabled setSourceMapsEnabled finalization ref unref',
    'permission sourceMapsSupport',
    'channel send connected disconnect', // of a process that another one forked, as this one may be
  ),
  punycode: [],
  async_hooks: names('asyncWrapProviders'),
  diagnostics_channel: names('boundedChannel BoundedChannel'),
  http2: names(
    'getDefaultSettings getPackedSettings getUnpackedSettings Http2ServerRequest Http2ServerResponse',
  ),
  tty: [],
}

/** The modules whose exports have a table of their own, which fails on one that it does not know. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  constants: 'in the next case here',
  crypto: 'crypto.test.ts',
  dns: 'dns.test.ts',
  'dns/promises': 'dns.test.ts',
  fs: 'fs-exports.test.ts',
  'fs/promises': 'fs-exports.test.ts',
  http: '../http/exports.test.ts',
  https: '../http/exports.test.ts',
  net: 'net-exports.test.ts',
  os: 'os.test.ts',
  'stream/web': 'web-exports.test.ts',
  tls: 'tls-hostile.test.ts',
  zlib: 'zlib.test.ts',
}

t.test('each module of plugins has one table of its exports', async (t) => {
  t.same([...Object.keys(CUT), ...Object.keys(ELSEWHERE)].sort(), [...OWN_MODULES].sort())
})

t.test('the numbers of the deprecated `constants` are those that its groups have here', async (t) => {
  const thread = await startThread(t)
  const own = (await thread.value(`require('constants')`)) as Readonly<Record<string, unknown>>
  const groups = (await thread.value(
    `(() => { const { errno, signals, priority, dlopen } = require('os').constants; return { ...dlopen, ...errno, ...priority, ...signals, ...require('fs').constants, ...require('crypto').constants } })()`,
  )) as Readonly<Record<string, unknown>>
  t.same(own, groups)
  const host = require('node:constants') as Readonly<Record<string, unknown>>
  for (const [name, value] of Object.entries(host)) {
    if (typeof value === 'number') t.equal(own[name], value, name)
  }
})

t.test('every export of this Node is known: there with its type, or cut with a reason', async (t) => {
  const page = readFileSync('docs/built-ins.md', 'utf8')
  const thread = await startThread(t)
  for (const [module, cut] of Object.entries(CUT)) {
    const host = require(`node:${module}`) as Readonly<Record<string, unknown>>
    const own = (await thread.value(
      `(() => { const it = require('${module}'); return Object.fromEntries(Object.getOwnPropertyNames(it).map((name) => [name, typeof it[name]])) })()`,
    )) as Readonly<Record<string, string>>
    for (const name of Object.getOwnPropertyNames(host)) {
      if (name.startsWith('_')) continue
      if (cut.includes(name)) {
        t.notOk(Object.hasOwn(own, name), `${module}.${name} is cut`)
        t.ok(page.includes(`\`${name}\``), `docs/built-ins.md says why ${module}.${name} is cut`)
      } else {
        t.equal(own[name], typeof host[name], `${module}.${name} is there`)
      }
    }
  }
})
