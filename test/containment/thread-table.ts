/**
 * Measures what the allocation loops do to a node that runs plugins with isolation
 * 'thread': each loop in a throwaway node of its own. By hand:
 *
 *   node dist/test/containment/thread-table.js [runs]
 *
 * It prints one line a loop for the Node that runs it; docs/threat-model.md holds the
 * results of several. A loop counts as deadly when it ended the node in any run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { LOOPS } from '../../lib/attack/cases/loops.js'
import { startPlugins } from './start-plugins.js'

const SELF = fileURLToPath(import.meta.url)
const MOST_MS = 60_000

/** In the throwaway node: one plugin, one loop, then one more call to see that the node still works. */
async function runOne(code: string): Promise<string> {
  const source = `export default { rest: [
    { method: 'POST', path: '/bomb', handle() { return { body: { done: (() => { ${code} })() } } } },
  ] }`
  const plugins = await startPlugins({
    plugins: { bomb: source },
    isolation: 'thread',
    limits: { heapMb: 64, youngMb: 16, stackMb: 4, blockedMs: 1000 },
    restart: { initialMs: 1, maxMs: 2, maxCrashes: 1000, windowMs: 1000 },
  })
  const ended = await plugins.service.rest({ method: 'POST', path: '/bomb' }).then(
    () => 'completed',
    (error: { readonly code?: string }) => error.code ?? 'no code',
  )
  await plugins.stop()
  return ended
}

/** @returns the code its call ended with, or how the node died */
async function inThrowawayNode(name: string): Promise<{ readonly died: boolean; readonly how: string }> {
  const child = spawn(process.execPath, [SELF, '--one', name], { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS)
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  const died = exitCode !== 0
  return { died, how: died ? (signal ?? `exit ${exitCode}`) : output.trim() }
}

async function measure(runs: number): Promise<void> {
  let deadly = 0
  for (const name of Object.keys(LOOPS)) {
    const seen: string[] = []
    let died = false
    for (let run = 0; run < runs && !died; run++) {
      const result = await inThrowawayNode(name)
      died = result.died
      seen.push(result.how)
    }
    if (died) deadly++
    console.log(`| ${name} | ${died ? 'node died' : 'contained'} | ${seen.join(', ')} |`)
  }
  console.log(`Node ${process.version}: ${deadly} of ${Object.keys(LOOPS).length} end the node`)
}

const [mode, argument = ''] = process.argv.slice(2)
if (mode === '--one') {
  const code = LOOPS[argument]
  if (code === undefined) throw new Error(`no loop is called ${argument}`)
  console.log(await runOne(code))
} else {
  await measure(Number(mode ?? 3))
}
