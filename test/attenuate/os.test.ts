// `os` has every export of Node's, tells of the platform and of no particular host.
import os from 'node:os'
import t from 'tap'
import { startThread } from './thread.js'

/** Every export of `os`: as in Node, or the one answer that every host gives. */
const EXPORTS: Readonly<Record<string, 'as in Node' | { readonly always: unknown }>> = {
  EOL: 'as in Node',
  arch: 'as in Node',
  constants: 'as in Node',
  devNull: 'as in Node',
  endianness: 'as in Node',
  platform: 'as in Node',
  type: 'as in Node',
  machine: 'as in Node',
  availableParallelism: { always: 1 },
  cpus: { always: [] },
  freemem: { always: 48 * 1_048_576 },
  getPriority: { always: 0 },
  homedir: { always: '/plugin' },
  hostname: { always: 'localhost' },
  loadavg: { always: [0, 0, 0] },
  networkInterfaces: { always: {} },
  release: { always: '' },
  setPriority: { always: 'ERR_ACCESS_DENIED' },
  tmpdir: { always: '/data/tmp' },
  totalmem: { always: 48 * 1_048_576 },
  uptime: { always: 'since the plugin started' },
  userInfo: { always: { uid: -1, gid: -1, username: 'plugin', homedir: '/plugin', shell: null } },
  version: { always: '' },
}
const VALUE = `(name) => {
  const value = require('os')[name]
  if (typeof value !== 'function') return value
  if (name === 'uptime') return value() >= 0 && value() < 3600 ? 'since the plugin started' : value()
  try { return value(0, 0) } catch (error) { return error.code }
}`

t.test('the table knows every export of this Node, and the plugin has each', async (t) => {
  const thread = await startThread(t)
  const node = Object.getOwnPropertyNames(os).filter((name) => name !== 'default')
  t.same(node.filter((name) => !Object.hasOwn(EXPORTS, name)).sort(), [], 'unknown to the table')
  t.same(await thread.value('Object.keys(require("os")).sort()'), Object.keys(EXPORTS).sort())
})

t.test('the platform is told as it is, the host not at all', async (t) => {
  const thread = await startThread(t, { externalMb: 48 })
  for (const [name, expected] of Object.entries(EXPORTS)) {
    const value = await thread.value(`(${VALUE})(${JSON.stringify(name)})`)
    if (expected !== 'as in Node') {
      t.same(value, expected.always, name)
      continue
    }
    const own: unknown = Reflect.get(os, name)
    const plain: unknown = typeof own === 'function' ? (own as () => unknown)() : own
    t.same(value, JSON.parse(JSON.stringify(plain)), name)
  }
})

t.test('what is shared with trusted code cannot be changed, the module itself can', async (t) => {
  const thread = await startThread(t)
  t.equal(await thread.value('Object.isFrozen(require("os").constants.signals)'), true)
  t.equal(
    await thread.value(
      '(() => { const os = require("node:os"); os.cpus = () => [1]; return require("os").cpus().length })()',
    ),
    1,
  )
})
