/** Runs attacks against a node of its own, each once, and asserts that each is contained. */
import type { Test } from 'tap'
import { ended, type AttackCase } from '../../lib/attack/attack-case.js'
import type { Room } from '../../lib/attack/judge.js'
import { setStand } from '../../lib/attack/stand.js'
import { runSuite } from '../../lib/attack/suite.js'

/** A machine that runs other tests beside is no place to measure time: what counts here is what happens, and that it happens. */
const ROOM: Room = { medianMs: 5000, mostMs: 5000, silenceMs: 5000 }

export async function runAttacks(t: Test, attacks: readonly AttackCase[]): Promise<void> {
  const stand = await setStand('process', '3.2.0')
  t.teardown(() => stand.close())
  // Nor do 300 ms without an answer say more there than that the plugin had no core: ended for that it is contained too.
  const here = attacks.map((attack) => ({
    ...attack,
    expect: [...attack.expect, ...ended('PLUGIN_BLOCKED')],
  }))
  const verdicts = await runSuite(here, stand, { runs: 1, room: ROOM })
  for (const { case: attack, why, runs } of verdicts) t.same(why, [], attack.name, { runs })
  t.equal(verdicts.length, attacks.length, 'every attack ran')
}
