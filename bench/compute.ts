/**
 * CPU time of eight computations inside a plugin against the same bundled code in a
 * plain process of its own. Both are read from /proc, so JIT and GC threads count on
 * both sides.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginsService } from 'bulkhead'
import { bundlePlugin } from '../lib/bundle/bundle.js'
import { COMPUTATIONS, COMPUTE_SOURCE, WORST } from './computations.js'
import { writePlugin } from './plugin-dir.js'
import { compared, median, result, type Result } from './stats.js'

const ROUNDS = 5
const PLAIN = `
const { readFileSync } = require('node:fs')
const module_ = { exports: {} }
new Function('module', 'exports', 'require', readFileSync(process.argv[2], 'utf8'))(module_, module_.exports, require)
const [route] = module_.exports.default.rest
process.on('message', (name) => process.send(route.handle({ params: { name } }).body))`

/** User and system time of a process so far, ms. */
function cpuMs(pid: number): number {
  // Fields 14 and 15 of stat, after the name in parentheses (proc(5)); ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

export async function compute(): Promise<readonly Result[]> {
  if (process.platform !== 'linux') return []
  const root = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const dir = await writePlugin(
    root,
    'bench',
    COMPUTE_SOURCE,
    ['rest:/**'],
    ['minisearch', 'lunr', 'stemmer'],
  )
  const options = {
    pluginsDir: dir,
    policiesDir: join(root, 'policies'),
    dataDir: join(root, 'data'),
    nodeVersion: '3.2.0',
  }
  const service = await PluginsService.start(options)
  const failed = service.list()[0]?.lastError
  if (failed) throw failed
  const plain = await startPlain(root, dir)
  const pluginPid = service.list()[0]?.pid as number
  const results: Result[] = []
  const ratios: number[] = []
  for (const name of [...COMPUTATIONS, WORST]) {
    const inPlugin: number[] = []
    const inPlain: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const pluginMs = await used(pluginPid, () =>
        service.rest({ method: 'GET', path: `/_plugins/_bench/${name}` }),
      )
      const plainMs = await used(plain.pid as number, async () => {
        plain.send(name)
        await once(plain, 'message')
      })
      if (round === 0) continue // compiled before it counts
      inPlugin.push(pluginMs)
      inPlain.push(plainMs)
    }
    const reference = result(`${name}, plain`, median(inPlain), 'ms CPU')
    const measured = compared(`${name}, in a plugin`, median(inPlugin), 'ms CPU', reference)
    results.push(reference, measured)
    if (name !== WORST) ratios.push(measured.ratio ?? Number.NaN)
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  results.push({
    name: 'geometric mean of the eight ratios',
    value: Number(mean.toFixed(3)),
    unit: 'x',
    vs: 'plain',
    ratio: Number(mean.toFixed(3)),
  })
  plain.kill()
  await service.stop()
  await rm(root, { recursive: true })
  return results
}

async function used(pid: number, run: () => Promise<unknown>): Promise<number> {
  const before = cpuMs(pid)
  await run()
  return cpuMs(pid) - before
}

/** The same bundled bytes in a process without any wall. */
async function startPlain(root: string, dir: string): Promise<ChildProcess> {
  const { code } = await bundlePlugin({
    dir,
    main: 'index.ts',
    name: 'bench',
    cacheDir: join(root, 'data', '.bundles'),
  })
  await writeFile(join(root, 'bundle.cjs'), code)
  await writeFile(join(root, 'plain.cjs'), PLAIN)
  return fork(join(root, 'plain.cjs'), [join(root, 'bundle.cjs')])
}
