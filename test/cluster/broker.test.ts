// The broker sends each subscriber the newest state it may see, makes each message once, and never waits for anyone.
import t from 'tap'
import { makeBroker, type Broker, type BrokerOptions, type Subscription } from '../../lib/cluster/broker.js'
import { advance } from '../../lib/cluster/diff.js'
import type { Scope } from '../../lib/cluster/projection.js'
import type { ClusterStateChange, ClusterStateSource } from '../../lib/cluster/source.js'
import { emptyClusterState } from '../../lib/cluster/state.js'
import type { ClusterState, ProjectedState } from '../../lib/protocol/cluster-state.js'
import type { StateMessage } from '../../lib/protocol/cluster-wire.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { fakeClock, type FakeClock } from './fake-clock.js'

const all: Scope = () => 'all'
const nodesOnly: Scope = ([part]) => (part === 'nodes' ? 'all' : 'none')

interface Setup {
  readonly cluster: MockCluster
  readonly clock: FakeClock
  readonly broker: Broker
}

function setUp(options: Partial<BrokerOptions> = {}): Setup {
  const cluster = new MockCluster({ nodes: 2, indices: { logs: {} } })
  const clock = fakeClock()
  return { cluster, clock, broker: makeBroker({ source: cluster, clock, ...options }) }
}

/** A subscriber that keeps what it is sent and applies it; it acknowledges when told to. */
function listen(broker: Broker, plugin = 'p', key = 'all', scope = all) {
  const bytes: Uint8Array[] = []
  const messages: StateMessage[] = []
  let state: ProjectedState | undefined
  const send = (message: Uint8Array): void => {
    const parsed = JSON.parse(new TextDecoder().decode(message)) as StateMessage
    bytes.push(message)
    messages.push(parsed)
    if (parsed.kind === 'full') state = parsed.state
    else if (state?.stateUUID === parsed.fromUuid) state = advance(state, parsed)
    else throw new Error('a diff that does not fit')
  }
  const subscription: Subscription = broker.attach({ plugin, key, scope, send })
  const acknowledge = (): void => subscription.acknowledge(state?.stateUUID ?? 'none')
  return {
    subscription,
    bytes,
    messages,
    kinds: () => messages.map(({ kind }) => kind),
    state: () => state,
    acknowledge,
    /** Acknowledges until nothing more comes. */
    drain: () => {
      for (let seen = -1; seen !== messages.length;) {
        seen = messages.length
        acknowledge()
      }
    },
  }
}

t.test('attaching sends the full state at once, then each change as a diff', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker)
  t.strictSame(subscriber.state(), cluster.current())
  subscriber.acknowledge()
  await cluster.createIndex('a')
  subscriber.acknowledge()
  await cluster.electClusterManager('node-2')
  t.strictSame(subscriber.kinds(), ['full', 'diff', 'diff'])
  t.match(subscriber.messages[2], {
    source: 'elected-as-cluster-manager [node-2]',
    toVersion: cluster.current().version,
    parts: { nested: { nodes: { set: { clusterManagerNodeId: 'node-2' } } } },
  })
  t.strictSame(subscriber.state(), cluster.current())
})

t.test('while one message is out, newer states become one', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker)
  for (let made = 0; made < 50; made++) await cluster.createIndex(`i${made}`)
  t.equal(subscriber.messages.length, 1)
  t.equal(subscriber.subscription.lag().versions, 51)
  subscriber.acknowledge()
  t.strictSame(subscriber.kinds(), ['full', 'diff'])
  t.strictSame(subscriber.state(), cluster.current())
  t.match(subscriber.messages[1], { source: 'create-index [i49]' })
  subscriber.acknowledge()
  t.strictSame(subscriber.kinds(), ['full', 'diff'], 'and then nothing')
  t.equal(subscriber.subscription.lag().versions, 0)
})

t.test('a change that is not visible sends nothing and does not count up', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker, 'p', 'nodes', nodesOnly)
  subscriber.acknowledge()
  const before = subscriber.state()
  await cluster.createIndex('a')
  await cluster.putCustom('secret', { private: true, token: 'x' })
  t.equal(subscriber.messages.length, 1)
  t.strictSame(subscriber.subscription.lag(), { versions: 0, ms: 0 })
  const late = listen(broker, 'late', 'nodes', nodesOnly)
  t.strictSame(late.state(), before, 'one who comes later is told no more')
  await cluster.addNode()
  t.match(subscriber.messages[1], { fromUuid: before?.stateUUID, toVersion: cluster.current().version })
})

t.test('a change that is undone before it could be sent sends nothing', async (t) => {
  const { cluster, clock, broker } = setUp()
  const subscriber = listen(broker, 'p', 'nodes', nodesOnly)
  await cluster.electClusterManager('node-2')
  await cluster.electClusterManager('node-1')
  subscriber.acknowledge()
  t.strictSame(subscriber.kinds(), ['full'])
  t.strictSame(subscriber.subscription.lag(), { versions: 0, ms: 0 })
  t.equal(clock.waiting(), 0)
  await cluster.electClusterManager('node-2')
  t.strictSame(subscriber.kinds(), ['full', 'diff'])
  t.strictSame(subscriber.state()?.nodes, cluster.current().nodes)
})

t.test('a source that copies its whole state each time costs a diff of what changed', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker)
  subscriber.acknowledge()
  await cluster.publish('copy', (state) => JSON.parse(JSON.stringify(state)) as typeof state)
  t.strictSame(subscriber.kinds(), ['full'], 'nothing changed but the objects')
  t.equal(listen(broker, 'late').state()?.stateUUID, subscriber.state()?.stateUUID, 'it counts nothing up')
  await cluster.publish('copy', (state) => {
    const copy = JSON.parse(JSON.stringify(state)) as typeof state
    return { ...copy, customs: { a: { n: 1 } } }
  })
  t.match(subscriber.messages[1], { parts: { nested: { customs: { set: { a: { n: 1 } } } } } })
})

t.test('for 100 subscribers who see the same, each message is made once', async (t) => {
  const { cluster, broker } = setUp()
  const subscribers = Array.from({ length: 100 }, (_, n) => listen(broker, `p${n}`))
  t.strictSame(broker.counts(), { projections: 1, diffs: 0, serialisations: 1 })
  for (const subscriber of subscribers) subscriber.acknowledge()
  await cluster.createIndex('a')
  t.strictSame(broker.counts(), { projections: 2, diffs: 1, serialisations: 2 })
  t.equal(new Set(subscribers.map(({ bytes }) => bytes[1])).size, 1, 'the same bytes')
  t.strictSame(new Set(subscribers.map(({ messages }) => messages.length)), new Set([2]))
})

t.test('those who fell behind together share the message that catches them up', async (t) => {
  const { cluster, broker } = setUp()
  const subscribers = Array.from({ length: 10 }, (_, n) => listen(broker, `p${n}`))
  await cluster.createIndex('a')
  await cluster.createIndex('b')
  const before = broker.counts().serialisations
  for (const subscriber of subscribers) subscriber.acknowledge()
  t.equal(broker.counts().serialisations, before + 1)
})

t.test('scopes that differ are kept apart', async (t) => {
  const { cluster, broker } = setUp()
  const full = listen(broker, 'a', 'all', all)
  const part = listen(broker, 'b', 'nodes', nodesOnly)
  t.notOk('metadata' in (part.state() ?? {}))
  full.acknowledge()
  part.acknowledge()
  await cluster.createIndex('secret')
  t.strictSame([full.messages.length, part.messages.length], [2, 1])
})

t.test('one who never acknowledges delays no one', async (t) => {
  const { cluster, broker } = setUp()
  const stuck = listen(broker, 'stuck')
  const swift = listen(broker, 'swift')
  swift.acknowledge()
  for (let made = 0; made < 20; made++) {
    await cluster.createIndex(`i${made}`)
    t.strictSame(swift.state(), cluster.current())
    swift.acknowledge()
  }
  t.equal(stuck.messages.length, 1)
})

t.test('a resync is answered with one full state, however often it is asked for', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker)
  for (let n = 0; n < 1000; n++) subscriber.subscription.resync()
  t.strictSame(subscriber.kinds(), ['full'], 'the first one is under way')
  subscriber.acknowledge()
  for (let n = 0; n < 1000; n++) subscriber.subscription.resync()
  t.strictSame(subscriber.kinds(), ['full', 'full'])
  subscriber.acknowledge()
  await cluster.createIndex('a')
  for (let n = 0; n < 1000; n++) subscriber.subscription.resync()
  t.strictSame(subscriber.kinds(), ['full', 'full', 'diff', 'full'], 'in place of the diff that did not fit')
  t.equal(broker.counts().serialisations, 3, 'the full state of one version is made once')
  t.strictSame(subscriber.state(), cluster.current())
})

t.test('an acknowledgement of another state is answered as a resync, a repeated one is not', async (t) => {
  const { cluster, broker } = setUp()
  const subscriber = listen(broker)
  const first = subscriber.state()?.stateUUID ?? ''
  for (let n = 0; n < 1000; n++) subscriber.subscription.acknowledge('forged')
  t.strictSame(subscriber.kinds(), ['full'])
  subscriber.subscription.acknowledge(first)
  subscriber.subscription.acknowledge(first)
  t.strictSame(subscriber.kinds(), ['full'], 'said twice')
  await cluster.createIndex('a')
  subscriber.subscription.acknowledge(first)
  t.strictSame(subscriber.kinds(), ['full', 'diff'], 'said a third time, with a diff under way')
  for (let n = 0; n < 1000; n++) subscriber.subscription.acknowledge('forged')
  t.strictSame(subscriber.kinds(), ['full', 'diff', 'full'])
  subscriber.drain()
  t.equal(subscriber.subscription.lag().versions, 0)
})

t.test('a send that throws detaches that subscriber only', async (t) => {
  const detached: unknown[] = []
  const { cluster, broker, clock } = setUp({
    onDetached: (plugin, error) => {
      detached.push([plugin, error])
      throw new Error('a listener of the host')
    },
  })
  const fault = new Error('the channel is closed')
  let sends = 0
  const broken = broker.attach({
    plugin: 'broken',
    key: 'all',
    scope: all,
    send: () => {
      if (++sends > 1) throw fault
    },
  })
  const other = listen(broker, 'other')
  other.acknowledge()
  broken.acknowledge(cluster.current().stateUUID)
  await cluster.createIndex('a')
  await cluster.createIndex('b')
  t.equal(sends, 2, 'no more is sent')
  t.strictSame(detached, [['broken', fault]])
  t.equal(other.messages.length, 2)
  other.drain()
  t.strictSame(other.state(), cluster.current())
  t.equal(clock.waiting(), 0)
  broken.resync()
  broken.acknowledge('x')
  t.equal(sends, 2)
})

t.test('a projection that fails detaches those it is for', async (t) => {
  const detached: string[] = []
  const { cluster, broker } = setUp({ onDetached: (plugin) => detached.push(plugin) })
  let broken = false
  const moody: Scope = () => {
    if (broken) throw new Error('scope')
    return 'some'
  }
  listen(broker, 'a', 'moody', moody)
  listen(broker, 'b', 'moody', moody)
  const other = listen(broker, 'other')
  other.acknowledge()
  broken = true
  await cluster.createIndex('new-place')
  t.strictSame(detached, ['a', 'b'])
  t.equal(other.messages.length, 2)
})

t.test('after detach nothing is sent, and the last one of a scope takes its projection along', async (t) => {
  const { cluster, broker, clock } = setUp()
  const subscriber = listen(broker)
  subscriber.subscription.detach()
  subscriber.subscription.detach()
  await cluster.createIndex('a')
  subscriber.acknowledge()
  subscriber.subscription.resync()
  t.equal(subscriber.messages.length, 1)
  t.equal(broker.counts().projections, 1, 'nobody looks')
  t.equal(clock.waiting(), 0)
  t.strictSame(listen(broker).state(), cluster.current(), 'one who comes back gets the newest')
})

t.test('close detaches everyone and leaves the source', async (t) => {
  const { cluster, broker, clock } = setUp()
  const subscribers = [listen(broker), listen(broker, 'b', 'nodes', nodesOnly)]
  for (const { acknowledge } of subscribers) acknowledge()
  broker.close()
  await cluster.addNode()
  t.strictSame(
    subscribers.map(({ messages }) => messages.length),
    [1, 1],
  )
  t.equal(clock.waiting(), 0)
})

t.test('a source that publishes from within a send leads no one back to an older state', async (t) => {
  const { source, publish } = nestingSource()
  const broker = makeBroker({ source, clock: fakeClock() })
  let nested = false
  const eager = broker.attach({
    plugin: 'eager',
    key: 'eager',
    scope: all,
    send: () => {
      if (source.current().version !== 2 || nested) return
      nested = true
      publish(3)
    },
  })
  eager.acknowledge('uuid-1')
  const versions: number[] = []
  let acknowledge: (uuid: string) => void = () => undefined
  const prompt = broker.attach({
    plugin: 'prompt',
    key: 'all',
    scope: all,
    send: (message) => {
      const { toVersion, toUuid } = JSON.parse(new TextDecoder().decode(message)) as Record<string, never>
      if (toVersion === undefined || toUuid === undefined) return
      versions.push(toVersion)
      acknowledge(toUuid)
    },
  })
  acknowledge = prompt.acknowledge
  acknowledge('uuid-1')
  publish(2)
  t.equal(nested, true)
  t.strictSame(
    versions.toSorted((a, b) => a - b),
    versions,
    'never back',
  )
  t.equal(versions.at(-1), 3)
  t.equal(prompt.lag().versions, 0)
})

t.test('a closed broker does not listen to its source', async (t) => {
  const { source, listening } = nestingSource()
  const broker = makeBroker({ source, clock: fakeClock() })
  t.equal(listening(), 1)
  broker.close()
  t.equal(listening(), 0)
})

t.test('a lag is reported once an episode', async (t) => {
  const lags: unknown[] = []
  const { cluster, clock, broker } = setUp({ onLag: (plugin, ms) => void lags.push([plugin, ms]) })
  const slow = listen(broker, 'slow')
  clock.advance(29_999)
  t.strictSame(lags, [])
  t.strictSame(slow.subscription.lag(), { versions: 1, ms: 29_999 })
  clock.advance(1)
  t.strictSame(lags, [['slow', 30_000]])
  await cluster.createIndex('a')
  clock.advance(100_000)
  t.equal(lags.length, 1, 'the same episode')
  slow.acknowledge()
  clock.advance(100_000)
  t.equal(lags.length, 1, 'it has made progress and has not caught up')
  slow.acknowledge()
  t.strictSame(slow.subscription.lag(), { versions: 0, ms: 0 })
  clock.advance(100_000)
  t.equal(lags.length, 1, 'nothing is out')
  await cluster.createIndex('b')
  clock.advance(30_000)
  t.strictSame(lags[1], ['slow', 30_000], 'another episode')
})

t.test('always a little late is not late for ever', async (t) => {
  const lags: unknown[] = []
  const { cluster, clock, broker } = setUp({ lagWarningMs: 1000, onLag: (_, ms) => void lags.push(ms) })
  const subscriber = listen(broker)
  for (let made = 0; made < 20; made++) {
    clock.advance(300)
    await cluster.createIndex(`i${made}`)
    clock.advance(300)
    subscriber.acknowledge()
    t.ok(subscriber.subscription.lag().ms <= 600)
  }
  t.strictSame(lags, [])
  clock.advance(1000)
  t.equal(lags.length, 1)
})

t.test('a reporter that throws keeps no one from anything', async (t) => {
  const { cluster, clock, broker } = setUp({
    onLag: () => {
      throw new Error('reporter')
    },
  })
  const subscriber = listen(broker)
  clock.advance(60_000)
  await cluster.createIndex('a')
  subscriber.drain()
  t.strictSame(subscriber.state(), cluster.current())
})

/** A source as simple as can be: it tells its listeners of a state while it still tells them of the one before. */
function nestingSource() {
  const listeners = new Set<(change: ClusterStateChange) => void>()
  const stateOf = (version: number): ClusterState => ({
    ...emptyClusterState('c'),
    version,
    stateUUID: `uuid-${version}`,
    customs: { count: { version } },
  })
  let state = stateOf(1)
  const source: ClusterStateSource = {
    current: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const publish = (version: number): void => {
    state = stateOf(version)
    const change = { source: `publish ${version}`, state }
    for (const listener of listeners) listener(change)
  }
  return { source, publish, listening: () => listeners.size }
}

t.test(
  'a subscriber that acknowledges and loses track in a loop gets a few full states a second',
  async (t) => {
    const { clock, broker } = setUp()
    const subscriber = listen(broker)
    const fulls = (): number => subscriber.messages.filter(({ kind }) => kind === 'full').length
    const loseTrack = (): void => {
      const last = subscriber.messages.at(-1)
      if (last?.kind === 'full') subscriber.subscription.acknowledge(last.state.stateUUID)
      subscriber.subscription.resync()
    }
    for (let n = 0; n < 500; n++) loseTrack()
    t.equal(fulls(), 5, 'the first state and four more')
    clock.advance(1000)
    t.equal(fulls(), 6, 'the one that came too soon is answered when the window is over')
    for (let n = 0; n < 500; n++) loseTrack()
    t.ok(fulls() <= 10, `${fulls()} in two windows`)
    broker.close()
  },
)
