// Broker and view together over JSON: whatever is published, lost, forged or reconnected, the plugin ends with the newest state it may see.
import fc from 'fast-check'
import t from 'tap'
import { makeBroker, type Subscription } from '../../lib/cluster/broker.js'
import { makeClusterView } from '../../lib/cluster/listeners.js'
import { project, type Scope } from '../../lib/cluster/projection.js'
import { sameJson } from '../../lib/cluster/tree.js'
import { PluginError } from '../../lib/errors.js'
import type { ProjectedState } from '../../lib/protocol/cluster-state.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { fakeClock } from './fake-clock.js'

const all: Scope = () => 'all'
const some: Scope = (path) => {
  if (path[0] === 'nodes') return 'all'
  if (path[0] !== 'metadata') return 'none'
  if (path.length === 1) return 'some'
  return path[1] !== 'indices' ? 'none' : path.length < 4 ? 'some' : path[3] === 'settings' ? 'all' : 'none'
}

/** A plugin over a link that delivers when told to, and may lose what is under way. */
function connect(cluster: MockCluster, scope: Scope) {
  const clock = fakeClock()
  const broker = makeBroker({ source: cluster, clock })
  const states: ProjectedState[] = []
  const failures: unknown[] = []
  let link: {
    readonly inbox: string[]
    readonly outbox: ((to: Subscription) => void)[]
    readonly to: Subscription
  }
  const makeView = () => {
    const view = makeClusterView({
      acknowledge: (uuid) => link.outbox.push((to) => to.acknowledge(uuid)),
      resync: () => link.outbox.push((to) => to.resync()),
      onError: (error) => failures.push(error),
      clock,
      makeError: (code, detail) => new PluginError(code, detail),
    })
    view.addListener((event) => {
      const last = states.at(-1)
      if (last !== undefined && !sameParts(last, event.previousState()))
        failures.push('a state was skipped or told twice')
      states.push(event.state())
    })
    return view
  }
  let view = makeView()
  const attach = (): void => {
    const inbox: string[] = []
    const send = (message: Uint8Array): void => void inbox.push(new TextDecoder().decode(message))
    link = { inbox, outbox: [], to: broker.attach({ plugin: 'p', key: 'k', scope, send }) }
  }
  attach()
  return {
    states,
    failures,
    view: () => view,
    subscription: () => link.to,
    /** Delivers what is under way, host to plugin, then plugin to host. */
    deliver: async () => {
      for (const text of link.inbox.splice(0)) await view.receive(JSON.parse(text))
      for (const answer of link.outbox.splice(0)) answer(link.to)
    },
    busy: () => link.inbox.length > 0 || link.outbox.length > 0,
    /** The channel breaks with all that is under way; the same plugin gets another one. */
    reconnect: () => {
      link.to.detach()
      attach()
    },
    /** The plugin starts anew. */
    restart: () => {
      link.to.detach()
      view.close()
      states.length = 0
      view = makeView()
      attach()
    },
    /** A message the plugin never sees, although the host was told that it did. */
    loseAndForge: () => {
      const text = link.inbox.pop()
      if (text === undefined) return
      const message = JSON.parse(text) as { toUuid?: string; state?: { stateUUID: string } }
      link.to.acknowledge(message.toUuid ?? message.state?.stateUUID ?? 'none')
    },
  }
}

/** The version may move on without anything to see; the parts told of last are the ones a listener is told of now. */
function sameParts(left: ProjectedState, right: ProjectedState): boolean {
  const parts = ['metadata', 'routingTable', 'nodes', 'blocks', 'customs'] as const
  return parts.every((part) => left[part] === right[part])
}

type Connection = ReturnType<typeof connect>
type Step = (cluster: MockCluster, plugin: Connection) => Promise<unknown> | void

const STEPS: Readonly<Record<string, Step>> = {
  createIndex: (c) => c.createIndex(`i${c.current().version}`, { replicas: 1 }),
  deleteIndex: (c) => withIndex(c, (name) => c.deleteIndex(name)),
  putMapping: (c) =>
    withIndex(c, (name) => c.putMapping(name, { properties: { [`f${c.current().version}`]: {} } })),
  updateSettings: (c) => withIndex(c, (name) => c.updateSettings(name, { 'index.x': c.current().version })),
  addNode: (c) => c.addNode(),
  elect: (c) => c.electClusterManager(c.current().nodes.clusterManagerNodeId === null ? 'node-1' : null),
  secret: (c) => c.putCustom('secret', { private: true, n: c.current().version }),
  deliver: (_, plugin) => plugin.deliver(),
  reconnect: (_, plugin) => plugin.reconnect(),
  restart: (_, plugin) => plugin.restart(),
  loseAndForge: (_, plugin) => plugin.loseAndForge(),
  resync: (_, plugin) => plugin.subscription().resync(),
  forgedAcknowledgement: (_, plugin) => plugin.subscription().acknowledge('forged'),
}

async function withIndex(cluster: MockCluster, run: (name: string) => Promise<void>): Promise<void> {
  const name = Object.keys(cluster.current().metadata.indices)[0]
  if (name !== undefined) await run(name)
}

for (const [name, scope] of Object.entries({ all, some })) {
  t.test(`after any sequence of steps the plugin ends with the newest state (scope: ${name})`, async (t) => {
    const names = fc.constantFrom(...Object.keys(STEPS), 'deliver', 'deliver', 'deliver')
    await fc.assert(
      fc.asyncProperty(fc.array(names, { maxLength: 30 }), async (steps) => {
        const cluster = new MockCluster({ nodes: 2, indices: { logs: {} } })
        const plugin = connect(cluster, scope)
        for (const step of steps) await STEPS[step]?.(cluster, plugin)
        // A lost message shows with the next one; a change that everyone sees is that.
        await cluster.addNode('last')
        for (let round = 0; plugin.busy(); round++) {
          if (round > 20) throw new Error('it does not settle')
          await plugin.deliver()
        }
        const { version, stateUUID } = cluster.current()
        const expected = project(cluster.current(), scope)
        const state = plugin.view().state()
        if (plugin.failures.length > 0) throw plugin.failures[0]
        return (
          sameJson(state, expected) &&
          state.version === version &&
          state.stateUUID === stateUUID &&
          plugin.states.at(-1) === state &&
          plugin.subscription().lag().versions === 0
        )
      }),
      { numRuns: 500 },
    )
    t.pass('500 sequences')
  })
}

t.test('unchanged parts are the same objects from state to state, over JSON', async (t) => {
  const cluster = new MockCluster({ nodes: 2, indices: { logs: {}, metrics: {} } })
  const plugin = connect(cluster, all)
  await plugin.deliver()
  const events: unknown[] = []
  plugin.view().addListener((event) => {
    const indices = (state: ProjectedState) => (state.metadata as { indices: Record<string, object> }).indices
    events.push([
      event.metadataChanged(),
      event.routingTableChanged(),
      event.blocksChanged(),
      indices(event.state())['metrics'] === indices(event.previousState())['metrics'],
    ])
  })
  await cluster.putMapping('logs', { properties: { a: {} } })
  await plugin.deliver()
  await cluster.addBlock({ id: 1, description: 'b', levels: ['write'], retryable: false })
  await plugin.deliver()
  plugin.subscription().resync()
  await plugin.deliver()
  t.strictSame(events, [
    [true, false, false, true],
    [false, false, true, true],
  ])
})
