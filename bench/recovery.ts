/** kill -9 of a plugin's process to its first successful call, with a standby and without, against a bare start. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginsService } from 'bulkhead'
import { bareStart } from './bare-plugin.js'
import { writePlugin } from './plugin-dir.js'
import { compared, median, result, type Result } from './stats.js'

const KILLS = 15
const PATH = '/_plugins/_bench'
const handler = `{ rest: [{ method: 'GET', path: '${PATH}', handle: () => ({ body: 'here' }) }] }`
/** Every crash is the first: what is measured is a restart, not the wait of a crash loop. */
const RESTART = { windowMs: 1, maxCrashes: 1000 }

interface Victim {
  /** Kills it; resolves after its first answer, with how long that took in ms. */
  recover(): Promise<number>
  /** Proportional memory of its spare in MB; waits until the spare is ready. */
  spareMb(): Promise<number>
  stop(): Promise<void>
}

async function startVictim(root: string, standby: boolean): Promise<Victim> {
  const name = standby ? 'spared' : 'alone'
  await writePlugin(join(root, name), name, `export default ${handler}`, ['rest:/**'])
  const service = await PluginsService.start({
    pluginsDir: join(root, name, 'plugins'),
    policiesDir: join(root, name, 'policies'),
    dataDir: join(root, name, 'data'),
    nodeVersion: '3.2.0',
    restart: RESTART,
    standby,
  })
  const call = (): Promise<unknown> => service.rest({ method: 'GET', path: PATH })
  const spare = async (): Promise<number> => {
    for (;;) {
      const info = service.list()[0]?.standby
      if (info?.ready === true && info.pid !== null) return info.pid
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return {
    async recover() {
      await call()
      if (standby) await spare()
      const pid = service.list()[0]?.pid
      if (typeof pid !== 'number') throw new Error(`${name} has no process`)
      const back = new Promise<void>((resolve) => service.once('restarted', () => resolve()))
      const begun = performance.now()
      process.kill(pid, 'SIGKILL')
      await back
      await call()
      return performance.now() - begun
    },
    async spareMb() {
      const rollup = readFileSync(`/proc/${await spare()}/smaps_rollup`, 'latin1')
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024
    },
    stop: () => service.stop(),
  }
}

export async function recovery(): Promise<readonly Result[]> {
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const spared = await startVictim(root, true)
  const alone = await startVictim(root, false)
  const times = { bare: [] as number[], alone: [] as number[], spared: [] as number[] }
  for (let kill = 0; kill < KILLS; kill++) {
    times.bare.push(await bareStart(`module.exports = ${handler}`, PATH))
    times.alone.push(await alone.recover())
    times.spared.push(await spared.recover())
  }
  const memory = process.platform === 'linux' ? [result('PSS of a spare', await spared.spareMb(), 'MB')] : []
  await Promise.all([spared.stop(), alone.stop()])
  await rm(root, { recursive: true })
  const bare = result('bare start: child, worker, SES, to first answer', median(times.bare), 'ms')
  const named = (how: string): string => `kill -9 to first successful call, ${how}`
  return [
    bare,
    compared(named('no standby'), median(times.alone), 'ms', bare, 1.5),
    compared(named('with a standby'), median(times.spared), 'ms', bare),
    ...memory,
  ]
}
