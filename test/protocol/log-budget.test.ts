// A plugin's logs cost the host a fixed number of bytes and lines a second, and what was dropped is counted.
import fc from 'fast-check'
import t from 'tap'
import { openLogBudget, takeLog, type LogBudget } from '../../lib/protocol/log-budget.js'

const SAYS = { bytesPerSecond: 1000, linesPerSecond: 10 }

t.test('no second keeps more than the burst and what time brings', async (t) => {
  const line = fc.record({
    bytes: fc.integer({ min: 0, max: 300 }),
    waitMs: fc.integer({ min: 0, max: 400 }),
  })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
      let budget = openLogBudget(SAYS, 1, 5000)
      let now = 5000
      const kept: { readonly atMs: number; readonly bytes: number }[] = []
      for (const { bytes, waitMs } of lines) {
        now += waitMs
        const step = takeLog(budget, bytes, now)
        budget = step.next
        if (step.kept) kept.push({ atMs: now, bytes })
      }
      return kept.every(({ atMs: from }) => {
        const second = kept.filter(({ atMs }) => atMs >= from && atMs < from + 1000)
        const sum = second.reduce((bytes, one) => bytes + one.bytes, 0)
        return sum <= 2 * SAYS.bytesPerSecond && second.length <= 2 * SAYS.linesPerSecond
      })
    }),
  )
  t.pass('held for every sequence tried')
})

t.test('dropped lines are counted until one is kept again', async (t) => {
  let { next } = takeLog(openLogBudget(SAYS, 1, 1000), 900, 1000)
  for (let count = 1; count <= 3; count++) {
    const step = takeLog(next, 300, 1100)
    t.equal(step.kept, false)
    t.equal(step.next.dropped, count)
    next = step.next
  }
  const later = takeLog(next, 300, 2000)
  t.equal(later.kept, true)
  t.equal(later.next.dropped, 0)
})

t.test('empty lines are lines', async (t) => {
  let budget: LogBudget = openLogBudget(SAYS, 1, 0)
  let kept = 0
  for (let line = 0; line < 100; line++) {
    const step = takeLog(budget, 0, 0)
    budget = step.next
    if (step.kept) kept++
  }
  t.equal(kept, SAYS.linesPerSecond)
})

t.test('a budget of nothing keeps nothing', async (t) => {
  const none = openLogBudget({ bytesPerSecond: 0, linesPerSecond: 10 }, 2, 0)
  t.equal(takeLog(none, 1, 60_000).kept, false)
})
