// The plugin thread tells what happened at a bounded cost: a flood becomes numbers, the numbers are exact, no flood of
// what is allowed hides a denial, and the first operation under each rule is told.
import fc from 'fast-check'
import t from 'tap'
import {
  MOST_AUDIT_BYTES,
  MOST_AUDIT_CHARS,
  MOST_AUDIT_ENTRIES,
  type AuditEntry,
} from '../../lib/protocol/audit.js'
import type { Tell } from '../../workers/attenuate/tell.js'
import { makeAudit, type Audit } from '../../workers/audit.js'
import { makeFakeClock, type FakeClock } from '../rpc/fake-clock.js'

interface World extends Audit {
  readonly clock: FakeClock
  readonly batches: (readonly AuditEntry[])[]
  /** The end of a turn. */
  turn(): void
  /** Whether the node takes anything. */
  room: boolean
}

function makeWorld(): World {
  const clock = makeFakeClock()
  const batches: (readonly AuditEntry[])[] = []
  const deferred: (() => void)[] = []
  const audit = makeAudit({
    clock,
    defer: (run) => void deferred.push(run),
    send(batch) {
      if (world.room) batches.push(batch)
      return world.room
    },
  })
  const turn = (): void => deferred.splice(0).forEach((run) => run())
  const world: World = { ...audit, clock, batches, turn, room: true }
  return world
}

const read = { allowed: true, rule: 'request.grant.fs.read[0] "/srv/**"' }
const denied = { allowed: false, rule: 'nothing grants it' }
const sum = (entries: readonly AuditEntry[], allowed: boolean): number =>
  entries.filter((entry) => entry.allowed === allowed).reduce((total, { count }) => total + count, 0)

t.test('a quiet plugin costs no notice and no timer', async (t) => {
  const { clock, batches } = makeWorld()
  clock.advance(10_000)
  t.equal(clock.pending, 0)
  t.same(batches, [])
})

t.test('what is allowed is told within 100 ms, in one batch', async (t) => {
  const { tell, clock, batches, turn } = makeWorld()
  tell('fs.read', '/srv/a', read)
  tell('fs.read', '/srv/b', read)
  turn()
  t.same(batches, [])
  clock.advance(100)
  const entry = { operation: 'fs.read', ...read, count: 1 }
  t.same(batches, [
    [
      { ...entry, resource: '/srv/a' },
      { ...entry, resource: '/srv/b' },
    ],
  ])
  clock.advance(10_000)
  t.equal(batches.length, 1)
  t.equal(clock.pending, 0)
})

t.test(
  '100,000 allowed reads and one denial: the denial is told at once, the numbers are exact',
  async (t) => {
    const { tell, clock, batches, turn } = makeWorld()
    tell('fs.read', '/etc/passwd', denied) // the next one is not the first under its rule
    turn()
    batches.length = 0
    for (let number = 0; number < 100_000; number++) tell('fs.read', `/srv/${number}`, read)
    tell('fs.read', '/etc/shadow', denied)
    turn()
    t.match(batches.flat().at(-1), { resource: '/etc/shadow', ...denied, count: 1 })
    clock.advance(100)
    const entries = batches.flat()
    t.equal(sum(entries, true), 100_000)
    t.equal(sum(entries, false), 1)
    t.ok(entries.length <= 103, `${entries.length} entries`)
    t.ok(batches.length <= 10, `${batches.length} notices`)
  },
)

t.test('a flood that goes on costs the same each second', async (t) => {
  const { tell, clock, batches } = makeWorld()
  const perSecond: number[] = []
  for (let second = 0; second < 5; second++) {
    const before = batches.flat().length
    for (let step = 0; step < 100; step++) {
      for (let number = 0; number < 50; number++) {
        tell('fs.read', `/srv/${second}/${step}/${number}`, read)
        tell('fs.read', `/etc/${second}/${step}/${number}`, denied)
      }
      clock.advance(10)
    }
    perSecond.push(batches.flat().length - before)
  }
  t.ok(
    perSecond.slice(1).every((entries) => entries <= 240),
    `${perSecond.join(', ')} entries`,
  )
  t.equal(sum(batches.flat(), true), 25_000)
  t.equal(sum(batches.flat(), false), 25_000)
})

t.test('a thread that never gives way holds a bounded number, and room for its denials', async (t) => {
  let nowMs = 0
  const batches: (readonly AuditEntry[])[] = []
  const { tell, flush } = makeAudit({
    clock: { now: () => nowMs, setTimeout: () => ({}) },
    defer: () => undefined,
    send: (batch) => batches.push(batch) > 0,
  })
  tell('fs.read', '/etc/passwd', denied)
  const both = (step: number): void => {
    for (let number = 0; number < 60_000; number++) {
      nowMs++
      tell('fs.read', `/srv/${step}/${number}`, read)
    }
    tell('fs.read', `/etc/shadow-${step}`, denied)
    for (let number = 0; number < 60_000; number++) {
      nowMs++
      tell('fs.read', `/etc/${step}/${number}`, denied)
    }
    flush()
  }
  for (const step of [1, 2]) {
    const before = batches.flat().length
    both(step)
    const entries = batches.flat().slice(before)
    t.ok(entries.some(({ resource }) => resource === `/etc/shadow-${step}`))
    t.ok(entries.length <= 1005, `${entries.length} entries`)
  }
  t.equal(sum(batches.flat(), true), 120_000)
  t.equal(sum(batches.flat(), false), 120_003)
})

t.test('the first operation under each rule is told, whatever else goes on', async (t) => {
  const { tell, flush, batches } = makeWorld()
  for (let number = 0; number < 1000; number++) tell('fs.read', `/srv/${number}`, read)
  for (let rule = 0; rule < 300; rule++) {
    tell('net.connect', `host-${rule}.test:443`, { allowed: true, rule: `rule ${rule}` })
    tell('net.connect', `again-${rule}.test:443`, { allowed: true, rule: `rule ${rule}` })
  }
  flush()
  const told = new Set(batches.flat().map(({ resource }) => resource))
  for (let rule = 0; rule < 300; rule++) t.ok(told.has(`host-${rule}.test:443`))
  t.notOk(told.has('again-299.test:443'))
  t.equal(sum(batches.flat(), true), 1600)
})

t.test('rules without end are told apart up to a bound, and counted all the same', async (t) => {
  const { tell, flush, batches } = makeWorld()
  for (let rule = 0; rule < 20_000; rule++) tell('fs.read', '/srv/x', { allowed: true, rule: `rule ${rule}` })
  flush()
  const entries = batches.flat()
  t.equal(sum(entries, true), 20_000)
  t.ok(new Set(entries.map(({ rule }) => rule)).size <= 1025)
})

t.test('the same operation several times in a row is one entry', async (t) => {
  const { tell, flush, batches } = makeWorld()
  for (let left = 5; left > 0; left--) tell('fs.read', '/srv/a', read)
  tell('fs.write', '/srv/a', read)
  flush()
  t.match(batches, [
    [
      { operation: 'fs.read', resource: '/srv/a', count: 5 },
      { operation: 'fs.write', resource: '/srv/a', count: 1 },
    ],
  ])
})

t.test('what finds no room at the node is counted in a later batch', async (t) => {
  const world = makeWorld()
  const { tell, clock, batches, turn } = world
  world.room = false
  for (let number = 0; number < 500; number++) tell('fs.read', `/srv/${number}`, read)
  tell('fs.read', '/etc/shadow', denied)
  turn()
  clock.advance(1000)
  t.same(batches, [])
  world.room = true
  clock.advance(100)
  t.equal(sum(batches.flat(), true), 500)
  t.equal(sum(batches.flat(), false), 1)
  t.equal(clock.pending, 0)
})

const texts: readonly [name: string, given: string, told: string][] = [
  ['a long text', 'x'.repeat(10_000), 'x'.repeat(MOST_AUDIT_CHARS)],
  ['a line feed', '/srv/a\n{"forged":true}', '/srv/a\ufffd{"forged":true}'],
  ['an escape sequence', '\u001b[2J\u009b', '\ufffd[2J\ufffd'],
  ['half of a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  [
    'a pair that the bound cuts',
    `${'x'.repeat(MOST_AUDIT_CHARS - 1)}\u{1f600}`,
    `${'x'.repeat(MOST_AUDIT_CHARS - 1)}\ufffd`,
  ],
  ['a change of direction', 'a\u202eb\u2066', 'a\ufffdb\ufffd'],
  ['letters of every script', 'grüße/日本語/\u{1f600}', 'grüße/日本語/\u{1f600}'],
]
for (const [name, given, told] of texts) {
  t.test(`${name} in a resource and a rule`, async (t) => {
    const { tell, flush, batches } = makeWorld()
    tell('fs.read', given, { allowed: true, rule: given })
    flush()
    t.match(batches, [[{ resource: told, rule: told }]])
  })
}

t.test('whatever is told, each batch keeps the bounds of the wire and the counts add up', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'binary', minLength: 400, maxLength: 800 }),
    fc.constantFrom('/a', '"'.repeat(900), '\\'.repeat(900), '\u0000'.repeat(900), '日'.repeat(900)),
  )
  const step = fc.oneof(
    fc.record({ resource: text, rule: text, allowed: fc.boolean(), times: fc.integer({ min: 1, max: 60 }) }),
    fc.constantFrom('turn', 'time', 'full', 'room'),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = makeWorld()
      let allowedCount = 0
      let deniedCount = 0
      const run = (tell: Tell, one: (typeof steps)[number]): void => {
        if (one === 'turn') return world.turn()
        if (one === 'time') return world.clock.advance(70)
        if (typeof one === 'string') return void (world.room = one === 'room')
        const { resource, rule, allowed, times } = one
        for (let left = times; left > 0; left--) tell('fs.read', `${left % 7}${resource}`, { allowed, rule })
        if (allowed) allowedCount += times
        else deniedCount += times
      }
      for (const one of steps) run(world.tell, one)
      world.room = true
      world.clock.advance(100)
      world.clock.advance(100)
      const bounded = world.batches.every(
        (batch) =>
          batch.length > 0 &&
          batch.length <= MOST_AUDIT_ENTRIES &&
          Buffer.byteLength(JSON.stringify(batch)) <= MOST_AUDIT_BYTES,
      )
      const all = world.batches.flat()
      return bounded && sum(all, true) === allowedCount && sum(all, false) === deniedCount
    }),
    { numRuns: 200 },
  )
  t.pass('held for every sequence tried')
})
