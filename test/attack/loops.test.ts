// What the pages say of attacks on a node that uses threads is about attacks that there are.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { ATTACKS } from '../../lib/attack/cases/index.js'
import { LOOPS } from '../../lib/attack/cases/loops.js'
import { readLoops } from '../walls/threat-table.js'

t.test('every allocation loop has its row in the threat model', async (t) => {
  const page = await readFile(new URL('../../../docs/threat-model.md', import.meta.url), 'utf8')
  t.same(readLoops(page), Object.keys(LOOPS))
})

t.test('docs/thread-tier.md names attacks of the suite', async (t) => {
  const page = await readFile(new URL('../../../docs/thread-tier.md', import.meta.url), 'utf8')
  const named = [...page.matchAll(/^\| ([a-z ]+) \| `([a-z0-9-]+)` \|/gm)].map(
    ([, chapter, name]) => `${chapter}: ${name}`,
  )
  const known = new Set(ATTACKS.map(({ chapter, name }) => `${chapter}: ${name}`))
  t.ok(named.length > 0)
  t.same(
    named.filter((one) => !known.has(one)),
    [],
  )
})
