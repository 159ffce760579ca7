// Whatever a peer sends as its failure becomes one PluginError with a code it may use and bounded
// text; what leaves this side carries no stack.
import fc from 'fast-check'
import t from 'tap'
import { ERROR_CODES, faultsError, PluginError, type ErrorCode } from '../../lib/errors.js'
import {
  MAX_ERROR_TEXT,
  MAX_STACK_TEXT,
  parseWireError,
  rawStackOf,
  toWireError,
} from '../../lib/protocol/wire-error.js'

const ALLOWED: ReadonlySet<ErrorCode> = new Set(['ACCESS_DENIED', 'PLUGIN_ERROR'])

/** JSON that resembles an error often enough to reach its inner parts. */
const bodies: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      code: fc.oneof(
        fc.constantFrom(...Object.keys(ERROR_CODES), '__proto__', 'constructor'),
        fc.jsonValue(),
      ),
      message: fc.oneof(fc.string(), fc.jsonValue()),
      detail: fc.oneof(
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom('__proto__', 'message', 'stack', 'faults')),
          fc.jsonValue(),
        ),
        fc.jsonValue(),
      ),
      stack: fc.oneof(fc.string(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
)

t.test('no body makes the reading fail or gives another code', async (t) => {
  fc.assert(
    fc.property(bodies, (body) => {
      const error = parseWireError(JSON.parse(JSON.stringify(body)), ALLOWED, 'CHANNEL_CLOSED')
      if (!(error instanceof PluginError) || Object.getPrototypeOf(error) !== PluginError.prototype)
        return false
      if (!ALLOWED.has(error.code) && error.code !== 'CHANNEL_CLOSED') return false
      if (Object.getPrototypeOf(error.detail) !== Object.prototype) return false
      return Object.values(error.detail).every((value) =>
        ['string', 'number', 'boolean'].includes(typeof value),
      )
    }),
    { numRuns: 5000 },
  )
  t.equal(Reflect.get({}, 'polluted'), undefined)
})

t.test('a key __proto__ in a detail stays a key', async (t) => {
  const body: unknown = JSON.parse('{"detail":{"__proto__":"x","a":1}}')
  const { detail } = parseWireError(body, ALLOWED, 'PLUGIN_ERROR')
  t.equal(Object.getPrototypeOf(detail), Object.prototype)
  t.equal(detail['a'], 1)
})

t.test('a code the peer may not use, or that is none, becomes the fallback', async (t) => {
  const cases: [unknown, ErrorCode][] = [
    ['ACCESS_DENIED', 'ACCESS_DENIED'],
    ['PLUGIN_OUT_OF_MEMORY', 'PLUGIN_ERROR'],
    ['PROTOCOL_VIOLATION', 'PLUGIN_ERROR'],
    ['toString', 'PLUGIN_ERROR'],
    ['__proto__', 'PLUGIN_ERROR'],
    [['ACCESS_DENIED'], 'PLUGIN_ERROR'],
    [undefined, 'PLUGIN_ERROR'],
  ]
  for (const [code, expected] of cases) {
    t.equal(parseWireError({ code }, ALLOWED, 'PLUGIN_ERROR').code, expected, String(code))
  }
})

t.test('long text is cut and many facts are few', async (t) => {
  const long = 'x'.repeat(100_000)
  const facts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${at}${long}`, long]))
  const error = parseWireError({ message: long, detail: facts, stack: long }, ALLOWED, 'PLUGIN_ERROR')
  t.equal(String(error.detail['message']).length, MAX_ERROR_TEXT + 1)
  t.equal(Object.keys(error.detail).length, 17, 'the message and sixteen facts')
  for (const [key, value] of Object.entries(error.detail)) {
    t.ok(key.length <= 65 && String(value).length <= MAX_ERROR_TEXT + 1)
  }
  t.equal(rawStackOf(error)?.length, MAX_STACK_TEXT + 1)
})

t.test('a peer cannot put a stack or faults of its own where the host prints its own', async (t) => {
  const detail = { message: 'other', stack: 'at fake', faults: 'none', path: '/x' }
  const error = parseWireError(
    { code: 'ACCESS_DENIED', message: 'm', detail, stack: 'at a.ts' },
    ALLOWED,
    'PLUGIN_ERROR',
  )
  t.same(error.detail, { message: 'm', path: '/x' })
  t.equal(rawStackOf(error), 'at a.ts')
  t.equal(rawStackOf(new PluginError('PLUGIN_ERROR')), undefined)
})

t.test('what leaves carries code, message and plain facts, and no stack', async (t) => {
  const error = new PluginError('ACCESS_DENIED', {
    message: 'm',
    path: 'p'.repeat(5000),
    count: 3,
    fine: true,
    nested: { a: 1 },
    stack: 'at /home/operator/host.js:1',
  })
  const wire = toWireError(error)
  t.same(wire, {
    code: 'ACCESS_DENIED',
    message: 'm',
    detail: { path: `${'p'.repeat(MAX_ERROR_TEXT)}…`, count: 3, fine: true },
  })
  t.notMatch(JSON.stringify(wire), 'operator')
  const fault = {
    code: 'POLICY_INVALID',
    file: '/etc/secret',
    pointer: '',
    message: 'm',
    remedy: 'r',
  } as const
  t.same(toWireError(faultsError('POLICY_INVALID', [fault])), {
    code: 'POLICY_INVALID',
    message: ERROR_CODES.POLICY_INVALID,
    detail: {},
  })
})

t.test('an error comes back as it left', async () => {
  const details = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,10}$/).filter((key) => !['message', 'stack', 'faults'].includes(key)),
    fc.oneof(fc.string({ maxLength: 100 }), fc.integer(), fc.boolean()),
    { maxKeys: 10, noNullPrototype: true },
  )
  fc.assert(
    fc.property(details, fc.string({ maxLength: 100 }), (facts, message) => {
      const sent = new PluginError('ACCESS_DENIED', { message, ...facts })
      const body: unknown = JSON.parse(JSON.stringify(toWireError(sent)))
      const { code, detail } = parseWireError(body, ALLOWED, 'PLUGIN_ERROR')
      const sorted = (record: object): string =>
        Object.entries(record)
          .map((entry) => JSON.stringify(entry))
          .toSorted()
          .join()
      return code === 'ACCESS_DENIED' && sorted(detail) === sorted(sent.detail)
    }),
  )
})
