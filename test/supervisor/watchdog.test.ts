// The watchdog ends a plugin for what the host itself observed, and degrades it for softer signs first.
import t from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Sample } from '../../lib/powers.js'
import { ageOf, remember, type Look } from '../../lib/supervisor/look.js'
import { judge, type Bounds } from '../../lib/supervisor/watchdog.js'

const MIB = 1_048_576
const CALM: Sample = {
  rssBytes: 60 * MIB,
  cpuMs: 0,
  threads: 11,
  descriptors: 25,
  children: 0,
  heapBytes: 20 * MIB,
  loopUse: 0.1,
  beats: 0,
}
const QUIET: Omit<Look, 'atMs' | 'sample'> = {
  unansweredMs: null,
  stuckMs: 0,
  silentMs: 0,
  dataBytes: null,
  dataBytesBefore: null,
}
const BOUNDS: Bounds = {
  limits: { ...DEFAULT_LIMITS, heapMb: 100, youngMb: 30, externalMb: 70, dataMb: 10, cpuShare: 0.5 },
  patienceMs: 1000,
  start: { rssBytes: 50 * MIB, descriptors: 25, children: 0 },
}
const MOST_RSS = 250 * MIB
const MOST_DESCRIPTORS = 25 + 64 + 64 + 32

interface Seen extends Partial<Omit<Look, 'atMs' | 'sample'>> {
  readonly sample?: Partial<Sample>
}

/** As the watch takes it: a look every 50 ms. */
function past(forMs: number, at: (atMs: number) => Seen): readonly Look[] {
  let looks: readonly Look[] = []
  for (let atMs = 0; atMs <= forMs; atMs += 50) {
    const { sample, ...seen } = at(atMs)
    looks = remember(looks, { ...QUIET, ...seen, atMs, sample: { ...CALM, ...sample } })
  }
  return looks
}

/** Says `end CODE limit`, `degrade limit ...` or `fine`. */
function told(looks: readonly Look[], bounds: Bounds = BOUNDS): string {
  const verdict = judge(looks, bounds)
  if (verdict.kind === 'end') return `end ${verdict.code} ${verdict.hit.limit}`
  return verdict.kind === 'fine'
    ? 'fine'
    : ['degrade', ...verdict.signs.map(({ hit }) => hit.limit)].join(' ')
}

const NOW: readonly [string, Seen, string, Partial<Bounds>?][] = [
  ['nothing odd', {}, 'fine'],
  ['a ping is out for a moment', { unansweredMs: 499 }, 'fine'],
  ['half of the patience is gone', { unansweredMs: 500 }, 'degrade blockedMs'],
  ['just before the limit', { unansweredMs: 999 }, 'degrade blockedMs'],
  ['the thread is blocked', { unansweredMs: 1000 }, 'end PLUGIN_BLOCKED blockedMs'],
  ['more patience', { unansweredMs: 1000 }, 'fine', { patienceMs: 5000 }],
  ['memory at its limit', { sample: { rssBytes: MOST_RSS } }, 'fine'],
  ['memory past its limit', { sample: { rssBytes: MOST_RSS + 1 } }, 'end PLUGIN_OUT_OF_MEMORY externalMb'],
  ['memory unknown', { sample: { rssBytes: null } }, 'fine'],
  [
    'memory at the start unknown',
    { sample: { rssBytes: 9e9 } },
    'fine',
    { start: { ...BOUNDS.start, rssBytes: null } },
  ],
  [
    'memory counts before blocking',
    { sample: { rssBytes: MOST_RSS + 1 }, unansweredMs: 2000 },
    'end PLUGIN_OUT_OF_MEMORY externalMb',
  ],
  ['call slots held for a while', { stuckMs: 4999 }, 'fine'],
  ['every call slot held by calls never answered', { stuckMs: 5000 }, 'end PLUGIN_BLOCKED inFlight'],
  ['a child process', { sample: { children: 1 } }, 'end LIMIT_EXCEEDED processes'],
  [
    'a child process that was there before',
    { sample: { children: 1 } },
    'fine',
    { start: { ...BOUNDS.start, children: 1 } },
  ],
  ['child processes unknown', { sample: { children: null } }, 'fine'],
  ['descriptors at their limit', { sample: { descriptors: MOST_DESCRIPTORS } }, 'fine'],
  [
    'descriptors past their limit',
    { sample: { descriptors: MOST_DESCRIPTORS + 1 } },
    'end LIMIT_EXCEEDED descriptors',
  ],
  ['descriptors unknown', { sample: { descriptors: null } }, 'fine'],
  ['data at its limit and a tenth', { dataBytes: 11 * MIB, dataBytesBefore: 0 }, 'fine'],
  ['data past that', { dataBytes: 11 * MIB + 1, dataBytesBefore: 0 }, 'end LIMIT_EXCEEDED dataMb'],
  ['data that hides', { dataBytes: Infinity, dataBytesBefore: Infinity }, 'end LIMIT_EXCEEDED dataMb'],
  ['too much data from before', { dataBytes: 20 * MIB, dataBytesBefore: null }, 'fine'],
  ['too much data from before, getting less', { dataBytes: 20 * MIB - 1, dataBytesBefore: 20 * MIB }, 'fine'],
  [
    'too much data from before, and more',
    { dataBytes: 20 * MIB + 1, dataBytesBefore: 20 * MIB },
    'end LIMIT_EXCEEDED dataMb',
  ],
  ['the main thread said nothing for a while', { silentMs: 4999 }, 'fine'],
  ['the main thread says nothing', { silentMs: 5000 }, 'degrade silentMs'],
  ['there is no main thread to say anything', { silentMs: null }, 'fine'],
  ['two signs at once', { silentMs: 5000, unansweredMs: 600 }, 'degrade blockedMs silentMs'],
]

for (const [name, seen, expected, bounds] of NOW) {
  t.test(name, async (t) => {
    t.equal(
      told(
        past(0, () => seen),
        { ...BOUNDS, ...bounds },
      ),
      expected,
    )
  })
}

/** Milliseconds of processor time of one that takes `cores` from `fromMs` to `toMs` and nothing else. */
const burning =
  (cores: number, fromMs: number, toMs: number) =>
  (atMs: number): Seen => ({
    sample: { cpuMs: Math.max(0, Math.min(atMs, toMs) - fromMs) * cores },
  })
const fullHeap =
  (mib: number, fromMs: number) =>
  (atMs: number): Seen => ({
    sample: { heapBytes: (atMs >= fromMs ? mib : 20) * MIB },
  })
const busyLoop =
  (loopUse: number | null, fromMs: number) =>
  (atMs: number): Seen => ({
    sample: { loopUse: atMs >= fromMs ? loopUse : 0 },
  })

const OVER_TIME: readonly [string, number, (atMs: number) => Seen, string][] = [
  ['cpu below its share', 15_000, burning(0.5, 0, Infinity), 'fine'],
  ['cpu over its share for less than the average is taken over', 9900, burning(2, 0, Infinity), 'fine'],
  ['cpu over its share on average', 10_100, burning(0.6, 0, Infinity), 'degrade cpuShare'],
  ['a burst that the average bears', 15_000, burning(2, 5000, 7400), 'fine'],
  ['a burst that it does not bear', 15_000, burning(2, 5000, 7600), 'degrade cpuShare'],
  ['cpu below its share again, for less than ten seconds', 24_000, burning(2, 0, 10_000), 'degrade cpuShare'],
  ['cpu below its share again for ten seconds', 28_000, burning(2, 0, 10_000), 'fine'],
  ['cpu unknown', 15_000, () => ({ sample: { cpuMs: null } }), 'fine'],
  ['a heap full for a moment', 10_000, fullHeap(96, 9000), 'fine'],
  ['a heap that stays full', 10_000, fullHeap(96, 8000), 'degrade heapMb'],
  ['a heap in use', 10_000, fullHeap(95, 0), 'fine'],
  ['a loop busy for a while', 10_000, busyLoop(1, 5500), 'fine'],
  ['a loop never idle', 10_000, busyLoop(0.96, 4500), 'degrade loopUse'],
  ['a loop with a little rest', 10_000, busyLoop(0.95, 0), 'fine'],
  ['a loop unknown', 10_000, busyLoop(null, 0), 'fine'],
]

for (const [name, forMs, at, expected] of OVER_TIME) {
  t.test(name, async (t) => {
    t.equal(told(past(forMs, at)), expected)
  })
}

t.test('a verdict names the limit, what was used and what there may be', async (t) => {
  const end = judge(
    past(0, () => ({ sample: { descriptors: 300 } })),
    BOUNDS,
  )
  t.match(end, {
    hit: { limit: 'descriptors', action: 'ended', used: 300, most: MOST_DESCRIPTORS },
    detail: { limit: 'descriptors', used: 300, most: MOST_DESCRIPTORS },
  })
  const soft = judge(past(10_100, burning(0.75, 0, Infinity)), BOUNDS)
  t.match(soft, { signs: [{ hit: { limit: 'cpuShare', action: 'degraded', used: 0.75, most: 0.5 } }] })
})

t.test('the past is bounded, however often one looks', async (t) => {
  const looks = past(60_000, () => ({}))
  t.ok(looks.length <= 110, String(looks.length))
  t.equal(looks.at(-1)?.atMs, 60_000)
  t.ok((looks[0]?.atMs ?? 0) >= 40_000)
})

t.test('time in which the host itself stood still counts as two ticks at most', async (t) => {
  t.equal(ageOf(100, 50, 50), 150)
  t.equal(ageOf(100, 90, 50), 190)
  t.equal(ageOf(100, 60_000, 50), 200)
})

t.test('time in which its threads waited for a core is charged with a tenth at least', async (t) => {
  const age = (cpuMs: number, waitedMs: number): number => ageOf(100, 50, 50, { cpuMs, waitedMs })
  t.equal(age(0, 0), 150)
  t.equal(age(0, 20), 130)
  t.equal(age(0, 47), 105)
  t.equal(age(0, 500), 105)
  t.equal(age(30, 500), 130, 'but for what it used of one')
  t.equal(age(400, 500), 150, 'with several threads no more than the time that passed')
})
