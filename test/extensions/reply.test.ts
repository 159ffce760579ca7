// Whatever a plugin answers, the host gets a checked value or REPLY_INVALID, and never waits for a stream nobody reads.
import t from 'tap'
import { parseIngested, parseRegistrations, parseRestResponse } from '../../lib/extensions/reply.js'
import type { IncomingStream } from '../../lib/rpc/streams.js'

const received = (value: unknown, sections: Uint8Array[] = [], streams: IncomingStream[] = []) => ({
  value,
  sections,
  streams,
})
const stream = (): IncomingStream & { cancelled: boolean } => ({
  cancelled: false,
  cancel() {
    this.cancelled = true
  },
  async *[Symbol.asyncIterator]() {
    yield new Uint8Array(1)
  },
})

const FINE: readonly [unknown, unknown][] = [
  [{ body: { kind: 'none' } }, { status: 200, headers: {}, body: null }],
  [
    { status: 404, body: { kind: 'text', value: 'no' } },
    { status: 404, headers: {}, body: 'no' },
  ],
  [
    { status: 201, headers: { 'x-a': 'b' }, body: { kind: 'json', value: [1] } },
    { status: 201, headers: { 'x-a': 'b' }, body: [1] },
  ],
  [{ body: { kind: 'json' } }, { status: 200, headers: {}, body: null }],
]
for (const [value, expected] of FINE) {
  t.test(`taken: ${JSON.stringify(value)}`, async (t) => {
    t.same(parseRestResponse('p', received(value)), expected)
  })
}

const BAD: readonly unknown[] = [
  undefined,
  null,
  7,
  'text',
  [],
  {},
  { body: null },
  { body: { kind: 'file' } },
  { body: { kind: 'bytes' } },
  { body: { kind: 'stream' } },
  { status: 99, body: { kind: 'none' } },
  { status: 600, body: { kind: 'none' } },
  { status: '200', body: { kind: 'none' } },
  { status: 200.5, body: { kind: 'none' } },
  { headers: { 'x-a': 'b\r\nset-cookie: c' }, body: { kind: 'none' } },
  { headers: { 'bad name': 'b' }, body: { kind: 'none' } },
  { headers: { 'x-a': 'beyond latin-1: \u0100' }, body: { kind: 'none' } },
  { headers: { 'x-a': ['b'] }, body: { kind: 'none' } },
  {
    headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`h${n}`, 'v'])),
    body: { kind: 'none' },
  },
]
for (const value of BAD) {
  t.test(`refused: ${(JSON.stringify(value) ?? 'undefined').slice(0, 80)}`, async (t) => {
    const unread = stream()
    t.throws(() => parseRestResponse('p', received(value, [], value === BAD[9] ? [] : [unread])), {
      code: 'REPLY_INVALID',
      detail: { plugin: 'p' },
    })
    if (value !== BAD[9]) t.equal(unread.cancelled, true)
  })
}

t.test('bytes are copied and a stream is handed on', async (t) => {
  const bytes = new Uint8Array([1, 2])
  const { body } = parseRestResponse('p', received({ body: { kind: 'bytes' } }, [bytes]))
  bytes[0] = 9
  t.same(body, new Uint8Array([1, 2]))
  const unread = stream()
  t.equal(parseRestResponse('p', received({ body: { kind: 'stream' } }, [], [unread])).body, unread)
})

t.test('a stream that is not the body is given up', async (t) => {
  const [first, second] = [stream(), stream()]
  parseRestResponse('p', received({ body: { kind: 'stream' } }, [], [first, second]))
  t.same([first.cancelled, second.cancelled], [false, true])
  parseRestResponse('p', received({ body: { kind: 'none' } }, [], [first]))
  t.equal(first.cancelled, true)
  const third = stream()
  parseIngested('p', received({ documents: [] }, [], [third]), 0)
  t.equal(third.cancelled, true)
})

t.test('as many documents come back as were sent', async (t) => {
  t.same(parseIngested('p', received({ documents: [{ a: 1 }, null] }), 2), [{ a: 1 }, null])
  for (const documents of [[{}], [{}, {}, {}], [{}, 7], [{}, []], 'x', null, undefined, [{}, 'x']]) {
    t.throws(() => parseIngested('p', received({ documents }), 2), { code: 'REPLY_INVALID' })
  }
})

t.test('registrations of any other shape fail the start', async (t) => {
  const fine = { rest: [{ method: 'GET', path: '/x' }], ingest: ['a.b-c_d'], clusterStateListener: true }
  t.same(parseRegistrations(fine), fine)
  for (const [key, value] of [
    ['rest', {}],
    ['rest', [{ method: 7, path: '/x' }]],
    ['rest', Array.from({ length: 1001 }, () => ({ method: 'GET', path: '/x' }))],
    ['ingest', ['a b']],
    ['ingest', ['']],
    ['clusterStateListener', 'yes'],
  ] as const) {
    t.throws(() => parseRegistrations({ ...fine, [key]: value }), { code: 'PLUGIN_START_FAILED' }, key)
  }
  t.throws(() => parseRegistrations(null), { code: 'PLUGIN_START_FAILED' })
})
