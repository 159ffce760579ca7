/** Entry of a throwaway node: one run of one attack on isolation 'thread', its measure as one line of JSON. */
import process from 'node:process'
import type { PluginError } from '../errors.js'
import { MockCluster } from '../testing/mock-cluster.js'
import { ATTACKS } from './cases/index.js'
import { setStand } from './stand.js'
import { runOnce } from './suite.js'
import type { ThrowawayAnswer, ThrowawayTask } from './throwaway.js'

const task = JSON.parse(process.argv[2] ?? '{}') as ThrowawayTask
const attack = ATTACKS.find(({ name }) => name === task.attack)
if (attack === undefined) throw new Error(`no attack is called ${task.attack}`)
const own = task.own && {
  ...task.own,
  options: { ...task.own.options, clusterState: new MockCluster({ nodes: 1 }) },
}
const stand = await setStand('thread', task.nodeVersion, own).catch((error: PluginError) => error)
const said: ThrowawayAnswer =
  stand instanceof Error ? { failed: stand.message } : { measure: await runOnce(attack, stand) }
// A thread that cannot be ended would keep this process; its measure is all that is wanted.
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit(0))
