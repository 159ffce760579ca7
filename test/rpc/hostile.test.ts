// The first thing a peer does against the protocol closes its channel with PROTOCOL_VIOLATION,
// fails what was outstanding, and touches nothing else in the process.
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { PluginError } from '../../lib/errors.js'
import { CHUNK_BYTES } from '../../lib/protocol/limits.js'
import { messagePortPort } from '../../lib/rpc/port.js'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { collect, echo, makeGate, makeSide, NO_HURRY, openPair, type SideOptions } from './pair.js'
import { makeScriptedPort, rawFrame, rawHello, type RawFrame } from './scripted-port.js'

const LIMITS = {
  maxFrameBytes: 200_000,
  maxDepth: 8,
  callWindow: 4,
  noticeWindow: 4,
  maxStreams: 2,
  streamWindow: 2,
} as const

/** What a host serves its plugins: nothing. */
const HOST: SideOptions = {
  limits: LIMITS,
  serve({ method }) {
    throw new PluginError('METHOD_UNKNOWN', { method })
  },
  onNotice: () => new Promise<void>(() => undefined),
}
/** What a plugin thread serves: some calls never end, some give streams. */
const PLUGIN: SideOptions = {
  limits: LIMITS,
  async serve(call) {
    if (call.method === 'never') await new Promise<void>(() => undefined)
    return call.method === 'streams' ? { streams: call.streams } : echo(call)
  },
  onNotice: () => new Promise<void>(() => undefined),
}

/** Each attack is played right after a good hello, unless it brings its own. */
interface Attack {
  readonly rule: string
  readonly frames: readonly (RawFrame | Uint8Array)[]
  /** Frames before the channel has any hello. */
  readonly first?: true
  /** The side that is attacked; both when left out. */
  readonly side?: SideOptions
}

const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
const notice = (body: string | Uint8Array): RawFrame => ({ kind: 'notice', method: 'log', body })
const call = (id: number, more: RawFrame = {}): RawFrame => ({ kind: 'call', id, method: 'never', ...more })
const open = (id: number, more: RawFrame = {}): RawFrame => ({
  kind: 'streamOpen',
  id,
  method: 'call',
  ...more,
})
const chunk = (id: number, bytes = 1): RawFrame => ({
  kind: 'streamChunk',
  id,
  sections: [Buffer.alloc(bytes)],
})

const ATTACKS: Readonly<Record<string, Attack>> = {
  'a length past the limit': { rule: 'frame size', frames: [{ length: LIMITS.maxFrameBytes }] },
  'a length of 2^32-1': { rule: 'frame size', frames: [{ length: 0xffff_ffff }] },
  'a length past the limit in the second chunk': {
    rule: 'frame size',
    frames: [Buffer.from([0xff]), Buffer.from([0xff, 0xff, 0xff])],
  },
  'a length shorter than a header': { rule: 'frame header', frames: [{ length: 19 }] },
  'a length of 0': { rule: 'frame header', frames: [Buffer.alloc(4)] },
  'a version of tomorrow': { rule: 'version', frames: [{ version: 2 }] },
  'a kind that is not one': { rule: 'frame kind', frames: [{ kind: 16 }] },
  'kind 0': { rule: 'frame kind', frames: [{ kind: 0 }] },
  'another generation': { rule: 'generation', frames: [{ generation: 6 }] },
  'a body longer than its frame': { rule: 'frame length', frames: [{ bodyBytes: 5 }] },
  'a body of 2^32-1': { rule: 'frame length', frames: [{ bodyBytes: 0xffff_ffff }] },
  'bytes that belong to nothing': { rule: 'frame length', frames: [{ body: '{}', bodyBytes: 1 }] },
  'a method longer than its frame': { rule: 'frame length', frames: [{ methodBytes: 64 }] },
  'a section longer than its frame': {
    rule: 'frame length',
    frames: [{ sections: [Buffer.alloc(2)], sectionBytes: [3] }],
  },
  'sections whose lengths wrap around': {
    rule: 'frame length',
    frames: [{ sections: [Buffer.alloc(2), Buffer.alloc(2)], sectionBytes: [0xffff_ffff, 5] }],
  },
  'more section lengths than bytes': { rule: 'frame length', frames: [{ sectionCount: 16 }] },
  'sections past the limit': {
    rule: 'frame header',
    frames: [{ sections: Array.from({ length: 17 }, () => Buffer.alloc(1)) }],
  },
  'a method name past the limit': { rule: 'frame header', frames: [{ method: 'm'.repeat(65) }] },

  'a call before hello': { rule: 'hello comes first', first: true, frames: [call(0)] },
  'a ping before hello': { rule: 'hello comes first', first: true, frames: [{ kind: 'ping' }] },
  'a second hello': { rule: 'one hello', frames: [rawHello()] },
  ...Object.fromEntries(
    [
      ['an empty hello', rawFrame({ kind: 'hello' })],
      ['a hello of null', rawFrame({ kind: 'hello', body: 'null' })],
      ['a hello of an array', rawFrame({ kind: 'hello', body: '[]' })],
      ['a hello without windows', rawFrame({ kind: 'hello', body: '{"windows":[]}' })],
      ['a call window of 0', rawHello({ callWindow: 0 })],
      ['a call window of 65537', rawHello({ callWindow: 65_537 })],
      ['a notice window of 1e308', rawHello({ noticeWindow: 1e308 })],
      ['a stream window of 1.5', rawHello({ streamWindow: 1.5 })],
      ['a stream window of text', rawHello({ streamWindow: '16' })],
      ['streams of -1', rawHello({ maxStreams: -1 })],
      ['frames that hold no answer', rawHello({ maxFrameBytes: 24 })],
      ['frames of 2^40', rawHello({ maxFrameBytes: 2 ** 40 })],
    ].map(([name, frame]) => [name, { rule: 'hello', first: true, frames: [frame] }]),
  ),

  'a call id twice': { rule: 'calls count up by one', frames: [call(0), call(0)] },
  'a call id skipped': { rule: 'calls count up by one', frames: [call(1)] },
  'calls past the window': {
    rule: 'call window',
    side: PLUGIN,
    frames: [call(0), call(1), call(2), call(3), call(4)],
  },
  'a cancel of a call never made': { rule: 'no such call was made', frames: [{ kind: 'cancel', id: 3 }] },
  'a reply to no call': { rule: 'no such call is outstanding', frames: [{ kind: 'reply', id: 99 }] },
  'an error to no call': { rule: 'no such call is outstanding', frames: [{ kind: 'error', id: 99 }] },
  'a reply twice': {
    rule: 'no such call is outstanding',
    frames: [
      { kind: 'reply', id: 1, body: '"first"' },
      { kind: 'reply', id: 1, body: '"second"' },
    ],
  },
  'a reply after an error': {
    rule: 'no such call is outstanding',
    frames: [
      { kind: 'error', id: 1, body: '{}' },
      { kind: 'reply', id: 1 },
    ],
  },
  'a pong that nobody asked for': { rule: 'no such ping is outstanding', frames: [{ kind: 'pong', id: 9 }] },
  'a pong twice': {
    rule: 'no such ping is outstanding',
    frames: [
      { kind: 'pong', id: 0 },
      { kind: 'pong', id: 0 },
    ],
  },

  'a flood of notices': { rule: 'notice window', frames: Array.from({ length: 5 }, () => notice('1')) },
  'credit for notices never sent': { rule: 'credits', frames: [{ kind: 'noticeCredit', aux: 1 }] },
  'credit of 0': { rule: 'credits', frames: [{ kind: 'noticeCredit', aux: 0 }] },
  'credit of 2^32-1': { rule: 'credits', frames: [{ kind: 'noticeCredit', aux: 0xffff_ffff }] },

  'a chunk of no stream': { rule: 'no such stream is open', frames: [chunk(0)] },
  'an end of no stream': { rule: 'no such stream is open', frames: [{ kind: 'streamEnd', id: 0 }] },
  'a chunk after the end': {
    rule: 'no such stream is open',
    frames: [open(0), { kind: 'streamEnd', id: 0 }, chunk(0)],
  },
  'chunks past the window of a stream': {
    rule: 'stream window',
    frames: [open(0), chunk(0), chunk(0), chunk(0)],
  },
  'chunks without end after a cancel': {
    rule: 'stream window',
    frames: [open(0), call(0), { kind: 'cancel', id: 0 }, chunk(0), chunk(0), chunk(0)],
    side: PLUGIN,
  },
  'a chunk past the chunk size': { rule: 'chunk size', frames: [open(0), chunk(0, CHUNK_BYTES + 1)] },
  'a chunk without bytes beside it': {
    rule: 'a chunk is one section',
    frames: [open(0), { kind: 'streamChunk', id: 0, body: '"x"' }],
  },
  'a chunk of two sections': {
    rule: 'a chunk is one section',
    frames: [open(0), { kind: 'streamChunk', id: 0, sections: [Buffer.alloc(1), Buffer.alloc(1)] }],
  },
  'a stream id twice': { rule: 'streams count up by one', frames: [open(0), open(0)] },
  'a stream id skipped': { rule: 'streams count up by one', frames: [open(1)] },
  'streams past the limit': { rule: 'stream count', frames: [open(0), open(1), open(2)] },
  'a stream of neither side': {
    rule: 'a stream belongs to a call or a reply',
    frames: [open(0, { method: 'constructor' })],
  },
  'a stream of a call that does not follow': {
    rule: 'a stream names its call',
    frames: [open(0, { aux: 5 }), call(0)],
  },
  'a stream of a reply to no call': {
    rule: 'a stream names its call',
    frames: [open(0, { method: 'reply', aux: 99 })],
  },
  'more stream credit than chunks': { rule: 'credits', frames: [{ kind: 'streamCredit', id: 0, aux: 17 }] },
  'stream credit of 0': { rule: 'credits', frames: [{ kind: 'streamCredit', id: 0, aux: 0 }] },
  'credit for a stream never opened': {
    rule: 'no such stream was opened',
    frames: [{ kind: 'streamCredit', id: 5, aux: 1 }],
  },
  'a cancel of a stream never opened': {
    rule: 'no such stream was opened',
    frames: [{ kind: 'streamCancel', id: 5 }],
  },

  ...Object.fromEntries(
    [
      ['not JSON', '{', 'body is JSON'],
      ['JavaScript', '{a:1}', 'body is JSON'],
      ['invalid UTF-8 outside a string', Buffer.from([0xff, 0xfe]), 'body is JSON'],
      ['a byte order mark', '\ufeff1', 'body is JSON'],
      ['arrays too deep', arrays(9), 'depth'],
      ['a bomb of arrays', arrays(50_000), 'depth'],
      ['a bomb of arrays without its end', '['.repeat(150_000), 'depth'],
      ['a bomb of objects', objects(20_000), 'depth'],
      ['depth behind a string with brackets and escapes', `["]]]]]\\"]]]]\\\\",${arrays(8)}]`, 'depth'],
      ['closing brackets first', `${']'.repeat(50)}${arrays(50)}`, 'depth|body is JSON'],
      ['__proto__', '{"__proto__":{"polluted":1}}', 'no __proto__ key'],
      ['a nested __proto__', '{"a":[{"__proto__":{"polluted":1}}]}', 'no __proto__ key'],
      ['an empty __proto__', '{"__proto__":null}', 'no __proto__ key'],
      ['an escaped __proto__', '{"\\u005f\\u005fproto__":{"polluted":1}}', 'no __proto__ key'],
      ['an __proto__ with escaped letters', '{"__\\u0070roto__":{"polluted":1}}', 'no __proto__ key'],
      ['an __proto__ escaped whole', '{"a":{"' + escaped('__proto__') + '":{}}}', 'no __proto__ key'],
      ['an __proto__ in capitals of hex', '{"__pro\\u0074\\u006F__":{}}', 'no __proto__ key'],
    ].map(([name, body, rule]) => [
      `a notice of ${String(name)}`,
      { rule, frames: [notice(body as string)] },
    ]),
  ),
  'a call with an __proto__': {
    rule: 'no __proto__ key',
    frames: [call(0, { body: '{"__proto__":{"polluted":1}}' })],
  },
  'a reply with an __proto__': {
    rule: 'no __proto__ key',
    frames: [{ kind: 'reply', id: 0, body: '{"__proto__":{"polluted":1}}' }],
  },
  'an error with an __proto__': {
    rule: 'no __proto__ key',
    frames: [{ kind: 'error', id: 0, body: '{"detail":{"__proto__":{"polluted":1}}}' }],
  },
  'a hello with an __proto__': {
    rule: 'no __proto__ key',
    first: true,
    frames: [rawFrame({ kind: 'hello', body: '{"windows":{"__proto__":{"callWindow":1}}}' })],
  },
  'a stream error with an __proto__': {
    rule: 'no __proto__ key',
    frames: [open(0), { kind: 'streamError', id: 0, body: '{"__proto__":{}}' }],
  },
}

function escaped(text: string): string {
  return text.replace(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A channel under attack with something of each kind outstanding, and what it did so far. */
function makeVictim(options: SideOptions, hello: boolean) {
  const port = makeScriptedPort()
  const seen = { calls: 0, notices: 0, sourceEnded: makeGate() }
  const side = makeSide(port, {
    ...options,
    serve(incoming) {
      seen.calls++
      return options.serve?.(incoming) ?? {}
    },
    onNotice(...notice) {
      seen.notices++
      return options.onNotice?.(...notice)
    },
  })
  if (hello) port.deliver(rawHello({ callWindow: 2 }))
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => ({ done: false, value: Buffer.alloc(1) }),
    async return() {
      seen.sourceEnded.open()
      return { done: true, value: undefined }
    },
  }
  const source: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => iterator }
  const { channel } = side
  const outstanding: Promise<unknown>[] = [
    channel.call('first', { streams: [source] }, NO_HURRY),
    channel.call('second', {}, NO_HURRY),
    channel.call('queued', {}, NO_HURRY),
    channel.ping(),
  ]
  return { port, side, seen, outcomes: Promise.allSettled(outstanding) }
}

const prototypeBefore = Reflect.ownKeys(Object.prototype)

async function playAttack(t: Test, { rule, frames, first }: Attack, options: SideOptions): Promise<void> {
  const bystander = await openPair(memoryPortPair())
  const { port, side, seen, outcomes } = makeVictim(options, first !== true)
  const { channel } = side
  for (const frame of frames) port.deliver(frame instanceof Uint8Array ? frame : rawFrame(frame))
  const reason = await channel.closed
  t.equal(reason.code, 'PROTOCOL_VIOLATION')
  t.ok(rule.split('|').includes(String(reason.detail['rule'])), `${String(reason.detail['rule'])} is ${rule}`)
  t.equal(port.isClosed, true)

  const settled = await outcomes
  const rejected = settled.filter((outcome) => outcome.status === 'rejected')
  t.ok(rejected.length >= 2, 'what was outstanding failed')
  for (const { reason: why } of rejected) {
    if (why !== reason)
      t.equal((why as PluginError).code, 'PLUGIN_ERROR', 'what the peer had answered before')
  }
  await t.rejects(channel.call('more', {}, NO_HURRY), reason)
  t.equal(side.clock.pending, 0)
  await seen.sourceEnded.opened

  const { calls, notices } = seen
  const sent = port.sent.length
  const next = rawFrame({ kind: 'call', id: calls, method: 'after' })
  port.deliver(next, rawFrame(notice('1')), rawFrame({ kind: 'ping' }), rawHello())
  t.same(
    [seen.calls, seen.notices, port.sent.length],
    [calls, notices, sent],
    'a closed channel hears nothing',
  )

  t.same(Reflect.ownKeys(Object.prototype), prototypeBefore)
  t.equal(Reflect.get({}, 'polluted'), undefined)
  t.same((await bystander.near.channel.call('echo', { value: 1 }, NO_HURRY)).value, 1)
  bystander.near.channel.close(new PluginError('CHANNEL_CLOSED'))
}

for (const [name, attack] of Object.entries(ATTACKS)) {
  t.test(`${name} closes the channel`, async (t) => {
    for (const side of attack.side === undefined ? [HOST, PLUGIN] : [attack.side]) {
      await playAttack(t, attack, side)
    }
  })
}

t.test('a frame cut short is waited for, and its end without the rest is a lost peer', async (t) => {
  const whole = rawFrame(notice('"x"'))
  for (let at = 1; at < whole.length; at++) {
    const { port, side, seen } = makeVictim(HOST, true)
    port.deliver(whole.subarray(0, at))
    t.equal(seen.notices, 0)
    port.end()
    t.equal((await side.channel.closed).code, 'PLUGIN_CRASHED')
  }
})

t.test('a frame a byte at a time, with empty chunks between, is one frame', async (t) => {
  const { port, seen } = makeVictim(HOST, true)
  const whole = Buffer.concat([rawFrame(notice('"x"')), rawFrame(notice('"y"'))])
  for (const byte of whole) port.deliver(Buffer.from([byte]), Buffer.alloc(0))
  t.equal(seen.notices, 2)
})

t.test('brackets inside strings are not depth', async (t) => {
  const { port, seen, side } = makeVictim(PLUGIN, true)
  for (const body of [`["${'['.repeat(5000)}"]`, `{"${'{\\"['.repeat(5000)}":1}`, arrays(8)]) {
    port.deliver(rawFrame(notice(body)))
  }
  t.equal(seen.notices, 3)
  t.match(side.channel.stats(), { inFlight: 2 }, 'still open')
})

t.test('text that only looks like the forbidden key passes', async (t) => {
  const { port, seen } = makeVictim(PLUGIN, true)
  for (const body of [
    '{"__proto":1}',
    '"__proto__"',
    '{"a":"\\u005f\\u005fproto\\u005f\\u005f"}',
    '{"proto":1}',
  ]) {
    port.deliver(rawFrame(notice(body)))
  }
  t.equal(seen.notices, 4)
})

t.test('invalid UTF-8 inside a string is U+FFFD and nothing worse', async (t) => {
  const values: unknown[] = []
  const port = makeScriptedPort()
  makeSide(port, { limits: LIMITS, onNotice: (_method, value) => void values.push(value) })
  port.deliver(rawHello(), rawFrame(notice(Buffer.from([0x22, 0xc3, 0x28, 0xff, 0x22]))))
  t.same(values, ['\ufffd(\ufffd'])
})

t.test('names of the prototype chain are methods like any other', async (t) => {
  const { port, side, seen } = makeVictim(HOST, true)
  for (const [id, method] of ['__proto__', 'constructor', 'toString', 'then', ''].entries()) {
    port.deliver(rawFrame({ kind: 'call', id, method }))
  }
  t.equal(seen.calls, 5)
  t.equal(side.channel.stats().callsReceived, 5)
})

t.test('what crosses an answer on the wire is no violation', async (t) => {
  const { port, side } = makeVictim(PLUGIN, true)
  port.deliver(
    rawFrame(call(0, { method: 'echo' })),
    rawFrame({ kind: 'streamCancel', id: 0 }),
    rawFrame({ kind: 'streamCredit', id: 0, aux: 1 }),
    rawFrame({ kind: 'streamCancel', id: 0 }),
  )
  await new Promise<void>((resolve) => setImmediate(resolve)) // the answer to the call is out
  port.deliver(rawFrame({ kind: 'cancel', id: 0 }), rawFrame({ kind: 'pong', id: 0 }))
  t.match(side.channel.stats(), { callsReceived: 1, inFlight: 2 }, 'still open')
})

t.test('a peer that asks without reading its answers is closed before they fill this side', async (t) => {
  for (const ask of [
    () => rawFrame({ kind: 'ping' }),
    (id: number) => rawFrame({ kind: 'call', id, method: 'echo' }),
  ]) {
    const { port, side } = makeVictim({ ...HOST, limits: { ...LIMITS, maxFrameBytes: 8192 } }, true)
    const bound = 8192 * LIMITS.callWindow
    let asked = 0
    let heldAtMost = 0
    while (!port.isClosed && asked < 20_000) {
      port.deliver(ask(asked++))
      if (asked % 100 === 0) await new Promise<void>((resolve) => process.nextTick(resolve))
      port.buffered = port.sent.reduce((bytes, { length }) => bytes + length, 0)
      heldAtMost = Math.max(heldAtMost, port.buffered)
    }
    t.match(await side.channel.closed, { code: 'PROTOCOL_VIOLATION', detail: { rule: 'answers are read' } })
    t.ok(heldAtMost < bound + 100_000, `${heldAtMost} bytes held`)
  }
})

t.test('a peer that reads may ask for ever', async (t) => {
  const { port, side } = makeVictim({ ...HOST, limits: { ...LIMITS, maxFrameBytes: 8192 } }, true)
  for (let asked = 0; asked < 5000; asked++) {
    port.deliver(rawFrame({ kind: 'ping' }))
    if (asked % 50 === 0) await new Promise<void>((resolve) => process.nextTick(resolve))
  }
  t.equal(port.isClosed, false)
  t.equal(side.channel.stats().inFlight, 2)
})

t.test('a handler that throws at a notice closes the channel as a violation', async (t) => {
  const port = makeScriptedPort()
  const { channel } = makeSide(port, {
    onNotice() {
      throw new TypeError('no such field')
    },
  })
  port.deliver(rawHello(), rawFrame(notice('1')))
  t.match(await channel.closed, { code: 'PROTOCOL_VIOLATION', detail: { rule: 'internal' } })
})

t.test('the first hello of a small peer is taken, and its errors fit', async (t) => {
  const { port, side } = makeVictim(HOST, false)
  port.deliver(
    rawHello({ maxFrameBytes: 4096, callWindow: 1, noticeWindow: 1, maxStreams: 1, streamWindow: 1 }),
  )
  t.same(await side.channel.opened, null)
  port.deliver(rawFrame({ kind: 'call', id: 0, method: 'm'.repeat(64) }))
  await new Promise<void>((resolve) => setImmediate(resolve))
  t.equal(port.isClosed, false)
})

t.test('anything but whole bytes on a MessagePort closes it', async (t) => {
  const good = (): Uint8Array => Uint8Array.from(rawFrame(notice('1')))
  const shared = new Uint8Array(new SharedArrayBuffer(64))
  shared.set(good().subarray(0, 32))
  const view = new Uint8Array(new ArrayBuffer(1_000_000), 8, good().length)
  view.set(good())
  let touched = 0
  const getters = {
    get byteLength() {
      touched++
      return 4
    },
  }
  const messages: Readonly<Record<string, (port: MessagePort) => void>> = {
    'a string': (port) => port.postMessage('hello'),
    nothing: (port) => port.postMessage(undefined),
    'an object with getters': (port) => port.postMessage(getters),
    'an array of bytes': (port) => port.postMessage([1, 2, 3]),
    'a map': (port) => port.postMessage(new Map([['__proto__', 1]])),
    'an ArrayBuffer': (port) => port.postMessage(new ArrayBuffer(32)),
    'a DataView': (port) => port.postMessage(new DataView(new ArrayBuffer(32))),
    'other numbers': (port) => port.postMessage(new Uint16Array(16)),
    'shared bytes': (port) => port.postMessage(shared),
    'a view of a larger buffer': (port) => port.postMessage(view),
    'a port': (port) => {
      const { port1 } = new MessageChannel()
      port.postMessage(port1, [port1])
    },
    'bytes beside a port': (port) => {
      const { port1 } = new MessageChannel()
      port.postMessage({ bytes: good(), port1 }, [port1])
    },
    'a Comlink message': (port) =>
      port.postMessage({ id: '1', type: 'CONSTRUCT', path: ['ping', 'constructor'], argumentList: [] }),
  }
  for (const [what, post] of Object.entries(messages)) {
    const { port1, port2 } = new MessageChannel()
    port2.on('message', () => undefined) // a port that does not listen never hears of the closing
    const gone = new Promise<void>((resolve) => port2.once('close', resolve))
    let notices = 0
    const { channel } = makeSide(messagePortPort(port1), { onNotice: () => void notices++ })
    const outstanding = channel.call('m', {}, NO_HURRY)
    port2.postMessage(Uint8Array.from(rawHello()))
    post(port2)
    port2.postMessage(good())
    const reason = await channel.closed
    t.match(reason, { code: 'PROTOCOL_VIOLATION', detail: { rule: 'a port carries bytes' } }, what)
    await t.rejects(outstanding, reason)
    await gone
    t.equal(notices, 0, 'what came after it was not looked at')
  }
  t.ok(touched <= 1, 'a getter runs where it was posted, never here')
})

t.test('a stream that a hostile peer leaves open ends with the channel', async (t) => {
  const port = makeScriptedPort()
  const { channel } = makeSide(port)
  const answer = channel.call('m', {}, NO_HURRY)
  port.deliver(rawHello())
  await new Promise<void>((resolve) => setImmediate(resolve))
  port.deliver(rawFrame(open(0, { method: 'reply' })), rawFrame({ kind: 'reply', id: 0 }), rawFrame(chunk(0)))
  const { streams } = await answer
  const reading = collect(streams[0] as AsyncIterable<Uint8Array>)
  port.deliver(rawFrame({ kind: 99 }))
  await t.rejects(reading, { code: 'PROTOCOL_VIOLATION' })
})
