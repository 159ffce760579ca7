// An extension point that fails in a row is left alone: calls end at once and cost the plugin nothing, one call tries it
// again later, and the caller gets what the operator chose and sees that it did. The operator can take a plugin
// out of service and give it back.
import t, { type Test } from 'tap'
import { PluginError, type ErrorCode } from '../../lib/errors.js'
import type { BreakerEvent, FallbackEvent } from '../../lib/failure/guard.js'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { nodeClock } from '../../lib/node-powers.js'
import type { LaunchPowers } from '../../lib/powers.js'
import { startPlugins, type StartedPlugins, type StartOptions } from './start-plugins.js'

t.setTimeout(60_000)

const SOURCE = `
let asked = 0
export default {
  rest: [
    { method: 'GET', path: '/do/{what}', handle({ params: { what } }) {
      if (what === 'never') return new Promise(() => {})
      if (what === 'throw') throw new Error('no')
      return what === 'wrong' ? { status: 'fine' } : { body: { what, asked: ++asked } }
    } },
    { method: 'GET', path: '/other', handle: () => ({}) },
  ],
  ingest: { stamp: () => async (docs) =>
    docs.some(({ hang }) => hang) ? new Promise(() => {}) : docs.map((doc) => ({ ...doc, stamped: true })) },
}`

const POINT = 'rest:/do/{what}'
/** Never reached by waiting: only the shifted clock gets there. */
const BREAKER = { failures: 2, waitMs: 3_600_000, maxWaitMs: 7_200_000 }

interface Shifted extends StartedPlugins {
  readonly breakers: BreakerEvent[]
  readonly fallbacks: FallbackEvent[]
  later(ms: number): void
  get(path: string, signal?: AbortSignal): ReturnType<StartedPlugins['service']['rest']>
  fails(path: string, code: ErrorCode): Promise<PluginError>
  /** Kills the process under calls that wait in it; resolves when it runs again. */
  killUnder(calls: number): Promise<void>
}

async function start(t: Test, more: Partial<StartOptions> = {}): Promise<Shifted> {
  let ahead = 0
  const plugins = await startPlugins({
    plugins: { demo: SOURCE },
    restart: { initialMs: 1, maxMs: 1, maxCrashes: 100 },
    breaker: BREAKER,
    clock: { ...nodeClock, now: () => nodeClock.now() + ahead },
    ...more,
  })
  t.teardown(() => plugins.stop())
  const { service } = plugins
  const breakers: BreakerEvent[] = []
  const fallbacks: FallbackEvent[] = []
  service.on('breaker', (event) => breakers.push(event))
  service.on('fallback', (event) => fallbacks.push(event))
  const get: Shifted['get'] = (path, signal) =>
    service.rest({ method: 'GET', path }, signal === undefined ? {} : { signal })
  return {
    ...plugins,
    breakers,
    fallbacks,
    later: (ms) => void (ahead += ms),
    get,
    async fails(path, code) {
      const error = await get(path).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof PluginError) || error.code !== code) throw new Error(`${path}: ${String(error)}`)
      return error
    },
    async killUnder(calls) {
      const back = plugins.next('demo', 'running')
      const ended = Array.from({ length: calls }, () => get('/do/never').catch(() => undefined))
      process.kill(plugins.info('demo').pid ?? 0, 'SIGKILL')
      await Promise.all([...ended, back])
    },
  }
}

t.test('from closed to open, half-open, open for longer, and closed', async (t) => {
  const demo = await start(t)
  await demo.killUnder(5)
  t.same(demo.info('demo').breakers, [], 'a crash is one failure, whatever it takes along')
  await demo.fails('/do/wrong', 'REPLY_INVALID')
  const { calls } = demo.info('demo')

  const refused = await Promise.all(
    ['/do/1', '/do/never', '/do/wrong'].map((path) => demo.fails(path, 'BREAKER_OPEN')),
  )
  const { plugin, extensionPoint, state, retryAfterMs } = refused[0]?.detail ?? {}
  t.same([plugin, extensionPoint, state], ['demo', POINT, 'open'])
  t.ok(typeof retryAfterMs === 'number' && retryAfterMs > 3_500_000 && retryAfterMs <= 3_600_000)
  t.equal(demo.info('demo').calls, calls, 'nothing of it reached the plugin')
  t.match(demo.info('demo').breakers, [{ point: POINT, state: 'open' }])
  t.same(await demo.service.ingest('stamp', {}, [{ a: 1 }]), [{ a: 1, stamped: true }], 'other points go on')
  t.match(await demo.get('/other'), { status: 200 }, 'and other routes')

  demo.later(BREAKER.waitMs)
  await demo.fails('/do/wrong', 'REPLY_INVALID')
  await demo.fails('/do/1', 'BREAKER_OPEN')
  demo.later(BREAKER.waitMs)
  await demo.fails('/do/1', 'BREAKER_OPEN')
  demo.later(BREAKER.waitMs)
  const giveUp = new AbortController()
  const probe = demo.get('/do/never', giveUp.signal)
  await demo.fails('/do/1', 'BREAKER_OPEN')
  giveUp.abort()
  await t.rejects(probe, { code: 'CALL_ABORTED' })
  t.match(await demo.get('/do/1'), { body: { asked: 1 } })
  t.same(demo.info('demo').breakers, [])
  t.same(
    demo.breakers.map(({ plugin, point, from, to, reason }) => [plugin, point, from, to, reason]),
    [
      ['demo', POINT, 'closed', 'open', 'REPLY_INVALID'],
      ['demo', POINT, 'open', 'half-open', 'one call tries it again'],
      ['demo', POINT, 'half-open', 'open', 'REPLY_INVALID'],
      ['demo', POINT, 'open', 'half-open', 'one call tries it again'],
      ['demo', POINT, 'half-open', 'closed', 'it answered'],
    ],
  )
})

t.test('what the plugin throws opens nothing unless it is to', async (t) => {
  const demo = await start(t)
  for (let call = 0; call < 5; call++) await demo.fails('/do/throw', 'PLUGIN_ERROR')
  t.same(demo.breakers, [])
  const strict = await start(t, { breaker: { ...BREAKER, pluginErrors: true } })
  for (let call = 0; call < 2; call++) await strict.fails('/do/throw', 'PLUGIN_ERROR')
  await strict.fails('/do/1', 'BREAKER_OPEN')
  strict.service.release('demo')
  t.match(await strict.get('/do/1'), { status: 200 }, 'release() closes it')
})

t.test('what comes in place of an answer says so', async (t) => {
  const demo = await start(t, {
    fallback: { ingest: 'skip', 'rest:/**': 'fail', 'rest:/do/*': 'last-good' },
  })
  const documents = [{ a: 1 }, { hang: true }]
  t.match(await demo.get('/do/7'), { body: { what: '7', asked: 1 } })
  t.equal((await demo.get('/do/7')).fallback, undefined, 'an answer of the plugin is none')

  const skipped = demo.service.ingest('stamp', {}, documents)
  await demo.killUnder(1)
  t.same([...(await skipped)], documents, 'documents go on unchanged')
  t.same((await skipped).fallback, { kind: 'skip', code: 'PLUGIN_CRASHED' })
  await demo.fails('/do/wrong', 'REPLY_INVALID')

  demo.later(90_000)
  const reply = await demo.get('/do/7')
  t.match(reply, {
    status: 200,
    body: { what: '7', asked: 2 },
    fallback: { kind: 'last-good', code: 'BREAKER_OPEN' },
  })
  t.ok((reply.fallback?.ageMs ?? 0) >= 90_000 && Number(reply.headers['age']) >= 90)
  await demo.fails('/do/8', 'BREAKER_OPEN')
  await demo.fails('/do/never', 'BREAKER_OPEN')
  t.match(demo.fallbacks, [
    { plugin: 'demo', point: 'ingest:stamp', kind: 'skip', code: 'PLUGIN_CRASHED' },
    { plugin: 'demo', point: 'rest:/do/{what}', kind: 'last-good', code: 'BREAKER_OPEN' },
  ])
  t.equal(demo.info('demo').fallbacks, 2)

  const giveUp = new AbortController()
  const given = demo.service.ingest('stamp', {}, documents, { signal: giveUp.signal })
  giveUp.abort()
  await t.rejects(given, { code: 'CALL_ABORTED' }, 'a caller that gives up gets no fallback')
  await t.rejects(demo.service.ingest('absent', {}, documents), { code: 'EXTENSION_NOT_FOUND' })
})

t.test('the operator takes a plugin out of service, and gives it back', async (t) => {
  const real = nodeLaunchPowers()
  const order: string[] = []
  const launch: LaunchPowers = {
    ...real,
    spawnProcess(settings) {
      const child = real.spawnProcess(settings)
      order.push('launched')
      void child.exited.then(() => order.push('gone'))
      return child
    },
  }
  const demo = await start(t, { fallback: { 'rest:/do/*': 'last-good' }, launch })
  const reasons: string[] = []
  demo.service.on('quarantined', ({ reason }) => reasons.push(reason))
  await demo.get('/do/1')
  const call = demo.get('/do/never')
  demo.service.quarantine('demo', 'answers nonsense')
  demo.service.quarantine('demo', 'twice')
  const error = await call.catch((thrown: unknown) => thrown)
  t.match(error, { code: 'PLUGIN_NOT_RUNNING', detail: { message: /by the operator: answers nonsense/ } })
  t.same(reasons, ['quarantined by the operator: answers nonsense'])
  await demo.fails('/do/1', 'PLUGIN_NOT_RUNNING') // its earlier answers are out of service too
  t.match(demo.info('demo'), { state: 'quarantined', lastError: error })

  const back = demo.next('demo', 'running')
  demo.service.release('demo')
  await back
  t.same(order, ['launched', 'gone', 'launched'], 'never two of it at a time')
  t.match(await demo.get('/do/1'), { body: { asked: 1 } })
  t.throws(() => demo.service.quarantine('absent', ''), { code: 'PLUGIN_UNKNOWN' })
})
