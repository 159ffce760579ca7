/**
 * The show: fills the node, uses its well-behaved plugins, lets the misbehaving one do
 * its worst while a probe keeps searching, and says in the end what the searches felt.
 */
import type { PluginsService } from 'bulkhead'
import { CHAOS_CASES, type ChaosCase } from './chaos-cases.js'
import { releaseChaos, runChaosCase, stateOf, type ChaosOutcome } from './chaos-run.js'
import { indexPassages, readPassages } from './documents.js'
import type { LatencySummary } from './latency.js'
import type { SearchNode } from './node.js'
import { megabytes, PLUGIN_COLUMNS, pluginRow } from './plugin-table.js'
import { nowMs, startProbe, type Probe } from './probe.js'
import type { ProbeSettings } from './probe-thread.js'
import { fact, outcomeLines, SUMMARY_COLUMNS, summaryRow } from './show-outcome.js'
import { showIngest, showSearch, showWatch } from './show-plugins.js'
import { duration, withCommas, type Terminal } from './terminal.js'

export interface ShowParts {
  readonly node: SearchNode<PluginsService>
  readonly terminal: Terminal
  readonly isolation: 'process' | 'thread'
}

const INDEX = 'sotu'
const PROBE_EVERY_MS = 10
const PROBE_TIMEOUT_MS = 5000
const CALM_MS = 1000
const LEFT_OUT = 'a thread has no crash boundary: this could end the whole node'
const PROBE_WORDS = ['railroad', 'lighthouse', 'yellow fever', 'suez canal', 'gold standard', 'moon']

/** @returns whether every search of the probe was answered with 200 */
export async function show(parts: ShowParts): Promise<boolean> {
  const { node, terminal } = parts
  await fill(node, terminal)
  terminal.step('The plugins')
  terminal.table(PLUGIN_COLUMNS, node.plugins.list().map(pluginRow))
  await showSearch(node.url, INDEX, terminal)
  await showIngest(node.url, terminal)
  await showWatch(node.url, terminal)

  const settings: ProbeSettings = {
    urls: PROBE_WORDS.map((words) => `${node.url}/${INDEX}/_search?size=3&q=${encodeURIComponent(words)}`),
    everyMs: PROBE_EVERY_MS,
    timeoutMs: PROBE_TIMEOUT_MS,
  }
  const warmUp = await startProbe(settings) // what the first searches of a process cost is no plugin's fault
  await waitCalm(warmUp)
  await warmUp.stop()
  const probe = await startProbe(settings)
  const calm = await waitCalm(probe)
  const outcomes = await misbehave(parts, probe, calm)
  const after = await waitCalm(probe)
  await probe.stop()
  return conclude(terminal, { calm, outcomes, after, all: probe.summary() })
}

async function fill({ store }: SearchNode<PluginsService>, terminal: Terminal): Promise<void> {
  terminal.step('Indexing the State of the Union addresses')
  const startedAt = performance.now()
  const passages = [...readPassages()]
  await indexPassages(store, INDEX, passages, (done) => {
    terminal.progress('passages', done, passages.length)
  })
  const years = passages.map(({ year }) => year)
  const tookMs = performance.now() - startedAt
  const heap = megabytes(process.memoryUsage().heapUsed)
  terminal.line(
    `${withCommas(passages.length)} passages from ${Math.min(...years)} to ${Math.max(...years)} in ${duration(tookMs)}; heap of the node ${heap}`,
  )
}

/** Lets the probe run a while without anybody misbehaving. */
async function waitCalm(probe: Probe): Promise<LatencySummary> {
  const from = nowMs()
  await new Promise((resolve) => setTimeout(resolve, CALM_MS))
  return probe.summary(from, nowMs())
}

async function misbehave(
  { node, terminal, isolation }: ShowParts,
  probe: Probe,
  calm: LatencySummary,
): Promise<readonly ChaosOutcome[]> {
  const { paint } = terminal
  const { plugins, url } = node
  terminal.step(`A plugin misbehaves, while ${1000 / PROBE_EVERY_MS} searches a second go on`)
  terminal.line(
    `before: p50 ${duration(calm.p50Ms)}, p99 ${duration(calm.p99Ms)}, worst ${duration(calm.maxMs)}`,
  )
  const outcomes: ChaosOutcome[] = []
  for (const chaos of CHAOS_CASES) {
    terminal.line()
    terminal.line(`${paint.bold(chaos.name)}  ${chaos.asks}`)
    if (isLeftOut(chaos, isolation)) {
      for (const line of fact('left out', LEFT_OUT, paint.warn)) terminal.line(line)
      continue
    }
    const outcome = await runChaosCase({ url, plugins, probe }, chaos.name)
    outcomes.push(outcome)
    for (const line of outcomeLines(outcome, paint)) terminal.line(line)
    if (stateOf(plugins) !== 'running') {
      await releaseChaos(plugins)
      for (const line of fact('operator', 'lets it out of quarantine')) terminal.line(line)
    }
  }
  return outcomes
}

function isLeftOut(chaos: ChaosCase, isolation: 'process' | 'thread'): boolean {
  return isolation === 'thread' && !chaos.containedByThread
}

interface Conclusion {
  readonly calm: LatencySummary
  readonly outcomes: readonly ChaosOutcome[]
  readonly after: LatencySummary
  readonly all: LatencySummary
}

function conclude(terminal: Terminal, { calm, outcomes, after, all }: Conclusion): boolean {
  const { paint } = terminal
  terminal.step('What the searches felt')
  terminal.table(SUMMARY_COLUMNS, [
    summaryRow('before', calm),
    ...outcomes.map((outcome) => summaryRow(outcome.name, outcome.latency, outcome)),
    summaryRow('after', after),
  ])
  const answered = all.answered === all.searches && all.searches > 0
  terminal.line()
  terminal.line(
    (answered ? paint.good : paint.bad)(
      `The node answered ${withCommas(all.answered)} of ${withCommas(all.searches)} searches; worst ${duration(all.maxMs)}.`,
    ),
  )
  return answered
}
