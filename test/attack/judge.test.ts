// What counts as contained: each rule by a measure that breaks it alone, and one that breaks none.
import t from 'tap'
import { ended, type AttackCase } from '../../lib/attack/attack-case.js'
import { judge } from '../../lib/attack/judge.js'
import type { Measure, SearchSample } from '../../lib/attack/measure.js'
import { rowOf, summaryOf, TITLES, toJson } from '../../lib/attack/table.js'

const ATTACK: AttackCase = {
  name: 'endless-loop',
  chapter: 'cpu',
  provoke: 'call',
  code: 'for (;;);',
  expect: ended('PLUGIN_BLOCKED'),
  withinMs: 300,
  by: 'blockedMs',
}

const search = (tookMs = 1, answered = true): SearchSample => ({ atMs: 0, tookMs, answered })
const run = (tookMs = 320, code = 'PLUGIN_BLOCKED'): Measure['runs'][number] =>
  ({ outcome: { kind: 'ended', code }, tookMs, said: '' }) as Measure['runs'][number]

function measure(broken: Partial<Measure> = {}): Measure {
  return {
    runs: [run(), run(), run()],
    searches: { before: [search()], during: [search()], after: [search()] },
    rssGrowthBytes: 1_048_576,
    rssPeakBytes: 2_097_152,
    leftovers: [],
    harm: [],
    ...broken,
  }
}

const MEBIBYTE = 1_048_576

t.test('an attack that ends as expected, soon, and unnoticed is contained', async (t) => {
  const verdict = judge(ATTACK, [measure()])
  t.same(verdict.why, [])
  t.ok(verdict.contained)
  t.notOk(verdict.touched)
})

const BROKEN: readonly {
  readonly name: string
  readonly broken: Partial<Measure>
  readonly why: RegExp
  readonly touched: boolean
}[] = [
  {
    name: 'another end',
    broken: { runs: [run(), run(320, 'PLUGIN_CRASHED'), run()] },
    why: /ended PLUGIN_CRASHED instead of ended PLUGIN_BLOCKED/,
    touched: false,
  },
  {
    name: 'a plugin that goes on',
    broken: { runs: [{ outcome: { kind: 'bounded' }, tookMs: 1, said: '' }] },
    why: /bounded instead of/,
    touched: false,
  },
  {
    name: 'a late median',
    broken: { runs: [run(320), run(551), run(551)] },
    why: /it took 551 ms, limit 300 ms/,
    touched: false,
  },
  {
    name: 'one run that is far too late',
    broken: { runs: [run(), run(1301), run()] },
    why: /one run took 1301 ms/,
    touched: false,
  },
  {
    name: 'a search without an answer',
    broken: { searches: { before: [], during: [search(5, false)], after: [] } },
    why: /1 searches of the node got no answer/,
    touched: true,
  },
  {
    name: 'a node that is silent',
    broken: { searches: { before: [], during: [], after: [search(1001)] } },
    why: /silent for 1001 ms/,
    touched: true,
  },
  {
    name: 'memory that stays',
    broken: { rssGrowthBytes: 50 * MEBIBYTE },
    why: /memory grew by 50 MiB/,
    touched: true,
  },
  {
    name: 'something left over',
    broken: { leftovers: ['1 thread'] },
    why: /left over: 1 thread/,
    touched: true,
  },
  {
    name: 'another plugin disturbed',
    broken: { harm: ['another plugin was ended: b'] },
    why: /another plugin was ended: b/,
    touched: true,
  },
  {
    name: 'the end of the node',
    broken: { runs: [{ outcome: { kind: 'node-ended', code: 'SIGABRT' }, tookMs: 1, said: '' }] },
    why: /the node ended/,
    touched: true,
  },
]

for (const { name, broken, why, touched } of BROKEN) {
  t.test(`not contained: ${name}`, async (t) => {
    const verdict = judge(ATTACK, [measure(broken)])
    t.notOk(verdict.contained)
    t.equal(verdict.touched, touched)
    t.match(verdict.why.join('\n'), why)
    t.equal(verdict.why.filter((text) => why.test(text)).length, 1)
  })
}

t.test('just within the room of a busy machine is contained', async (t) => {
  const runs = [run(300), run(550), run(1300)]
  const searches = { before: [], during: [search(1000)], after: [] }
  t.same(judge(ATTACK, [measure({ runs, searches, rssGrowthBytes: 50 * MEBIBYTE - 1 })]).why, [])
})

t.test('runs in nodes of their own are judged as one', async (t) => {
  const measures = [
    measure({ runs: [run(320)] }),
    measure({ runs: [run(551)] }),
    measure({ runs: [run(551)] }),
  ]
  t.match(judge(ATTACK, measures).why, ['it took 551 ms, limit 300 ms'])
})

t.test('a row has a cell for each title, and the last line says how it went', async (t) => {
  const fine = judge(ATTACK, [measure()])
  const touched = judge(ATTACK, [measure({ leftovers: ['1 thread'] })])
  t.equal(rowOf(fine).length, TITLES.length)
  t.same(rowOf(fine).slice(0, 3), ['endless-loop', 'ended PLUGIN_BLOCKED', '320 ms'])
  t.match(summaryOf([fine]), /^1 attack, all contained; the node felt none/)
  t.match(summaryOf([fine, touched]), /^2 attacks, 1 not contained; the node felt 1/)
  t.match(toJson(touched), {
    case: 'endless-loop',
    contained: false,
    touched: true,
    why: ['left over: 1 thread'],
  })
})
