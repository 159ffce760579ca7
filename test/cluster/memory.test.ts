// The in-memory source gives each change its own state, in order, to everyone, whatever the others do.
import t from 'tap'
import { memoryClusterState } from '../../lib/cluster/sources/memory.js'
import type { ClusterStateChange } from '../../lib/cluster/source.js'
import { emptyClusterState } from '../../lib/cluster/state.js'

t.test('a publish counts the version up, makes a fresh uuid and shares the rest', async (t) => {
  const source = memoryClusterState(emptyClusterState('c'))
  const changes: ClusterStateChange[] = []
  source.subscribe((change) => changes.push(change))
  const before = source.current()
  const first = source.publish('one', () => ({ customs: { a: { n: 1 } }, version: 99, stateUUID: 'forged' }))
  const second = source.publish('two', () => ({ customs: {} }))
  t.strictSame([before.version, first.version, second.version], [0, 1, 2])
  t.equal(new Set([before.stateUUID, first.stateUUID, second.stateUUID, 'forged']).size, 4)
  t.equal(first.metadata, before.metadata)
  t.equal(source.current(), second)
  t.strictSame(
    changes.map(({ source: why, state }) => [why, state]),
    [
      ['one', first],
      ['two', second],
    ],
  )
})

t.test('states are frozen all the way down', async (t) => {
  const source = memoryClusterState()
  const { customs } = source.publish('s', () => ({ customs: { a: { list: [{ n: 1 }] } } }))
  const list = customs['a']?.['list'] as readonly object[] | undefined
  for (const part of [customs, customs['a'], list, list?.[0]]) t.ok(Object.isFrozen(part))
})

t.test('an update that changes nothing publishes nothing, one that throws changes nothing', async (t) => {
  const source = memoryClusterState()
  source.subscribe(() => t.fail('nothing changed'))
  const before = source.current()
  t.equal(
    source.publish('none', () => ({})),
    before,
  )
  t.equal(
    source.publish('same', (state) => ({ nodes: state.nodes })),
    before,
  )
  const fault = new Error('update')
  t.throws(() => source.publish('fault', () => { throw fault }), fault) // prettier-ignore
  t.equal(source.current(), before)
})

t.test('a listener that throws hurts nobody, even with a reporter that throws', async (t) => {
  const errors: unknown[] = []
  const source = memoryClusterState(undefined, {
    onListenerError: (error) => {
      errors.push(error)
      throw new Error('reporter')
    },
  })
  const fault = new Error('listener')
  let told = 0
  source.subscribe(() => {
    throw fault
  })
  source.subscribe(() => told++)
  source.publish('a', () => ({ customs: {} }))
  source.publish('b', () => ({ customs: {} }))
  t.equal(told, 2)
  t.strictSame(errors, [fault, fault])
})

t.test('everyone gets the states in order although a listener publishes', async (t) => {
  const source = memoryClusterState()
  source.subscribe(({ state }) => {
    if (state.version < 3) source.publish('again', () => ({ customs: {} }))
  })
  const seen: number[] = []
  source.subscribe(({ state }) => seen.push(state.version))
  source.publish('first', () => ({ customs: {} }))
  t.strictSame(seen, [1, 2, 3])
})

t.test('a subscription begins after the current state and ends when told', async (t) => {
  const source = memoryClusterState()
  const late: number[] = []
  const listener = ({ state }: ClusterStateChange): void => void late.push(state.version)
  let end = (): void => undefined
  const endFirst = source.subscribe(() => {
    endFirst()
    end = source.subscribe(listener)
  })
  source.publish('one', () => ({ customs: {} }))
  t.strictSame(late, [], 'it began while this one was told')
  source.publish('two', () => ({ customs: {} }))
  t.strictSame(late, [2])
  end()
  end()
  source.publish('three', () => ({ customs: {} }))
  t.strictSame(late, [2])
})

t.test('one function subscribed twice is two subscriptions', async (t) => {
  const source = memoryClusterState()
  let calls = 0
  const listener = (): void => void calls++
  const end = source.subscribe(listener)
  source.subscribe(listener)
  end()
  source.publish('a', () => ({ customs: {} }))
  t.equal(calls, 1)
})
