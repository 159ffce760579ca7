// Plugins start after what they extend, in an order that does not depend on how they
// were found; what cannot be ordered is a fault of the plugins concerned and of no other.
import fc from 'fast-check'
import t from 'tap'
import type { Descriptor } from '../../lib/descriptor/descriptor.js'
import { order } from '../../lib/descriptor/order.js'

function make(name: string, ...needs: readonly string[]): Descriptor {
  return {
    name,
    version: '1.0.0',
    description: 'x',
    main: 'm.js',
    searchNode: '*',
    provides: [],
    dir: `/p/${name}`,
    extendedPlugins: needs.map((need) => ({ name: need.replace('?', ''), optional: need.endsWith('?') })),
  }
}
const names = (descriptors: readonly Descriptor[]): string => descriptors.map(({ name }) => name).join(' ')

const CASES: readonly {
  readonly what: string
  readonly plugins: readonly Descriptor[]
  readonly ordered: string
  readonly faults: readonly (readonly [code: string, file: string, pointer: string, message: RegExp])[]
}[] = [
  { what: 'nothing', plugins: [], ordered: '', faults: [] },
  { what: 'equals go by name', plugins: [make('c'), make('a'), make('b')], ordered: 'a b c', faults: [] },
  {
    what: 'need goes before name',
    plugins: [make('a', 'c'), make('b'), make('c')],
    ordered: 'b c a',
    faults: [],
  },
  {
    what: 'an optional plugin that is there goes first',
    plugins: [make('a', 'z?'), make('z')],
    ordered: 'z a',
    faults: [],
  },
  { what: 'an optional plugin may be absent', plugins: [make('a', 'z?')], ordered: 'a', faults: [] },
  {
    what: 'a missing plugin takes down those that need it, and no other',
    plugins: [make('a', 'b'), make('b', 'x', 'gone'), make('x'), make('y', 'b?')],
    ordered: 'x y',
    faults: [
      ['DEPENDENCY_MISSING', '/p/b/plugin.json', '/extendedPlugins/1', /b extends gone/],
      ['DEPENDENCY_MISSING', '/p/a/plugin.json', '/extendedPlugins/0', /a extends b/],
    ],
  },
  {
    what: 'a circle is named whole from each plugin on it',
    plugins: [make('a', 'b'), make('b', 'c'), make('c', 'z', 'a'), make('d', 'a'), make('z')],
    ordered: 'z',
    faults: [
      ['DEPENDENCY_CYCLE', '/p/a/plugin.json', '/extendedPlugins/0', /a -> b -> c -> a$/],
      ['DEPENDENCY_CYCLE', '/p/b/plugin.json', '/extendedPlugins/0', /b -> c -> a -> b$/],
      ['DEPENDENCY_CYCLE', '/p/c/plugin.json', '/extendedPlugins/1', /c -> a -> b -> c$/],
      ['DEPENDENCY_MISSING', '/p/d/plugin.json', '/extendedPlugins/0', /d extends a/],
    ],
  },
]

for (const { what, plugins, ordered, faults } of CASES) {
  t.test(what, async (t) => {
    const result = order(plugins)
    t.equal(names(result.ordered), ordered)
    t.same(
      result.faults.map(({ code, file, pointer }) => [code, file, pointer]),
      faults.map((fault) => fault.slice(0, 3)),
    )
    faults.forEach(([, , , message], index) => t.match(result.faults[index]?.message, message))
  })
}

const graphs = fc
  .array(fc.array(fc.record({ to: fc.nat(9), optional: fc.boolean() }), { maxLength: 3 }), { maxLength: 8 })
  .map((edges) =>
    edges.map((list, index) =>
      make(
        `p${index}`,
        ...new Set(
          list.filter(({ to }) => to !== index).map(({ to, optional }) => `p${to}${optional ? '?' : ''}`),
        ),
      ),
    ),
  )

t.test('whatever the graph: each plugin is ordered or at fault, and needs stand first', async (t) => {
  fc.assert(
    fc.property(graphs, (plugins) => {
      const { ordered, faults } = order(plugins)
      const place = new Map(ordered.map(({ name }, index) => [name, index]))
      for (const { name, dir, extendedPlugins } of plugins) {
        const blamed = faults.some(({ file }) => file === `${dir}/plugin.json`)
        if (blamed === place.has(name)) return false
        for (const need of extendedPlugins) {
          if (!place.has(name)) continue
          const before = place.get(need.name)
          if (before === undefined ? !need.optional : before >= (place.get(name) ?? -1)) return false
        }
      }
      return true
    }),
  )
  t.pass()
})

t.test('whatever the graph: the order found does not depend on the order given', async (t) => {
  fc.assert(
    fc.property(
      graphs,
      (plugins) => JSON.stringify(order(plugins)) === JSON.stringify(order(plugins.toReversed())),
    ),
  )
  t.pass()
})
