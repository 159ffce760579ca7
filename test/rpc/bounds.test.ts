// What a side allows itself towards its peer does not depend on what the peer says it would take.
import t, { type Test } from 'tap'
import { PluginError } from '../../lib/errors.js'
import { DEFAULT_WIRE_LIMITS } from '../../lib/protocol/limits.js'
import { makeChannel, type Channel, type ChannelOptions } from '../../lib/rpc/channel.js'
import type { Port } from '../../lib/rpc/port.js'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { makeFakeClock } from './fake-clock.js'

function side(t: Test, port: Port, more: Partial<ChannelOptions>): Channel {
  const channel = makeChannel({
    port,
    generation: 1,
    limits: DEFAULT_WIRE_LIMITS,
    queue: 10_000,
    clock: makeFakeClock(),
    defer: (run) => process.nextTick(run),
    onNotice: () => undefined,
    peerCodes: new Set(),
    fallbackCode: 'PLUGIN_ERROR',
    lostError: () => new PluginError('PLUGIN_CRASHED'),
    ...more,
  })
  t.teardown(() => channel.close(new PluginError('PLUGIN_STOPPED')))
  return channel
}

const NO_HURRY = { deadlineMs: 60_000 }
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

t.test('a side that serves nothing takes a call or a ping as the end', async (t) => {
  for (const act of ['call', 'ping'] as const) {
    const [near, far] = memoryPortPair()
    const host = side(t, near, {})
    const plugin = side(t, far, { serve: () => ({}) })
    await Promise.all([host.opened, plugin.opened])
    const acted = act === 'call' ? plugin.call('anything', {}, NO_HURRY) : plugin.ping()
    acted.catch(() => undefined)
    t.match(await host.closed, { code: 'PROTOCOL_VIOLATION' }, act)
  }
})

t.test('a huge window of the peer does not raise the calls under way', async (t) => {
  const [near, far] = memoryPortPair()
  const host = side(t, near, { mostCalls: 3, queue: 5 })
  let served = 0
  const limits = { ...DEFAULT_WIRE_LIMITS, callWindow: 65_536 }
  const plugin = side(t, far, { limits, serve: () => (served++, new Promise(() => undefined)) })
  await Promise.all([host.opened, plugin.opened])
  const codes: string[] = []
  for (let call = 0; call < 20; call++) {
    host.call('slow', {}, NO_HURRY).catch((error: PluginError) => codes.push(error.code))
  }
  await turns(20)
  t.equal(served, 3)
  t.match(host.stats(), { inFlight: 3, queued: 5 })
  t.same(codes, Array(12).fill('QUEUE_FULL'))
})

t.test('nothing more is sent to a peer that leaves too much unread', async (t) => {
  const [near, far] = memoryPortPair()
  let buffered = 0
  const port: Port = {
    send: (chunks) => near.send(chunks),
    listen: (receiver) => near.listen(receiver),
    close: () => near.close(),
    get buffered() {
      return buffered
    },
  }
  const host = side(t, port, { mostUnread: 1000 })
  const plugin = side(t, far, { serve: () => ({}) })
  await Promise.all([host.opened, plugin.opened])
  buffered = 1000
  t.equal(host.notify('state', { value: 1 }), true)
  buffered = 1001
  host.notify('state', { value: 2 })
  t.match(await host.closed, { code: 'PROTOCOL_VIOLATION', detail: { rule: 'what is sent is read' } })
})

t.test('a pong for a ping that was only guessed ends the channel', async (t) => {
  const [near, far] = memoryPortPair()
  const drawn = [0.25, 0.75]
  const host = side(t, near, { random: () => drawn.shift() ?? 0 })
  const plugin = side(t, far, { serve: () => ({}) })
  await Promise.all([host.opened, plugin.opened])
  await host.ping()
  await host.ping()
  t.same(drawn, [], 'each ping drew its id')
  t.equal(host.stats().callsSent, 0)
})
