// If the language wall falls, what do the other two still stop? A plugin thread with a hole in its first wall
// tries everything a thread of Node can do, in both isolations. What really happened is the table in
// docs/threat-model.md, line by line, on the Node at hand.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import type { ThreadBoot, ThreadSettings } from '../../lib/powers.js'
import { startPlugins, type StartedPlugins } from '../containment/start-plugins.js'
import { CANARY, setStage, type Stage } from './effects.js'
import { ATTEMPTS, type How } from './fallen.js'
import { openThreadCode } from './open-thread.js'
import { readTable } from './threat-table.js'

const SOURCE = `
const { attempt } = require('fs')
export default { rest: [
  { method: 'POST', path: '/attempt', handle: async ({ body }) => ({ body: await attempt(body.name, body.how, body.target) }) },
] }`

type Outcome = 'stopped' | 'reached' | 'absent'
const [MAJOR = ''] = process.versions.node.split('.')

t.setTimeout(110_000)

t.test('what a fallen first wall means is what the threat model says', { timeout: 110_000 }, async (t) => {
  const table = readTable(await readFile(new URL('../../../docs/threat-model.md', import.meta.url), 'utf8'))
  const launch = nodeLaunchPowers(await openThreadCode())
  const stage = await setStage()
  t.teardown(() => stage.close())
  t.same(
    table.map(({ attempt }) => attempt),
    Object.keys(ATTEMPTS),
    'the table has a line for each attempt, in this order',
  )
  const known = table[0]?.captured.process[MAJOR] !== undefined
  if (!known) t.comment(`the table has no column for Node ${MAJOR}; what is closed is still compared`)

  for (const isolation of ['process', 'thread'] as const) {
    const plugins = await startPlugins({
      plugins: { fallen: SOURCE },
      isolation,
      launch,
      limits: { blockedMs: 5000, callTimeoutMs: 10_000 },
      restart: { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 },
    })
    t.teardown(() => plugins.stop())
    for (const { attempt, closed, captured } of table) {
      const measured = await tryIt(plugins, stage, attempt, 'captured')
      const expected = captured[isolation][MAJOR]
      if (known) t.equal(measured.outcome, expected, `${isolation}: ${attempt}`, measured)
      else t.comment(`${isolation}: ${attempt}: ${measured.outcome}`)
      const live = await tryIt(plugins, stage, attempt, 'live')
      const reached = !closed && measured.outcome === 'reached'
      t.equal(live.outcome === 'reached', reached, `${isolation}: ${attempt}, as closing leaves it`, live)
    }
    await plugins.stop()
  }
  t.equal(process.env[CANARY] !== undefined, true, 'the canary was there to be read')
})

/** What no flag is needed for: an environment of its own, a signal that the service holds, an end that is a thread's. */
const NEVER_REACHED: readonly string[] = [
  "open the node's inspector with SIGUSR1",
  "read the node's environment",
  'end the node: process.exit',
  'end the node: process.reallyExit',
  'end the node: process.abort',
]

t.test('where the second wall is open too, the same attempts get through', { timeout: 60_000 }, async (t) => {
  const base = nodeLaunchPowers(await openThreadCode({ selfCheck: false }))
  const stage = await setStage()
  t.teardown(() => stage.close())
  const plugins = await startPlugins({
    plugins: { fallen: SOURCE },
    isolation: 'thread',
    launch: {
      ...base,
      spawnThread: (settings, boot) => base.spawnThread({ ...settings, execArgv: [] }, boot),
    },
    limits: { blockedMs: 5000, callTimeoutMs: 10_000 },
    restart: { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 },
  })
  t.teardown(() => plugins.stop())
  for (const attempt of Object.keys(ATTEMPTS)) {
    const measured = await tryIt(plugins, stage, attempt, 'captured')
    t.equal(measured.outcome, NEVER_REACHED.includes(attempt) ? 'stopped' : 'reached', attempt, measured)
  }
})

t.test('a plugin thread without its flags is not started', { timeout: 30_000 }, async (t) => {
  const base = nodeLaunchPowers()
  const launch = {
    ...base,
    spawnThread: (settings: ThreadSettings, boot: ThreadBoot) =>
      base.spawnThread({ ...settings, execArgv: [] }, boot),
  }
  await t.rejects(startPlugins({ plugins: { plain: 'export default {}' }, isolation: 'thread', launch }), {
    code: 'WALL_FAILED',
  })
})

async function tryIt(
  plugins: StartedPlugins,
  stage: Stage,
  name: string,
  how: How,
): Promise<{ readonly outcome: Outcome; readonly answer: string }> {
  const pid = plugins.info('fallen').pid ?? process.pid
  const back = plugins.next('fallen', 'running')
  const body = { name, how, target: { ...stage.target } }
  const { answer, ended } = await plugins.service.rest({ method: 'POST', path: '/attempt', body }).then(
    (reply) => ({ answer: reply.body as string, ended: false }),
    (error: unknown) => ({ answer: String(error), ended: true }),
  )
  const happened = await stage.happened(name, answer, pid)
  stage.reset()
  if (ended) await back
  return { outcome: happened ? 'reached' : answer === 'absent' ? 'absent' : 'stopped', answer }
}
