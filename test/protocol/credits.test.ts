// A sender never spends more than the window, and a receiver never gives back what was not spent.
import fc from 'fast-check'
import t from 'tap'
import { openWindow, refund, spend, type Credits } from '../../lib/protocol/credits.js'

t.test('any order of spends and refunds keeps to the window', async () => {
  const steps = fc.array(fc.oneof(fc.constant('spend' as const), fc.integer({ min: -2, max: 12 })))
  fc.assert(
    fc.property(fc.nat(10), steps, (window, list) => {
      let credits: Credits = openWindow(window)
      let spent = 0
      for (const step of list) {
        const before = { ...credits }
        if (step === 'spend') {
          const next = spend(credits)
          if ((next === undefined) !== (spent === window)) return false
          if (next !== undefined) spent++
          if (JSON.stringify(credits) !== JSON.stringify(before)) return false
          credits = next ?? credits
        } else {
          const allowed = step >= 1 && step <= spent
          try {
            credits = refund(credits, step)
            if (!allowed) return false
            spent -= step
          } catch (error) {
            if (allowed || (error as { code?: unknown }).code !== 'PROTOCOL_VIOLATION') return false
          }
        }
        if (credits.window !== window || credits.available !== window - spent) return false
      }
      return true
    }),
    { numRuns: 2000 },
  )
})

t.test('a refund that is no whole number from 1 is a violation', async (t) => {
  const spent = spend(spend(openWindow(3)) as Credits) as Credits
  for (const count of [0, -1, 0.5, 1.5, NaN, Infinity, 3, 2 ** 32 - 1]) {
    t.throws(() => refund(spent, count), {
      code: 'PROTOCOL_VIOLATION',
      detail: { rule: 'credits', spent: 2 },
    })
  }
  t.same(refund(spent, 2), openWindow(3))
})

t.test('a window of 0 lets nothing through', async (t) => {
  t.equal(spend(openWindow(0)), undefined)
  t.throws(() => refund(openWindow(0), 1), { code: 'PROTOCOL_VIOLATION' })
})
