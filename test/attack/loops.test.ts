// The threat model says of each allocation loop what it does to a node that uses threads.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { LOOPS } from '../../lib/attack/cases/loops.js'
import { readLoops } from '../walls/threat-table.js'

t.test('every loop has its row', async (t) => {
  const page = await readFile(new URL('../../../docs/threat-model.md', import.meta.url), 'utf8')
  t.same(readLoops(page), Object.keys(LOOPS))
})
