// A plugin's logs cost the host a fixed number of bytes a second, and what was dropped is counted.
import fc from 'fast-check'
import t from 'tap'
import { NEW_LOG_BUDGET, takeLog } from '../../lib/supervisor/log-budget.js'

t.test('no window keeps more than its bytes', async (t) => {
  const line = fc.record({
    bytes: fc.integer({ min: 0, max: 300 }),
    waitMs: fc.integer({ min: 0, max: 400 }),
  })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
      let budget = NEW_LOG_BUDGET
      let now = 5000
      const perWindow = new Map<number, number>()
      for (const { bytes, waitMs } of lines) {
        now += waitMs
        const { next, kept } = takeLog(budget, bytes, now, 1000)
        budget = next
        if (kept) perWindow.set(next.windowStartMs, (perWindow.get(next.windowStartMs) ?? 0) + bytes)
      }
      return [...perWindow.values()].every((used) => used <= 1000)
    }),
  )
  t.pass('held for every sequence tried')
})

t.test('dropped lines are counted until one is kept again', async (t) => {
  let { next } = takeLog(NEW_LOG_BUDGET, 900, 1000, 1000)
  for (let count = 1; count <= 3; count++) {
    const step = takeLog(next, 200, 1100, 1000)
    t.equal(step.kept, false)
    t.equal(step.next.dropped, count)
    next = step.next
  }
  const later = takeLog(next, 200, 2000, 1000)
  t.equal(later.kept, true)
  t.equal(later.next.dropped, 0)
})
