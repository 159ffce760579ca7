// A plugin's process keeps off the cores that are the node's own, by what the kernel says of it.
import t from 'tap'
import { allowedCores, coresForPlugins } from '../../lib/launch/cores.js'
import { systemPrograms } from '../../lib/launch/programs.js'
import { startPlugins } from '../containment/start-plugins.js'

const CASES: readonly [allowed: string, reserved: number, string | undefined][] = [
  ['0-3', 1, '1,2,3'],
  ['0-3', 3, '3'],
  ['0,2-3,8', 1, '2,3,8'],
  ['4-5', 1, '5'],
  ['0-1', 0, undefined],
  ['0', 1, undefined],
  ['0-1', 2, undefined],
  ['', 1, undefined],
]

t.test('the first ones are left out, and one is left in any case', async (t) => {
  for (const [allowed, reserved, expected] of CASES)
    t.equal(coresForPlugins(allowed, reserved), expected, `${allowed} without ${reserved}`)
})

const others = coresForPlugins(allowedCores('self'), 1)
const skip = systemPrograms.taskset === undefined || others === undefined
t.test('every thread of a plugin runs on the other cores', { skip }, async (t) => {
  const plugins = await startPlugins({ plugins: { demo: 'export default {}' }, reservedCores: 1 })
  t.teardown(() => plugins.stop())
  const list = allowedCores(plugins.info('demo').pid ?? 0)
  // Spelt out the same way: one before them is left out.
  t.equal(coresForPlugins(`0,${list}`, 1), others)
})
