// A bucket lets through its burst and its rate, never refuses what is larger than itself for ever, and owes no more than it may.
import fc from 'fast-check'
import t from 'tap'
import { drain, openBucket, tokensAt, waitMs } from '../../lib/protocol/rate.js'

const TEN = { perSecond: 10, capacity: 5, mostDebt: 20 }

const STEPS: readonly {
  readonly name: string
  /** What is taken, and when. */
  readonly takes: readonly (readonly [amount: number, atMs: number])[]
  readonly atMs: number
  readonly tokens: number
  readonly waits: number
}[] = [
  { name: 'it begins full', takes: [], atMs: 0, tokens: 5, waits: 0 },
  { name: 'it does not fill past its capacity', takes: [], atMs: 60_000, tokens: 5, waits: 0 },
  { name: 'what is taken is gone', takes: [[3, 0]], atMs: 0, tokens: 2, waits: 0 },
  { name: 'an empty one waits for one token', takes: [[5, 0]], atMs: 0, tokens: 0, waits: 100 },
  { name: 'time brings tokens', takes: [[5, 0]], atMs: 250, tokens: 2.5, waits: 0 },
  { name: 'a large thing makes a debt', takes: [[15, 0]], atMs: 0, tokens: -10, waits: 1100 },
  { name: 'a debt is paid by time', takes: [[15, 0]], atMs: 1100, tokens: 1, waits: 0 },
  { name: 'a debt is bounded', takes: [[1000, 0]], atMs: 0, tokens: -20, waits: 2100 },
  {
    name: 'what is put in stays below the capacity',
    takes: [
      [4, 0],
      [-100, 0],
    ],
    atMs: 0,
    tokens: 5,
    waits: 0,
  },
  { name: 'a clock that goes back brings nothing', takes: [[5, 1000]], atMs: 0, tokens: 0, waits: 100 },
]

for (const { name, takes, atMs, tokens, waits } of STEPS) {
  t.test(name, async (t) => {
    let bucket = openBucket(TEN, 0)
    for (const [amount, at] of takes) bucket = drain(bucket, amount, at)
    t.equal(tokensAt(bucket, atMs), tokens)
    t.equal(waitMs(bucket, atMs), waits)
  })
}

t.test('a capacity below one token is no wait for ever', async (t) => {
  const slow = drain(openBucket({ perSecond: 1, capacity: 0.5, mostDebt: 0 }, 0), 0.5, 0)
  t.equal(waitMs(slow, 0), 500)
  t.equal(waitMs(slow, 500), 0)
})

t.test('who waits as long as he is told never takes more than burst, rate and one thing', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 100 }), (amounts) => {
      let bucket = openBucket(TEN, 0)
      let now = 0
      let taken = 0
      for (const amount of amounts) {
        now += waitMs(bucket, now)
        bucket = drain(bucket, amount, now)
        taken += amount
      }
      return taken <= TEN.capacity + (now * TEN.perSecond) / 1000 + 20 + 1e-6
    }),
  )
  t.pass('held for every sequence tried')
})
