// Behind what a plugin's thread refuses, the node itself looks at the process and at the data directory: a plugin whose
// first wall has fallen is ended for what it holds there, and a plugin that is merely refused goes on.
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { systemPrograms } from '../../lib/launch/programs.js'
import { runPlugin, type RunningPlugin, type RunPluginOptions } from '../../lib/testing/run-plugin.js'
import { exchangedThreadCode } from './open-thread.js'

t.setTimeout(90_000)

const SOURCE = `
const fs = require('fs'), { data } = require('os')
const wait = () => new Promise((resolve) => setTimeout(resolve, 100))
export default { rest: [
  { method: 'GET', path: '/data', async handle() { for (let n = 0; ; n++) { fs.writeFileSync(data + '/' + n, new Uint8Array(200_000)); await wait() } } },
  { method: 'GET', path: '/descriptors', async handle() { for (let n = 0; n < 400; n++) fs.openSync(data + '/file', 'a'); for (;;) await wait() } },
] }`
const grant = {
  extensionPoints: ['rest:/**'],
  fs: { read: ['${plugin.data}/**'], write: ['${plugin.data}/**'] },
}
const limits = { dataMb: 1, callTimeoutMs: 30_000, timers: 3, files: 2 }

async function start(options: RunPluginOptions): Promise<RunningPlugin> {
  const plugin = await runPlugin({ policy: { grant, limits }, ...options })
  t.teardown(() => plugin.stop())
  return plugin
}

t.test('a fallen first wall', { skip: process.platform !== 'linux' }, async (t) => {
  const code = await exchangedThreadCode(new Map([['./compartment.js', './raw-files.js']]))
  // Where there is no prlimit: with it the kernel refuses the descriptors before the node counts them.
  const launch = nodeLaunchPowers(code, { ...systemPrograms, prlimit: undefined })
  for (const [path, limit] of [
    ['/descriptors', 'descriptors'],
    ['/data', 'dataMb'],
  ] as const) {
    const plugin = await start({ source: SOURCE, launch })
    await t.rejects(
      plugin.rest({ method: 'GET', path }),
      { code: 'LIMIT_EXCEEDED', detail: { limit } },
      `${limit}: ended for it`,
    )
    t.equal(plugin.info().limitHits[limit], 1)
    await plugin.stop()
  }
})

t.test('a plugin that is refused goes on, and the node hears of it', async (t) => {
  const source = `
import fs from 'node:fs'
const codes = (run) => Array.from({ length: 5 }, () => { try { run(); return 'fine' } catch ({ code }) { return code } })
export default { rest: [{ method: 'GET', path: '/limits', handle: () => ({ body: {
  timers: codes(() => setTimeout(() => {}, 20_000)),
  files: codes(() => fs.openSync('/data/file', 'a')),

} }) }] }`
  const plugin = await start({ source })
  const { body } = await plugin.rest({ method: 'GET', path: '/limits' })
  t.same(body, {
    timers: ['fine', 'fine', 'fine', 'ERR_TIMER_LIMIT', 'ERR_TIMER_LIMIT'],
    files: ['fine', 'fine', 'EMFILE', 'EMFILE', 'EMFILE'],
  })
  while (plugin.info().limitHits.files === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
  t.match(plugin.info(), { state: 'running', limitHits: { timers: 2 } })
})
