/** Proportional memory (PSS) of plugins: what each of several adds. Linux only; elsewhere it says nothing. */
import { readFileSync } from 'node:fs'
import { runPlugin, type RunningPlugin } from 'bulkhead/testing'
import type { Isolation } from 'bulkhead'
import { median, result, type Result } from './stats.js'

const PLUGINS = 6

function pssMb(pid: number | 'self'): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024
}

export async function memory(): Promise<readonly Result[]> {
  if (process.platform !== 'linux') return []
  const results: Result[] = []
  for (const isolation of ['process', 'thread'] satisfies Isolation[]) {
    const running: RunningPlugin[] = []
    const added: number[] = []
    for (let index = 0; index < PLUGINS; index++) {
      const before = pssMb('self')
      const plugin = await runPlugin({ source: 'export default {}', isolation })
      running.push(plugin)
      const { pid } = plugin.info()
      if (pid === null) added.push(pssMb('self') - before)
    }
    for (const plugin of running) {
      const { pid } = plugin.info()
      if (pid !== null) added.push(pssMb(pid))
    }
    results.push(result(`'${isolation}', PSS a plugin, ${PLUGINS} of them idle`, median(added), 'MB'))
    for (const plugin of running) await plugin.stop()
  }
  return results
}
