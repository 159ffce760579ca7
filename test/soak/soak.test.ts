// A soak finds what it looks for: a rise beyond the noise, a call without an end, a document that is lost or
// altered, a promise that did not hold. Its parts are tried with made-up figures; the soak itself is `npm run soak`.
import t from 'tap'
import { makeCallTally, SLACK_MS } from './call-tally.js'
import { difference, makeDocument } from './document.js'
import { makeDocumentLedger } from './document-ledger.js'
import { fitLine, isFlat } from './linear-fit.js'
import type { NodeSample } from './messages.js'
import { parseOptions } from './options.js'
import { makeRandom } from './random.js'
import { reportLines } from './report.js'
import type { SoakSample } from './sampler.js'
import type { SoakResult } from './soak.js'
import { checksOf } from './verdict.js'

t.test('a line is fitted with its error', async (t) => {
  const exact = fitLine([0, 1, 2, 3].map((x) => ({ x, y: 2 * x + 1 })))
  t.match(exact, { slope: 2, intercept: 1 })
  t.ok(exact.slopeError < 1e-9, 'a line through its points has no error')
  // Residuals 1, -1, -1, 1 about y = x: slope error sqrt(4 / 2 / 5), not widened as neighbours differ.
  const noisy = fitLine([1, 0, 1, 4].map((y, x) => ({ x, y })))
  t.ok(Math.abs(noisy.slope - 1) < 1e-9)
  t.ok(Math.abs(noisy.slopeError - Math.sqrt(4 / 2 / 5)) < 1e-9)
  for (const points of [
    [],
    [{ x: 1, y: 1 }],
    [
      { x: 1, y: 1 },
      { x: 2, y: 5 },
    ],
  ]) {
    t.equal(fitLine(points).slopeError, Infinity, `${points.length} points prove nothing`)
    t.notOk(isFlat(fitLine(points), 0.5))
  }
})

t.test('a rise is told from noise, and noise from a rise', async (t) => {
  const random = makeRandom(1)
  const noise = Array.from({ length: 300 }, () => random.between(-5, 5))
  /** Each like the one before it: the noise of one process from second to second. */
  const walk = noise.reduce<number[]>((all, step) => [...all, 0.9 * (all.at(-1) ?? 0) + step], [])
  const cases: readonly (readonly [string, readonly number[], number, boolean])[] = [
    ['noise alone', noise, 0, true],
    ['slow noise alone', walk, 0, true],
    ['a rise of 0.4 a minute, too small to matter', noise.map(() => 0), 0.4, true],
    ['a rise of 0.6 a minute without noise', noise.map(() => 0), 0.6, false],
    ['a rise of 5 a minute in noise', noise, 5, false],
    ['a fall of 5 a minute in noise', noise, -5, false],
    ['a rise of 20 a minute in slow noise', walk, 20, false],
  ]
  for (const [name, values, slope, flat] of cases) {
    const line = fitLine(values.map((y, second) => ({ x: second / 60, y: 100 + y + (slope * second) / 60 })))
    t.equal(isFlat(line, 0.5), flat, name)
  }
})

t.test(
  'a call is hung when it has no end by its deadline and the slack, and when its end comes later',
  async (t) => {
    let now = 0
    const tally = makeCallTally(() => now)
    const inTime = tally.begin('a', 100)
    const late = tally.begin('a', 100)
    tally.begin('b', 1000)
    now = 100 + SLACK_MS
    inTime({ ending: 'result', label: 'answered' })
    t.match(tally.counts(), { started: 3, ended: 1, hung: 0, broken: 0, outcomes: { 'a: answered': 1 } })
    now += 1
    t.equal(tally.counts().hung, 1, 'without an end')
    late({ ending: 'broken', label: 'ECONNRESET' })
    t.match(tally.counts(), { ended: 2, hung: 1, broken: 1, longestMs: now }, 'it stays hung with its end')
    now = 1001 + SLACK_MS
    t.equal(tally.counts().hung, 2)
    t.throws(() => late({ ending: 'result', label: 'answered' }), /twice/)
  },
)

t.test('a document shows every change to it', async (t) => {
  const document = makeDocument('d1', makeRandom(3))
  const copy = (): Record<string, unknown> => JSON.parse(JSON.stringify(document)) as Record<string, unknown>
  const plain = { checksum: document.checksum, agents: false }
  const parsed = { ...copy(), user_agent: { original: document.agent } }
  t.equal(difference(copy(), plain), undefined)
  t.equal(difference({ ...copy(), passed: true }, plain), undefined, 'a pipeline may add fields')
  t.equal(difference(parsed, { ...plain, agents: true }), undefined)
  for (const [field, value] of Object.entries({
    id: 'd2',
    number: 1,
    text: 'x',
    agent: 'x',
    tags: [],
    checksum: '',
  }))
    t.type(difference({ ...copy(), [field]: value }, plain), 'string', `${field} is altered`)
  t.type(difference(copy(), { ...plain, agents: true }), 'string', 'its pipeline left no trace')
  t.type(difference({ ...parsed, user_agent: {} }, { ...plain, agents: true }), 'string')
  t.type(difference(null, plain), 'string')
  t.type(difference({ ...copy(), text: undefined }, plain), 'string')
})

t.test('a seed repeats every choice, and its forks are sequences of their own', async (t) => {
  const draw = (seed: number, fork?: string): readonly number[] => {
    const random = fork === undefined ? makeRandom(seed) : makeRandom(seed).fork(fork)
    return Array.from({ length: 20 }, () => random.between(-1, 3))
  }
  t.same(draw(7), draw(7))
  t.not(draw(7)[0], draw(8)[0])
  t.not(draw(7, 'a')[0], draw(7, 'b')[0])
  t.same(draw(7, 'a'), draw(7, 'a'))
  t.ok(draw(7).every((value) => value >= -1 && value < 3))
  t.equal(
    new Set(
      Array.from(
        { length: 200 },
        (
          (random) => () =>
            random.pick('abc'.split(''))
        )(makeRandom(2)),
      ),
    ).size,
    3,
  )
})

t.test('each promise that did not hold fails its own check', async (t) => {
  const good = goodResult()
  t.same(failing(good), [])
  t.ok(reportLines(good).every((line) => !line.startsWith('FAILS')))
  const { documents, http, last } = good
  if (last === undefined) throw new Error('made up with one')
  const rising = good.samples.map((sample, at) => ({
    ...sample,
    descriptors: sample.descriptors + at,
    heapBytes: 5e7 + at * 1e6,
  }))
  const { before } = good.atRest
  const grown = (more: object): Partial<SoakResult> => ({ atRest: { before, after: { ...before, ...more } } })
  const cases: readonly (readonly [string, Partial<SoakResult>])[] = [
    ['it ran its time', { interrupted: true }],
    ['it ran its time', { faults: ['the node ended in the middle: exit SIGKILL'] }],
    ['no acknowledged document is lost or altered', { documents: { ...documents, whole: 9, lost: 1 } }],
    ['no acknowledged document is lost or altered', { documents: { ...documents, whole: 9, altered: 1 } }],
    [
      'no acknowledged document is lost or altered',
      { documents: { ...documents, acknowledged: 0, whole: 0 } },
    ],
    ['every HTTP call has its end in time', { http: { ...http, hung: 1 } }],
    ['every HTTP call has its end in time', { http: { ...http, broken: 1 } }],
    ['every HTTP call has its end in time', { http: { ...http, started: 11 } }],
    ['every call into a plugin has its end in time', { last: { ...last, calls: { ...http, hung: 1 } } }],
    ['every call into a plugin has its end in time', { last: { ...last, calls: { ...http, ended: 9 } } }],
    ['every search is answered', { searches: { ...good.searches, answered: 9 } }],
    ['every crash has a report', { last: { ...last, counts: { ...last.counts, crashesWithoutReport: 1 } } }],
    ['at rest it holds no more than before', grown({ descriptors: 41 })],
    ['at rest it holds no more than before', grown({ threads: 12 })],
    ['at rest it holds no more than before', grown({ children: 8 })],
    ['at rest it holds no more than before', grown({ heapBytes: before.heapBytes + 6e6 })],
    ['at rest it holds no more than before', { atRest: { before, after: undefined } }],
    ['every plugin answers in the end', { silent: ['files'] }],
    ['nothing is left over', { leftovers: ['process 1 of a plugin'] }],
  ]
  for (const [name, change] of cases) t.same(failing({ ...good, ...change }), [name], JSON.stringify(change))
  t.same(failing({ ...good, samples: rising }), [
    'heap: flat over the second half',
    'descriptors: flat over the second half',
  ])
  const short = checksOf({ ...good, samples: rising.slice(0, 15) })
  t.ok(short.some(({ name, holds }) => name === 'heap: too short a soak to tell' && holds))
})

t.test('the command line says what to write instead', async (t) => {
  t.same(parseOptions([], 5), { minutes: 10, seed: 5, json: undefined, help: false })
  t.same(parseOptions(['--minutes', '0.5', '--seed', '7', '--json', 'x'], 5), {
    minutes: 0.5,
    seed: 7,
    json: 'x',
    help: false,
  })
  for (const args of [
    ['--minutes', '0'],
    ['--minutes', 'x'],
    ['--seed', '-1'],
    ['--seed', '1.5'],
  ])
    t.throws(() => parseOptions(args, 5), new RegExp(args[0] ?? ''))
})

function failing(result: SoakResult): readonly string[] {
  return checksOf(result)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name)
}

function goodResult(): SoakResult {
  const calls = { started: 10, ended: 10, broken: 0, hung: 0, longestMs: 5, outcomes: { 'a: answered': 10 } }
  const samples: readonly SoakSample[] = Array.from({ length: 60 }, (_, second) => ({
    atS: second,
    rssBytes: 1e8,
    heapBytes: 5e7 + (second % 2) * 1e6,
    externalBytes: 1e6,
    descriptors: 40 + (second % 3),
    threads: 11,
    children: 7,
    loopP99Ms: 1,
    loopMaxMs: 2,
    searchP50Ms: 1,
    searchP99Ms: 2,
    notRunning: [],
  }))
  const counts = {
    crashesWithoutReport: 0,
    restarts: 1,
    quarantines: 0,
    releases: 0,
    renewals: 0,
    failures: 0,
  }
  const last: NodeSample = {
    heapBytes: 5e7,
    externalBytes: 1e6,
    loopP99Ms: 1,
    loopMaxMs: 2,
    calls,
    counts: { ...counts, crashes: { 'leaking: PLUGIN_CRASHED': 1 }, logLines: 0 },
    plugins: [],
  }
  const ledger = makeDocumentLedger()
  for (let written = 0; written < 10; written += 1) {
    ledger.acknowledged()
    ledger.whole()
  }
  const rest = { rssBytes: 1e8, descriptors: 40, threads: 11, children: 7, heapBytes: 5e7 }
  return {
    seed: 1,
    nodeVersion: 'v0.0.0',
    seconds: 60,
    interrupted: false,
    smallDisk: true,
    faults: [],
    documents: ledger.counts(),
    http: calls,
    last,
    chaos: { kill: 1, 'stop and continue': 1, 'clock jump': 1, 'full disk': 1 },
    searches: { searches: 10, answered: 10, p50Ms: 1, p99Ms: 2, maxMs: 3 },
    samples,
    atRest: { before: rest, after: rest },
    silent: [],
    leftovers: [],
  }
}
