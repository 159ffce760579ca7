// Whatever bytes arrive, a channel works on or closes with PROTOCOL_VIOLATION: nothing is thrown
// past it, nothing hangs, and no more is held than one frame.
import fc from 'fast-check'
import t from 'tap'
import { PluginError } from '../../lib/errors.js'
import type { WireLimits } from '../../lib/protocol/limits.js'
import { makeFrameReader } from '../../lib/rpc/frame.js'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { GENERATION, makeSide, NO_HURRY, type SideOptions } from './pair.js'
import { makeScriptedPort } from './scripted-port.js'

const LIMITS: Partial<WireLimits> = { maxFrameBytes: 65_536, maxDepth: 16, callWindow: 8, noticeWindow: 8 }

const HOST: SideOptions = {
  limits: LIMITS,
  serve({ method }) {
    throw new PluginError('METHOD_UNKNOWN', { method })
  },
}
const PLUGIN: SideOptions = {
  limits: LIMITS,
  async serve({ value, sections, streams, method }) {
    if (method === 'fail') throw new PluginError('ACCESS_DENIED', { path: '/x' })
    return { value, sections, streams }
  },
}

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield Buffer.alloc(20, at)
}

/** What the attacked side does in every run; the recording has the same, so that good traffic fits. */
function busy({ channel }: ReturnType<typeof makeSide>): readonly Promise<unknown>[] {
  const stop = new AbortController()
  const calls = [
    channel.call('echo', { value: { a: ['ü', 1, null] }, sections: [Buffer.from('bytes')] }, NO_HURRY),
    channel.call('fail', {}, NO_HURRY),
    channel.call('echo', { streams: [chunks(4)] }, NO_HURRY).then(async ({ streams }) => {
      for await (const chunk of streams[0] ?? []) if (chunk.length === 0) break
    }),
    channel.call('echo', { value: 'given up' }, { deadlineMs: 10, signal: stop.signal }),
    channel.ping(),
  ]
  for (let at = 0; at < 6; at++) channel.notify('log', { value: { at } })
  setImmediate(() => stop.abort()) // once it was sent
  return calls
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Everything the peer of a busy side sends it, frame by frame. */
async function record(attacked: SideOptions, peer: SideOptions): Promise<Buffer[]> {
  const [one, other] = memoryPortPair()
  const frames: Buffer[] = []
  const near = makeSide(one, attacked)
  const far = makeSide(
    {
      ...other,
      send(sent) {
        const bytes = Buffer.concat(sent)
        for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at) + 4) {
          frames.push(Buffer.from(bytes.subarray(at, at + bytes.readUInt32LE(at) + 4)))
        }
        other.send(sent)
      },
    },
    peer,
  )
  await near.channel.opened
  await Promise.allSettled([...busy(near), ...busy(far)])
  for (let round = 0; round < 10; round++) await turn()
  near.channel.close(new PluginError('CHANNEL_CLOSED'))
  return frames
}

type Mutation = (frames: readonly Buffer[]) => Buffer[]

/** Mutations keep good frames around the bad place, so that deep states are reached. */
function mutations(count: number, pool: readonly Buffer[]): fc.Arbitrary<Mutation> {
  const at = fc.nat(count - 1)
  const place = fc.nat(400)
  return fc.oneof(
    fc.tuple(at, place, fc.nat(7)).map(([index, byte, bit]): Mutation => {
      return change(index, (frame) => {
        const offset = byte % frame.length
        frame[offset] = (frame[offset] ?? 0) ^ (1 << bit)
        return [frame]
      })
    }),
    fc
      .tuple(at, fc.constantFrom(4, 5, 6, 7, 8, 12, 16, 20, 24), fc.nat(255))
      .map(([index, byte, value]): Mutation => {
        return change(index, (frame) => {
          frame[byte % frame.length] = value
          return [frame]
        })
      }),
    at.map((index): Mutation => change(index, (frame) => [frame, frame])),
    at.map((index): Mutation => change(index, () => [])),
    fc.tuple(at, at).map(([from, to]): Mutation => {
      return (frames) => {
        const moved = [...frames]
        moved.splice(to, 0, ...moved.splice(from, 1))
        return moved
      }
    }),
    fc
      .tuple(at, fc.constantFrom(...pool))
      .map(([index, other]): Mutation => change(index, (frame) => [other, frame])),
    fc.tuple(at, place, fc.uint8Array({ maxLength: 40 })).map(([index, byte, bytes]): Mutation => {
      return change(index, (frame) => [
        Buffer.concat([frame.subarray(0, byte % frame.length), bytes, frame.subarray(byte % frame.length)]),
      ])
    }),
    fc.tuple(at, place).map(([index, byte]): Mutation => change(index, (frame) => [frame.subarray(0, byte)])),
    fc.tuple(at, fc.json()).map(([index, json]): Mutation => {
      return change(index, (frame) => [withBody(frame, json)])
    }),
    fc.uint8Array({ maxLength: 200 }).map((bytes): Mutation => () => [Buffer.from(bytes)]),
  )
}

function change(index: number, how: (frame: Buffer) => Buffer[]): Mutation {
  return (frames) => frames.flatMap((frame, here) => (here === index ? how(Buffer.from(frame)) : [frame]))
}

/** The same frame around another body, its lengths put right. */
function withBody(frame: Buffer, json: string): Buffer {
  const start = 24 + 4 * (frame[6] ?? 0) + (frame[7] ?? 0)
  if (frame.length < start) return frame
  const body = Buffer.from(json)
  const whole = Buffer.concat([
    frame.subarray(0, start),
    body,
    frame.subarray(start + frame.readUInt32LE(20)),
  ])
  whole.writeUInt32LE(whole.length - 4, 0)
  whole.writeUInt32LE(body.length, 20)
  return whole
}

/** The Node matrix sets BULKHEAD_LONG. */
const RUNS = process.env['BULKHEAD_LONG'] === '1' ? 10_000 : 4_000
const outside: unknown[] = []
process.on('uncaughtException', (error) => outside.push(error))
process.on('unhandledRejection', (error) => outside.push(error))

for (const [name, attacked, peer] of [
  ['host', HOST, PLUGIN],
  ['plugin', PLUGIN, HOST],
] as const) {
  t.test(`a ${name} side survives ${RUNS} mutations of good traffic`, async (t) => {
    const frames = await record(attacked, peer)
    const pool = [...frames, ...(await record(peer, attacked))]
    t.ok(frames.length > 15, `${frames.length} frames recorded`)
    const untouched = makeScriptedPort()
    const side = makeSide(untouched, attacked)
    const answered = Promise.allSettled(busy(side))
    for (const frame of frames) {
      untouched.deliver(frame)
      await turn()
    }
    await answered
    t.equal(untouched.isClosed, false, 'the recording itself is good traffic')
    side.channel.close(new PluginError('CHANNEL_CLOSED'))
    const ends = { open: 0, violated: 0 }
    const rules = new Set<unknown>()
    const run = fc.asyncProperty(
      fc.array(mutations(frames.length, pool), { minLength: 0, maxLength: 3 }),
      fc.nat(300),
      async (list, cut) => {
        const port = makeScriptedPort()
        const side = makeSide(port, attacked)
        const outcomes = busy(side).map((promise) =>
          promise.then(
            () => 'answered',
            (error: unknown) => (error instanceof PluginError ? error.code : error),
          ),
        )
        // In a few turns, as good traffic comes: a credit follows the chunk it is for.
        const sent = list.reduce<readonly Buffer[]>((all, mutate) => mutate(all), frames)
        const bytes = Buffer.concat(sent)
        const step = Math.ceil(bytes.length / (1 + (cut % 8))) || 1
        for (let at = 0; at < bytes.length; at += step) {
          port.deliver(bytes.subarray(at, at + step))
          await turn()
        }
        if (port.isClosed) {
          const reason = await side.channel.closed
          if (reason.code !== 'PROTOCOL_VIOLATION') throw new Error(`closed with ${reason.code}`)
          if (reason.detail['rule'] === 'internal') throw reason
          rules.add(reason.detail['rule'])
          ends.violated++
        } else {
          const stats = side.channel.stats()
          if (stats.inFlight > 64 || stats.queued > 16) throw new Error(JSON.stringify(stats))
          ends.open++
          side.channel.close(new PluginError('CHANNEL_CLOSED'))
        }
        for (const outcome of await Promise.all(outcomes)) {
          if (typeof outcome !== 'string') throw outcome
        }
        if (side.clock.pending > 0) throw new Error('a timer is left')
        if (Reflect.get({}, 'polluted') !== undefined) throw new Error('polluted')
      },
    )
    await fc.assert(run, {
      numRuns: RUNS,
      interruptAfterTimeLimit: 20_000,
      markInterruptAsFailure: false,
      seed: 1,
    })
    t.same(outside, [], 'nothing was thrown past the channel')
    t.ok(ends.open > RUNS / 10, `${ends.open} runs stayed open`)
    t.ok(ends.violated > RUNS / 10, `${ends.violated} runs ended as violations`)
    t.ok(rules.size >= 12, `rules met: ${[...rules].join(', ')}`)
  })
}

t.test('cut anywhere, the same bytes are the same frames', async (t) => {
  const frames = await record(PLUGIN, HOST)
  const bytes = Buffer.concat(frames)
  const read = (cuts: readonly number[]): string[] => {
    const reader = makeFrameReader(GENERATION, 65_536)
    const seen: string[] = []
    let from = 0
    for (const to of [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]) {
      reader.push(bytes.subarray(from, to), ({ kind, id, body, sections }) =>
        seen.push(JSON.stringify([kind, id, body.toString(), sections.map(String)])),
      )
      from = to
    }
    if (!reader.atBoundary) throw new Error('not at a boundary')
    return seen
  }
  const whole = read([])
  t.equal(whole.length, frames.length)
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { maxLength: 40 }), (cuts) => read(cuts).join() === whole.join()),
    { numRuns: 500 },
  )
})

t.test('a reader holds no more than one frame, however small the chunks', async (t) => {
  const size = 4_000_000
  const reader = makeFrameReader(GENERATION, size)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(size - 4)
  const nothing = (): void => undefined
  reader.push(head, nothing)
  const before = process.memoryUsage()
  for (let at = 0; at < 300_000; at++) {
    reader.push(new Uint8Array(1), nothing)
    reader.push(new Uint8Array(0), nothing)
  }
  globalThis.gc?.()
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  t.equal(reader.atBoundary, false)
  t.ok(grown < 40_000_000, `${Math.round(grown / 1e6)} MB more`)
})
