// The watchdog ends a plugin for what the host itself observed, and for nothing else.
import t from 'tap'
import { ageOf, judge, type Observation, type Verdict } from '../../lib/supervisor/watchdog.js'

const CALM: Observation = {
  unansweredMs: null,
  blockedMs: 1000,
  rssBytes: 100,
  rssLimitBytes: 200,
  stuckMs: 0,
  stuckLimitMs: 5000,
}

const CASES: readonly [string, Partial<Observation>, Verdict['kind'], string?][] = [
  ['nothing odd', {}, 'fine'],
  ['a ping is out for a moment', { unansweredMs: 499 }, 'fine'],
  ['half of the patience is gone', { unansweredMs: 500 }, 'late'],
  ['just before the limit', { unansweredMs: 999 }, 'late'],
  ['the thread is blocked', { unansweredMs: 1000 }, 'end', 'PLUGIN_BLOCKED'],
  ['memory at its limit', { rssBytes: 200 }, 'fine'],
  ['memory past its limit', { rssBytes: 201 }, 'end', 'PLUGIN_OUT_OF_MEMORY'],
  ['memory unknown', { rssBytes: null }, 'fine'],
  ['no limit known', { rssBytes: 1e9, rssLimitBytes: null }, 'fine'],
  ['memory counts before blocking', { rssBytes: 201, unansweredMs: 2000 }, 'end', 'PLUGIN_OUT_OF_MEMORY'],
  ['call slots held for a while', { stuckMs: 4999 }, 'fine'],
  ['every call slot held by calls never answered', { stuckMs: 5000 }, 'end', 'PLUGIN_BLOCKED'],
]

for (const [name, seen, kind, code] of CASES) {
  t.test(name, async (t) => {
    const verdict = judge({ ...CALM, ...seen })
    t.equal(verdict.kind, kind)
    if (verdict.kind === 'end') t.equal(verdict.code, code)
  })
}

t.test('time in which the host itself stood still counts as two ticks at most', async (t) => {
  t.equal(ageOf(100, 50, 50), 150)
  t.equal(ageOf(100, 90, 50), 190)
  t.equal(ageOf(100, 60_000, 50), 200)
})
