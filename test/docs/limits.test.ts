// docs/limits.md has every limit with the default and the unit that the code has.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { LimitName } from '../../lib/protocol/limit-hit.js'

/** Those that follow from others or never change; no policy names them. */
type Derived = 'processes' | 'descriptors' | 'loopUse' | 'silentMs' | 'nodeTime'
const DERIVED: readonly Derived[] = ['processes', 'descriptors', 'loopUse', 'silentMs', 'nodeTime']

t.test('each limit has its row', async (t) => {
  const page = await readFile(new URL('../../../docs/limits.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|/gm)].map(([, name, , value]) => [
    name,
    (value ?? '').trim(),
  ])
  const own = rows.filter(([name]) => !DERIVED.some((derived) => derived === name))
  const expected = Object.entries(DEFAULT_LIMITS satisfies Record<Exclude<LimitName, Derived>, number>)
  t.same(Object.fromEntries(own), Object.fromEntries(expected.map(([name, value]) => [name, String(value)])))
  for (const name of DERIVED)
    t.ok(
      rows.some(([row]) => row === name),
      name,
    )
})
