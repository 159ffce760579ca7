/**
 * A process of its own in which `bulkhead doctor` tries things that may end it: a small
 * node with probe plugins. Says each outcome as one line of JSON on standard output,
 * and what it is about to try before it tries it, so that a sudden end is an answer too.
 * Arguments: what to do, and where the plugins and their data are.
 */
import { url as inspectorUrl } from 'node:inspector'
import { createServer, type AddressInfo } from 'node:net'
import process from 'node:process'
import { PluginError, type ErrorCode } from '../../errors.js'
import { nodeLaunchPowers } from '../../node-powers.js'
import { cgroupFiles } from '../../node-powers/cgroup-files.js'
import type { LaunchPowers } from '../../powers.js'
import { openService, type PluginsService } from '../../service.js'
import { findCgroupHome } from '../../supervisor/cgroup.js'
import type { Isolation } from '../../supervisor/options.js'
import { DEFAULT_NODE_VERSION } from '../node-version.js'
import type { Outcome } from './guarantees.js'
import { LEAKER, PROBE_ROUTES } from './probe-plugins.js'
import type { ProbeLine, ProbeTask } from './start-probe.js'
import { listeningPorts, noNewPrivileges, oomScoreAdj, threadNiceness } from './system.js'

function say(line: ProbeLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const UNKNOWN: Outcome = { holds: null, detail: 'this system cannot be asked' }

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))

interface Places {
  readonly pluginsDir: string
  readonly dataDir: string
}

function open(
  { pluginsDir, dataDir }: Places,
  isolation: Isolation,
  launch?: LaunchPowers,
): Promise<PluginsService> {
  return openService(
    {
      pluginsDir,
      dataDir,
      isolation,
      nodeVersion: DEFAULT_NODE_VERSION,
      // A probe that crashes is back at once, as often as it is asked to; another script is tried once.
      restart: { initialMs: 1, maxCrashes: launch === undefined ? 100 : 1 },
    },
    { approveAll: true, ...(launch === undefined ? {} : { launch }) },
  )
}

// --- one isolation ---------------------------------------------------------------------------

async function tryIsolation(isolation: Isolation, places: Places): Promise<void> {
  const service = await open(places, isolation)
  const plugin = service.list().find(({ name }) => name === LEAKER)
  if (plugin?.state !== 'running') throw plugin?.lastError ?? new PluginError('PLUGIN_START_FAILED')
  for (const wall of plugin.walls) say({ kind: 'wall', wall })
  lookAtProcess(isolation, plugin.pid, plugin.rss)
  await sendSignals(isolation, plugin.pid)
  await attempt('network', () => tryNetwork(isolation, places))
  await attempt('blocked', () => isEnded(service, 'blocked', 'PLUGIN_BLOCKED'))
  await attempt('external', () => isEnded(service, 'external', 'PLUGIN_OUT_OF_MEMORY'))
  await attempt('heap', () => isEnded(service, 'heap', 'PLUGIN_OUT_OF_MEMORY'))
  // Last: where it is not survived, nothing comes after it.
  await attempt('heap-piece', () => tryPieces(service))
  await service.stop()
}

async function attempt(id: string, run: () => Promise<Outcome>): Promise<void> {
  say({ kind: 'trying', id })
  say({ kind: 'outcome', id, outcome: await run() })
}

/** Asks the plugin to misbehave; fine is that the call fails with `code` and the plugin runs anew. */
async function isEnded(
  service: PluginsService,
  id: keyof typeof PROBE_ROUTES,
  code: ErrorCode,
): Promise<Outcome> {
  const started = performance.now()
  try {
    const { body } = await service.rest(
      { method: 'POST', path: PROBE_ROUTES[id] },
      { deadlineMs: PATIENCE_MS },
    )
    return { holds: false, detail: `nothing stopped it: ${JSON.stringify(body)}` }
  } catch (error) {
    const ended = `${(error as PluginError).code} after ${Math.round(performance.now() - started)} ms`
    const back = await isBack(service, id)
    if ((error as PluginError).code !== code) return { holds: false, detail: `the call ended with ${ended}` }
    if (!back) return { holds: false, detail: `${ended}, but the plugin did not come back` }
    return { holds: true, detail: `${ended}, the node lives, the plugin runs anew` }
  }
}

/** How long a plugin may misbehave before the probe gives up on its end. */
const PATIENCE_MS = 12_000
/** Whether one of these ends the node is a matter of chance and of the Node version: tried more than once, in two ways. */
const PIECES = ['concat', 'split', 'concat', 'split'] as const

async function tryPieces(service: PluginsService): Promise<Outcome> {
  for (const piece of PIECES) {
    const outcome = await isEnded(service, piece, 'PLUGIN_OUT_OF_MEMORY')
    if (outcome.holds !== true) return { ...outcome, detail: `${piece}: ${outcome.detail}` }
  }
  return { holds: true, detail: `survived ${PIECES.length} times` }
}

const BACK_WITHIN_MS = 5000

async function isBack(service: PluginsService, id: keyof typeof PROBE_ROUTES): Promise<boolean> {
  const path = id === 'blocked' ? PROBE_ROUTES.awake : PROBE_ROUTES.alive
  for (const start = performance.now(); performance.now() - start < BACK_WITHIN_MS; await sleep(10)) {
    const alive = await service
      .rest({ method: 'POST', path })
      .then(({ body }) => body === 'alive')
      .catch(() => false)
    if (alive) return true
  }
  return false
}

function lookAtProcess(isolation: Isolation, pid: number | null, rss: number | null): void {
  const none: Outcome = { holds: null, detail: 'the plugin has no process of its own' }
  const outcome = (id: string, found: Outcome): void => say({ kind: 'outcome', id, outcome: found })
  const linux = process.platform === 'linux'
  const own = oomScoreAdj(process.pid)
  const score = pid === null ? null : oomScoreAdj(pid)
  const privileges = pid === null ? null : noNewPrivileges(pid)
  const missing = isolation === 'thread' ? none : UNKNOWN
  outcome(
    'rss',
    rss === null
      ? { ...missing, holds: isolation === 'process' ? false : null }
      : { holds: true, detail: `${Math.round(rss / 1_048_576)} MiB` },
  )
  const home = findCgroupHome(cgroupFiles, `bulkhead-${process.pid}`)
  const group = 'none' in home ? { holds: false, detail: home.none } : { holds: true, detail: home.path }
  outcome('cgroup', isolation === 'thread' ? none : group)
  outcome(
    'oom-score',
    own === null || score === null
      ? missing
      : { holds: score > own, detail: `oom_score_adj ${score}, the node ${own}` },
  )
  outcome(
    'no-new-privs',
    privileges === null
      ? missing
      : { holds: privileges, detail: privileges ? 'set' : 'not set; is setpriv (util-linux) installed?' },
  )
  const nice = threadNiceness(pid ?? process.pid)
  const main = threadNiceness(process.pid)?.[0] ?? 0
  const most = Math.max(...(nice ?? []))
  outcome(
    'niceness',
    nice === null || !linux ? UNKNOWN : { holds: most > main, detail: `${most}, the node ${main}` },
  )
}

/** Long enough for Node to open its inspector, which takes a few ms. */
const AFTER_SIGNAL_MS = 150

async function sendSignals(isolation: Isolation, pid: number | null): Promise<void> {
  if (process.platform === 'win32') {
    say({
      kind: 'outcome',
      id: 'sigusr1-node',
      outcome: { holds: null, detail: 'Windows has no such signal' },
    })
    return
  }
  process.kill(process.pid, 'SIGUSR1')
  if (pid !== null) process.kill(pid, 'SIGUSR1')
  await sleep(AFTER_SIGNAL_MS)
  const opened = inspectorUrl()
  say({
    kind: 'outcome',
    id: 'sigusr1-node',
    outcome: {
      holds: opened === undefined,
      detail: opened === undefined ? 'it stayed closed' : `it opened ${opened}`,
    },
  })
  if (isolation === 'thread' || pid === null) return
  const ports = listeningPorts(pid)
  const detail = ports === 0 ? 'it listens on no port' : `it listens on ${ports} ports`
  say({
    kind: 'outcome',
    id: 'sigusr1-plugin',
    outcome: ports === null ? UNKNOWN : { holds: ports === 0, detail },
  })
}

const NETWORK_MARK = 'probe-network:'

/** Another script in the place of the plugin thread's own, started with the very same settings. */
function networkScript(port: number): string {
  return `
const say = (text) => process.stderr.write('${NETWORK_MARK}' + text + ' ', () => process.exit(0))
try {
  require('node:net').connect(${port}, '127.0.0.1')
    .on('connect', () => say('connected'))
    .on('error', (error) => say(error.code))
} catch (error) { say(error.code) }
`
}

async function tryNetwork(isolation: Isolation, places: Places): Promise<Outcome> {
  const server = createServer((socket) => socket.on('error', () => undefined).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const launch = nodeLaunchPowers(Buffer.from(networkScript(port)))
  const service = await open(places, isolation, launch)
  const output = JSON.stringify(service.list().map(({ lastError }) => lastError?.detail['output']))
  await service.stop()
  server.close()
  const said = new RegExp(`${NETWORK_MARK}(\\w+)`).exec(output)?.[1]
  if (said === 'ERR_ACCESS_DENIED') return { holds: true, detail: said }
  if (said === 'connected') {
    return {
      holds: false,
      detail: 'the connection was made; the language wall is the only one in front of the network',
    }
  }
  return { holds: null, detail: `the attempt said ${said ?? 'nothing'}` }
}

// --- a node that is killed ---------------------------------------------------------------------

/** Starts both plugins, says their processes' ids, and waits for its end. */
async function standBy(places: Places): Promise<void> {
  const service = await open(places, 'process')
  const pids = service.list().flatMap(({ pid }) => (pid === null ? [] : [pid]))
  say({ kind: 'pids', pids })
  process.stdin.on('end', () => process.exit(0)).resume()
}

const [task, pluginsDir = '', dataDir = ''] = process.argv.slice(2)
try {
  const places = { pluginsDir, dataDir }
  if ((task as ProbeTask) === 'stand-by') await standBy(places)
  else await tryIsolation(task as Isolation, places)
} catch (error) {
  say({ kind: 'failed', message: (error as Error).message })
  process.exitCode = 1
}
