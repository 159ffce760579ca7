// A plugin holds no more timers than its policy allows, clears only its own, and has none left after teardown.
import t from 'tap'
import { makeTimerSet } from '../../workers/attenuate/timer-set.js'
import { takeRealm } from '../../workers/attenuate/realm.js'
import { startThread, type ThreadError } from './thread.js'

t.test(
  'the cap counts what waits, says what to do, and frees a place when a timer fires or is cleared',
  async (t) => {
    const thread = await startThread(t, { timers: 3 })
    const error = await thread
      .value('(() => { for (let i = 0; i < 4; i++) setTimeout(() => {}, 100000) })()')
      .catch((thrown: ThreadError) => thrown)
    t.match(error, { code: 'ERR_TIMER_LIMIT', message: /limits\.timers .* is 3.*clear timers/ })
    t.equal(
      await thread.value('(() => { try { setImmediate(() => {}) } catch (e) { return e.code } })()'),
      'ERR_TIMER_LIMIT',
    )

    const second = await startThread(t, { timers: 1 })
    t.equal(
      await second.value(
        'new Promise((r) => setTimeout(() => setTimeout(() => setImmediate(r, "three in turn"), 1), 1))',
      ),
      'three in turn',
    )
    t.equal(
      await second.value(
        '(() => { for (let i = 0; i < 50; i++) clearTimeout(setTimeout(() => {}, 1000)); return "fine" })()',
      ),
      'fine',
    )
    t.equal(
      await second.value(
        '(() => { for (let i = 0; i < 50; i++) clearInterval(setInterval(() => {}, 1000)); return "fine" })()',
      ),
      'fine',
    )
    t.equal(
      await second.value(
        '(() => { AbortSignal.timeout(100000); try { setTimeout(() => {}, 1) } catch (e) { return e.code } })()',
      ),
      'ERR_TIMER_LIMIT',
    )
  },
)

t.test('no handle or number clears a timer of trusted code', async (t) => {
  const thread = await startThread(t)
  const survived = thread.value(`new Promise((done) => {
    for (let id = -5; id < 5000; id++) { clearTimeout(id); clearInterval(String(id)); clearTimeout({ _idleTimeout: 1, id, [Symbol.toPrimitive]: () => id }) }
    const keys = [...Object.getOwnPropertyNames(setTimeout(() => {}, 9999)), ...Object.getOwnPropertySymbols(setTimeout(() => {}, 9999))]
    done(keys.length)
  })`)
  t.equal(await survived, 0, 'and a handle shows nothing of what it stands for')
})

t.test('a handle does not lead to a class that makes handles for other numbers', async (t) => {
  const thread = await startThread(t)
  t.equal(await thread.value('setTimeout(() => {}, 9999).constructor === Object'), true)
  t.equal(
    await thread.value(
      'Object.isFrozen(setTimeout(() => {}, 9999)) && Object.isFrozen(Object.getPrototypeOf(setTimeout(() => {}, 9999)))',
    ),
    true,
  )
})

t.test('after teardown nothing fires and nothing can be armed', async (t) => {
  const thread = await startThread(t)
  await thread.evaluate(`
    globalThis.fired = []
    setTimeout(() => console.log('timeout'), 1); setInterval(() => console.log('interval'), 1); setImmediate(() => console.log('immediate'))
    queueMicrotask(() => {}); module.exports = 1`)
  await thread.send({ kind: 'teardown' })
  await thread.logs()
  // Timers of the same loop: whatever was due has had its turn when these are answered.
  for (let turn = 0; turn < 20; turn++) await thread.send({ kind: 'turn' })
  t.same(await thread.logs(), [])
  for (const arm of [
    'setTimeout(() => {}, 1)',
    'setInterval(() => {}, 1)',
    'setImmediate(() => {})',
    'AbortSignal.timeout(1)',
  ]) {
    t.match(await thread.value(arm).catch((error: ThreadError) => error), { code: 'PLUGIN_STOPPED' }, arm)
  }
})

t.test('what a callback throws is logged and ends nothing', async (t) => {
  const thread = await startThread(t)
  await thread.value(`new Promise((done) => {
    setTimeout(() => { throw new RangeError('from a timer') }, 1)
    setImmediate(() => { throw 'from an immediate' })
    queueMicrotask(() => { throw null })
    process.nextTick(() => { throw new Proxy({}, {}) })
    const target = new EventTarget()
    target.addEventListener('x', () => { throw new Error('from a listener') })
    target.dispatchEvent(new Event('x'))
    setTimeout(done, 20)
  })`)
  const logs = (await thread.logs()).map(([level, text]) => `${level} ${text.split('\n')[0] ?? ''}`)
  for (const expected of [
    'RangeError: from a timer',
    "'from an immediate'",
    'uncaught null',
    '[Proxy]',
    'Error: from a listener',
  ]) {
    t.ok(
      logs.some((line) => line.startsWith('error uncaught') && line.includes(expected)),
      expected,
    )
  }
  t.equal(await thread.value('1 + 1'), 2)
})

t.test('clearing all clears what Node holds, each timer once', (t) => {
  const cleared: unknown[] = []
  const realm = {
    ...takeRealm(),
    setTimeout: () => 'timeout',
    setInterval: () => 'interval',
    setImmediate: () => 'immediate',
    clearTimeout: (timer: unknown) => void cleared.push(timer),
    clearImmediate: (timer: unknown) => void cleared.push(timer),
  }
  const timers = makeTimerSet(realm, 10, () => t.fail('nothing throws'))
  const run = (): void => void t.fail('nothing runs')
  timers.after(1, run)
  timers.every(1, run)
  timers.soon(run)
  timers.clearAll()
  timers.clearAll()
  t.same(cleared, ['timeout', 'interval', 'immediate'])
  t.equal(timers.waiting(), 0)
  t.end()
})

t.test('delays are read once and bounded as in Node', (t) => {
  const armed: number[] = []
  const realm = { ...takeRealm(), setTimeout: (_run: () => void, delayMs: number) => armed.push(delayMs) }
  const timers = makeTimerSet(realm, 10, () => t.fail('nothing throws'))
  for (const delay of [5, 0, -1, Number.NaN, 2 ** 31, 1.7]) timers.after(delay, () => undefined)
  t.same(armed, [5, 1, 1, 1, 1, 1])
  t.equal(timers.waiting(), 6)
  t.end()
})
