/**
 * Asks the chaos plugin for one misbehaviour over HTTP and writes down what happened:
 * what the caller got, which states the plugin went through and why, how long it took.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { PluginsService } from 'bulkhead'
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
  /** When the host had dealt with it: the first change of state, else the answer. */
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
const QUIET_MS = 700
const GIVE_UP_MS = 20_000

export async function runChaosCase(target: ChaosTarget, name: string): Promise<ChaosOutcome> {
  const { url, plugins, probe } = target
  const startedAt = nowMs()
  const since = (): number => nowMs() - startedAt
  const transitions: Transition[] = []
  const listener = ({ plugin, to, reason }: { plugin: string; to: string; reason: string }): void => {
    if (plugin === PLUGIN) transitions.push({ to, reason, afterMs: since() })
  }
  plugins.on('plugin', listener)
  try {
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
      containedMs: transitions[0]?.afterMs ?? answeredMs,
      backMs: back?.afterMs,
      latency: probe.summary(startedAt, startedAt + since()),
    }
  } finally {
    plugins.off('plugin', listener)
  }
}

export function stateOf(plugins: Pick<PluginsService, 'list'>): string {
  return plugins.list().find(({ name }) => name === PLUGIN)?.state ?? 'unknown'
}

async function settled(
  state: () => string,
  transitions: readonly Transition[],
  since: () => number,
): Promise<void> {
  let quietSince = since()
  let seen = transitions.length
  while (since() < GIVE_UP_MS) {
    const resting = state() === 'running' || state() === 'quarantined'
    if (!resting || transitions.length !== seen) quietSince = since()
    seen = transitions.length
    if (since() - quietSince >= QUIET_MS) return
    await pause(20)
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
