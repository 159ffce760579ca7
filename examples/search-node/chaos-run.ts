/**
 * Asks the chaos plugin for one misbehaviour over HTTP and writes down what happened:
 * what the caller got, which states the plugin went through and why, how long it took.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { PluginsService, PluginsServiceEvents } from 'bulkhead'
import type { LatencySummary } from './latency.js'
import { nowMs, type Probe } from './probe.js'

export interface Transition {
  readonly to: string
  readonly reason: string
  /** Since the request was sent. */
  readonly afterMs: number
}

export interface ChaosOutcome {
  readonly name: string
  readonly status: number
  /** What the caller got, one line; a coded error or the head of the body. */
  readonly answer: string
  readonly answeredMs: number
  readonly transitions: readonly Transition[]
  /** What the host was told of errors that no caller waited for. */
  readonly failures: readonly string[]
  /** Log lines of the plugin that reached the host. */
  readonly logLines: number
  /** When the host had dealt with it: the end of the plugin's thread, else the answer. */
  readonly containedMs: number
  /** When the plugin ran again; `undefined` when it never stopped running. */
  readonly backMs: number | undefined
  readonly latency: LatencySummary
}

export interface ChaosTarget {
  readonly url: string
  readonly plugins: PluginsService
  readonly probe: Probe
}

const PLUGIN = 'chaos'
/** A case is over when the plugin has run this long without a change of state. */
const QUIET_MS = 500
const GIVE_UP_MS = 20_000
const POLL_MS = 20
const RESTING: readonly string[] = ['running', 'quarantined']

export async function runChaosCase(target: ChaosTarget, name: string): Promise<ChaosOutcome> {
  const { url, plugins, probe } = target
  const startedAt = nowMs()
  const since = (): number => nowMs() - startedAt
  const transitions: Transition[] = []
  const failures: string[] = []
  let logLines = 0
  const onPlugin: PluginsServiceEvents['plugin'] = ({ plugin, to, reason }) => {
    if (plugin === PLUGIN) transitions.push({ to, reason, afterMs: since() })
  }
  const onFailure: PluginsServiceEvents['failure'] = ({ plugin, kind, message }) => {
    if (plugin === PLUGIN) failures.push(`${kind}: ${message}`)
  }
  const onLog: PluginsServiceEvents['log'] = ({ plugin }) => {
    if (plugin === PLUGIN) logLines += 1
  }
  plugins.on('plugin', onPlugin)
  plugins.on('failure', onFailure)
  plugins.on('log', onLog)
  try {
    plugins.release(PLUGIN) // closes its breaker: each case is to reach the plugin, whatever those before did
    const response = await fetch(`${url}/_plugins/_${PLUGIN}/${name}`, { method: 'POST' })
    const text = await response.text()
    const answeredMs = since()
    await settled(() => stateOf(plugins), transitions, since)
    const back = transitions.findLast(({ to }) => to === 'running')
    return {
      name,
      status: response.status,
      answer: answerLine(response.status, text),
      answeredMs,
      transitions,
      failures,
      logLines,
      containedMs: transitions.find(({ to }) => to !== 'degraded')?.afterMs ?? answeredMs,
      backMs: back?.afterMs,
      latency: probe.summary(startedAt, startedAt + since()),
    }
  } finally {
    plugins.off('plugin', onPlugin)
    plugins.off('failure', onFailure)
    plugins.off('log', onLog)
  }
}

export function stateOf(plugins: Pick<PluginsService, 'list'>): string {
  return plugins.list().find(({ name }) => name === PLUGIN)?.state ?? 'unknown'
}

/** Lets the plugin out of quarantine; resolves once it runs, or is back in there. */
export async function releaseChaos(plugins: PluginsService): Promise<void> {
  plugins.release(PLUGIN)
  while (!RESTING.includes(stateOf(plugins))) await pause(POLL_MS)
}

/** Resolves when the plugin runs or is quarantined and nothing has changed for a while. */
async function settled(
  state: () => string,
  transitions: readonly Transition[],
  since: () => number,
): Promise<void> {
  let quietSince = since()
  let seen = transitions.length
  while (since() < GIVE_UP_MS && since() - quietSince < QUIET_MS) {
    await pause(POLL_MS)
    if (!RESTING.includes(state()) || transitions.length !== seen) quietSince = since()
    seen = transitions.length
  }
}

function answerLine(status: number, text: string): string {
  const parsed = parseJson(text)
  const error = parsed?.['error']
  if (status >= 400 && isRecord(error))
    return `${String(error['type']).toUpperCase()}: ${String(error['reason'])}`
  if (parsed !== undefined && Array.isArray(parsed['attempts'])) return attemptsLine(parsed['attempts'])
  return text.length > 120 ? `${text.length} characters` : text
}

function attemptsLine(attempts: readonly unknown[]): string {
  const out = attempts.filter((one) => isRecord(one) && one['result'] === 'got out')
  const names = out.map((one) => (isRecord(one) ? String(one['attempt']) : ''))
  return `${out.length} of ${attempts.length} attempts got out${out.length === 0 ? '' : `: ${names.join(', ')}`}`
}

function parseJson(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
