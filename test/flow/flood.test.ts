// A plugin that floods the node is slowed where it sends, or ended when its thread has fallen; others are answered meanwhile.
import t, { type Test } from 'tap'
import { flood, FLOODS, startGood, type Flood } from './flood-cases.js'

const LONG = process.env['BULKHEAD_LONG'] === '1'
const FOR_MS = LONG ? 10_000 : 400
/** Beside the whole table the long run has one that lasts. */
const LASTING_MS = 60_000
/** `hostMb`, a message of each kind under way, and what is garbage at the moment of the look. */
const MOST_GREW_MB = 96
/** Kinds that show one mechanism each; the long run has all of them. */
const SHORT: readonly string[] = [
  'process honest log lines',
  'process honest largest replies',
  'process honest cluster states',
  'process fallen notices',
  'process fallen cancels',
  'process fallen largest replies',
  'thread honest stream chunks',
  'thread fallen chunks without credits',
]

const titleOf = ({ isolation, who, name }: Flood): string => `${isolation} ${who} ${name}`

const good = await startGood()
t.teardown(() => good.stop())

async function check(t: Test, one: Flood, forMs: number): Promise<void> {
  const cost = await flood(one, forMs, good.service)
  t.ok(cost.grewMb < MOST_GREW_MB, `the node grew by ${cost.grewMb.toFixed(1)} MiB`)
  t.ok(cost.goodAnswers > 0, 'another plugin answered meanwhile')
  if (one.ends === true) t.match(cost.error, /^PROTOCOL_VIOLATION/)
  else if (one.ends === false) {
    t.match(cost.state, /^(?:running|degraded)$/)
    t.same([cost.restarts, cost.error], [0, null])
  }
  for (const limit of one.tells ?? []) t.ok(cost.limits.includes(limit), `${limit} was told`)
}

for (const one of FLOODS) {
  const title = titleOf(one)
  if (LONG || SHORT.includes(title)) t.test(title, (t) => check(t, one, FOR_MS))
}

if (LONG) {
  const lasting = FLOODS.find((one) => titleOf(one) === 'process honest largest replies')
  if (lasting !== undefined) t.test(`for a minute: ${lasting.name}`, (t) => check(t, lasting, LASTING_MS))
}
