// The typed façade carries calls of named methods with one plain value, and nothing of Comlink's own.
import t from 'tap'
import { PluginError } from '../../lib/errors.js'
import { makeRemote } from '../../lib/rpc/remote.js'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { NO_HURRY, openPair } from './pair.js'

interface Api {
  load(argument: { readonly plugin: string }): { readonly rest: readonly string[] }
  start(): null
  fail(): void
}

/** Records what would cross the channel. */
function recording(answer: (method: string, argument: unknown) => unknown = () => null) {
  const calls: unknown[][] = []
  const remote = makeRemote<Api>(['load', 'start', 'fail'], async (...call) => {
    calls.push(call)
    return answer(call[0], call[1])
  })
  return { calls, remote }
}

t.test('a named method carries its one value and gives back the very result', async (t) => {
  const result = { rest: ['GET /'] }
  const { calls, remote } = recording(() => result)
  const argument = { plugin: 'x' }
  t.equal(await remote.load(argument), result)
  await remote.start()
  t.equal(calls[0]?.[1], argument)
  t.same(calls, [
    ['load', { plugin: 'x' }],
    ['start', undefined],
  ])
})

t.test('calls in flight at once get each its own answer', async (t) => {
  const { remote } = recording((_method, argument) => argument)
  const answers = await Promise.all(['a', 'b', 'c'].map((plugin) => remote.load({ plugin })))
  t.same(answers, [{ plugin: 'a' }, { plugin: 'b' }, { plugin: 'c' }])
})

/** What a caller without types could write. */
interface Loose {
  (...values: unknown[]): Promise<unknown>
  new (...values: unknown[]): PromiseLike<unknown>
  readonly [name: string]: Loose
}

t.test('everything else is refused and reaches no channel', async (t) => {
  const { calls, remote } = recording()
  const loose = remote as unknown as Loose
  const at = (...path: string[]): Loose => path.reduce((inner, name) => inner[name] as Loose, loose)
  const attempts: Readonly<Record<string, () => unknown>> = {
    'another name': () => at('stop')(),
    constructor: () => at('constructor')('return 1'),
    __proto__: () => at('__proto__')({}),
    toString: () => at('toString')(),
    'a deeper path': () => at('load', 'call')({}),
    'the constructor of a method': () => at('load', 'constructor')('return process'),
    'then of a method': () => at('load', 'then')(),
    'the façade itself': () => loose(),
    'reading a method': () => loose['load'],
    'reading another property': () => loose['version'],
    construct: () => new loose(),
    'construct of a method': () => new (at('load'))({}),
    'two values': () => at('load')({}, {}),
  }
  for (const [what, attempt] of Object.entries(attempts)) {
    const refused = async (): Promise<unknown> => attempt()
    await t.rejects(refused(), { code: 'METHOD_UNKNOWN' }, what)
  }
  t.throws(() => Object.assign(remote, { start: 1 }), TypeError, 'assignment')
  t.throws(() => Object.assign(remote, { other: 1 }), TypeError)
  t.same(calls, [])
})

t.test('the façade is no thenable: it can be returned from an async function', async (t) => {
  const { calls, remote } = recording()
  const same = (await (async () => remote)()) as typeof remote
  await same.start()
  t.same(calls, [['start', undefined]])
})

t.test('an error keeps its class, code, detail and identity', async (t) => {
  const failures = [
    new PluginError('PLUGIN_START_FAILED', { plugin: 'x', line: 3 }),
    new TypeError('of ours'),
  ]
  for (const failure of failures) {
    const { remote } = recording(() => {
      throw failure
    })
    t.equal(await remote.fail().catch((error: unknown) => error), failure)
  }
})

t.test('a result that looks like a Comlink message stays data', async (t) => {
  const lookalikes: unknown[] = [
    { type: 'HANDLER', name: 'proxy', value: null },
    { type: 'HANDLER', name: 'throw', value: { isError: false, value: 'x' } },
    { id: '1', type: 'RAW', value: 2 },
  ]
  for (const lookalike of lookalikes) {
    const { remote } = recording(() => lookalike)
    t.equal(await remote.start(), lookalike)
  }
})

t.test('over a channel only method and value arrive', async (t) => {
  const seen: unknown[] = []
  const { near, far } = await openPair(
    memoryPortPair(),
    {},
    {
      serve({ method, value, sections, streams }) {
        seen.push([method, value, sections.length, streams.length])
        if (method === 'fail') throw new PluginError('ACCESS_DENIED', { path: '/x' })
        return { value: { rest: [] } }
      },
    },
  )
  const remote = makeRemote<Api>(['load', 'start', 'fail'], async (method, value = null) => {
    return (await near.channel.call(method, { value }, NO_HURRY)).value
  })
  t.same(await remote.load({ plugin: 'x' }), { rest: [] })
  await t.rejects(remote.fail(), { name: 'PluginError', code: 'ACCESS_DENIED', detail: { path: '/x' } })
  t.same(seen, [
    ['load', { plugin: 'x' }, 0, 0],
    ['fail', null, 0, 0],
  ])
  near.channel.close(new PluginError('CHANNEL_CLOSED'))
  await far.channel.closed
  await t.rejects(remote.start(), { code: 'CHANNEL_CLOSED' })
})
