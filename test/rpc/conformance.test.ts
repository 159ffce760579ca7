// Whatever carries the bytes, a channel keeps the same promises: calls, errors, deadlines,
// notices, windows and one end for everything outstanding. Streams have a suite of their own.
import t, { type Test } from 'tap'
import { PluginError } from '../../lib/errors.js'
import type { IncomingCall, Payload } from '../../lib/rpc/channel.js'
import { makeGate, makeSide, NO_HURRY, openPair, settle, type Gate, type SideOptions } from './pair.js'
import { TRANSPORTS } from './transports.js'

/** Serves calls that answer only when told: `held` holds them in the order they came. */
function holding(): { readonly held: (IncomingCall & Gate)[]; serve(call: IncomingCall): Promise<Payload> } {
  const held: (IncomingCall & Gate)[] = []
  return {
    held,
    async serve(call) {
      const gate = makeGate()
      held.push({ ...call, ...gate })
      await gate.opened
      return { value: call.value }
    },
  }
}

for (const { name, open } of TRANSPORTS) {
  t.test(name, async (t) => {
    const pair = async (t: Test, near?: SideOptions, far?: SideOptions) => {
      const sides = await openPair(await open((undo) => t.teardown(undo)), near, far)
      t.teardown(() => sides.near.channel.close(new PluginError('CHANNEL_CLOSED')))
      t.teardown(() => sides.far.channel.close(new PluginError('CHANNEL_CLOSED')))
      return sides
    }

    t.test('values and sections come back as they went, both ways', async (t) => {
      const { near, far } = await pair(t)
      const values: unknown[] = [
        undefined,
        null,
        0,
        -1.5e300,
        '',
        'ä 日本 𝄞 \u2028 \u0000 \\ "',
        '\ud800',
        [],
        {},
        { a: [{ b: [[1]] }, 'x'.repeat(40_000)] },
      ]
      const sections = [Buffer.alloc(0), Buffer.from([1, 2, 3]), Buffer.alloc(1_000_000, 'big')]
      for (const side of [near, far]) {
        for (const value of values) {
          const received = await side.channel.call('echo', { value, sections }, NO_HURRY)
          t.same(received.value, value)
          t.equal(Buffer.compare(Buffer.concat(received.sections), Buffer.concat(sections)), 0)
          t.same(
            received.sections.map(({ length }) => length),
            [0, 3, 1_000_000],
          )
        }
      }
    })

    t.test('JSON made before is sent as it is, text or bytes, small or large', async (t) => {
      const { near } = await pair(t)
      const { channel } = near
      for (const value of [{ a: 'ü' }, { a: 'ü'.repeat(100_000) }]) {
        const json = JSON.stringify(value)
        t.same((await channel.call('echo', { json }, NO_HURRY)).value, value)
        t.same((await channel.call('echo', { json: Buffer.from(json) }, NO_HURRY)).value, value)
      }
    })

    t.test('bytes are taken when the call is made: changing them later changes nothing', async (t) => {
      const { near } = await pair(t)
      const section = Buffer.alloc(40_000, 1)
      const answer = near.channel.call('echo', { sections: [section] }, NO_HURRY)
      section.fill(2)
      t.ok((await answer).sections[0]?.every((byte) => byte === 1))
    })

    t.test('a failure comes back as a code the peer may use, and its facts', async (t) => {
      const failures: Readonly<Record<string, unknown>> = {
        allowed: new PluginError('ACCESS_DENIED', {
          path: '/etc',
          n: 3,
          nested: {},
          stack: 'at /host/secret',
        }),
        forbidden: new PluginError('PLUGIN_OUT_OF_MEMORY', { path: '/x' }),
        plain: new TypeError('/home/operator/secret'),
        nothing: undefined,
      }
      const { near } = await pair(
        t,
        {},
        {
          serve(call) {
            const error = failures[call.method]
            if (call.value === 'later') return Promise.reject(error as Error)
            throw error
          },
        },
      )
      for (const when of ['now', 'later']) {
        const fail = (method: string): Promise<PluginError> =>
          near.channel.call(method, { value: when }, NO_HURRY).then(
            () => t.fail('it did not fail') as never,
            (error: unknown) => error as PluginError,
          )
        t.match(await fail('allowed'), { code: 'ACCESS_DENIED', detail: { path: '/etc', n: 3 } })
        t.notMatch(JSON.stringify(await fail('allowed')), 'secret', 'no stack leaves')
        t.match(await fail('forbidden'), { code: 'PLUGIN_ERROR', detail: { path: '/x' } })
        const plain = await fail('plain')
        t.equal(plain.code, 'PLUGIN_ERROR')
        t.notMatch(plain.message, 'secret', 'an unknown error may name paths')
        t.equal((await fail('nothing')).code, 'PLUGIN_ERROR')
      }
    })

    t.test('a result that cannot be sent fails its own call, not the channel', async (t) => {
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      const results: Readonly<Record<string, Payload>> = {
        cycle: { value: cycle },
        large: { value: 'x'.repeat(100_000) },
        manySections: { sections: Array.from({ length: 17 }, () => Buffer.alloc(1)) },
        noJson: { value: () => 1 },
      }
      const { near, far } = await pair(
        t,
        { limits: { maxFrameBytes: 50_000 } },
        { serve: ({ method }) => results[method] ?? { value: 'fine' } },
      )
      await t.rejects(near.channel.call('cycle', {}, NO_HURRY), { code: 'PLUGIN_ERROR' })
      await t.rejects(near.channel.call('large', {}, NO_HURRY), { code: 'MESSAGE_TOO_LARGE' })
      await t.rejects(near.channel.call('manySections', {}, NO_HURRY), { code: 'MESSAGE_TOO_LARGE' })
      t.same((await near.channel.call('noJson', {}, NO_HURRY)).value, null)
      t.same((await near.channel.call('other', {}, NO_HURRY)).value, 'fine')
      await settle(far)
    })

    t.test('a failure too large for the peer arrives as its code alone', async (t) => {
      const { near } = await pair(
        t,
        { limits: { maxFrameBytes: 4096 } },
        {
          async serve() {
            const detail = Object.fromEntries('abcdefgh'.split('').map((key) => [key, key.repeat(2000)]))
            throw new PluginError('ACCESS_DENIED', detail)
          },
        },
      )
      await t.rejects(near.channel.call('any', {}, NO_HURRY), { code: 'ACCESS_DENIED' })
      await settle(near)
    })

    t.test('a call larger than the peer takes fails here, and the channel goes on', async (t) => {
      const { near } = await pair(t, {}, { limits: { maxFrameBytes: 50_000 } })
      for (const payload of [
        { value: 'x'.repeat(50_000) },
        { value: 'ü'.repeat(30_000) },
        { sections: [Buffer.alloc(50_000)] },
        { sections: Array.from({ length: 17 }, () => Buffer.alloc(1)) },
      ]) {
        await t.rejects(near.channel.call('echo', payload, NO_HURRY), { code: 'MESSAGE_TOO_LARGE' })
      }
      await t.rejects(near.channel.call('m'.repeat(65), {}, NO_HURRY), { code: 'MESSAGE_TOO_LARGE' })
      t.same((await near.channel.call('echo', { value: 1 }, NO_HURRY)).value, 1)
      t.ok(near.clock.pending <= 1, 'one timer for all deadlines')
    })

    t.test('the calls of one turn travel in one send', async (t) => {
      const { near, far } = await pair(t)
      await settle(near)
      const before = near.sends.length
      const answers = Array.from({ length: 20 }, (_, value) => near.channel.call('echo', { value }, NO_HURRY))
      t.same(
        (await Promise.all(answers)).map(({ value }) => value),
        answers.map((_, value) => value),
      )
      t.equal(near.sends.length - before, 1)
      t.ok(far.sends.length >= 1)
    })

    t.test(
      'no more than the window is under way, the queue is bounded, all are answered in order',
      async (t) => {
        const { held, serve } = holding()
        const { near } = await pair(t, { queue: 3 }, { serve, limits: { callWindow: 2 } })
        const answers = [0, 1, 2, 3, 4].map((value) => near.channel.call('m', { value }, NO_HURRY))
        await t.rejects(near.channel.call('m', {}, NO_HURRY), { code: 'QUEUE_FULL' })
        t.match(near.channel.stats(), { inFlight: 2, queued: 3 })
        for (let round = 0; round < 5; round++) {
          await settle(near)
          t.equal(held.length, Math.min(5, round + 2), 'the next comes only when one is answered')
          held[round]?.open()
        }
        t.same(
          (await Promise.all(answers)).map(({ value }) => value),
          [0, 1, 2, 3, 4],
        )
        t.match(near.channel.stats(), { inFlight: 0, queued: 0, callsSent: 5 })
      },
    )

    t.test(
      'a deadline ends the wait, tells the callee, and its place returns with the late answer',
      async (t) => {
        const { held, serve } = holding()
        const { near, far } = await pair(t, {}, { serve, limits: { callWindow: 1 } })
        const first = near.channel.call('slow', { value: 'first' }, { deadlineMs: 50 })
        const second = near.channel.call('next', { value: 'second' }, { deadlineMs: 500 })
        await settle(near)
        let told = 0
        held[0]?.onCancel(() => {
          throw new Error('a listener of the callee that fails')
        })
        held[0]?.onCancel(() => told++)
        t.equal(held[0]?.deadlineMs, 50)
        near.clock.advance(49)
        t.equal(near.channel.stats().abandoned, 0)
        near.clock.advance(1)
        await t.rejects(first, { code: 'CALL_TIMEOUT', detail: { method: 'slow', deadlineMs: 50 } })
        await settle(near)
        t.equal(told, 1)
        t.equal(held[0]?.cancelled(), true)
        held[0]?.onCancel(() => told++)
        t.equal(told, 2, 'a listener that comes late runs at once')
        t.match(near.channel.stats(), { abandoned: 1, inFlight: 1, queued: 1 })
        t.equal(held.length, 1, 'the peer that does not answer is held to its window')
        held[0]?.open()
        await settle(near)
        t.match(near.channel.stats(), { abandoned: 0, inFlight: 1, queued: 0 })
        t.equal(held[1]?.deadlineMs, 450, 'the time in the queue is part of the deadline')
        held[1]?.open()
        t.same((await second).value, 'second')
        await settle(far)
        near.channel.close(new PluginError('PLUGIN_STOPPED'))
        t.equal(near.clock.pending, 0, 'no timer is left')
      },
    )

    t.test('an abort ends the wait before, in the queue and under way', async (t) => {
      const { held, serve } = holding()
      const { near } = await pair(t, {}, { serve, limits: { callWindow: 1 } })
      const stop = new AbortController()
      const call = () => near.channel.call('m', {}, { deadlineMs: 100, signal: stop.signal })
      const underWay = call()
      const queued = call()
      await settle(near)
      stop.abort()
      for (const promise of [underWay, queued, call()]) await t.rejects(promise, { code: 'CALL_ABORTED' })
      await settle(near)
      t.equal(held.length, 1, 'the queued one never left')
      t.equal(held[0]?.cancelled(), true)
      held[0]?.open()
      await settle(near)
      t.match(near.channel.stats(), { inFlight: 0, queued: 0, abandoned: 0, callsSent: 1 })
    })

    t.test('a deadline longer than timers hold is a long one, not a short one', async (t) => {
      const { near } = await pair(t, {}, { serve: ({ deadlineMs }) => ({ value: deadlineMs }) })
      const delays: number[] = []
      const { setTimeout } = near.clock
      near.clock.setTimeout = (run, delayMs) => (delays.push(delayMs), setTimeout(run, delayMs))
      t.same((await near.channel.call('m', {}, { deadlineMs: 1e12 })).value, 0x7fff_ffff)
      t.same(delays, [0x7fff_ffff])
    })

    t.test('notices arrive in order with value and bytes', async (t) => {
      const seen: unknown[] = []
      const { near } = await pair(
        t,
        {},
        {
          onNotice: (method, value, sections) => void seen.push([method, value, sections.map(String)]),
        },
      )
      near.channel.notify('a', { value: 1, sections: [Buffer.from('x')] })
      near.channel.notify('b', { json: '[2]' })
      await settle(near)
      t.same(seen, [
        ['a', 1, ['x']],
        ['b', [2], []],
      ])
    })

    t.test(
      'a slow handler of notices stops the sender; what finds no room is dropped and counted',
      async (t) => {
        const gates: Gate[] = []
        const { near } = await pair(
          t,
          { queue: 2 },
          {
            limits: { noticeWindow: 4 },
            onNotice(_method, value) {
              const gate = makeGate()
              gates.push(gate)
              return value === 1
                ? gate.opened.then(() => Promise.reject(new Error('its handler failed')))
                : gate.opened
            },
          },
        )
        const taken = [0, 1, 2, 3, 4, 5, 6, 7].map((value) => near.channel.notify('n', { value }))
        t.same(taken, [true, true, true, true, true, true, false, false])
        t.equal(near.channel.stats().noticesDropped, 2)
        await settle(near)
        t.equal(gates.length, 4, 'the window, and not one more')
        for (const gate of gates.slice(0, 2)) gate.open()
        await settle(near)
        t.equal(gates.length, 6, 'two handled, two more came')
        for (const gate of gates) gate.open()
        await settle(near)
        t.equal(near.channel.notify('n', {}), true)
      },
    )

    t.test(
      'a notice that turns out too large while it waits is dropped and counted, the next one goes',
      async (t) => {
        const seen: unknown[] = []
        const [one, other] = await open((undo) => t.teardown(undo))
        const near = makeSide(one)
        near.channel.notify('n', { value: 'x'.repeat(10_000) })
        near.channel.notify('n', { value: 'small' })
        const far = makeSide(other, {
          limits: { maxFrameBytes: 8192 },
          onNotice: (_m, value) => void seen.push(value),
        })
        t.teardown(() => far.channel.close(new PluginError('CHANNEL_CLOSED')))
        await near.channel.opened
        await settle(near)
        t.same(seen, ['small'])
        t.equal(near.channel.stats().noticesDropped, 1)
        t.throws(() => near.channel.notify('n', { value: 'x'.repeat(10_000) }), { code: 'MESSAGE_TOO_LARGE' })
      },
    )

    t.test('hello carries what the other side wants said', async (t) => {
      const { near, far } = await pair(t, { hello: { walls: ['ä'] } }, {})
      t.same(await far.channel.opened, { walls: ['ä'] })
      t.same(await near.channel.opened, null)
    })

    t.test('closing ends everything outstanding with its reason, on both sides', async (t) => {
      const { held, serve } = holding()
      const { near, far } = await pair(t, {}, { serve, limits: { callWindow: 1 } })
      const reason = new PluginError('PLUGIN_STOPPED', { plugin: 'x' })
      const answers = [0, 1].map(() => near.channel.call('m', {}, NO_HURRY))
      await settle(near)
      const ping = near.channel.ping()
      near.channel.close(reason)
      near.channel.close(new PluginError('CHANNEL_CLOSED'))
      for (const promise of [...answers, ping, near.channel.ping(), near.channel.call('m', {}, NO_HURRY)]) {
        t.equal(await promise.catch((error: unknown) => error), reason)
      }
      t.equal(await near.channel.closed, reason)
      t.equal(near.channel.notify('n', {}), false)
      t.equal(near.clock.pending, 0)
      t.equal((await far.channel.closed).code, 'PLUGIN_CRASHED', 'what the other side calls a lost peer')
      t.equal(held[0]?.cancelled(), true)
      held[0]?.open() // an answer that nobody can take any more
    })

    t.test('a channel closed before its hello rejects opened', async (t) => {
      const [one, other] = await open((undo) => t.teardown(undo))
      const near = makeSide(one)
      other.close()
      await t.rejects(near.channel.opened, { code: 'PLUGIN_CRASHED' })
    })

    t.test('ids wrap at 2^32 and nothing notices', async (t) => {
      const firstId = 0xffff_fffe
      const { near } = await pair(
        t,
        { firstId },
        {
          firstId,
          serve: ({ streams: [stream] }) => ({
            value: 'fine',
            streams: stream === undefined ? [] : [stream],
          }),
        },
      )
      for (let round = 0; round < 5; round++) {
        const source = async function* () {
          yield Buffer.from([round])
        }
        const { streams } = await near.channel.call('m', { streams: [source()] }, NO_HURRY)
        for await (const chunk of streams[0] ?? []) t.same([...chunk], [round])
      }
      t.equal(near.channel.stats().callsSent, 5)
    })
  })
}
