// A launcher is chosen for all plugins or by name, and never where no process is started.
import t from 'tap'
import { optionPowers } from '../../lib/node-powers.js'
import { checkOptions, type PluginsServiceOptions } from '../../lib/service-options.js'

const BASE = { pluginsDir: '/plugins', dataDir: '/data', nodeVersion: '3.2.0' }

type Part = Pick<PluginsServiceOptions, 'isolation' | 'launcher'>

const GOOD: readonly (readonly [string, Part, Readonly<Record<string, string>>, boolean])[] = [
  ['nothing said', {}, { a: 'plain' }, false],
  ['for all', { launcher: 'bwrap' }, { a: 'bwrap', b: 'bwrap' }, true],
  ['by name', { launcher: { a: 'bwrap' } }, { a: 'bwrap', b: 'plain', constructor: 'plain' }, true],
  [
    'beside a thread',
    { launcher: { a: 'bwrap' }, isolation: { b: 'thread' } },
    { a: 'bwrap', b: 'plain' },
    true,
  ],
]
for (const [name, part, expected, usesBwrap] of GOOD) {
  t.test(`launcher: ${name}`, async (t) => {
    const checked = checkOptions({ ...BASE, ...part }, optionPowers)
    for (const [plugin, launcher] of Object.entries(expected))
      t.equal(checked.launcherOf(plugin), launcher, plugin)
    t.equal(checked.usesBwrap, usesBwrap)
  })
}

const BAD: readonly (readonly [string, object])[] = [
  ['of a name that there is not', { launcher: 'docker' }],
  ['of a name that there is not, by plugin', { launcher: { a: 'docker' } }],
  ['that is no name', { launcher: null }],
  ['for all, all in threads', { launcher: 'bwrap', isolation: 'thread' }],
  ['for all, one in a thread', { launcher: 'bwrap', isolation: { a: 'thread' } }],
  ['for one, all in threads', { launcher: { a: 'bwrap' }, isolation: 'thread' }],
]
for (const [name, part] of BAD) {
  t.test(`launcher ${name}: refused`, async (t) => {
    t.throws(() => checkOptions({ ...BASE, ...part } as PluginsServiceOptions, optionPowers), {
      code: 'CONFIG_INVALID',
      detail: { option: 'launcher' },
    })
  })
}
