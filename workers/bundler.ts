/**
 * Child-process entry that bundles one plugin: reads a BundleJob as one line of
 * standard input, answers with one BundleAnswer on standard output. The host starts
 * it in a process group of its own and an empty directory, and ends the group when
 * it is too slow; here the group ends itself when the host is gone.
 */
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { stop } from 'esbuild'
import type { BundleJob } from '../lib/protocol/bundle-wire.js'
import { bundle } from './bundler/bundle.js'

preferToBeKilled()
process.stdin.setEncoding('utf8')
let line = ''
process.stdin.on('data', (text: string) => {
  line += text
  if (!line.endsWith('\n')) return
  const job = JSON.parse(line) as BundleJob // from the host, our only reader and writer
  line = ''
  void answer(job)
})
process.stdin.on('end', endGroup)

async function answer(job: BundleJob): Promise<void> {
  const text = JSON.stringify(await bundle(job, process.cwd()))
  await stop()
  process.stdout.end(`${text}\n`, () => process.exit(0))
}

/** When memory runs out, this process and its esbuild go first. Raising the score needs no right. */
function preferToBeKilled(): void {
  if (process.platform !== 'linux') return
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // A kernel without it still has the caps and the time limit.
  }
}

function endGroup(): void {
  if (process.platform === 'win32') process.exit(1)
  process.kill(0, 'SIGKILL')
}
