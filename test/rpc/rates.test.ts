// One side holds the other to its rates and to what it will keep for it, told each time, without ending an honest peer.
import t from 'tap'
import type { LimitHit } from '../../lib/protocol/limit-hit.js'
import type { PluginError } from '../../lib/errors.js'
import { CHUNK_BYTES } from '../../lib/protocol/limits.js'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { echo, makeGate, makeSide, NO_HURRY, openPair, type Side, type SideOptions } from './pair.js'
import { makeScriptedPort, rawFrame, rawHello, type ScriptedPort } from './scripted-port.js'

const MIB = 1_048_576

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

interface Heard {
  readonly hits: string[]
  readonly onLimit: (hit: LimitHit) => void
}
function hear(): Heard {
  const hits: string[] = []
  return { hits, onLimit: ({ limit, action }) => void hits.push(`${limit} ${action}`) }
}

t.test('calls past the rate wait, in order, and their deadline counts', async (t) => {
  let served = 0
  const { hits, onLimit } = hear()
  const { near } = await openPair(
    memoryPortPair(),
    { rates: { callsPerSecond: 3 }, queue: 5, onLimit },
    { serve: (call) => (served++, echo(call)) },
  )
  const codes: string[] = []
  const full: PluginError[] = []
  for (let call = 0; call < 10; call++) {
    const options = { deadlineMs: call === 7 ? 500 : 10_000 }
    near.channel.call('m', { value: call }, options).then(
      ({ value }) => codes.push(String(value)),
      (error: PluginError) => {
        codes.push(error.code)
        if (error.code === 'QUEUE_FULL') full.push(error)
      },
    )
  }
  await turns()
  t.equal(served, 3)
  t.match(near.channel.stats(), { queued: 5 })
  t.match(full, [{ detail: { queue: 5, behind: 'callsPerSecond' } }, {}])
  near.clock.advance(1000)
  await turns()
  t.equal(served, 6)
  near.clock.advance(1000)
  await turns()
  t.same(codes.slice().sort(), [
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    'CALL_TIMEOUT',
    'QUEUE_FULL',
    'QUEUE_FULL',
  ])
  t.same([...new Set(hits)].sort(), ['callTimeoutMs refused', 'callsPerSecond slowed', 'queue refused'])
})

t.test('notices come no faster than their credits go back', async (t) => {
  let taken = 0
  const { hits, onLimit } = hear()
  const { near, far } = await openPair(
    memoryPortPair(),
    { queue: 1000 },
    {
      limits: { noticeWindow: 4 },
      rates: { noticesPerSecond: 10 },
      onNotice: () => void taken++,
      onLimit,
    },
  )
  for (let notice = 0; notice < 100; notice++) near.channel.notify('log', {})
  await turns(200)
  // The burst, and what may be under way before any credit is back.
  t.ok(taken >= 10 && taken <= 14, `${taken} were taken at once`)
  const atOnce = taken
  for (let step = 0; step < 10; step++) {
    far.clock.advance(100)
    await turns()
  }
  t.ok(taken > atOnce && taken <= atOnce + 12, `${taken - atOnce} came in the second after`)
  t.ok(hits.includes('noticesPerSecond slowed'))
  t.match(
    await near.channel.call('m', { value: 1 }, NO_HURRY),
    { value: 1 },
    'the flooding side is not ended',
  )
})

t.test('what only the newest matters of has room when nothing else has, and goes first', async (t) => {
  const seen: string[] = []
  const gate = makeGate()
  const { near } = await openPair(
    memoryPortPair(),
    { queue: 2 },
    {
      limits: { noticeWindow: 2 },
      onNotice: (method, value) => {
        seen.push(`${method} ${String(value)}`)
        return gate.opened
      },
    },
  )
  const logged = [1, 2, 3, 4, 5].map((value) => near.channel.notify('log', { value }))
  t.same(logged, [true, true, true, true, false])
  for (const value of ['a', 'b', 'c']) t.equal(near.channel.notify('acknowledge', { value }, true), true)
  await turns()
  t.same(seen, ['log 1', 'log 2'])
  gate.open()
  await turns()
  t.same(seen, ['log 1', 'log 2', 'acknowledge c', 'log 3', 'log 4'])
})

t.test(
  'bytes past the rate wait with whoever sends them: calls, chunks of streams and answers',
  async (t) => {
    const block = Buffer.alloc(10_000)
    const sources = { async *[Symbol.asyncIterator]() { for (let n = 0; n < 5; n++) yield block } } // prettier-ignore
    const kinds: Readonly<Record<string, (side: Side) => Promise<unknown>>> = {
      calls: async ({ channel }) => {
        for (let call = 0; call < 5; call++)
          await channel.call('m', { sections: [block] }, { deadlineMs: 1e9 })
      },
      chunks: ({ channel }) => channel.call('read', { streams: [sources] }, { deadlineMs: 1e9 }),
    }
    for (const [kind, run] of Object.entries(kinds)) {
      const { near } = await openPair(
        memoryPortPair(),
        { rates: { bytesPerSecond: 10_000 } },
        {
          serve: async ({ streams: [stream] }) => {
            for await (const _ of stream ?? []);
            return {}
          },
        },
      )
      let done = false
      void run(near).then(() => (done = true))
      for (let second = 0; second < 3; second++) {
        await turns()
        const { bytesSent } = near.channel.stats()
        t.ok(bytesSent <= 10_000 * second + 26_000, `${kind}: ${bytesSent} bytes after ${second} s`)
        near.clock.advance(1000)
      }
      t.equal(done, false, kind)
      for (let second = 0; second < 5; second++) {
        await turns()
        near.clock.advance(1000)
      }
      await turns()
      t.equal(done, true, kind)
    }
    const { near, far } = await openPair(
      memoryPortPair(),
      {},
      { rates: { bytesPerSecond: 10_000 }, serve: () => ({ sections: [block] }) },
    )
    let answered = 0
    for (let call = 0; call < 6; call++) {
      void near.channel.call('m', {}, { deadlineMs: 1e9 }).then(() => answered++)
    }
    await turns()
    t.ok(answered <= 2, `${answered} answers at once`)
    for (let second = 0; second < 6; second++) {
      far.clock.advance(1000)
      await turns()
    }
    t.equal(answered, 6)
  },
)

// --- what is taken ---------------------------------------------------------------------------

interface Taking {
  readonly side: Side
  readonly port: ScriptedPort
  readonly paused: () => boolean
  readonly hits: readonly string[]
}

/** A side at a scripted port, which can be paused or cannot. */
function taking(canPause: boolean, options: SideOptions): Taking {
  const port = makeScriptedPort()
  let paused = false
  const { hits, onLimit } = hear()
  const side = makeSide(
    canPause
      ? { ...portOf(port), pause: () => void (paused = true), resume: () => void (paused = false) }
      : portOf(port),
    { onLimit, ...options },
  )
  port.deliver(rawHello())
  return { side, port, paused: () => paused, hits }
}

function portOf(port: ScriptedPort): Pick<ScriptedPort, 'send' | 'listen' | 'close' | 'buffered'> {
  return { send: port.send, listen: port.listen, close: port.close, buffered: 0 }
}

const notice = (bytes: number): Buffer =>
  rawFrame({ kind: 'notice', method: 'log', body: JSON.stringify('x'.repeat(bytes)) })

t.test('a port is not read while the bytes of this second are used up', async (t) => {
  const rates = { intake: { bytesPerSecond: 10_000, nodeTime: 1000 } }
  const { side, port, paused, hits } = taking(true, { rates })
  port.deliver(notice(2000))
  t.equal(paused(), false)
  port.deliver(notice(9000))
  t.equal(paused(), true)
  side.clock.advance(300)
  t.equal(paused(), true)
  side.clock.advance(500)
  t.equal(paused(), false)
  t.same(hits, ['bytesPerSecond slowed'])
  t.equal(side.channel.stats().pausedMs, 800)
})

t.test(
  'nor while the time of this thread for the peer is used up; it is then given nothing to do',
  async (t) => {
    const rates = { intake: { bytesPerSecond: 1e9, nodeTime: 100 } }
    const busy: { ms: number; clock: Side['clock'] | undefined } = { ms: 40, clock: undefined }
    const { side, port, paused, hits } = taking(true, { rates, onNotice: () => busy.clock?.advance(busy.ms) })
    busy.clock = side.clock
    for (let count = 0; count < 4; count++) port.deliver(notice(1))
    t.equal(paused(), true)
    side.channel.call('m', {}, NO_HURRY).catch(() => undefined)
    await turns(2)
    t.match(side.channel.stats(), { callsSent: 0, queued: 1 })
    side.clock.advance(1000)
    t.equal(paused(), false)
    await turns(2)
    t.match(side.channel.stats(), { callsSent: 1, queued: 0 })
    t.same([...new Set(hits)], ['nodeTime slowed', 'callTimeoutMs refused'])
  },
)

t.test('one look at the clock that took very long is the fault of the machine', async (t) => {
  const rates = { intake: { bytesPerSecond: 1e9, nodeTime: 100 } }
  const clocks: Side['clock'][] = []
  const { side, port, paused } = taking(true, { rates, onNotice: () => clocks[0]?.advance(3_600_000) })
  clocks.push(side.clock)
  port.deliver(notice(1))
  side.clock.advance(1000)
  t.equal(paused(), false)
})

for (const [rule, rates, ms] of [
  ['bytes a second', { bytesPerSecond: 10_000, nodeTime: 1e6 }, 0],
  ['time of the node', { bytesPerSecond: 1e9, nodeTime: 100 }, 50],
] as const) {
  t.test(`where a port cannot be paused the channel ends: ${rule}`, async (t) => {
    const clocks: Side['clock'][] = []
    const { side, port, hits } = taking(false, {
      rates: { intake: rates },
      onNotice: () => clocks[0]?.advance(ms),
    })
    clocks.push(side.clock)
    let delivered = 0
    while (!port.isClosed && delivered < 100) {
      port.deliver(notice(3000))
      delivered++
    }
    t.match(await side.channel.closed, { code: 'PROTOCOL_VIOLATION', detail: { rule } })
    t.ok(delivered > 10, `${delivered} chunks came before`)
    t.match(hits.at(-1), / ended$/)
  })
}

t.test('a chunk far larger than a frame is refused before it is looked at', async (t) => {
  const { side, port } = taking(false, { limits: { maxFrameBytes: 10_000 } })
  port.deliver(Buffer.alloc(1_048_576 + 10_001))
  t.match(await side.channel.closed, { detail: { rule: 'chunk size' } })
})

// --- what is held ----------------------------------------------------------------------------

t.test('calls that wait are refused once too much is held, and let go when they end', async (t) => {
  const { hits, onLimit } = hear()
  const gate = makeGate()
  const { near } = await openPair(
    memoryPortPair(),
    { mostHeld: 1_048_576, mostCalls: 1, queue: 100, onLimit },
    { serve: async (call) => (await gate.opened, echo(call)) },
  )
  const text = 'x'.repeat(250_000)
  const abort = new AbortController()
  const call = (signal?: AbortSignal): Promise<string> =>
    near.channel.call('m', { value: text }, { deadlineMs: 1e6, signal }).then(
      () => 'answered',
      (error: PluginError) => `${error.code} ${JSON.stringify(error.detail['limit'] ?? null)}`,
    )
  const first = call()
  await turns(3)
  const waiting = [call(), call(), call(abort.signal)]
  t.equal(await call(), 'QUEUE_FULL "hostMb 1"')
  t.ok(near.channel.stats().heldBytes >= 900_000)
  abort.abort()
  waiting.push(call())
  gate.open()
  t.same(await Promise.all([first, ...waiting]), [
    'answered',
    'answered',
    'answered',
    'CALL_ABORTED null',
    'answered',
  ])
  t.equal(near.channel.stats().heldBytes, 0)
  t.ok(hits.includes('hostMb refused') && hits.includes('inFlight slowed'))
})

t.test('chunks that nobody has read are held, and let go with their reader', async (t) => {
  const chunks = { async *[Symbol.asyncIterator]() { for (;;) yield Buffer.alloc(1000) } } // prettier-ignore
  const { near } = await openPair(
    memoryPortPair(),
    { limits: { streamWindow: 4 } },
    { serve: () => ({ streams: [chunks] }) },
  )
  const { streams } = await near.channel.call('m', {}, NO_HURRY)
  await turns()
  t.equal(near.channel.stats().heldBytes, 4000)
  streams[0]?.cancel()
  await turns()
  t.equal(near.channel.stats().heldBytes, 0)
})

t.test(
  'streams that ended unread are held to the same bound, and none of a call that was given up',
  async (t) => {
    const bytes = Buffer.alloc(CHUNK_BYTES)
    const { side, port, hits } = taking(false, { servesNothing: true, mostHeld: MIB, queue: 64 })
    const calls = [0, 1, 2, 3].map(() =>
      side.channel.call('m', {}, NO_HURRY).catch((error: unknown) => error),
    )
    await turns(3)
    let id = 0
    const oneOf = (call: number): void => {
      port.deliver(rawFrame({ kind: 'streamOpen', id, aux: call, method: 'reply' }))
      for (let at = 0; at < 4; at++) port.deliver(rawFrame({ kind: 'streamChunk', id, sections: [bytes] }))
      port.deliver(rawFrame({ kind: 'streamEnd', id: id++ }))
    }
    for (let at = 0; at < 16; at++) oneOf(at % 4)
    await turns()
    t.equal(side.channel.stats().heldBytes, MIB / 2)
    t.ok(hits.includes('hostMb refused'), hits.join())
    side.clock.advance(NO_HURRY.deadlineMs)
    t.match(
      await Promise.all(calls),
      Array.from({ length: 4 }, () => ({ code: 'CALL_TIMEOUT' })),
    )
    await turns()
    t.equal(side.channel.stats().heldBytes, 0, 'their callers are gone')
    oneOf(0)
    await turns()
    t.equal(side.channel.stats().heldBytes, 0)
    t.notOk(port.isClosed)
  },
)

t.test('an answer too deep for the caller fails its call and nothing else', async (t) => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  const { near } = await openPair(
    memoryPortPair(),
    { limits: { maxDepth: 10 } },
    { serve: ({ method }) => ({ json: deep(Number(method)) }) },
  )
  await t.resolves(near.channel.call('10', {}, NO_HURRY))
  await t.rejects(near.channel.call('11', {}, NO_HURRY), {
    code: 'MESSAGE_TOO_LARGE',
    detail: { limit: 'messageDepth 10' },
  })
  await t.resolves(near.channel.call('1', {}, NO_HURRY))
})

// --- a peer that keeps to no window ----------------------------------------------------------

t.test('what costs no window cannot be sent without end', async (t) => {
  const chunk = { async *[Symbol.asyncIterator]() { yield Buffer.from('x') } } // prettier-ignore
  const floods: Readonly<Record<string, (at: number) => Buffer[]>> = {
    'streams of one call': (at) => [
      rawFrame({ kind: 'streamOpen', id: at, aux: 0, method: 'reply' }),
      rawFrame({ kind: 'streamEnd', id: at }),
    ],
    'no such stream was opened': () => [rawFrame({ kind: 'streamCancel', id: 0 })],
    'this side serves no calls': () => [rawFrame({ kind: 'cancel', id: 0xffff_ffff })],
  }
  for (const [rule, frames] of Object.entries(floods)) {
    const { side, port } = taking(false, { servesNothing: true })
    side.channel.call('m', { streams: [chunk] }, NO_HURRY).catch(() => undefined)
    await turns(3)
    for (let at = 0; !port.isClosed && at < 10_000; at++) port.deliver(...frames(at))
    t.match(await Promise.race([side.channel.closed, turns(5)]), { detail: { rule } }, rule)
  }
})
