// Every limit a plugin runs into is counted, and told at most once a second for each limit and action.
import t from 'tap'
import { makeLimitMeter, type LimitEvent } from '../../lib/metrics/limit-meter.js'

t.test('a flood of hits is told once a second, with its number', async (t) => {
  let nowMs = 0
  const events: LimitEvent[] = []
  const meter = makeLimitMeter('demo', { now: () => nowMs }, (event) => events.push(event))
  const hit = { limit: 'callsPerSecond', action: 'slowed', used: null, most: 5000 } as const
  for (let n = 0; n < 10; n++) meter.hit(hit)
  t.same(events, [{ plugin: 'demo', ...hit, count: 1 }], 'the first at once, the others wait')
  nowMs = 999
  meter.hit(hit, 5)
  t.equal(events.length, 1)
  nowMs = 1000
  meter.hit(hit)
  t.equal(events[1]?.count, 15, 'all that waited, and this one')
  meter.hit({ ...hit, action: 'refused' })
  t.equal(events.length, 3, 'another action of the same limit is told by itself')
  t.same(meter.counts(), { callsPerSecond: 17 })
})

t.test('the end of a plugin is told each time', async (t) => {
  const events: LimitEvent[] = []
  const meter = makeLimitMeter('demo', { now: () => 0 }, (event) => events.push(event))
  const hit = { limit: 'blockedMs', action: 'ended', used: 1000, most: 1000 } as const
  meter.hit(hit)
  meter.hit(hit)
  t.equal(events.length, 2)
})
