/** Starts a probe (probe.ts) and reads what it says, line by line, up to its end. */
import { spawn, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { WallReport } from '../../protocol/plugin-api.js'
import type { Isolation } from '../../supervisor/options.js'
import type { Outcome } from './guarantees.js'

export type ProbeTask = Isolation | 'stand-by'

export type ProbeLine =
  | { readonly kind: 'wall'; readonly wall: WallReport }
  | { readonly kind: 'trying'; readonly id: string }
  | { readonly kind: 'outcome'; readonly id: string; readonly outcome: Outcome }
  | { readonly kind: 'pids'; readonly pids: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string }

export interface Probe {
  readonly child: ChildProcess
  readonly lines: AsyncIterable<ProbeLine>
  /** How it ended, in words. */
  readonly ended: Promise<string>
}

const SCRIPT = fileURLToPath(new URL('probe.js', import.meta.url))

/** @param cwd - where a core file may fall */
export function startProbe(task: ProbeTask, pluginsDir: string, dataDir: string, cwd: string): Probe {
  const child = spawn(process.execPath, [SCRIPT, task, pluginsDir, dataDir], {
    cwd,
    // setpriv is looked for on the PATH.
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined) // it ended before its input did
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal))
  })
  return { child, lines: readLines(child), ended }
}

async function* readLines({ stdout }: ChildProcess): AsyncIterable<ProbeLine> {
  if (stdout === null) return
  for await (const line of createInterface({ input: stdout })) yield JSON.parse(line) as ProbeLine
}
