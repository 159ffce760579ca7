/** From nothing to the first answer, as a time tree; bundling cold and from the cache. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginsService, type Isolation } from 'bulkhead'
import { startupRows } from '../lib/supervisor/startup.js'
import { writePlugin } from './plugin-dir.js'
import { median, result, type Result } from './stats.js'

const ROUNDS = 9
const SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  rest: [{ method: 'GET', path: '/_plugins/_bench', handle: () => ({ body: 'first' }) }],
})`

export async function startUp(): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const isolation of ['process', 'thread'] satisfies Isolation[]) {
    const root = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
    await writePlugin(root, 'bench', SOURCE, ['rest:/**'])
    const rows = new Map<string, number[]>()
    const add = (name: string, ms: number): void => void rows.set(name, [...(rows.get(name) ?? []), ms])
    for (let round = 0; round <= ROUNDS; round++) {
      const begun = performance.now()
      const service = await PluginsService.start({
        pluginsDir: join(root, 'plugins'),
        policiesDir: join(root, 'policies'),
        dataDir: join(root, 'data'),
        nodeVersion: '3.2.0',
        isolation,
      })
      const started = performance.now()
      await service.rest({ method: 'GET', path: '/_plugins/_bench' })
      const answered = performance.now()
      const startup = service.list()[0]?.startup
      await service.stop()
      if (round === 0) {
        results.push(result(`'${isolation}', bundle not cached, to first answer`, answered - begun, 'ms'))
        continue
      }
      add('to first answer', answered - begun)
      if (startup === undefined || startup === null) throw new Error('the plugin did not start')
      const { launchMs, loadMs, startMs } = startup
      add('├─ read, check, bundle from cache', started - begun - launchMs - loadMs - startMs)
      for (const { depth, what, ms } of startupRows(startup))
        add(depth === 0 ? `├─ ${what}` : `│  ├─ ${what}`, ms)
      add('└─ first call', answered - started)
    }
    for (const [name, times] of rows) results.push(result(`'${isolation}' ${name}`, median(times), 'ms'))
    await rm(root, { recursive: true })
  }
  return results
}
