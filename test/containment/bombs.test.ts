// Whatever a plugin allocates, its own call ends with a coded error and the plugin comes back; the node and
// the other plugins answer all the while, and no process is left over. Each loop runs in a plugin's real
// process with a 64 MB heap, one after the other, under one service.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { LOOPS } from '../../lib/attack/cases/loops.js'
import { PluginError } from '../../lib/errors.js'
import { readLoops } from '../walls/threat-table.js'
import { childrenOf } from './left-over.js'
import { startPlugins } from './start-plugins.js'

/** Loops that the language itself ends: legal work, so the plugin only gets its error and goes on. */
const ENDED_BY_LANGUAGE: Readonly<Record<string, RegExp>> = {
  'doubled-string': /Invalid string length/,
  'deep-recursion': /Maximum call stack size exceeded/,
}
/** Loops of every kind of ending; all of them run with the Node matrix, which sets BULKHEAD_LONG. */
const TOLD: readonly string[] = [
  'array-of-objects',
  'one-big-array',
  'doubled-string',
  'json-parse',
  'array-buffers',
  'deep-recursion',
  'generated-code',
  'typed-sort',
]
const BOMBS = Object.entries(LOOPS)
  .map(([name, code]) => ({ name, code }))
  .filter(({ name }) => process.env['BULKHEAD_LONG'] === '1' || TOLD.includes(name))
/** Which of the two limits comes first depends on the machine's speed. */
const LIMITS: readonly string[] = ['PLUGIN_OUT_OF_MEMORY', 'PLUGIN_BLOCKED']
/** A loop ends at blockedMs (1000) at the latest; the rest is room for a busy machine. */
const MOST_CALL_MS = 4000
/** Longest time without an answer; what is normal is a hundredth of it. */
const MOST_SILENCE_MS = 2000

const bombSource = `export default { rest: [${BOMBS.map(
  ({ name, code }) =>
    `{ method: 'POST', path: '/bombs/${name}', handle() { return { body: { done: (() => { ${code} })() } } } }`,
).join(',\n')}] }`
const healthySource = `export default { rest: [
  { method: 'GET', path: '/healthy', handle: () => ({ body: { healthy: true } }) },
] }`

t.setTimeout(110_000) // about 25 s; a busy machine may take longer

t.test('allocation loops each end alone', { timeout: 110_000 }, async (t) => {
  const plugins = await startPlugins({
    plugins: { bombs: bombSource, healthy: healthySource },
    limits: { heapMb: 64, youngMb: 16, stackMb: 4, blockedMs: 1000 },
    restart: { initialMs: 1, maxMs: 5, maxCrashes: 1000, windowMs: 1000 },
  })
  t.teardown(() => plugins.stop())
  const { service } = plugins
  const healthyPid = plugins.info('healthy').pid
  const before = childrenOf('self').length
  const probe = startProbe(async () => {
    const { body } = await service.rest({ method: 'GET', path: '/healthy' })
    if ((body as { healthy?: unknown }).healthy !== true) throw new Error(JSON.stringify(body))
  })

  for (const { name } of BOMBS) {
    const { pid } = plugins.info('bombs')
    const back = plugins.next('bombs', 'running')
    const startedAt = performance.now()
    const error: unknown = await service.rest({ method: 'POST', path: `/bombs/${name}` }).then(
      ({ body }) => `it completed: ${JSON.stringify(body)}`,
      (thrown: unknown) => thrown,
    )
    const tookMs = performance.now() - startedAt
    if (!(error instanceof PluginError)) {
      t.fail(`${name}: the call ends with a coded error`, { error })
      continue
    }
    const byLanguage = ENDED_BY_LANGUAGE[name]
    if (byLanguage === undefined) {
      t.ok(LIMITS.includes(error.code), `${name} is ended by a limit: ${error.code}`, {
        detail: error.detail,
      })
      await back
      t.not(plugins.info('bombs').pid, pid, `${name}: a new process took its place`)
    } else {
      t.equal(error.code, 'PLUGIN_ERROR', `${name} is ended by the language`)
      t.match(error.message, byLanguage, `${name}: the error says so`)
      t.equal(plugins.info('bombs').pid, pid, `${name}: the plugin goes on in its process`)
    }
    t.ok(tookMs < MOST_CALL_MS, `${name}: the caller waited ${Math.round(tookMs)} ms`)
    t.equal(plugins.info('bombs').state, 'running', `${name}: the plugin runs again`)
  }

  const { answers, failures, longestMs, hostLongestMs } = await probe.end()
  t.same(failures, [], 'the healthy plugin answered every call')
  t.ok(answers > 100, `the healthy plugin gave ${answers} answers`)
  t.ok(longestMs < MOST_SILENCE_MS, `its slowest answer took ${Math.round(longestMs)} ms`)
  t.ok(
    hostLongestMs < MOST_SILENCE_MS,
    `the node's own loop stood still for ${Math.round(hostLongestMs)} ms at most`,
  )
  t.equal(plugins.info('healthy').pid, healthyPid, 'the healthy plugin was never restarted')
  t.equal(plugins.info('healthy').restarts, 0, 'nor did anyone count a restart')
  t.equal(childrenOf('self').length, before, 'as many processes as at the start')
  await plugins.stop()
  t.same(childrenOf('self'), [], 'no process is left over')
})

t.test('the threat model says of each loop what it does to a node that uses threads', async (t) => {
  const page = await readFile(new URL('../../../docs/threat-model.md', import.meta.url), 'utf8')
  t.same(readLoops(page), Object.keys(LOOPS))
})

interface ProbeResult {
  readonly answers: number
  readonly failures: readonly string[]
  readonly longestMs: number
  readonly hostLongestMs: number
}

/** Asks again and again, and watches this thread's own timers meanwhile. */
function startProbe(ask: () => Promise<void>): { end(): Promise<ProbeResult> } {
  const failures: string[] = []
  let answers = 0
  let longestMs = 0
  let hostLongestMs = 0
  let lastTick = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    hostLongestMs = Math.max(hostLongestMs, now - lastTick)
    lastTick = now
  }, 5)
  let going = true
  const asking = (async () => {
    while (going) {
      const startedAt = performance.now()
      try {
        await ask()
        answers++
      } catch (error) {
        failures.push(String(error))
      }
      longestMs = Math.max(longestMs, performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  return {
    async end() {
      going = false
      await asking
      clearInterval(timer)
      return { answers, failures, longestMs, hostLongestMs }
    },
  }
}
