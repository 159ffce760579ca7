// A projection that asks place by place shows exactly what decide allows, and grants with
// the same rules share one key.
import t from 'tap'
import fc from 'fast-check'
import { clusterScope, clusterScopeKey, decide } from '../../lib/policy/decide.js'
import type { GrantRules } from '../../lib/policy/document.js'
import { grantOf } from './support.js'

const sees = (read: readonly string[]): GrantRules => ({ clusterState: { read } })
const name = fc.constantFrom('a', 'b')
const lists = fc.uniqueArray(
  fc
    .array(fc.oneof(name, name, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('.')),
  { maxLength: 3 },
)

t.test('each place is all, some or none', (t) => {
  const grant = grantOf(
    sees(['nodes', 'metadata.indices.*.settings', 'metadata.indices.logs-*', 'routingTable']),
    {
      narrow: sees(['nodes', 'metadata.indices']),
      add: [{ grant: sees(['blocks.global']), reason: 'test' }],
    },
  )
  const cases: readonly [path: string, scope: string][] = [
    ['', 'some'],
    ['nodes', 'all'],
    ['nodes.n1.name', 'all'],
    ['nodesX', 'none'],
    ['metadata', 'some'],
    ['metadata.templates', 'none'],
    ['metadata.indices', 'some'],
    ['metadata.indices.x', 'some'],
    ['metadata.indices.x.settings', 'all'],
    ['metadata.indices.x.settings.number', 'all'],
    ['metadata.indices.x.mappings', 'none'],
    ['metadata.indices.logs-1', 'all'],
    ['blocks', 'some'],
    ['blocks.global', 'all'],
    ['routingTable', 'none'], // asked for, and left out by the narrowing
    ['customs', 'none'],
  ]
  for (const [path, scope] of cases) {
    t.equal(clusterScope(grant, path === '' ? [] : path.split('.')), scope, path)
  }
  t.equal(
    clusterScope(grant, ['metadata', 'indices', 'logs-2026.01.01']),
    'all',
    'a key with dots is one key',
  )
  t.equal(clusterScope(grant, ['metadata.indices.logs-1']), 'none', 'and never a path')
  t.end()
})

t.test('all covers everything below, none hides everything below, as decide says', (t) => {
  const seen = { all: 0, some: 0, none: 0 }
  const path = fc.array(name, { maxLength: 3 })
  fc.assert(
    fc.property(
      lists,
      fc.option(lists, { nil: undefined }),
      lists,
      path,
      path,
      (read, narrow, add, at, more) => {
        const grant = grantOf(sees(read), {
          ...(narrow === undefined ? {} : { narrow: sees(narrow) }),
          add: [{ grant: sees(add), reason: 'test' }],
        })
        const scope = clusterScope(grant, at)
        seen[scope] += 1
        const here = decide(grant, { kind: 'clusterState.read', path: at }).allowed
        const below = decide(grant, { kind: 'clusterState.read', path: [...at, ...more] }).allowed
        return here === (scope === 'all') && (scope !== 'all' || below) && (scope !== 'none' || !below)
      },
    ),
    { numRuns: 10_000, seed: 13 },
  )
  t.ok(Math.min(seen.all, seen.some, seen.none) > 200, JSON.stringify(seen))
  t.end()
})

t.test('the key is equal for the same rules in any order and different for others', (t) => {
  const key = (read: readonly string[], narrow?: readonly string[], add: readonly string[] = []): string =>
    clusterScopeKey(
      grantOf(
        { ...sees(read), env: ['A'] },
        {
          ...(narrow === undefined ? {} : { narrow: sees(narrow) }),
          add: add.length === 0 ? [] : [{ grant: sees(add), reason: 'test' }],
        },
      ),
    )
  t.equal(key(['a', 'b']), key(['b', 'a']))
  t.equal(key(['a'], ['b', 'c'], ['d', 'e']), key(['a'], ['c', 'b'], ['e', 'd']))
  const different = [
    key([]),
    key(['a']),
    key(['a', 'b']),
    key(['a'], []),
    key(['a'], ['a']),
    key(['a'], undefined, ['b']),
    key([], undefined, ['a']),
  ]
  t.equal(new Set(different).size, different.length)
  t.equal(
    clusterScopeKey(grantOf(sees(['a']))),
    clusterScopeKey(grantOf({ ...sees(['a']), settings: ['x'] })),
    'other capabilities do not matter',
  )
  t.end()
})
