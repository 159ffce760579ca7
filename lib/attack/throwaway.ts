/**
 * A run in a node of its own (throwaway-node.ts), for an isolation that does not keep
 * the node alive: that the node ended is an outcome then, and not the end of the suite.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { PluginError } from '../errors.js'
import type { AttackCase } from './attack-case.js'
import type { Measure } from './measure.js'
import type { OwnNode } from './stand.js'

export interface ThrowawayTask {
  readonly attack: string
  readonly nodeVersion: string
  /** Its cluster state is no data and is made there anew. */
  readonly own?: OwnNode
}

/** Its last line; a node that ended says nothing. */
export type ThrowawayAnswer = { readonly measure: Measure } | { readonly failed: string }

const SCRIPT = fileURLToPath(new URL('throwaway-node.js', import.meta.url))
/** A node that says nothing for so long hangs for good. */
const MOST_MS = 60_000

/** @throws PluginError `COMMAND_FAILED` when the node could not be set up */
export async function runThrowaway(
  attack: AttackCase,
  nodeVersion: string,
  own: OwnNode | undefined,
): Promise<Measure> {
  const task: ThrowawayTask = { attack: attack.name, nodeVersion, ...(own === undefined ? {} : { own }) }
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    [SCRIPT, JSON.stringify(task, (key, value: unknown) => (key === 'clusterState' ? undefined : value))],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true, // Ctrl-C is for the command, which lets the run end
    },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  if (code !== 0 || !line.startsWith('{'))
    return endedNode(signal ?? `exit ${code}`, performance.now() - begun)
  const answer = JSON.parse(line) as ThrowawayAnswer
  if ('failed' in answer) throw new PluginError('COMMAND_FAILED', { message: answer.failed })
  return answer.measure
}

function endedNode(how: string, tookMs: number): Measure {
  return {
    runs: [{ outcome: { kind: 'node-ended', code: how }, tookMs, said: '' }],
    searches: { before: [], during: [], after: [] },
    rssGrowthBytes: 0,
    rssPeakBytes: 0,
    leftovers: [],
    harm: [],
  }
}
