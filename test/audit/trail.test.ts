// What a plugin thread says of its operations is checked field by field, counted, and told at a bounded rate.
import t from 'tap'
import { makeAuditTrail, type AuditEvent, type AuditTrail } from '../../lib/audit/trail.js'
import { MOST_AUDIT_CHARS, MOST_AUDIT_COUNT, MOST_AUDIT_ENTRIES } from '../../lib/protocol/audit.js'
import { makeFakeClock, type FakeClock } from '../rpc/fake-clock.js'

const ENTRY = { operation: 'fs.read', resource: '/srv/a', allowed: true, rule: 'a rule', count: 1 }

function makeWorld(): AuditTrail & { readonly clock: FakeClock; readonly events: AuditEvent[] } {
  const clock = makeFakeClock()
  const events: AuditEvent[] = []
  return { ...makeAuditTrail('demo', clock, (event) => events.push(event)), clock, events }
}

t.test('an entry becomes an event with the plugin and the time of the node', async (t) => {
  const { heard, clock, events, counts } = makeWorld()
  clock.advance(86_400_000)
  heard([ENTRY, { ...ENTRY, resource: null, allowed: false, count: 12 }])
  t.same(events, [
    { time: '1970-01-02T00:00:00.000Z', plugin: 'demo', ...ENTRY },
    { time: '1970-01-02T00:00:00.000Z', plugin: 'demo', ...ENTRY, resource: null, allowed: false, count: 12 },
  ])
  t.same(counts(), { operations: 13, denials: 12 })
})

t.test('a plugin cannot say when, or who it is', async (t) => {
  const { heard, events } = makeWorld()
  heard([{ ...ENTRY, plugin: 'another', time: '2000-01-01T00:00:00.000Z', lost: 3 }])
  t.same(events, [{ time: '1970-01-01T00:00:00.000Z', plugin: 'demo', ...ENTRY }])
})

const long = 'x'.repeat(MOST_AUDIT_CHARS + 1)
const broken: Readonly<Record<string, unknown>> = {
  'no list': ENTRY,
  nothing: null,
  'an empty list': [],
  'a list without end': Array(MOST_AUDIT_ENTRIES + 1).fill(ENTRY),
  'an entry that is none': [7],
  'an entry that is null': [null],
  'an entry without fields': [{}],
  ...Object.fromEntries(
    Object.entries({
      operation: [undefined, 7, '', 'Fs', 'fs read', 'fs\nread', 'x'.repeat(65), ['fs.read']],
      resource: [undefined, 7, {}, long, ['/a']],
      allowed: [undefined, 1, 'true', null],
      rule: [undefined, null, 7, long],
      count: [undefined, 0, -1, 1.5, '1', null, MOST_AUDIT_COUNT + 1, 1e300],
    }).flatMap(([field, values]) =>
      values.map((value) => [
        `${field} ${JSON.stringify(value)?.slice(0, 20)}`,
        [{ ...ENTRY, [field]: value }],
      ]),
    ),
  ),
}
for (const [name, batch] of Object.entries(broken)) {
  t.test(`a batch out of shape breaks the protocol and tells nothing: ${name}`, async (t) => {
    const { heard, events, counts } = makeWorld()
    t.throws(() => heard(batch), { code: 'PROTOCOL_VIOLATION' })
    t.throws(() => heard([ENTRY, ...(Array.isArray(batch) && batch.length === 1 ? batch : [7])]), {
      code: 'PROTOCOL_VIOLATION',
    })
    t.same(events, [])
    t.same(counts(), { operations: 0, denials: 0 })
  })
}

t.test('texts that would look like others are made safe again', async (t) => {
  const { heard, events } = makeWorld()
  heard([{ ...ENTRY, resource: 'a\n\u001b[2J\ud800', rule: 'b\u202e' }])
  t.match(events, [{ resource: 'a\ufffd\ufffd[2J\ufffd', rule: 'b\ufffd' }])
})

t.test('more than a thousand events a second become numbers, which are exact', async (t) => {
  const { heard, clock, events, counts, flush } = makeWorld()
  const batch = Array.from({ length: MOST_AUDIT_ENTRIES }, (_, index) => ({
    ...ENTRY,
    allowed: index % 2 === 0,
  }))
  for (let left = 1000; left > 0; left--) heard(batch)
  t.equal(events.length, 1000)
  const all = MOST_AUDIT_ENTRIES * 1000
  t.same(counts(), { operations: all, denials: all / 2 })
  clock.advance(1000)
  heard([ENTRY])
  t.match(events.slice(1000), [
    { operation: 'any', resource: null, allowed: true, count: all / 2 - 500 },
    { operation: 'any', resource: null, allowed: false, count: all / 2 - 500 },
    ENTRY,
  ])
  flush()
  t.equal(
    events.reduce((sum, { count }) => sum + count, 0),
    all + 1,
  )
})

t.test('the end of a run tells what waits for the next second', async (t) => {
  const { heard, events, flush } = makeWorld()
  for (let left = 1005; left > 0; left--) heard([ENTRY])
  flush()
  t.match(events.at(-1), { resource: null, count: 5 })
})

t.test('counts that are forged as high as they go stay numbers', async (t) => {
  const { heard, counts } = makeWorld()
  const batch = Array(MOST_AUDIT_ENTRIES).fill({ ...ENTRY, allowed: false, count: MOST_AUDIT_COUNT })
  for (let left = 80_000; left > 0; left--) heard(batch)
  t.same(counts(), { operations: Number.MAX_SAFE_INTEGER, denials: Number.MAX_SAFE_INTEGER })
})

t.test('what the node decides itself is in the same trail', async (t) => {
  const { decided, events, counts } = makeWorld()
  decided('env', 'AWS_REGION', { allowed: true, rule: 'request.grant.env[0] "AWS_REGION"' })
  decided('extensionPoint', `rest:/${long}`, { allowed: false, rule: 'nothing grants it' })
  t.match(events, [
    { operation: 'env', resource: 'AWS_REGION' },
    { resource: `rest:/${long}`.slice(0, MOST_AUDIT_CHARS) },
  ])
  t.same(counts(), { operations: 2, denials: 1 })
})
