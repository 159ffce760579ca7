// Every export of the modules that need no grant, on each supported Node, is there for plugins with the same type,
// or cut with a reason that docs/built-ins.md gives. An export that nobody knows fails.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
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
}

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
