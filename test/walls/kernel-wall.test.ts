// Walls 1 and 2 have both fallen: the plugin's thread runs code of Node's own realm without a flag. What the kernel
// still stops, with nothing around the child, with the launcher 'plain' and with 'bwrap', is the table in
// docs/threat-model.md, line by line. And each child has what that table rests on.
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { systemPrograms, type Programs } from '../../lib/launch/programs.js'
import type { Launcher } from '../../lib/supervisor/worker-options.js'
import { startPlugins, type StartedPlugins } from '../containment/start-plugins.js'
import { setStage, type Stage } from './effects.js'
import { processesNaming } from './kernel-effects.js'
import { openThreadCode } from './open-thread.js'
import { readKernelTable } from './threat-table.js'
import { withoutFlags } from './without-flags.js'

const SOURCE = `
const { attempt } = require('fs')
export default { rest: [
  { method: 'POST', path: '/attempt', handle: async ({ body }) => ({ body: await attempt(body.name, 'captured', body.target) }) },
] }`

const NO_PROGRAMS: Programs = { setpriv: undefined, prlimit: undefined, taskset: undefined, bwrap: undefined }
const COLUMNS: readonly {
  readonly name: string
  readonly programs: Programs
  readonly launcher: Launcher
}[] = [
  { name: 'no program', programs: NO_PROGRAMS, launcher: 'plain' },
  { name: 'plain', programs: systemPrograms, launcher: 'plain' },
  { name: 'bwrap', programs: systemPrograms, launcher: 'bwrap' },
]

/** Why a column cannot be measured here. */
async function refusal({ programs, launcher }: (typeof COLUMNS)[number]): Promise<string | false> {
  if (process.platform !== 'linux') return 'the kernel wall is for Linux'
  if (programs === NO_PROGRAMS) return false
  if (programs.prlimit === undefined || programs.setpriv === undefined) return 'util-linux is not installed'
  if (launcher === 'plain') return false
  return nodeLaunchPowers()
    .checkBwrap()
    .then(
      () => false,
      (error: unknown) => String(error),
    )
}

t.setTimeout(110_000)
const page = await readFile(new URL('../../../docs/threat-model.md', import.meta.url), 'utf8')
const threadCode = await openThreadCode({ selfCheck: false })

for (const column of COLUMNS) {
  const { name, programs, launcher } = column
  t.test(`what is left with ${name} when two walls fell`, { skip: await refusal(column) }, async (t) => {
    const stage = await setStage()
    t.teardown(() => stage.close())
    const plugins = await startPlugins({
      plugins: { fallen: SOURCE },
      launcher,
      launch: withoutFlags(nodeLaunchPowers(threadCode, programs)),
      limits: { blockedMs: 30_000, callTimeoutMs: 30_000, startTimeoutMs: 30_000, dataMb: 16 },
      restart: { initialMs: 1, maxCrashes: 100 },
    })
    t.teardown(() => plugins.stop())
    for (const { attempt, by } of readKernelTable(page)) {
      const { happened, answer } = await tryIt(plugins, stage, attempt)
      t.equal(happened ? 'reached' : 'stopped', by[name], attempt, { answer })
    }
    await plugins.stop()
    for (const pid of processesNaming(stage.target.directory)) process.kill(pid, 'SIGKILL')
  })
}

async function tryIt(
  plugins: StartedPlugins,
  stage: Stage,
  name: string,
): Promise<{ readonly happened: boolean; readonly answer: string }> {
  const body = { name, target: { ...stage.target } }
  const pid = plugins.info('fallen').pid ?? 0
  const back = plugins.next('fallen', 'running')
  const { answer, ended } = await plugins.service.rest({ method: 'POST', path: '/attempt', body }).then(
    (reply) => ({ answer: reply.body as string, ended: false }),
    // What the kernel refuses may cost the plugin its process.
    (error: unknown) => ({ answer: String(error), ended: true }),
  )
  // What is to outlive the plugin is looked for once that is gone.
  if (name === 'leave a program behind') await plugins.stop()
  const happened = await stage.happened(name, answer, pid)
  if (name !== 'leave a program behind') stage.reset()
  if (ended) await back
  return { happened, answer }
}

const PLAIN = 'export default {}'
const textOf = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'latin1').trim()

for (const column of COLUMNS.slice(1)) {
  const { name, launcher } = column
  t.test(
    `a child of ${name} stands where it should before its plugin runs`,
    { skip: await refusal(column) },
    async (t) => {
      const plugins = await startPlugins({ plugins: { one: PLAIN, two: PLAIN }, launcher })
      t.teardown(() => plugins.stop())
      const [one = 0, two = 0] = ['one', 'two'].map((plugin) => plugins.info(plugin).pid ?? 0)
      t.match(textOf(one, 'cmdline'), /plugin-host\.cjs/, 'the process that is measured is Node')

      t.match(textOf(one, 'status'), /^NoNewPrivs:\s*1$/m)
      t.match(textOf(one, 'limits'), /^Max core file size +0 +0 /m)
      t.ok(Number(textOf(one, 'oom_score_adj')) > Number(textOf(process.pid, 'oom_score_adj')), 'first to go')
      t.ok(
        Number(textOf(one, 'oom_score')) > Number(textOf(process.pid, 'oom_score')),
        'and by what the kernel reckons',
      )
      t.not(sessionOf(one), sessionOf(process.pid), 'a session of its own')

      const [here, there] = [readlinkSync(`/proc/${one}/cwd`), readlinkSync(`/proc/${two}/cwd`)]
      t.not(here, there, 'a directory of its own')
      t.equal(statSync(here).mode & 0o777, 0o700)
      t.same(readdirSync(here), [])
      await plugins.service.stop()
      t.notOk(existsSync(here), 'gone with it')
      t.same(readdirSync(dirname(here)), [])
    },
  )
}

/** Field 6 of stat (proc(5)): behind the name come state, parent, group, session. */
function sessionOf(pid: number): string | undefined {
  const stat = textOf(pid, 'stat')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]
}

const HOARDER = `
const kept = []
export default { rest: [
  { method: 'GET', path: '/hoard', handle() {
    try { for (;;) kept.push(new ArrayBuffer(1048576)) } catch {}
    try { for (;;) kept.push(new ArrayBuffer(65536)) } catch {}
    for (;;) kept.push(Array.from({ length: 1000 }, (_, at) => ({ at })))
  } },
] }`

t.test(
  'a plugin that has taken all it may and goes on is ended for that, though none of it was touched',
  { skip: await refusal(COLUMNS[1] as (typeof COLUMNS)[number]) },
  async (t) => {
    const plugins = await startPlugins({
      plugins: { hoarder: HOARDER },
      limits: { heapMb: 32, youngMb: 8, externalMb: 16, blockedMs: 30_000, callTimeoutMs: 30_000 },
      restart: { initialMs: 1 },
    })
    t.teardown(() => plugins.stop())
    const back = plugins.next('hoarder', 'running')
    await t.rejects(plugins.service.rest({ method: 'GET', path: '/hoard' }), { code: 'PLUGIN_OUT_OF_MEMORY' })
    await back
    await plugins.stop()
  },
)
