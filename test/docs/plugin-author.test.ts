// The tables of docs/plugin-author.md say what the code says: every limit with its default and range, every
// field of plugin.json, every kind of grant, every part of a definition's context and of an event.
import t from 'tap'
import { readFileSync } from 'node:fs'
import { makeClusterChangedEvent } from '../../lib/cluster/event.js'
import { CAPABILITIES } from '../../lib/policy/capability.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { ROOT } from './pages.js'
import { namesIn, rowsOf } from './tables.js'

const page = 'docs/plugin-author.md'
const table = (first: string): readonly (readonly string[])[] => rowsOf(page, first)
const names = (first: string): readonly string[] => namesIn(page, first)

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>
  readonly $defs: {
    readonly limits: {
      readonly properties: Readonly<Record<string, { default: number; minimum: number; maximum: number }>>
    }
  }
}
const schema = (name: string): Schema =>
  JSON.parse(readFileSync(`${ROOT}policies/${name}.schema.json`, 'utf8')) as Schema

t.test('limits: name, default and range', async (t) => {
  const limits = schema('policy').$defs.limits.properties
  const expected = Object.entries(limits).map(([name, { default: standard, minimum, maximum }]) =>
    [`\`${name}\``, standard, minimum, maximum].map(String),
  )
  t.same(
    table('limit').map(([name, , ...numbers]) => [name, ...numbers.slice(0, 3)]),
    expected,
  )
  t.same(
    Object.fromEntries(
      table('limit').map(([name = '', , standard]) => [name.slice(1, -1), Number(standard)]),
    ),
    DEFAULT_LIMITS,
  )
})

t.test('fields of plugin.json', async (t) => {
  const { $schema: _, ...fields } = schema('plugin').properties
  t.same(names('field').slice().sort(), Object.keys(fields).sort())
})

t.test('kinds of grants', async (t) => {
  t.same(names('`grant`').slice().sort(), [...CAPABILITIES].sort())
})

t.test('methods of an event', async (t) => {
  const state = new MockCluster().current()
  const event = makeClusterChangedEvent('source', state, state)
  t.same(names('event method').slice().sort(), Object.keys(event).sort())
})
