// What a plugin does ends with the plugin: the short run of the attacks of lib/attack, against a node that answers
// searches all the while. `npm run attack` runs all of them; whole.test.ts does so with the Node matrix.
import t from 'tap'
import { CHAPTER_NAMES } from '../../lib/attack/attack-case.js'
import { ATTACKS } from '../../lib/attack/cases/index.js'
import { LOOPS } from '../../lib/attack/cases/loops.js'
import { runAttacks } from './run-attacks.js'

t.setTimeout(110_000) // about 20 s; a busy machine may take longer

const smoke = ATTACKS.filter((one) => one.smoke === true)

t.test('the suite is large, its names are its own, and every chapter has its part', async (t) => {
  const names = ATTACKS.map(({ name }) => name)
  t.ok(names.length - Object.keys(LOOPS).length >= 80, `${names.length} attacks`)
  t.equal(new Set(names).size, names.length)
  t.same(
    names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)),
    [],
  )
  t.same(new Set(ATTACKS.map(({ chapter }) => chapter)), new Set(CHAPTER_NAMES))
  t.ok(smoke.length >= 20, `${smoke.length} of them run here`)
})

await runAttacks(t, smoke)
