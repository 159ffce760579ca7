// A plugin's listeners get each state once and in order, whatever one of them does; the host hears when they are done.
import t from 'tap'
import { diffStates } from '../../lib/cluster/diff.js'
import { makeClusterView, type ClusterView } from '../../lib/cluster/listeners.js'
import type { ClusterStateListener } from '../../lib/plugin.js'
import { PluginError } from '../../lib/errors.js'
import type { ClusterState } from '../../lib/protocol/cluster-state.js'
import type { StateMessage } from '../../lib/protocol/cluster-wire.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { fakeClock, type FakeClock } from './fake-clock.js'
import { clone } from './trees.js'

interface Setup {
  readonly view: ClusterView
  readonly cluster: MockCluster
  readonly clock: FakeClock
  readonly acknowledged: string[]
  readonly errors: unknown[]
  readonly resyncs: () => number
  /** The full state of the cluster, as it comes off the wire. */
  readonly full: () => StateMessage
  /** Makes a change and gives the message of it. */
  readonly change: (make: (cluster: MockCluster) => Promise<unknown>) => Promise<StateMessage>
}

function setUp(): Setup {
  const cluster = new MockCluster({ nodes: 2, indices: { logs: {} } })
  const clock = fakeClock()
  const acknowledged: string[] = []
  const errors: unknown[] = []
  let resyncs = 0
  const view = makeClusterView({
    acknowledge: (uuid) => void acknowledged.push(uuid),
    resync: () => void resyncs++,
    onError: (error) => void errors.push(error),
    clock,
    makeError: (code, detail) => new PluginError(code, detail),
  })
  return {
    view,
    cluster,
    clock,
    acknowledged,
    errors,
    resyncs: () => resyncs,
    full: () => clone({ kind: 'full', source: 'full', state: cluster.current() }),
    change: async (make) => {
      const from = cluster.current()
      await make(cluster)
      return diffMessage(from, cluster.current())
    },
  }
}

function diffMessage(from: ClusterState, to: ClusterState): StateMessage {
  const { stateUUID: toUuid, version: toVersion } = to
  const parts = diffStates(from, to)
  return clone({ kind: 'diff', source: 'diff', fromUuid: from.stateUUID, toUuid, toVersion, parts })
}

t.test('a diff is applied on the own state, so what did not change is the same object', async (t) => {
  const { view, cluster, change, full, acknowledged } = setUp()
  await view.receive(full())
  const before = view.state()
  const events: string[] = []
  view.addListener((event) => {
    events.push(event.source())
    t.equal(event.previousState(), before)
    t.equal(event.state(), view.state())
    t.strictSame([event.metadataChanged(), event.blocksChanged(), event.nodesChanged()], [true, false, false])
  })
  await view.receive(await change((c) => c.putMapping('logs', { properties: { a: {} } })))
  t.strictSame(events, ['diff'])
  t.strictSame(view.state(), cluster.current())
  t.equal(view.state().nodes, before.nodes)
  t.equal(acknowledged.length, 2)
})

t.test('a full state after a gap keeps the identity of what did not change either', async (t) => {
  const { view, change, full } = setUp()
  await view.receive(full())
  const before = view.state()
  let events = 0
  view.addListener((event) => {
    events++
    t.strictSame([event.metadataChanged(), event.nodesChanged()], [false, true])
  })
  await change((c) => c.addNode())
  await view.receive(full())
  t.equal(view.state().metadata, before.metadata)
  t.equal(events, 1)
  await view.receive(full())
  t.equal(events, 1, 'the same state again is no change')
})

t.test('listeners that are there for the first state get everything as new', async (t) => {
  const { view, full } = setUp()
  const seen: unknown[] = []
  view.addListener((event) => {
    seen.push([event.indicesCreated(), event.nodesAdded(), event.previousState().version])
  })
  await view.receive(full())
  t.strictSame(seen, [[['logs'], true, 0]])
})

t.test('states of the plugin are frozen all the way down', async (t) => {
  const { view, change, full } = setUp()
  await view.receive(full())
  await view.receive(await change((c) => c.createIndex('a', { settings: { list: [1] } })))
  const indices = (view.state().metadata as ClusterState['metadata']).indices
  t.throws(() => Object.assign(indices, { forged: {} }), TypeError)
  t.throws(() => Object.assign(indices['a']?.settings ?? {}, { list: [] }), TypeError)
  t.ok(Object.isFrozen(indices['a']?.settings['list']))
})

t.test('a diff that does not fit asks for a full state, once', async (t) => {
  const { view, change, full, resyncs, acknowledged, cluster } = setUp()
  await view.receive(await change((c) => c.createIndex('early')))
  t.equal(resyncs(), 1, 'no state at all yet')
  await view.receive(full())
  await change((c) => c.createIndex('lost'))
  const after = await change((c) => c.createIndex('a'))
  for (let n = 0; n < 100; n++) await view.receive(after)
  t.equal(resyncs(), 2)
  t.equal(acknowledged.length, 1, 'what was not applied is not acknowledged')
  const another = await change((c) => c.createIndex('z'))
  for (let n = 0; n < 100; n++) await view.receive(another)
  t.equal(resyncs(), 3, 'the host went on as if it had answered')
  await view.receive(full())
  t.strictSame(view.state(), cluster.current())
  await change((c) => c.createIndex('lost-too'))
  await view.receive(await change((c) => c.createIndex('b')))
  t.equal(resyncs(), 4, 'it can ask again after a full state')
})

t.test('what is no state message is refused and a full state asked for, once', async (t) => {
  const { view, full, resyncs, acknowledged } = setUp()
  await view.receive(full())
  const { stateUUID: fromUuid } = view.state()
  const diff = { kind: 'diff', source: 's', fromUuid, toUuid: 'b', toVersion: 2 }
  const cases: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a list', []],
    ['no kind', { source: 's' }],
    ['an inherited kind', Object.create({ ...diff, parts: {} })],
    ['no state', { kind: 'full', source: 's' }],
    ['a state without uuid', { kind: 'full', source: 's', state: { clusterName: 'c', version: 1 } }],
    ['a version as text', { ...diff, toVersion: '2', parts: {} }],
    ['no parts', diff],
    ['parts that do not fit', { ...diff, parts: { nested: { absent: {} } } }],
  ]
  for (const [name, message] of cases) {
    await t.rejects(view.receive(message), { code: 'PROTOCOL_VIOLATION' }, name)
  }
  t.equal(resyncs(), 1)
  t.equal(acknowledged.length, 1)
  t.equal(view.state().stateUUID, fromUuid)
})

t.test('a hostile listener touches no other and is reported', async (t) => {
  const fault = new Error('listener')
  const hostile: readonly (readonly [string, () => unknown, unknown])[] = [
    ['throws', () => { throw fault }, fault], // prettier-ignore
    ['throws undefined', () => { throw undefined }, undefined], // prettier-ignore
    ['rejects', () => Promise.reject(fault), fault],
    ['gives a thenable whose then throws', () => ({ then: () => { throw fault } }), fault], // prettier-ignore
    ['gives a thenable with a getter that throws', () => ({ get then() { throw fault } }), fault], // prettier-ignore
    ['gives a thenable that rejects twice', () => ({ then: (_: unknown, no: (e: unknown) => void) => { no(fault); no(fault) } }), fault], // prettier-ignore
    ['gives a revoked proxy', () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy }, undefined], // prettier-ignore
  ]
  for (const [name, listener, error] of hostile) {
    const { view, full, errors, acknowledged } = setUp()
    let told = 0
    view.addListener(() => void told++)
    view.addListener(listener as ClusterStateListener)
    view.addListener(() => void told++)
    await view.receive(full())
    t.equal(told, 2, name)
    t.equal(errors.length, 1, name)
    if (error !== undefined) t.equal(errors[0], error, name)
    t.equal(acknowledged.length, 1, name)
  }
})

t.test('a reporter that throws over a hostile error stops nothing', async (t) => {
  const cluster = new MockCluster()
  let acknowledged = 0
  const view = makeClusterView({
    acknowledge: () => void acknowledged++,
    resync: () => undefined,
    onError: (error) => {
      throw error
    },
    clock: fakeClock(),
    makeError: (code) => new PluginError(code),
  })
  view.addListener(() => {
    throw new Error('x')
  })
  await view.receive(clone({ kind: 'full', source: 's', state: cluster.current() }))
  t.equal(acknowledged, 1)
})

t.test('one state at a time: the next one waits until all listeners have settled', async (t) => {
  const { view, full, change, acknowledged, cluster } = setUp()
  await view.receive(full())
  const order: string[] = []
  let release: () => void = () => undefined
  view.addListener(async (event) => {
    order.push(`slow ${event.indicesCreated().join()}`)
    if (event.indicesCreated().includes('a')) await new Promise<void>((resolve) => (release = resolve))
    order.push(`slow done ${event.indicesCreated().join()}`)
  })
  view.addListener((event) => void order.push(`swift ${event.indicesCreated().join()}`))
  const first = view.receive(await change((c) => c.createIndex('a')))
  const second = view.receive(await change((c) => c.createIndex('b')))
  await turns(50)
  t.strictSame(order, ['slow a', 'swift a'])
  t.equal(acknowledged.length, 1, 'only the first state')
  release()
  await Promise.all([first, second])
  t.strictSame(order, ['slow a', 'swift a', 'slow done a', 'slow b', 'slow done b', 'swift b'])
  t.equal(acknowledged.at(-1), cluster.current().stateUUID)
})

t.test('a listener is called once a state, and no more once it is removed', async (t) => {
  const { view, full, change } = setUp()
  await view.receive(full())
  let calls = 0
  const listener = (): void => void calls++
  view.addListener(() => view.removeListener(late))
  const late = (): void => {
    t.fail('it was removed before its turn')
  }
  view.addListener(listener)
  view.addListener(listener)
  view.addListener(late)
  await view.receive(await change((c) => c.createIndex('a')))
  t.equal(calls, 1)
  view.removeListener(listener)
  await view.receive(await change((c) => c.createIndex('b')))
  t.equal(calls, 1)
})

t.test('a listener added by a listener begins with the next state', async (t) => {
  const { view, full, change } = setUp()
  await view.receive(full())
  const seen: string[] = []
  view.addListener(() => view.addListener(added))
  const added: ClusterStateListener = (event) => void seen.push(...event.indicesCreated())
  await view.receive(await change((c) => c.createIndex('a')))
  t.strictSame(seen, [])
  await view.receive(await change((c) => c.createIndex('b')))
  t.strictSame(seen, ['b'])
})

t.test('cluster manager listeners hear of edges only', async (t) => {
  const { view, full, change, errors } = setUp()
  await view.receive(full())
  const heard: string[] = []
  const listener = {
    onClusterManager: () => void heard.push('on'),
    offClusterManager: () => void heard.push('off'),
  }
  const broken = {
    get onClusterManager(): () => void {
      throw new Error('getter')
    },
    offClusterManager: () => Promise.reject(new Error('off')),
  }
  view.addLocalNodeClusterManagerListener(broken)
  view.addLocalNodeClusterManagerListener(listener)
  const steps: readonly (readonly [string, (c: MockCluster) => Promise<unknown>, readonly string[]])[] = [
    ['it was already', (c) => c.createIndex('a'), []],
    ['another one is elected', (c) => c.electClusterManager('node-2'), ['off']],
    ['none is', (c) => c.electClusterManager(null), ['off']],
    ['this one is', (c) => c.electClusterManager('node-1'), ['off', 'on']],
    ['it stays', (c) => c.addNode(), ['off', 'on']],
  ]
  for (const [name, step, expected] of steps) {
    await view.receive(await change(step))
    t.strictSame(heard, expected, name)
  }
  t.equal(errors.length, 2)
  view.removeLocalNodeClusterManagerListener(listener)
  await view.receive(await change((c) => c.electClusterManager(null)))
  t.equal(heard.length, 2)
})

t.test('an observer gets the state there is, or the first one that fits', async (t) => {
  const { view, full, change, clock } = setUp()
  await view.receive(full())
  t.equal(await view.waitForNextChange(() => true, 0), view.state(), 'at once, whatever the timeout')
  t.equal(clock.waiting(), 0)
  const has = (name: string) => (state: object) => name in (state as ClusterState).metadata.indices
  const waiting = view.waitForNextChange(has('b'), 1000)
  await view.receive(await change((c) => c.createIndex('a')))
  t.equal(clock.waiting(), 1)
  await view.receive(await change((c) => c.createIndex('b')))
  t.equal(await waiting, view.state())
  t.equal(clock.waiting(), 0, 'its timer is gone')
})

t.test('an observer that waits before the first state gets that', async (t) => {
  const { view, full } = setUp()
  const waiting = view.waitForNextChange(() => true, 1000)
  await view.receive(full())
  t.equal(await waiting, view.state())
})

t.test('an observer ends by its timeout, its own error, and the end of the plugin', async (t) => {
  const { view, full, change, clock } = setUp()
  await view.receive(full())
  const late = view.waitForNextChange(() => false, 500)
  clock.advance(499)
  t.equal(clock.waiting(), 1)
  clock.advance(1)
  await t.rejects(late, { code: 'CLUSTER_STATE_TIMEOUT', detail: { timeoutMs: 500 } })
  const fault = new Error('predicate')
  let calls = 0
  const failing = view.waitForNextChange(() => {
    if (calls++ > 0) throw fault
    return false
  }, 500)
  const bystander = view.waitForNextChange((state) => state.version > 1, 500)
  void failing.catch(() => undefined)
  await view.receive(await change((c) => c.createIndex('a')))
  await t.rejects(failing, fault)
  t.equal(await bystander, view.state())
  const forever = view.waitForNextChange(() => false, Infinity)
  clock.advance(1_000_000)
  view.close()
  await t.rejects(forever, { code: 'PLUGIN_STOPPED' })
  t.equal(clock.waiting(), 0)
})

t.test('a predicate that ends the plugin is the last one asked', async (t) => {
  const { view, full } = setUp()
  const first = view.waitForNextChange(() => {
    view.close()
    return false
  }, 500)
  const second = view.waitForNextChange(() => t.fail('the plugin had ended'), 500)
  const ends = [first, second].map((wait) => t.rejects(wait, { code: 'PLUGIN_STOPPED' }))
  await view.receive(full())
  await Promise.all(ends)
})

t.test('arguments that cannot be used are refused', async (t) => {
  const { view, full } = setUp()
  t.throws(() => view.state(), { code: 'CLUSTER_STATE_UNAVAILABLE' })
  await view.receive(full())
  t.throws(() => view.addListener({} as ClusterStateListener), { code: 'CONFIG_INVALID' })
  t.throws(() => view.addLocalNodeClusterManagerListener(null as never), { code: 'CONFIG_INVALID' })
  await t.rejects(view.waitForNextChange('x' as never, 1), { code: 'CONFIG_INVALID' })
  for (const timeout of [-1, NaN, '5', undefined]) {
    await t.rejects(
      view.waitForNextChange(() => true, timeout as number),
      { code: 'CONFIG_INVALID' },
      String(timeout),
    )
  }
})

t.test('after close nothing is called, sent or taken', async (t) => {
  const { view, full, change, acknowledged, resyncs } = setUp()
  await view.receive(full())
  let release: () => void = () => undefined
  view.addListener(() => new Promise<void>((resolve) => (release = resolve)))
  const running = view.receive(await change((c) => c.createIndex('a')))
  await turns(10)
  view.close()
  view.close()
  release()
  await running
  await view.receive(await change((c) => c.createIndex('b')))
  await view.receive(null)
  t.equal(acknowledged.length, 1)
  t.equal(resyncs(), 0)
  t.throws(() => view.state(), { code: 'PLUGIN_STOPPED' })
  t.throws(() => view.addListener(() => undefined), { code: 'PLUGIN_STOPPED' })
  await t.rejects(
    view.waitForNextChange(() => true, 1),
    { code: 'PLUGIN_STOPPED' },
  )
})

t.test('ready tells when the first state is there, or that none will come', async (t) => {
  const { view, full } = setUp()
  let ready = false
  const waiting = view.ready().then(() => (ready = true))
  await turns(1)
  t.equal(ready, false)
  await view.receive(full())
  await waiting
  const other = setUp().view
  const never = other.ready()
  other.close()
  await t.rejects(never, { code: 'PLUGIN_STOPPED' })
})

t.test('plugin code is given the listener methods alone, frozen and free of this', async (t) => {
  const { view, full } = setUp()
  await view.receive(full())
  t.strictSame(Object.keys(view.cluster).sort(), [
    'addListener',
    'addLocalNodeClusterManagerListener',
    'removeListener',
    'removeLocalNodeClusterManagerListener',
    'state',
    'waitForNextChange',
  ])
  t.ok(Object.isFrozen(view.cluster))
  const { state, addListener } = view.cluster
  addListener(() => undefined)
  t.equal(state(), view.state())
})

/** Lets everything run that waits for promises only. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}
