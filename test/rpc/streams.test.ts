// Streams carry bytes both ways over any port, never further ahead than the reader's window,
// and whoever stops first is heard by the other side.
import t, { type Test } from 'tap'
import { PluginError } from '../../lib/errors.js'
import type { Payload } from '../../lib/rpc/channel.js'
import { CHUNK_BYTES } from '../../lib/protocol/limits.js'
import { collect, makeGate, NO_HURRY, openPair, settle, type SideOptions } from './pair.js'
import { TRANSPORTS } from './transports.js'

/** Counts what it was asked for; ends after `most` chunks, or never. */
function counting(most = Infinity, chunkBytes = 3) {
  const seen = { produced: 0, ended: 0, returned: makeGate() }
  async function* produce(): AsyncGenerator<Uint8Array> {
    try {
      while (seen.produced < most) yield Buffer.alloc(chunkBytes, seen.produced++)
    } finally {
      seen.ended++
      seen.returned.open()
    }
  }
  return { seen, source: produce() }
}

for (const { name, open } of TRANSPORTS) {
  t.test(name, async (t) => {
    const pair = async (t: Test, near?: SideOptions, far?: SideOptions) => {
      const sides = await openPair(await open((undo) => t.teardown(undo)), near, far)
      t.teardown(() => sides.near.channel.close(new PluginError('CHANNEL_CLOSED')))
      t.teardown(() => sides.far.channel.close(new PluginError('CHANNEL_CLOSED')))
      return sides
    }

    t.test('several streams of a call and of its reply arrive whole and in order', async (t) => {
      const { near } = await pair(
        t,
        {},
        {
          async serve({ streams }): Promise<Payload> {
            const whole = await Promise.all(streams.map(collect))
            return {
              value: whole.map(({ length }) => length),
              streams: whole.map((bytes) => each([bytes, bytes])),
            }
          },
        },
      )
      const big = Buffer.from(Array.from({ length: 3 * CHUNK_BYTES + 17 }, (_, at) => at % 251))
      const sources = [each([]), each([Buffer.alloc(0), Buffer.from('x')]), each([big, big.subarray(1)])]
      const { value, streams } = await near.channel.call('m', { streams: sources }, NO_HURRY)
      t.same(value, [0, 1, 2 * big.length - 1])
      const [none, one, two] = await Promise.all(streams.map(collect))
      t.same([none?.length, one?.toString()], [0, 'xx'])
      const sent = Buffer.concat([big, big.subarray(1)])
      t.equal(Buffer.compare(two as Buffer, Buffer.concat([sent, sent])), 0)
    })

    t.test('a stream of the call can be the stream of the reply', async (t) => {
      const { near, far } = await pair(t, {}, { serve: ({ streams }) => ({ streams }) })
      const { streams } = await near.channel.call('m', { streams: [counting(50).source] }, NO_HURRY)
      t.equal((await collect(streams[0] as AsyncIterable<Uint8Array>)).length, 150)
      await settle(far)
    })

    t.test('a producer is never further ahead of its reader than the window', async (t) => {
      const { seen, source } = counting(100)
      const { near } = await pair(
        t,
        { limits: { streamWindow: 4 } },
        { serve: () => ({ streams: [source] }) },
      )
      const { streams } = await near.channel.call('m', {}, NO_HURRY)
      await settle(near)
      t.equal(seen.produced, 4, 'the window, and nothing is asked for without a credit to send it')
      let read = 0
      for await (const chunk of streams[0] ?? []) {
        t.equal(chunk[0], read++)
        if (read % 10 === 0) await settle(near)
        if (seen.produced - read > 4) t.fail(`${seen.produced} produced, ${read} read`)
      }
      t.equal(read, 100)
      t.equal(seen.ended, 1)
    })

    t.test('large chunks are cut to what the frames of the peer hold', async (t) => {
      const { near } = await pair(
        t,
        { limits: { maxFrameBytes: 8192 } },
        { serve: () => ({ streams: [each([Buffer.alloc(50_000, 'y')])] }) },
      )
      const { streams } = await near.channel.call('m', {}, NO_HURRY)
      t.equal((await collect(streams[0] as AsyncIterable<Uint8Array>)).toString(), 'y'.repeat(50_000))
    })

    t.test('a reader that stops ends the producer, whenever it stops', async (t) => {
      const stops: Readonly<Record<string, (stream: AsyncIterable<Uint8Array>) => unknown>> = {
        'after a chunk': async (stream) => {
          for await (const _ of stream) break
        },
        'by cancel': (stream) => (stream as { cancel?: () => void }).cancel?.(),
        'before the first chunk': (stream) => stream[Symbol.asyncIterator]().return?.(),
        'while it waits': async (stream) => {
          const reader = stream[Symbol.asyncIterator]()
          for (let read = 0; read < 20; read++) await reader.next()
          const waiting = reader.next()
          await reader.return?.()
          await waiting
        },
      }
      for (const [when, stop] of Object.entries(stops)) {
        const { seen, source } = counting()
        const { near, far } = await pair(
          t,
          { limits: { maxStreams: 1 } },
          { serve: () => ({ streams: [source] }) },
        )
        const { streams } = await near.channel.call('m', {}, NO_HURRY)
        await stop(streams[0] as AsyncIterable<Uint8Array>)
        await seen.returned.opened
        t.equal(seen.ended, 1, when)
        await settle(near)
        await settle(far)
        const again = await near.channel.call('m', {}, NO_HURRY)
        t.equal(again.streams.length, 1, `${when}: its place is free again`)
      }
    })

    t.test('a producer that fails fails its reader, with a code, after what was sent before', async (t) => {
      const failures: Readonly<Record<string, () => AsyncIterable<Uint8Array>>> = {
        PLUGIN_ERROR: async function* () {
          yield Buffer.from('part')
          throw new Error('/home/operator')
        },
        ACCESS_DENIED: async function* () {
          yield Buffer.from('part')
          throw new PluginError('ACCESS_DENIED', { path: '/x' })
        },
        STREAM_ABORTED: async function* () {
          yield Buffer.from('part')
          yield 'text' as unknown as Uint8Array
        },
      }
      const { near, far } = await pair(
        t,
        { limits: { maxStreams: 1 } },
        {
          serve: ({ method }) => ({ streams: [failures[method]?.() ?? each([])] }),
        },
      )
      for (const code of Object.keys(failures)) {
        const { streams } = await near.channel.call(code, {}, NO_HURRY)
        const parts: string[] = []
        const reading = (async () => {
          for await (const chunk of streams[0] ?? []) parts.push(Buffer.from(chunk).toString())
        })()
        await t.rejects(reading, { code })
        t.same(parts, ['part'])
        await settle(far)
      }
    })

    t.test('a source that cannot begin, or yields nothing but faults, keeps no place', async (t) => {
      const broken: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]() {
          throw new Error('no')
        },
      }
      const { near, far } = await pair(
        t,
        { limits: { maxStreams: 1 } },
        { serve: () => ({ streams: [broken] }) },
      )
      for (let round = 0; round < 3; round++) {
        const { streams } = await near.channel.call('m', {}, NO_HURRY)
        await t.rejects(collect(streams[0] as AsyncIterable<Uint8Array>), { code: 'PLUGIN_ERROR' })
        await settle(far)
      }
    })

    t.test('streams of a call that nobody reads are cancelled when it is answered', async (t) => {
      for (const serve of [
        (): Payload => ({ value: 'not looked at' }),
        (): Payload => {
          throw new PluginError('ACCESS_DENIED')
        },
        (): Payload => ({ streams: [each([Buffer.from('other')])] }),
      ]) {
        const { seen, source } = counting()
        const { near } = await pair(t, {}, { serve })
        const answer = await near.channel.call('m', { streams: [source] }, NO_HURRY).catch(() => undefined)
        for (const stream of answer?.streams ?? []) await collect(stream)
        await seen.returned.opened
        t.equal(seen.ended, 1)
      }
    })

    t.test('a call that is given up fails the reader of its stream: a part is not the whole', async (t) => {
      const { seen, source } = counting()
      const failed = makeGate()
      let read: unknown
      const { near } = await pair(
        t,
        {},
        {
          async serve({ streams }) {
            read = await collect(streams[0] as AsyncIterable<Uint8Array>).catch((error: unknown) => error)
            failed.open()
            return {}
          },
        },
      )
      const stop = new AbortController()
      const answer = near.channel.call('m', { streams: [source] }, { deadlineMs: 100, signal: stop.signal })
      await settle(near)
      stop.abort()
      await t.rejects(answer, { code: 'CALL_ABORTED' })
      await failed.opened
      t.match(read, { code: 'STREAM_ABORTED' })
      await seen.returned.opened
      t.equal(seen.ended, 1)
    })

    t.test('a call that never leaves lets its sources go, and leaves no stream behind', async (t) => {
      const calls: [string, Payload][] = [
        ['MESSAGE_TOO_LARGE', { value: 'x'.repeat(20_000) }],
        ['MESSAGE_TOO_LARGE', { sections: Array.from({ length: 17 }, () => Buffer.alloc(1)) }],
        ['QUEUE_FULL', { streams: [each([]), each([]), each([])] }],
      ]
      const { near } = await pair(
        t,
        {},
        {
          limits: { maxFrameBytes: 16_384, maxStreams: 2 },
          serve: ({ streams }) => ({ value: streams.length }),
        },
      )
      for (const [code, payload] of calls) {
        const { seen, source } = counting()
        const started = { ...payload, streams: [...(payload.streams ?? []), await begun(source)] }
        await t.rejects(near.channel.call('m', started, NO_HURRY), { code })
        await seen.returned.opened
        t.same(
          (await near.channel.call('m', {}, NO_HURRY)).value,
          0,
          `after ${code} the next call has no stream`,
        )
      }
    })

    t.test('a reply that cannot be sent lets its sources go', async (t) => {
      const { seen, source } = counting()
      const started = await begun(source)
      const { near } = await pair(
        t,
        { limits: { maxFrameBytes: 8192, maxStreams: 1 } },
        {
          serve: ({ method }) =>
            method === 'large' ? { value: 'x'.repeat(10_000), streams: [started] } : { streams: [each([])] },
        },
      )
      await t.rejects(near.channel.call('large', {}, NO_HURRY), { code: 'MESSAGE_TOO_LARGE' })
      await seen.returned.opened
      const { streams } = await near.channel.call('fine', {}, NO_HURRY)
      t.equal(streams.length, 1, 'no stream of the failed reply holds the one place')
      streams[0]?.cancel()
    })

    t.test('closing fails the readers and ends the producers on both sides', async (t) => {
      const mine = counting()
      const theirs = counting()
      const { near, far } = await pair(
        t,
        {},
        {
          async serve({ streams }): Promise<Payload> {
            void collect(streams[0] as AsyncIterable<Uint8Array>).catch(() => undefined)
            return { streams: [theirs.source] }
          },
        },
      )
      const { streams } = await near.channel.call('m', { streams: [mine.source] }, NO_HURRY)
      const reading = collect(streams[0] as AsyncIterable<Uint8Array>)
      await settle(near)
      near.channel.close(new PluginError('PLUGIN_STOPPED'))
      await t.rejects(reading, { code: 'PLUGIN_STOPPED' })
      await far.channel.closed
      await Promise.all([mine.seen.returned.opened, theirs.seen.returned.opened])
      t.same([mine.seen.ended, theirs.seen.ended], [1, 1])
    })
  })
}

/** A source that has begun, so that its clean-up shows. */
async function begun(source: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  await source.next()
  return source
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
